extension ExplanationReport {
  /// The target ℓ as a sum: Σ w·J_i x_i + w·b, with w the direction whose product with y the target is.
  ///
  /// Baseline and tokens sum to the target: nothing is left out of `tokens`, and a flag says which of them
  /// readers set apart.
  public struct Shares: Codable, Hashable, Sendable {
    /// One part of the target.
    public struct Share: Hashable, Sendable {
      /// The part, in logits; negative where it speaks against the target.
      public let value: Double
      /// The part over ℓ; not a percentage: it may be negative or exceed 1.
      public let fraction: Double
      /// Whether the token is an attention sink, whose share says little of what the prompt says.
      public let isBaseline: Bool

      /// Describes one part.
      public init(value: Double, fraction: Double, isBaseline: Bool = false) {
        self.value = value
        self.fraction = fraction
        self.isBaseline = isBaseline
      }
    }

    /// How much attention the first token gets from those after it, over all heads and blocks.
    public struct FirstToken: Codable, Hashable, Sendable {
      /// The mean of the attention probabilities, from 0 to 1.
      public let attention: Double
      /// What the mean would be if every query attended evenly to all positions that it sees.
      public let evenAttention: Double
      /// (attention − evenAttention) / (1 − evenAttention): the part of what could go there beyond an even share.
      public let excess: Double

      /// Describes the attention to a first token.
      public init(attention: Double, evenAttention: Double, excess: Double) {
        self.attention = attention
        self.evenAttention = evenAttention
        self.excess = excess
      }
    }

    /// Tokens that are counted together.
    public struct Span: Codable, Hashable, Sendable {
      /// The span's text, or the name that it was given.
      public let name: String
      /// The positions of its tokens, ascending.
      public let positions: [Int]
      /// The sum of its tokens' shares, in logits.
      public let value: Double
      /// The sum over ℓ.
      public let fraction: Double

      /// Describes one span.
      public init(name: String, positions: [Int], value: Double, fraction: Double) {
        self.name = name
        self.positions = positions
        self.value = value
        self.fraction = fraction
      }
    }

    /// The shares by spans of the text.
    public struct Grouping: Codable, Hashable, Sendable {
      /// By what: "word", "sentence", "line", "turn" or "spans".
      public let by: String
      /// The spans, in the order of the prompt; every token that is no baseline is in one.
      public let spans: [Span]

      /// Gathers spans.
      public init(by: String, spans: [Span]) {
        self.by = by
        self.spans = spans
      }
    }

    /// The shares of the tokens up to the analyzed position, in order.
    public let tokens: [Share]
    /// The part of each token's share that the learned vector of its position gave, in logits; nil where
    /// positions have no vectors.
    ///
    /// The rest of a share is what the token's embedding gave.
    public let positions: [Double]?
    /// The share of the offset b (and of the unembedding's own bias, where a model has one).
    public let bias: Share
    /// The sum of all shares, in logits.
    public let sum: Double
    /// The target ℓ that the model itself computed; equal to the target's.
    public let logit: Double
    /// The sum minus ℓ, in logits: rounding alone.
    public let difference: Double
    /// How much attention the first token gets; nil where no token comes after it, or it was not asked for.
    public let firstToken: FirstToken?
    /// The same shares by spans of the text; nil where they are by token.
    public let grouping: Grouping?

    /// The same shares by token.
    public var ungrouped: Shares {
      Shares(
        tokens: tokens, positions: positions, bias: bias, sum: sum, logit: logit,
        difference: difference, firstToken: firstToken)
    }

    /// Gathers the shares of a target.
    public init(
      tokens: [Share], positions: [Double]? = nil, bias: Share, sum: Double, logit: Double,
      difference: Double,
      firstToken: FirstToken? = nil, grouping: Grouping? = nil
    ) {
      self.tokens = tokens
      self.positions = positions
      self.bias = bias
      self.sum = sum
      self.logit = logit
      self.difference = difference
      self.firstToken = firstToken
      self.grouping = grouping
    }
  }
}

extension ExplanationReport.Shares.Share: Codable {
  private enum CodingKeys: String, CodingKey { case value, fraction, isBaseline }

  /// Reads a share; a token without the flag is no baseline.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    value = try fields.decode(Double.self, forKey: .value)
    fraction = try fields.decode(Double.self, forKey: .fraction)
    isBaseline = try fields.decodeIfPresent(Bool.self, forKey: .isBaseline) ?? false
  }

  /// Writes a share, with the flag where it is set.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(value, forKey: .value)
    try fields.encode(fraction, forKey: .fraction)
    if isBaseline { try fields.encode(true, forKey: .isBaseline) }
  }
}
