extension ExplanationReport {
  /// The detached Jacobian J_i `[d, d]` of one token, by its leading singular triplets.
  ///
  /// J_i = Σ σ_k u_k v_kᵀ: a part of the input along v_k leaves along u_k, σ_k times as long.
  /// Vectors' signs are chosen so that u_k·y > 0.
  public struct TokenJacobian: Codable, Hashable, Sendable {
    /// The token's place in the prompt.
    public let position: Int
    /// The norm ‖x_i‖ of the vector that enters block 0.
    public let inputNorm: Double
    /// The norm ‖J_i x_i‖ of the token's contribution to the output.
    public let outputNorm: Double
    /// The largest singular values `[r]`, in descending order; all d of them where r = d.
    public let singularValues: [Double]
    /// The measured residuals √(‖J v − σu‖² + ‖Jᵀu − σv‖²)/σ₁ of the leading triplets `[≤ r]`.
    public let residuals: [Double]
    /// The probability with which each residual is no larger than it says; nil where residuals were measured.
    public let confidence: Double?
    /// Triplets whose singular values are too close together to separate their vectors.
    public let clusters: [Cluster]
    /// Whether every residual is within the tolerance.
    public let isConverged: Bool
    /// The number of products of a vector with J_i or its transpose.
    public let operatorProducts: Int
    /// The squared Frobenius norm ‖J_i‖_F² = Σ σ_k², over all d singular values.
    public let frobeniusNormSquared: Estimate
    /// The stable rank ‖J_i‖_F² / σ₁², from 1 to d: how many directions share the work.
    public let stableRank: Estimate
    /// The leading triplets in the same order as `singularValues`, decoded into tokens `[≤ r]`.
    public let triplets: [DecodedTriplet]

    /// Makes the description of one token's map.
    public init(
      position: Int, inputNorm: Double, outputNorm: Double, singularValues: [Double],
      residuals: [Double], confidence: Double? = nil, clusters: [Cluster], isConverged: Bool,
      operatorProducts: Int, frobeniusNormSquared: Estimate, stableRank: Estimate,
      triplets: [DecodedTriplet]
    ) {
      self.position = position
      self.inputNorm = inputNorm
      self.outputNorm = outputNorm
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

  /// Consecutive triplets of which only the common subspace is determined.
  public struct Cluster: Codable, Hashable, Sendable {
    /// The index of the first triplet, from 0.
    public let first: Int
    /// How many triplets belong to it, at least 2.
    public let count: Int

    /// Names the triplets `first ..< first + count`.
    public init(first: Int, count: Int) {
      self.first = first
      self.count = count
    }
  }

  /// A number that was computed exactly or estimated from random samples.
  public struct Estimate: Codable, Hashable, Sendable {
    /// The value.
    public let value: Double
    /// One standard error of the value; 0 if it is exact up to rounding.
    public let standardError: Double

    /// Describes a value and its uncertainty.
    public init(value: Double, standardError: Double = 0) {
      self.value = value
      self.standardError = standardError
    }
  }

  /// The decoded tokens of the two vectors of a singular triplet.
  public struct DecodedTriplet: Codable, Hashable, Sendable {
    /// The tokens that u_k writes, best first; a score is the raw product with an unembedding row.
    public let left: [DecodedToken]
    /// The tokens that v_k reads, best first; a score is the cosine to a row of the embedding.
    public let right: [DecodedToken]

    /// Gathers the tokens of both sides.
    public init(left: [DecodedToken], right: [DecodedToken]) {
      self.left = left
      self.right = right
    }
  }

  /// A token near a direction.
  public struct DecodedToken: Codable, Hashable, Sendable {
    /// The token's number in the vocabulary.
    public let id: Int
    /// The token as text.
    public let text: String
    /// The score; its meaning depends on the side that it belongs to.
    public let score: Double

    /// Describes one token near a direction.
    public init(id: Int, text: String, score: Double) {
      self.id = id
      self.text = text
      self.score = score
    }
  }
}
