/// What the iteration knows of one member A of a family.
struct KrylovMember<S: Scalar>: Sendable {
  /// L: orthonormal rows `[R, output]`.
  private(set) var left: Matrix<S>
  /// `L A`: the rows `Aᵀ l`, `[R, input]`.
  private var images: Matrix<S>
  /// F: an orthonormal basis of what was multiplied by A, `[f, input]`.
  private var forwarded: Matrix<S>
  /// The singular values of `L A`, all that there are.
  private var values: [S] = []
  /// V: the leading right singular vectors of `L A`, orthonormal rows `[triplets, input]`.
  private(set) var right: Matrix<S>
  /// The combinations of L that are the left singular vectors, columns `[R, triplets]`.
  private var turn: Matrix<S>
  /// Norm of A on the last directions multiplied, outside what L held before.
  ///
  /// It stands for the norm of A on directions that were not multiplied yet.
  private var reach = Double.infinity
  /// By how much more than predicted the last certificate measured.
  private var caution = 1.0
  /// Whether the last left vectors were random, to find what the iteration cannot reach.
  var isSearching = false
  /// Vectors multiplied.
  var products = 0
  /// Vectors multiplied together with all other members.
  private(set) var sharedProducts = 0

  init(input: Int, output: Int) {
    left = .zero(rows: 0, columns: output)
    images = .zero(rows: 0, columns: input)
    forwarded = .zero(rows: 0, columns: input)
    right = .zero(rows: 0, columns: input)
    turn = .zero(rows: 0, columns: 0)
  }

  /// Number of triplets at hand.
  var triplets: Int { right.rows }
  /// Whether neither basis has grown between the last two decompositions.
  private(set) var isStuck = false
  private var size = (left: 0, forwarded: 0)
  /// The Ritz value after the last triplet.
  var next: S? { triplets < values.count ? values[triplets] : nil }
  private var first: Double { values.first.map(Double.init) ?? 0 }

  // MARK: - Growing the bases

  /// Extends L to a longer basis whose last rows have the given images.
  mutating func extendLeft(to basis: Matrix<S>, images fresh: Matrix<S>, isShared: Bool) {
    if isSearching {
      // A random left vector that A takes out of the known space proves that there is more.
      let unknown = fresh.rejected(from: right).rowNorms.max() ?? 0
      reach = max(reach.isFinite ? reach : 0, unknown)
      isSearching = false
    }
    left = basis
    images = .stacking([images, fresh], columns: images.columns)
    products += fresh.rows
    if isShared { sharedProducts += fresh.rows }
  }

  /// Decomposes `L A` and keeps its leading triplets; false where it is not finite.
  mutating func project(to wanted: Int) -> Bool {
    guard images.isFinite, let (rotation, values, vectors) = S.thinSVD(images) else { return false }
    isStuck = size == (left.rows, forwarded.rows)
    size = (left.rows, forwarded.rows)
    self.values = values
    right = vectors.rows(0..<min(wanted, vectors.rows))
    turn = rotation.columns(0..<right.rows)
    return true
  }

  /// U: the left singular vectors that belong to V, `[triplets, output]`, and their products `Aᵀ u`.
  ///
  /// Both are combinations of rows of L and of the products that were retained for these.
  var leftVectors: (rows: Matrix<S>, images: Matrix<S>) {
    (turn.transposeTimes(left), turn.transposeTimes(images))
  }

  /// The singular values that belong to V.
  var leadingValues: [S] { Array(values.prefix(triplets)) }

  /// The directions to multiply next, orthonormal rows.
  ///
  /// They are the principal ones of the remainders `σ_k (v_k − FᵀF v_k)` that rise above a fraction
  /// of σ_1.
  func directions(limit: Int, above threshold: Double) -> Matrix<S> {
    relative(right.scalingRows(by: leadingValues))
      .directions(beyond: forwarded, above: threshold, limit: limit)
      ?? .zero(rows: 0, columns: right.columns)
  }

  /// Takes note that orthonormal directions beyond F were multiplied.
  mutating func extendRight(by directions: Matrix<S>, images: Matrix<S>) {
    forwarded = .stacking([forwarded, directions], columns: forwarded.columns)
    reach = S.thinSVD(images.rejected(from: left))?.values.first.map(Double.init) ?? .infinity
    products += directions.rows
  }

  /// Takes note of a certificate that measured more than was predicted.
  mutating func refute(measured: Double) {
    caution *= max(2, measured / max(predictedResidual, .leastNormalMagnitude))
    if let fresh = right.directions(beyond: forwarded, above: 0, limit: right.rows) {
      forwarded = .stacking([forwarded, fresh], columns: forwarded.columns)
    }
  }

  /// Rows in units of σ_1.
  func relative(_ rows: Matrix<S>) -> Matrix<S> {
    first > 0 ? S(1 / first) * rows : rows
  }

  // MARK: - What is known of the error

  /// The largest residual, relative to σ_1, that the certificate should measure.
  ///
  /// `Aᵀ u_k = σ_k v_k` holds by construction, and `A v_k − σ_k u_k` is A times the remainder of v_k:
  /// at most its norm times the reach.
  var predictedResidual: Double {
    if first == 0 || left.rows == left.columns || forwarded.rows == forwarded.columns { return 0 }
    let remainder = right.rejected(from: forwarded).rowNorms.max() ?? 0
    return caution * remainder * reach / first
  }

  /// `‖A‖_F²` from `L A` and the images of random sign vectors, if there are any.
  func frobenius(probed: Matrix<S>) -> FrobeniusEstimate {
    FrobeniusEstimate(
      exactPart: images.norm * images.norm,
      samples: probed.rejected(from: left).rowNorms.map { $0 * $0 })
  }
}
