// What a trace has on request.
extension TraceReport {
  /// The answer's tokens, each divided separately.
  public struct Matrix: Codable, Hashable, Sendable {
    /// The rows that were computed, in the order of the answer.
    public let rows: [Row]
    /// The answer tokens, from 0, whose rows did not fit the time that was allowed; empty if all were computed.
    public let left: [Int]

    /// Gathers rows.
    public init(rows: [Row], left: [Int] = []) {
      self.rows = rows
      self.left = left
    }

    /// The row of an answer token; nil if it was not computed.
    public func row(of answer: Int) -> Row? { rows.first { $0.answer == answer } }
  }

  /// One answer token's part of the target as a sum.
  public struct Row: Codable, Hashable, Sendable {
    /// Which token of the answer it is, from 0.
    public let answer: Int
    /// What each token before it gave: the prompt's, then the answer's own earlier words.
    public let tokens: [Double]
    /// What the biases gave.
    public let bias: Double
    /// The sum of all.
    public let sum: Double
    /// The sum minus what the model itself computed.
    public let difference: Double

    /// Gathers one row.
    public init(answer: Int, tokens: [Double], bias: Double, sum: Double, difference: Double) {
      self.answer = answer
      self.tokens = tokens
      self.bias = bias
      self.sum = sum
      self.difference = difference
    }

    /// What some positions gave together.
    public func value(at positions: [Int]) -> Double {
      positions.reduce(0) { $0 + (tokens.indices.contains($1) ? tokens[$1] : 0) }
    }
  }

  /// The target by spans, with what the answer's own words gave passed on to the prompt.
  ///
  /// A definition, not a measurement. With A[t, s] the share of earlier answer token s in row t, over the row's sum,
  /// and C the rows' other columns over the same sums, the rows of (I − A)⁻¹ C are every way through the answer's own
  /// words to the prompt; their sum, each times its row's sum, is this. It adds up to the target.
  public struct Through: Codable, Hashable, Sendable {
    /// What each span of the prompt gave, in their order.
    public let spans: [Double]
    /// What the tokens gave that are set apart as baseline.
    public let baseline: Double
    /// What the biases gave.
    public let bias: Double
    /// How much of the target goes through each answer token, what later tokens owe to it counted in.
    public let weights: [Double]
    /// The sum of the magnitudes of all ways, over that of the rows' sums: 1 where no token owes anything to another.
    public let amplification: Double

    /// Gathers the parts.
    public init(
      spans: [Double], baseline: Double, bias: Double, weights: [Double], amplification: Double
    ) {
      self.spans = spans
      self.baseline = baseline
      self.bias = bias
      self.weights = weights
      self.amplification = amplification
    }
  }

  /// What really happens to the target where a span is removed, beside its share.
  ///
  /// The effect is the target after the prompt as it is less the target without the span: two forward passes with
  /// nothing frozen, along the same directions. Effects do not add up to anything.
  public struct SpanCheck: Codable, Hashable, Sendable {
    /// How spans were removed: "mask" (no later position attends to them) or "replace" (neutral text of as many
    /// tokens in their place; special tokens stay).
    public let method: String
    /// The text in their place, for "replace": as much of it as each span has tokens.
    public let replacement: String?
    /// The effects that were measured, by span.
    public let effects: [Effect]
    /// The spans whose effects did not fit the time that was allowed; empty if all were measured.
    public let left: [Int]
    /// The rank correlation of shares and effects, from -1 to 1; nil for fewer than three spans, or if all shares or
    /// effects are equal.
    public let spearman: Double?

    /// Gathers what was measured.
    public init(
      method: String, replacement: String? = nil, effects: [Effect], left: [Int] = [],
      spearman: Double?
    ) {
      self.method = method
      self.replacement = replacement
      self.effects = effects
      self.left = left
      self.spearman = spearman
    }

    /// The effect of a span; nil if it was not measured.
    public func effect(of span: Int) -> Double? { effects.first { $0.span == span }?.effect }
  }

  /// What removing one span changes.
  public struct Effect: Codable, Hashable, Sendable {
    /// Which span it is, from 0.
    public let span: Int
    /// The target with the span less the target without it.
    public let effect: Double

    /// Describes the effect of a span.
    public init(span: Int, effect: Double) {
      self.span = span
      self.effect = effect
    }
  }
}
