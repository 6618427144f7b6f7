extension ExplanationOptions {
  /// The target, which is divided among the tokens: by default a difference of logits, which
  /// answers why one token and not another.
  public enum Target: Hashable, Sendable {
    /// The mean logit of some tokens, minus that of a reference.
    case logits(of: Subject, over: Reference)
    /// The product of any direction `[d]` with the output y, with a name for reports.
    case direction([Double], name: String)

    /// The tokens whose logit is explained.
    public enum Subject: Hashable, Sendable {
      /// The likeliest next token.
      case prediction
      /// The mean logit of named tokens, at least one.
      case tokens([TokenName])
    }

    /// The reference that is subtracted.
    public enum Reference: Hashable, Sendable {
      /// The logit of the likeliest next token outside the target: the runner-up if the target is
      /// the prediction, otherwise the prediction.
      case runnerUp
      /// The mean logit of the whole vocabulary.
      case mean
      /// The mean logit of named tokens, at least one.
      case tokens([TokenName])
      /// Nothing: the target is the logit itself.
      case nothing
    }

    /// A token as users name it.
    public enum TokenName: Hashable, Sendable {
      /// Its number in the vocabulary.
      case id(Int)
      /// A word: the token of this text with or without a space before it; if both exist, the one
      /// with the larger logit.
      case text(String)
      /// The token of exactly this text, spaces included.
      case exactly(String)
    }

    /// The prediction over its runner-up.
    public static let prediction = Target.logits(of: .prediction, over: .runnerUp)

    /// One token, by default over the likeliest other one.
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
  /// `#` and digits are an id. A text between quotes, such as `" Paris"` or `'Paris'`, and a text
  /// that begins with a space are taken exactly. Anything else is a word.
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
  /// A token with the text of such a word must be quoted.
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
