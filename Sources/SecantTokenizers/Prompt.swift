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
