import Foundation
import Synchronization

/// One line that a session writes: a JSON object.
struct SessionMessage {
  private var members: [(name: String, json: String)]

  /// A message about a question.
  ///
  /// - Parameter id: The question's own name for itself, as JSON.
  init(of id: String? = nil) { members = id.map { [("id", $0)] } ?? [] }

  /// Why there is no result.
  init(_ failure: Failure) {
    self = SessionMessage().with("message", failure.line)
    if let remedy = failure.remedy { self = with("remedy", remedy) }
  }

  /// The same with a text.
  func with(_ name: String, _ text: String) -> SessionMessage {
    with(name, json: Self.literal(text))
  }

  /// The same with a number; what JSON has no number for is left out.
  func with(_ name: String, _ number: Double) -> SessionMessage {
    number.isFinite ? with(name, json: "\(number)") : self
  }

  /// The same with a whole number.
  func with(_ name: String, _ number: Int) -> SessionMessage { with(name, json: "\(number)") }

  /// The same with an object.
  func with(_ name: String, _ message: SessionMessage) -> SessionMessage {
    with(name, json: message.json)
  }

  /// The same with a value that is JSON, its lines joined: in JSON, a line feed is never part of a text.
  func with(_ name: String, json: String) -> SessionMessage {
    var message = self
    message.members.append((name, json.replacing("\n", with: "")))
    return message
  }

  /// The object.
  var json: String {
    "{" + members.map { Self.literal($0.name) + ":" + $0.json }.joined(separator: ",") + "}"
  }

  /// A text as JSON.
  static func literal(_ text: String) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    let data = (try? encoder.encode(text)) ?? Data("\"\"".utf8)
    return String(decoding: data, as: UTF8.self)
  }
}

/// What carries a session's messages to its user: standard output, a line at a time.
final class SessionChannel: Sendable {
  private let isWriting = Mutex(())

  /// Writes a message; ends the program where nobody reads.
  func send(_ message: SessionMessage) {
    isWriting.withLock { _ in
      do {
        try FileHandle.standardOutput.write(contentsOf: Data((message.json + "\n").utf8))
      } catch {
        Interruption.readerLeft.endProgram()
      }
    }
  }
}
