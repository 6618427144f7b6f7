extension ExplanationOptions {
  /// The logit, or the difference of two, that is divided among the tokens.
  public enum Target: Hashable, Sendable {
    /// The likeliest next token.
    case prediction
    /// One token, named by its id or its text.
    case token(TokenName)
    /// The first token's logit minus the second's.
    case difference(TokenName, TokenName)

    /// A token as users name it.
    public enum TokenName: Hashable, Sendable {
      /// Its number in the vocabulary.
      case id(Int)
      /// Its text, which must be one token, with a space before it or as it stands.
      case text(String)
    }

    /// A target from its spelling on the command line.
    ///
    /// `Golden` names one token, `Golden - Brooklyn` the difference of two, `#312` a token by its id;
    /// the separator is a hyphen-minus with a space on either side.
    public init(_ spelling: String) {
      let parts = spelling.split(separator: " - ", maxSplits: 1, omittingEmptySubsequences: false)
      if parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty {
        self = .difference(TokenName(String(parts[0])), TokenName(String(parts[1])))
      } else {
        self = .token(TokenName(spelling))
      }
    }
  }
}

extension ExplanationOptions.Target.TokenName {
  /// A token from its spelling: `#` and digits are an id, all else is text.
  public init(_ spelling: String) {
    if spelling.first == "#", let id = Int(spelling.dropFirst()), id >= 0 {
      self = .id(id)
    } else {
      self = .text(spelling)
    }
  }
}
