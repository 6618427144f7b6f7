public import Foundation
public import SecantCheckpoints

/// A prompt, another of as many tokens after which the answer is another, and the two answers.
public struct ValidationItem: Hashable, Sendable {
  /// The kind of item, such as "capitals".
  public let family: String
  /// What the model reads.
  public let prompt: String
  /// What it reads where the answer is another.
  public let counterfactual: String
  /// The next token that the prompt asks for, its leading space included.
  public let target: String
  /// The token that is held against it.
  public let over: String

  /// Describes an item.
  public init(
    family: String, prompt: String, counterfactual: String, target: String, over: String
  ) {
    self.family = family
    self.prompt = prompt
    self.counterfactual = counterfactual
    self.target = target
    self.over = over
  }
}

extension ValidationItem {
  /// The longest file of items that is read, in bytes.
  private static let longestFile = 64 << 20

  /// The items of a file: in every line an object with `prompt`, `counterfactual`, `target` and `over`, and if wanted a
  /// `family`.
  ///
  /// - Parameters:
  ///   - url: Where the file is.
  ///   - name: What errors call it; by default its last component.
  /// - Returns: At least one item, in the file's order.
  /// - Throws: That the file cannot be read or is too long, or what is wrong in which line.
  public static func items(
    contentsOf url: URL, name: String? = nil
  ) throws(InputError) -> [ValidationItem] {
    let name = name ?? url.lastPathComponent
    let bytes = try MappedFile.contents(of: url, atMost: longestFile)
    var items: [ValidationItem] = []
    let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    for (number, line) in lines.enumerated() {
      if line.allSatisfy({ $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }) { continue }
      let root = try JSONField(parsing: Array(line), file: "\(name), line \(number + 1)")
      let known: Set = ["family", "prompt", "counterfactual", "target", "over"]
      if let other = try root.object().members.first(where: { !known.contains($0.key) })?.key {
        throw root[other].mismatch(
          "no other field than family, prompt, counterfactual, target and over",
          kind: .unsupported, remedy: "leave the field out")
      }
      func text(_ key: String) throws(InputError) -> String {
        let text = try root[key].string()
        guard !text.isEmpty else {
          throw root[key].mismatch("a text", remedy: "write what belongs there")
        }
        return text
      }
      items.append(
        ValidationItem(
          family: try root["family"].present?.string() ?? "data", prompt: try text("prompt"),
          counterfactual: try text("counterfactual"), target: try text("target"),
          over: try text("over")))
    }
    guard !items.isEmpty else {
      throw InputError(
        .malformed, file: name, subject: "the file", expected: "an object in each line",
        found: "no line", remedy: "write items into it, or leave --data out for the built-in ones")
    }
    return items
  }
}
