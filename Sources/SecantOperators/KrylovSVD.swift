/// Singular triplets from products alone: a block Krylov iteration that retains every product.
///
/// For each member A of a family it holds an orthonormal left basis L `[R, output]` and the products
/// `Aᵀ l` of its rows, so that the decomposition `P Σ V` of `L A` gives triplets (L-combinations u,
/// σ, v) with `Aᵀ u = σ v` to rounding. It also holds an orthonormal basis F of what was multiplied
/// by A; `A F` lies in the span of L. What is left of `A v − σ u` then comes from `v − FᵀF v` alone:
/// those remainders, weighted by σ, say which directions to multiply next, and their norms how far
/// the residuals have fallen. A round multiplies `block` directions of each member, adds their
/// images to L, and multiplies those by Aᵀ. Golub and Kahan's bidiagonalization with full
/// reorthogonalization spans the same spaces, if each member keeps its own L.
///
/// The members of a family need not: where one product with all adjoints costs less than one with
/// each, they share L, so that every member gains a direction from every other's, as long as their
/// directions overlap. Each drops out as soon as its triplets are done.
///
/// The certificate of a member is one more product: `A V`, computed afresh. `Aᵀ U` is a combination of
/// products that were computed, and retained, for the rows of L; so both halves of every residual
/// come from products, none from an estimate. If the certificate fails, its products join the iteration.
///
/// A singular value of multiplicity above `block` may be found fewer times than it occurs, as with
/// every Krylov method.
public struct KrylovSVD: Hashable, Sendable {
  /// The residual, relative to σ_1, that every triplet shall reach.
  public let tolerance: Double
  /// Directions that a member multiplies in a round; nil to choose it by `FamilyCosts`.
  public let block: Int?
  /// Vectors that a member may multiply in all; nil for no limit but that of the dimensions.
  public let maximumProducts: Int?
  /// Seed of the start vectors and probes: the same seed on the same machine gives the same bits.
  public let seed: UInt64
  /// Random products of each member that estimate what of `‖A‖_F²` was not found: 0, or 2 and more.
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

  /// Rows of a matrix product whose time equals the fixed cost of one batch: 28.
  ///
  /// Fitted to OpenBLAS's sgemm of 8 to 576 rows by 1536x576 weights from memory, on two cores.
  public static let batchOverhead = 28.0

  /// Rows of a matrix product from which on wider batches gain little.
  static let fullBatch = 64.0

  /// Spread of the members' new left directions above which they gain too little from each other.
  ///
  /// Seen: 0.1 to 0.4 for the Jacobians of one prompt, where sharing saves a third of the work; 0.7
  /// and more for members with independent left singular spaces, where it costs a tenth more.
  static let largestSharedSpread = 0.5

  /// The block of a family: its own, or what fills a batch, up to the rank.
  func block(for costs: FamilyCosts, rank: Int) -> Int {
    if let block { return block }
    let row = max(costs.members.reduce(0, +), 1)
    return max(1, min(rank, Int((Self.fullBatch / row).rounded(.up))))
  }

  /// Whether the active members should share a left basis.
  ///
  /// A shared product of one left vector serves all; it pays where it is not much dearer than the
  /// products that the members would otherwise make one by one, and serves enough of them.
  func sharesAdjoints(of costs: FamilyCosts, active: Int) -> Bool {
    let mean = costs.members.reduce(0, +) / Double(max(1, costs.members.count))
    return active >= 3 && costs.shared <= 2.5 * mean
  }

  /// The leading triplets of every member.
  public func decompose<F: OperatorFamily>(_ family: F, rank: Int) -> [TruncatedSVD<F.S>] {
    var iteration = KrylovIteration(method: self, family: family, rank: rank)
    return iteration.run()
  }
}
