extension ExplanationOptions {
  /// What tokens are counted together.
  public enum Grouping: Hashable, Sendable {
    /// Each token by itself.
    case token
    /// What stands between white space; a special token by itself.
    case word
    /// What ends in a full stop, question or exclamation mark before white space, or with its line.
    case sentence
    /// What ends with a line break.
    case line
    /// A turn of a conversation, by the words of the chat template; only of `PromptInput.chat`.
    case turn
    /// Spans of the prompt by name; all other tokens together are one more, "other text".
    case spans([NamedSpan])
  }

  /// A part of the prompt with a name.
  public struct NamedSpan: Hashable, Sendable {
    /// Where a span lies in the prompt's text, in a conversation in the last user's turn.
    public enum Place: Hashable, Sendable {
      /// The Unicode scalars from the first up to before the second, counted from 0.
      case characters(Range<Int>)
      /// The one place of this text.
      case text(String)
    }

    /// What reports call it.
    public let name: String
    /// Where it lies.
    public let place: Place

    /// Names a part of a prompt.
    public init(name: String, place: Place) {
      self.name = name
      self.place = place
    }
  }
}
