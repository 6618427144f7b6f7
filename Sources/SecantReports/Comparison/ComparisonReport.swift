/// The result of `secant compare`: two explanations side by side, of two prompts or by two models.
///
/// If one model or two of one shape read the prompts, the result has an exact account of what changed.
public struct ComparisonReport: Report {
  /// Version 2 of "secant.comparison": the target is a difference of logits unless told otherwise.
  public static let schema = ReportSchema(name: "secant.comparison", version: 2)

  /// The explanation of the first prompt by the first model.
  public let first: ExplanationReport
  /// The explanation that it is compared with.
  public let second: ExplanationReport
  /// Whether both divide the logit of the same token, or the same difference, so that shares may be
  /// subtracted.
  public let hasOneTarget: Bool
  /// The tokens of both prompts up to the analyzed positions, aligned: in order on both sides.
  public let pairs: [Pair]
  /// The same by the parts of the text that tokens are counted together in; nil where each is by itself.
  public let spanPairs: [SpanPair]?
  /// The differences of aligned tokens' maps, in the order of the first prompt; nil where there are none: for two
  /// models, or one prompt twice.
  public let mapDifferences: [MapDifference]?
  /// How near the leading output directions of both prompts' joint maps are to each other; nil where
  /// they have no space in common.
  public let overlap: Overlap?
  /// Where directions are compared: "output", the d components of y, for one model; "logits", the V
  /// centred logits that they change, for two models of one vocabulary; nil for two vocabularies.
  public let overlapSpace: String?
  /// Half the sum of |p − q| over the next-token probabilities p and q, from 0 (equal) to 1; nil if the
  /// vocabularies differ.
  public let predictionDistance: Double?
  /// The five likeliest next tokens of either side with both sides' probabilities, by the larger of both.
  public let candidates: [Candidate]
  /// What changed the target from the second prompt to the first; nil if the models
  /// differ in shape, or where the notes say so.
  public let difference: DifferenceLedger?
  /// The parts that carry most of that difference; nil if they were not requested, or there is no account.
  public let circuit: DifferenceCircuit?
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the parts of a comparison.
  public init(
    first: ExplanationReport, second: ExplanationReport, hasOneTarget: Bool, pairs: [Pair],
    spanPairs: [SpanPair]? = nil, mapDifferences: [MapDifference]? = nil, overlap: Overlap?,
    overlapSpace: String?, predictionDistance: Double?,
    candidates: [Candidate] = [], difference: DifferenceLedger? = nil,
    circuit: DifferenceCircuit? = nil, notes: [String] = []
  ) {
    self.first = first
    self.second = second
    self.hasOneTarget = hasOneTarget
    self.pairs = pairs
    self.spanPairs = spanPairs
    self.mapDifferences = mapDifferences
    self.overlap = overlap
    self.overlapSpace = overlapSpace
    self.predictionDistance = predictionDistance
    self.candidates = candidates
    self.difference = difference
    self.circuit = circuit
    self.notes = notes
  }
}

extension ComparisonReport {
  /// A token of the first prompt beside one of the second, or a token that only one of them has.
  public struct Pair: Codable, Hashable, Sendable {
    /// The position in the first prompt; nil if only the second has the token.
    public let first: Int?
    /// The position in the second prompt; nil if only the first has the token.
    public let second: Int?
    /// Whether both tokens have the same text; false if two different tokens are paired.
    public let isSameToken: Bool
    /// The second's share minus the first's, in logits, if there is one target; a missing token's is 0.
    public let shareDifference: Double?
    /// How near the leading output directions of both tokens' maps are to each other; nil if a token is
    /// missing or the directions have no space in common.
    public let overlap: Overlap?

    /// Describes one pair.
    public init(
      first: Int?, second: Int?, isSameToken: Bool, shareDifference: Double?, overlap: Overlap?
    ) {
      self.first = first
      self.second = second
      self.isSameToken = isSameToken
      self.shareDifference = shareDifference
      self.overlap = overlap
    }
  }

  /// A next token that either side considers.
  public struct Candidate: Codable, Hashable, Sendable {
    /// The token as text.
    public let text: String
    /// Its probability after the first prompt; nil if the first model's vocabulary has no such token.
    public let first: Double?
    /// Its probability after the second; nil if the second model's vocabulary has no such token.
    public let second: Double?

    /// Describes one candidate.
    public init(text: String, first: Double?, second: Double?) {
      self.text = text
      self.first = first
      self.second = second
    }
  }

  /// Two spaces of k leading left singular vectors, compared by their principal angles.
  public struct Overlap: Codable, Hashable, Sendable {
    /// The cosines of the principal angles `[k]`, in descending order, from 0 to 1: the singular values of
    /// U₁U₂ᵀ, for rows U of leading left vectors.
    public let cosines: [Double]
    /// The mean of the squared cosines: 1 for equal spaces, k/n to expect of random
    /// ones in n dimensions.
    public let meanSquaredCosine: Double

    /// Describes an overlap.
    public init(cosines: [Double], meanSquaredCosine: Double) {
      self.cosines = cosines
      self.meanSquaredCosine = meanSquaredCosine
    }
  }
}
