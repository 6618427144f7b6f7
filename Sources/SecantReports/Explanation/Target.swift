extension ExplanationReport {
  /// What is explained: the mean logit of some tokens, over a reference; or any direction of the output.
  public struct Target: Hashable, Sendable {
    /// One token of a target.
    public struct Token: Codable, Hashable, Sendable {
      /// The token's number in the vocabulary.
      public let id: Int
      /// The token as text.
      public let text: String

      /// Names one token of a target.
      public init(id: Int, text: String) {
        self.id = id
        self.text = text
      }
    }

    /// What is subtracted.
    public struct Reference: Codable, Hashable, Sendable {
      /// How it was chosen: "runner-up", the likeliest token that the target does not name; "tokens", those that
      /// were named; "mean", the mean logit of the whole vocabulary.
      public let kind: String
      /// The tokens whose mean logit is subtracted; empty for "mean".
      public let tokens: [Token]
      /// The logit that is subtracted; nil in reports of version 1.
      public let logit: Double?

      /// Describes what is subtracted.
      public init(kind: String, tokens: [Token] = [], logit: Double?) {
        self.kind = kind
        self.tokens = tokens
        self.logit = logit
      }
    }

    /// The target for people: "Golden - Bay", "Golden" for a logit alone.
    public let label: String
    /// The tokens whose mean logit is explained; empty for a direction.
    public let tokens: [Token]
    /// What is subtracted from it; nil where nothing is.
    public let over: Reference?
    /// What is explained, as the model itself computed it: the logit less the one that is subtracted.
    public let logit: Double
    /// The tokens' own mean logit; nil for a direction, and in reports of version 1.
    public let rawLogit: Double?

    /// The first token whose logit is explained; nil for a direction.
    public var token: Token? { tokens.first }
    /// The token whose logit is subtracted, where it is exactly one.
    public var contrast: Token? { over?.tokens.count == 1 ? over?.tokens.first : nil }

    /// Names a target.
    public init(
      label: String, tokens: [Token], over: Reference? = nil, logit: Double, rawLogit: Double?
    ) {
      self.label = label
      self.tokens = tokens
      self.over = over
      self.logit = logit
      self.rawLogit = rawLogit
    }

    /// Names one token's logit, or its difference to another's, of which neither is known by itself.
    public init(label: String, token: Token, contrast: Token? = nil, logit: Double) {
      self.init(
        label: label, tokens: [token],
        over: contrast.map { Reference(kind: "tokens", tokens: [$0], logit: nil) }, logit: logit,
        rawLogit: contrast == nil ? logit : nil)
    }
  }
}

extension ExplanationReport.Target: Codable {
  private enum CodingKeys: String, CodingKey {
    case label, token, tokens, contrast, over, logit, rawLogit
  }

  /// Reads a target; of reports of version 1, which have `token` and `contrast` alone, too.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    let label = try fields.decode(String.self, forKey: .label)
    let logit = try fields.decode(Double.self, forKey: .logit)
    guard let tokens = try fields.decodeIfPresent([Token].self, forKey: .tokens) else {
      self.init(
        label: label, token: try fields.decode(Token.self, forKey: .token),
        contrast: try fields.decodeIfPresent(Token.self, forKey: .contrast), logit: logit)
      return
    }
    self.init(
      label: label, tokens: tokens,
      over: try fields.decodeIfPresent(Reference.self, forKey: .over), logit: logit,
      rawLogit: try fields.decodeIfPresent(Double.self, forKey: .rawLogit))
  }

  /// Writes a target, with `token` and `contrast` for readers of version 1.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(label, forKey: .label)
    try fields.encode(tokens, forKey: .tokens)
    try fields.encodeIfPresent(token, forKey: .token)
    try fields.encodeIfPresent(over, forKey: .over)
    try fields.encodeIfPresent(contrast, forKey: .contrast)
    try fields.encode(logit, forKey: .logit)
    try fields.encodeIfPresent(rawLogit, forKey: .rawLogit)
  }
}
