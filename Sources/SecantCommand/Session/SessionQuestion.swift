import Foundation
import Secant

/// One line that a session reads.
enum SessionQuestion: Sendable {
  /// A command to run: the question's own name for itself, as JSON, the arguments after the program's name, and the
  /// folder in which it runs, where that is another.
  case command(id: String, arguments: [String], folder: String?)
  /// A question that is not asked any more.
  case cancel(id: String)

  /// Reads a line.
  ///
  /// - Throws: `InputError` that says what is not understood.
  init(_ line: String) throws(InputError) {
    let root = try JSONField(parsing: Array(line.utf8), file: "the question")
    let known = ["id", "arguments", "folder", "cancel"]
    if let other = try root.object().members.first(where: { !known.contains($0.key) }) {
      throw root[other.key].mismatch("one of the fields id, arguments, folder and cancel")
    }
    if let cancelled = root["cancel"].present {
      self = .cancel(id: try Self.id(cancelled))
      return
    }
    let id = try Self.id(root["id"])
    var arguments: [String] = []
    for field in try root["arguments"].array() { arguments.append(try field.string()) }
    self = .command(
      id: id, arguments: arguments, folder: try root["folder"].present?.string())
  }

  /// A whole number or a text, as JSON.
  private static func id(_ field: JSONField) throws(InputError) -> String {
    if case .number = field.value { return "\(try field.int())" }
    guard case .string(let text) = field.value else {
      throw field.mismatch("a whole number or a text")
    }
    return SessionMessage.literal(text)
  }
}
