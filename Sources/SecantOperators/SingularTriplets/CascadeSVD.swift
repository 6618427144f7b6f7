/// Leading singular triplets of every map of a cascade, from few sweeps.
///
/// Right singular vectors change slowly from level to level. So adjoint products of a few vectors
/// at some levels, the anchors, span a right basis F of each member that holds most of what every
/// level responds to. One forward sweep multiplies it for all levels. Each round then takes, for
/// every unfinished map,
/// - the best left vectors u in the span of the products so far,
/// - their adjoint products, by one sweep, rotated among themselves so that `Aᵀ u = σ v` to
///   rounding,
/// - the forward products of the part of v outside F, by one sweep; these vectors join F.
///
/// Then both `A v` and `Aᵀ u` are combinations of known products, so both halves of every residual
/// are measured. A map whose residuals exceed the tolerance continues with the next round; this is
/// block Golub–Kahan from a warm start. A basis that fills its space needs no further product.
public struct CascadeSVD: Hashable, Sendable {
  /// The residual, relative to σ_1, that every triplet should reach.
  public let tolerance: Double
  /// Rows of the right basis that each member begins with; nil for 18 times the rank.
  public let basisSize: Int?
  /// Whether maps that do not have more inputs than outputs are formed: their right bases are the
  /// whole space from the start.
  public let isDense: Bool
  /// The largest number of rounds, at least 1; maps that have not converged by then are left as
  /// they are.
  public let maximumRounds: Int
  /// Seed of the start vectors and probes: the same seed on the same machine gives the same bits.
  public let seed: UInt64
  /// Random products per member that estimate the rest of `‖A‖_F²`: 0, or at least 2.
  public let probes: Int

  /// An iteration down to residuals of `tolerance`·σ_1.
  public init(
    tolerance: Double = 1e-2, basisSize: Int? = nil, isDense: Bool = false,
    maximumRounds: Int = 24, seed: UInt64 = 0, probes: Int = 4
  ) {
    precondition(tolerance > 0, "a tolerance of \(tolerance)")
    precondition(maximumRounds >= 1, "no round at all")
    precondition(probes == 0 || probes >= 2, "one probe shows no spread")
    self.tolerance = tolerance
    self.basisSize = basisSize
    self.isDense = isDense
    self.maximumRounds = maximumRounds
    self.seed = seed
    self.probes = probes
  }

  /// The leading triplets of every map, by level, then member.
  ///
  /// Does not throw and does not fail silently: `TruncatedSVD.isConverged` and the measured
  /// residuals say what was reached. A map whose products are not finite has no triplets.
  public func decompose<C: OperatorCascade>(_ cascade: C, rank: Int) -> [[TruncatedSVD<C.S>]] {
    precondition(rank >= 0, "a rank of \(rank)")
    var iteration = CascadeIteration(method: self, cascade: cascade, rank: rank)
    return iteration.run()
  }

  /// Rows of the basis that a member begins with.
  ///
  /// A member with more inputs than outputs is never formed: its rank is below its input width.
  public func basisSize(rank: Int, inputWidth: Int, outputWidth: Int) -> Int {
    if isDense, inputWidth <= outputWidth { return inputWidth }
    return min(inputWidth, max(rank, basisSize ?? 18 * rank))
  }

  /// Vectors that are multiplied at each anchor.
  func sketchSize(rank: Int, outputWidth: Int) -> Int { min(2 * rank, outputWidth) }

  /// The levels at which the first right basis is found: close together at first, then apart.
  ///
  /// Early levels differ most from each other, and their adjoint products cost least.
  func anchors(levels: Int) -> [Int] {
    var result: [Int] = []
    var next = 0.0
    while Int(next.rounded()) < levels - 1 {
      result.append(Int(next.rounded()))
      next = max(next + 1, next * 1.4)
    }
    return levels == 0 ? [] : result + [levels - 1]
  }
}
