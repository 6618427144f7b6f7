/// A text and the tokens that a model sees for it.
public struct Prompt: Hashable, Sendable {
  /// The text, as it was given or as the tokens decode to.
  public let text: String
  /// The ids that the model sees, special tokens included.
  public let tokens: [Int]

  init(text: String, tokens: [Int]) {
    self.text = text
    self.tokens = tokens
  }
}

/// The ids, in order: whatever takes tokens takes a prompt.
extension Prompt: RandomAccessCollection {
  /// Zero.
  public var startIndex: Int { 0 }
  /// The number of tokens.
  public var endIndex: Int { tokens.count }
  /// The id at a position.
  public subscript(position: Int) -> Int { tokens[position] }
}
