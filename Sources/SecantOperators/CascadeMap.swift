/// What the iteration knows of one map A of a cascade.
struct CascadeMap<S: Scalar>: Sendable {
  /// F: orthonormal rows `[f, input]`.
  private var basis: Matrix<S>
  /// `F Aᵀ`: the images of the rows of F, `[f, output]`.
  private var images: Matrix<S>
  /// Random sign vectors, and their images.
  private let probes: (vectors: Matrix<S>, images: Matrix<S>)
  private let wanted: Int
  private let tolerance: Double

  /// U: orthonormal rows `[r, output]`.
  private var left: Matrix<S>
  /// The rows `Aᵀ u`, `[r, input]`.
  private var back: Matrix<S>
  /// σ of the triplets, and of the one after them as far as it is known.
  private var values: [S] = []
  private var next: S?
  /// V: orthonormal rows `[r, input]`.
  private var right: Matrix<S>
  /// Orthonormal directions beyond F that are to be multiplied, `[≤ r, input]`.
  private var fresh: Matrix<S>
  private var residuals: [Double] = []
  private var products: Int
  /// The best triplets so far.
  private var best: Triplets?
  private(set) var isActive = true
  private var isFailure = false

  private struct Triplets {
    let left: Matrix<S>, values: [S], right: Matrix<S>, residuals: [Double], next: S?

    var worst: Double { residuals.reduce(0) { $1 <= $0 ? $0 : $1 } }
  }

  init(
    basis: Matrix<S>, images: Matrix<S>, probes: Matrix<S>, probed: Matrix<S>, wanted: Int,
    tolerance: Double
  ) {
    self.basis = basis
    self.images = images
    self.probes = (probes, probed)
    self.wanted = wanted
    self.tolerance = tolerance
    left = .zero(rows: 0, columns: images.columns)
    right = .zero(rows: 0, columns: basis.columns)
    (back, fresh) = (right, right)
    products = basis.rows + probes.rows
    if wanted == 0 { isActive = false } else { project() }
  }

  /// Whether F is the whole space, so that A is known.
  private var isComplete: Bool { basis.rows == basis.columns }

  /// The map is given up: a product is not finite, or LAPACK does not converge.
  private mutating func fail() { (isFailure, isActive) = (true, false) }

  // MARK: - A round

  /// Finds the left singular vectors of A restricted to the span of F.
  ///
  /// The eigenvectors of the small Gram matrix select a few more directions than are wanted; the
  /// decomposition of these alone does not square the condition.
  private mutating func project() {
    guard images.isFinite, let (_, vectors) = S.symmetricEigen(images.timesTranspose(of: images))
    else { return fail() }
    let kept = min(vectors.rows, 3 * wanted)
    // Eigenvalues ascend, and row j of the result is eigenvector j.
    let leading = vectors.rows(vectors.rows - kept..<vectors.rows)
    guard let (_, values, rows) = S.thinSVD(leading.times(images)) else { return fail() }
    left = rows.rows(0..<min(wanted, rows.rows))
    next = wanted < values.count ? values[wanted] : nil
  }

  /// The left vectors whose adjoint products are not at hand.
  func leftToMultiply() -> Matrix<S> {
    isActive && !isComplete ? left : .zero(rows: 0, columns: left.columns)
  }

  /// Takes the adjoint products of the left vectors, and turns both so that `Aᵀ u = σ v`.
  mutating func takeAdjoint(_ products: Matrix<S>) {
    self.products += products.rows
    let rows = isComplete ? left.timesTranspose(of: images).times(basis) : products
    guard rows.isFinite, let (rotation, values, vectors) = S.thinSVD(rows) else { return fail() }
    self.values = values
    left = rotation.transposeTimes(left)
    back = rotation.transposeTimes(rows)
    right = vectors
    let limit = right.rows
    fresh =
      isComplete
      ? .zero(rows: 0, columns: right.columns)
      : right.directions(
        beyond: basis, above: S.roundingLevel(of: right.columns), limit: limit) ?? right.rows(0..<0)
  }

  /// The directions of the right vectors that were not multiplied yet.
  func rightToMultiply() -> Matrix<S> {
    isActive ? fresh : .zero(rows: 0, columns: right.columns)
  }

  /// Takes the images of those directions; they join F.
  mutating func takeForward(_ products: Matrix<S>) {
    guard products.isFinite else { return fail() }
    if products.rows == 0 { return }
    self.products += products.rows
    basis = .stacking([basis, fresh], columns: basis.columns)
    images = .stacking([images, products], columns: images.columns)
  }

  /// Measures the residuals; ends where they are small enough, or cannot become smaller.
  mutating func measure(isFinal: Bool) {
    let forward = right.timesTranspose(of: basis).times(images)
    residuals = relativeResiduals(
      forward: forward, adjoint: back, left: left, values: values, right: right)
    let found = Triplets(
      left: left, values: values, right: right, residuals: residuals, next: next)
    guard found.worst.isFinite else { return fail() }
    if best.map({ found.worst < $0.worst }) ?? true { best = found }
    if found.worst <= tolerance || isFinal || fresh.rows == 0 {
      isActive = false
    } else {
      project()
    }
  }

  // MARK: - The end

  /// The best triplets that were found.
  func result(tolerance: Double) -> TruncatedSVD<S> {
    guard !isFailure, let best else {
      return .empty(
        input: basis.columns, output: images.columns, tolerance: tolerance, products: products,
        sharedProducts: 0, isFailure: isFailure)
    }
    return TruncatedSVD(
      left: best.left, singularValues: best.values, right: best.right, residuals: best.residuals,
      wanted: wanted, tolerance: tolerance, products: products, sharedProducts: 0,
      next: best.next, frobenius: frobenius)
  }

  /// `‖A‖_F²`: exactly where F is the whole space, else from `A F` and the images of the probes.
  private var frobenius: FrobeniusEstimate {
    let exact = images.norm * images.norm
    if isComplete { return FrobeniusEstimate(exactly: exact) }
    let inside = probes.vectors.timesTranspose(of: basis).times(images)
    let outside = probes.images - inside
    return FrobeniusEstimate(exactPart: exact, samples: outside.rowNorms.map { $0 * $0 })
  }
}
