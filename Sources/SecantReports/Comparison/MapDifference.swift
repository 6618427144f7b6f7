extension ComparisonReport {
  /// The difference J_A − J_B of two aligned tokens' maps, by its leading singular triplets.
  ///
  /// Its left vectors are what the first map writes and the second does not, or the reverse; its right vectors
  /// are what of a token's vector that happens to. Both maps act on vectors of one space, and are read at their own
  /// positions. The difference is a linear operator of its own: its triplets are no differences of triplets.
  public struct MapDifference: Codable, Hashable, Sendable {
    /// The token's position in the first prompt.
    public let first: Int
    /// The position of the token beside it in the second.
    public let second: Int
    /// The largest singular values `[r]`, in descending order.
    public let singularValues: [Double]
    /// The measured residuals of the triplets `[r]`, relative to the first singular value.
    public let residuals: [Double]
    /// The probability with which each residual is no larger than it says; nil where residuals were measured.
    public let confidence: Double?
    /// Triplets whose singular values are too close together to separate their vectors.
    public let clusters: [ExplanationReport.Cluster]
    /// Whether every residual is within the tolerance.
    public let isConverged: Bool
    /// Products of a vector with the difference or its transpose, each with both maps.
    public let operatorProducts: Int
    /// The squared Frobenius norm of the difference.
    public let frobeniusNormSquared: ExplanationReport.Estimate
    /// The stable rank: how many directions share what differs.
    public let stableRank: ExplanationReport.Estimate
    /// The leading triplets, decoded; signs so that u·(y_A − y_B) is not negative.
    public let triplets: [ExplanationReport.DecodedTriplet]

    /// Makes the description of one difference.
    public init(
      first: Int, second: Int, singularValues: [Double], residuals: [Double],
      confidence: Double? = nil, clusters: [ExplanationReport.Cluster], isConverged: Bool,
      operatorProducts: Int,
      frobeniusNormSquared: ExplanationReport.Estimate, stableRank: ExplanationReport.Estimate,
      triplets: [ExplanationReport.DecodedTriplet]
    ) {
      self.first = first
      self.second = second
      self.singularValues = singularValues
      self.residuals = residuals
      self.confidence = confidence
      self.clusters = clusters
      self.isConverged = isConverged
      self.operatorProducts = operatorProducts
      self.frobeniusNormSquared = frobeniusNormSquared
      self.stableRank = stableRank
      self.triplets = triplets
    }
  }

  /// A part of the first prompt's text beside one of the second's, where tokens are counted together.
  public struct SpanPair: Codable, Hashable, Sendable {
    /// The number of the span among those of the first side's shares; nil if only the second has it.
    public let first: Int?
    /// The number of the span among those of the second side's; nil if only the first has it.
    public let second: Int?
    /// Whether both have the same name.
    public let isSame: Bool
    /// The second's share minus the first's, in logits, if there is one target; a missing span's is 0.
    public let shareDifference: Double?

    /// Describes one pair.
    public init(first: Int?, second: Int?, isSame: Bool, shareDifference: Double?) {
      self.first = first
      self.second = second
      self.isSame = isSame
      self.shareDifference = shareDifference
    }
  }
}
