import RealModule

/// Singular triplets from products alone: Golub and Kahan's bidiagonalization, with every product retained.
///
/// Each member A of a family has its own left and right basis, orthonormal to rounding. All members
/// advance together. A round multiplies `block` vectors of each member at one end of its map; the
/// images, projected out of the basis there, are the vectors of the next round at the other end.
/// All products are kept, so both halves of the residual of every triplet, `A v − σ u` and
/// `Aᵀ u − σ v`, are combinations of known products, and are measured after every round without
/// another one. A member is finished when its residuals are small enough.
///
/// One vector per round (`block` 1) needs the fewest products. Several use a batch better if
/// weights are expensive to read and few rows pass. ``FamilyCosts`` decides unless `block` is
/// given.
///
/// A Krylov space holds one vector for each distinct singular value of A and each vector of the
/// first block. So a value of multiplicity above `block` may be found fewer times than it occurs,
/// because only rounding errors bring in the others, and late. If the space closes, so that
/// products lead to nothing new, random vectors are multiplied until they change no leading value;
/// then none is missing. If it does not close, the residuals show that each triplet belongs to A,
/// but no method that uses only products can show that none is missing.
///
/// The products give `‖A‖_F²` except for the part outside the left basis, which random left vectors
/// estimate. Their adjoint products serve all members at once and share a batch with the first
/// products.
public struct KrylovSVD: Hashable, Sendable {
  /// The residual, relative to σ_1, that every triplet should reach.
  public let tolerance: Double
  /// Vectors that a member multiplies in a round; nil to let `FamilyCosts` decide.
  public let block: Int?
  /// The largest number of vectors that a member multiplies in total; nil for no limit except the
  /// dimensions.
  public let maximumProducts: Int?
  /// Seed of the random vectors: the same seed on the same machine gives the same bits.
  public let seed: UInt64
  /// Random products that estimate the rest of `‖A‖_F²`: 0, or at least 2.
  public let probes: Int

  /// An iteration down to residuals of `tolerance`·σ_1.
  public init(
    tolerance: Double = 1e-3, block: Int? = nil, maximumProducts: Int? = nil, seed: UInt64 = 0,
    probes: Int = 4
  ) {
    precondition(tolerance > 0, "a tolerance of \(tolerance)")
    precondition(block.map { $0 > 0 } ?? true, "a block of nothing")
    precondition(probes == 0 || probes >= 2, "one probe shows no spread")
    self.tolerance = tolerance
    self.block = block
    self.maximumProducts = maximumProducts
    self.seed = seed
    self.probes = probes
  }

  /// The measured number of products per member for `rank` triplets, forward and adjoint together.
  ///
  /// Measured with one vector per round on the Jacobians of SmolLM2 135M and Gemma 3 270M: 41 and
  /// 58 on average for 8 triplets at 1e-3, 16 and 23 for 3 at 1e-2, 6 and 7 for one at 1e-1.
  /// Between them, with d digits: `4 + rank·(3 + d)`; a block b takes
  /// `1 + (b − 1)·(0.1 + 0.8/rank)` times as many. Steep spectra need fewer.
  public func expectedProducts(rank: Int, block: Int = 1) -> Double {
    if rank == 0 { return 0 }
    let digits = max(0, -Double.log10(max(tolerance, 1e-16)))
    return (4 + Double(rank) * (3 + digits)) * widening(block: block, rank: rank)
  }

  private func widening(block: Int, rank: Int) -> Double {
    1 + Double(block - 1) * (0.1 + 0.8 / Double(rank))
  }

  /// The expected cost of the products of all members and of their batches, in the unit of
  /// `FamilyCosts`.
  ///
  /// It includes the probes, which serve all members.
  public func expectedCost(of costs: FamilyCosts, rank: Int) -> Double {
    let block = block(for: costs, rank: rank)
    let products = expectedProducts(rank: rank, block: block)
    return products * (costs.members.reduce(0, +) + costs.batch / Double(block))
      + Double(probes) * costs.shared
  }

  /// Vectors of each member in a round: the requested number, or the cheapest one.
  ///
  /// A round costs its vectors and a batch, in total `products(b)·(rows + batch/b)`. The narrowest
  /// block within a tenth of the least cost is chosen: it is known to need the fewest products,
  /// while the cost is only an estimate.
  public func block(for costs: FamilyCosts, rank: Int) -> Int {
    if let block { return block }
    let rows = max(costs.members.reduce(0, +), .leastNormalMagnitude)
    func cost(_ b: Int) -> Double {
      widening(block: b, rank: rank) * (rows + costs.batch / Double(b))
    }
    let choices = 1...max(1, rank)
    let least = choices.map(cost).min() ?? 0
    return choices.first { cost($0) <= 1.1 * least } ?? 1
  }

  /// The leading triplets of every member.
  public func decompose<F: OperatorFamily>(_ family: F, rank: Int) -> [TruncatedSVD<F.S>] {
    var iteration = KrylovIteration(method: self, family: family, rank: rank)
    return iteration.run()
  }
}
