extension LayersReport {
  /// The maps from every token to one site of one block.
  public struct LayerMap: Codable, Hashable, Sendable {
    /// n: the block, from 0.
    public let block: Int
    /// The place in the block.
    public let site: Site
    /// The origin of the maps.
    public let extent: Extent
    /// The error of the maps against the site's value; y is y_n.
    public let reconstruction: ExplanationReport.Reconstruction
    /// The tokens nearest to y_n, best first; a score is the raw product with an unembedding row.
    public let output: [ExplanationReport.DecodedToken]
    /// The logits of y_n, for the target and all tokens; nil if it was not recorded.
    public let lens: Lens?
    /// The map J_i of each chosen token, in order; each has its position.
    ///
    /// Signs are chosen so that u_k·y_n > 0.
    public let tokens: [ExplanationReport.TokenJacobian]
    /// How far each token's leading directions agree with those after the last block, in order.
    public let tokenOverlaps: [Overlap]
    /// The map of all tokens together; nil where it was not decomposed.
    public let joint: JointMap?
    /// How far its leading directions agree with those after the last block: the path to them.
    public let jointOverlap: Overlap?

    /// Makes the description of the maps to one site.
    public init(
      block: Int, site: Site, extent: Extent, reconstruction: ExplanationReport.Reconstruction,
      output: [ExplanationReport.DecodedToken], lens: Lens? = nil,
      tokens: [ExplanationReport.TokenJacobian], tokenOverlaps: [Overlap], joint: JointMap?,
      jointOverlap: Overlap?
    ) {
      self.block = block
      self.site = site
      self.extent = extent
      self.reconstruction = reconstruction
      self.output = output
      self.lens = lens
      self.tokens = tokens
      self.tokenOverlaps = tokenOverlaps
      self.joint = joint
      self.jointOverlap = jointOverlap
    }
  }

  /// The predictions of a site's value, read through final norm and unembedding as if it were the output.
  public struct Lens: Codable, Hashable, Sendable {
    /// The target's logit, or the difference of two.
    public let logit: Double
    /// The probability of the target's token, the first of a difference.
    public let probability: Double
    /// Its place among all tokens by probability, from 1; equal ones share it.
    public let rank: Int
    /// The entropy of all tokens' probabilities, in bits: from 0 for one that is certain to log₂ V.
    public let entropy: Double

    /// Gathers what is read.
    public init(logit: Double, probability: Double, rank: Int, entropy: Double) {
      self.logit = logit
      self.probability = probability
      self.rank = rank
      self.entropy = entropy
    }
  }

  /// The cosines of a map's singular vectors with those of the same map of the last block.
  public struct Overlap: Codable, Hashable, Sendable {
    /// u_j · u_k of the last block, in row j and column k `[r, r]`.
    ///
    /// The paper's path is `(cosines[0][0], cosines[1][1])` from block to block. Row 0 begins with where u₁
    /// lies in the plane of the last block's first two left vectors.
    public let cosines: [[Double]]
    /// v_j · v_k of the last block `[r, r]`, of joint maps; nil if it was not recorded.
    ///
    /// For a block's own map, the vectors are those of the stream that enters it.
    public let rightCosines: [[Double]]?

    /// Gathers cosines.
    public init(cosines: [[Double]], rightCosines: [[Double]]? = nil) {
      self.cosines = cosines
      self.rightCosines = rightCosines
    }
  }

  /// The map `[J_0 | J_1 | …]` `[d, n·d]` from all tokens' vectors at once, by its leading triplets.
  public struct JointMap: Codable, Hashable, Sendable {
    /// The largest singular values `[r]`, in descending order.
    public let singularValues: [Double]
    /// The measured residuals of the triplets `[r]`, relative to the first singular value.
    public let residuals: [Double]
    /// Triplets whose singular values are too close together to separate their vectors.
    public let clusters: [ExplanationReport.Cluster]
    /// Whether every residual is within the tolerance.
    public let isConverged: Bool
    /// The squared Frobenius norm: the sum of those of all tokens' maps.
    public let frobeniusNormSquared: ExplanationReport.Estimate
    /// The stable rank: how many directions share the work.
    public let stableRank: ExplanationReport.Estimate
    /// The leading triplets in the same order, decoded `[r]`.
    public let triplets: [Triplet]

    /// Makes the description of the joint map.
    public init(
      singularValues: [Double], residuals: [Double], clusters: [ExplanationReport.Cluster],
      isConverged: Bool, frobeniusNormSquared: ExplanationReport.Estimate,
      stableRank: ExplanationReport.Estimate, triplets: [Triplet]
    ) {
      self.singularValues = singularValues
      self.residuals = residuals
      self.clusters = clusters
      self.isConverged = isConverged
      self.frobeniusNormSquared = frobeniusNormSquared
      self.stableRank = stableRank
      self.triplets = triplets
    }

    /// The decoded tokens of the two vectors of a triplet of the joint map.
    public struct Triplet: Codable, Hashable, Sendable {
      /// The tokens that u_k writes, best first; a score is the raw product with an unembedding row.
      public let left: [ExplanationReport.DecodedToken]
      /// How v_k, of unit length, is spread over the tokens' vectors `[n]`: the squared norms, of sum 1.
      public let weights: [Double]

      /// Gathers both sides.
      public init(left: [ExplanationReport.DecodedToken], weights: [Double]) {
        self.left = left
        self.weights = weights
      }
    }
  }
}
