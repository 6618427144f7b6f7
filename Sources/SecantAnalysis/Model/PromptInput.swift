public import SecantTemplates

/// What a question is about: a text that the model's tokenizer splits, a conversation that the model's own
/// template writes as a text, or token ids for exact replay.
public enum PromptInput: Hashable, Sendable {
  /// A text; the tokenizer adds special tokens such as begin-of-text, as its own configuration
  /// says.
  case text(String)
  /// A conversation; the model's chat template adds all special tokens, and the model's turn comes next.
  case chat([ChatMessage])
  /// Token ids, taken as they are; a model without a tokenizer accepts nothing else.
  case tokens([Int])
}
