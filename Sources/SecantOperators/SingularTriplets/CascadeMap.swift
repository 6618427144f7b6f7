/// One map of a cascade, known by its products with its member's right basis.
struct CascadeMap<S: Scalar>: Sendable {
  private var space: KrylovSpace<S>
  private let probes: (vectors: Matrix<S>, images: Matrix<S>)
  private let wanted: Int
  private let tolerance: Double
  /// The triplets found last.
  private var found: KrylovSpace<S>.Triplets?
  /// Whether the basis was the whole space, so that the matrix is known.
  private var whole: TruncatedSVD<S>?
  private(set) var isActive: Bool
  /// Whether a product is not finite, or LAPACK does not converge.
  private(set) var isFailure = false

  /// A map, from its products with an orthonormal basis and with random sign vectors.
  init(
    basis: Matrix<S>, probes: Matrix<S>, images: Matrix<S>, wanted: Int, tolerance: Double
  ) {
    self.probes = (probes, images.rows(basis.rows..<images.rows))
    self.wanted = wanted
    self.tolerance = tolerance
    space = KrylovSpace(input: basis.columns, output: images.columns)
    space.count(probes.rows)
    isActive = wanted > 0
    if !isActive { return }
    if basis.rows == basis.columns {
      // The basis is the identity: its images are the columns of the matrix.
      whole = DenseSVD().decompose(images.transposed, rank: wanted)
      isActive = false
      return
    }
    let isSound =
      space.add(basis, to: .right) && space.take(images.rows(0..<basis.rows), from: .right)
    if !isSound { fail() }
  }

  /// The number of vectors that were multiplied.
  var products: Int { space.products }

  private mutating func fail() { (isFailure, isActive) = (true, false) }

  /// How many left vectors are missing for the wanted number of triplets.
  var missingLeft: Int { max(0, wanted - space.size(.left)) }

  mutating func addLeft(_ rows: Matrix<S>) { _ = space.add(rows, to: .left) }

  /// The vectors to multiply next; none where the map is done.
  mutating func next(_ end: KrylovSpace<S>.End) -> Matrix<S> {
    // The parts that are left out of a product add at most half of the tolerance to a residual.
    space.next(end, limit: isActive ? wanted : 0, wanted: wanted, above: tolerance / 2)
  }

  /// Takes their products, measures the triplets, and finishes if these are good enough or nothing
  /// is pending.
  mutating func take(_ images: Matrix<S>, from end: KrylovSpace<S>.End) {
    if !isActive { return }
    if images.rows > 0 {
      guard space.take(images, from: end), let found = space.triplets(wanted),
        found.worst.isFinite
      else { return fail() }
      self.found = found
      if found.count == wanted, found.worst <= tolerance { isActive = false }
    }
    if space.pending(.left) == 0, space.pending(.right) == 0 { isActive = false }
  }

  /// The triplets that were found; nil if there are none.
  var result: TruncatedSVD<S>? {
    if let whole { return whole }
    guard let found, !isFailure else { return nil }
    return space.result(
      found, wanted: wanted, tolerance: tolerance, sharedProducts: 0,
      frobenius: space.frobenius(.right, probes: probes.vectors, images: probes.images))
  }
}
