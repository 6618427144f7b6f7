extension ExplanationOptions {
  /// What is divided among the tokens: by default a difference of logits, which says why one token and not another.
  public enum Target: Hashable, Sendable {
    /// The mean logit of some tokens, less that of a reference.
    case logits(of: Subject, over: Reference)
    /// The product of any direction `[d]` with the output y, by a name for people.
    case direction([Double], name: String)

    /// The tokens whose logit is asked about.
    public enum Subject: Hashable, Sendable {
      /// The likeliest next token.
      case prediction
      /// Tokens by name, at least one, whose mean logit is taken.
      case tokens([TokenName])
    }

    /// What is subtracted.
    public enum Reference: Hashable, Sendable {
      /// The logit of the likeliest next token that the target does not name: of the prediction its runner-up, of
      /// any other token the prediction.
      case runnerUp
      /// The mean logit of the whole vocabulary.
      case mean
      /// Tokens by name, at least one, whose mean logit is taken.
      case tokens([TokenName])
      /// Nothing: the logit itself is divided.
      case nothing
    }

    /// A token as users name it.
    public enum TokenName: Hashable, Sendable {
      /// Its number in the vocabulary.
      case id(Int)
      /// A word: the token of this text, or of a space and this text; of two, that of the larger logit.
      case text(String)
      /// The token of exactly this text, spaces included.
      case exactly(String)
    }

    /// The prediction over its runner-up.
    public static let prediction = Target.logits(of: .prediction, over: .runnerUp)

    /// One token, by default over the likeliest other.
    public static func token(_ name: TokenName, over reference: Reference = .runnerUp) -> Target {
      .logits(of: .tokens([name]), over: reference)
    }

    /// The first token's logit minus the second's.
    public static func difference(_ first: TokenName, _ second: TokenName) -> Target {
      .logits(of: .tokens([first]), over: .tokens([second]))
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
  /// A token from its spelling.
  ///
  /// `#` and digits are an id. A text between quotes, `" Paris"` or `'Paris'`, and one that begins with a space are
  /// taken exactly; all else is a word.
  public init(_ spelling: String) {
    if spelling.first == "#", let id = Int(spelling.dropFirst()), id >= 0 {
      self = .id(id)
    } else if spelling.count > 2, let quote = spelling.first, "\"'".contains(quote),
      spelling.last == quote
    {
      self = .exactly(String(spelling.dropFirst().dropLast()))
    } else {
      self = spelling.first == " " ? .exactly(spelling) : .text(spelling)
    }
  }
}

extension ExplanationOptions.Target.Reference {
  /// A reference from its spellings on the command line: one of the words `runner-up`, `mean` and `none`, or tokens.
  ///
  /// A token of such a text is named between quotes.
  public init(_ spellings: [String]) {
    switch spellings {
    case []: self = .runnerUp
    case ["runner-up"]: self = .runnerUp
    case ["mean"]: self = .mean
    case ["none"]: self = .nothing
    default: self = .tokens(spellings.map { .init($0) })
    }
  }
}
