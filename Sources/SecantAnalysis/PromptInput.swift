/// What a question is about: a text that the model's tokenizer splits, or token ids for exact replay.
public enum PromptInput: Hashable, Sendable {
  /// A text; the tokenizer adds what its own configuration says, such as a begin-of-text token.
  case text(String)
  /// Token ids, taken as they are; a model without a tokenizer accepts nothing else.
  case tokens([Int])
}
