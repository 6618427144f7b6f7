/// What is known of one map A from products with it: the state of every Krylov method.
///
/// Two orthonormal bases, L of outputs and R of inputs. The first rows of each have been
/// multiplied, giving `Aᵀ l` and `A r`; the rest are pending. The part of a product that lies
/// outside the basis at the other end joins that basis as a pending row, so the coordinates in that
/// basis hold every product completely. On the multiplied rows A is then a small matrix, the core.
/// Its singular triplets are those of A restricted to the two spans, and both halves of their
/// residuals are combinations of coordinates, so measuring them takes no product.
///
/// If it starts with one vector, and all pending vectors are multiplied at each end in turn, this
/// is Golub and Kahan's bidiagonalization with full reorthogonalization. Several first vectors give
/// its block form, and a basis from elsewhere a warm start.
struct KrylovSpace<S: Scalar>: Sendable {
  /// The two ends of a map.
  enum End: Sendable {
    /// The outputs; products at this end are adjoint products.
    case left
    /// The inputs; products at this end are forward products.
    case right

    var other: End { self == .left ? .right : .left }
  }

  /// The basis and the products at one end.
  private struct Side: Sendable {
    /// Orthonormal rows `[n, width]`, the multiplied ones first.
    var basis: Matrix<S>
    /// The products of the multiplied rows, in the basis of the other end `[multiplied, n of the other]`.
    var images: Matrix<S>
  }

  private var left: Side
  private var right: Side
  /// The largest norm of a product: the scale of rounding errors.
  private var scale = 0.0
  /// The largest part of the last products outside the basis that they joined.
  private var novelty = Double.infinity
  /// The number of vectors multiplied.
  private(set) var products = 0

  /// A space for a map of some widths, before any product.
  init(input: Int, output: Int) {
    left = Side(basis: .zero(rows: 0, columns: output), images: .zero(rows: 0, columns: 0))
    right = Side(basis: .zero(rows: 0, columns: input), images: .zero(rows: 0, columns: 0))
  }

  private subscript(_ end: End) -> Side {
    get { end == .left ? left : right }
    set { if end == .left { left = newValue } else { right = newValue } }
  }

  private func multiplied(_ end: End) -> Int { self[end].images.rows }

  /// Number of vectors of a basis.
  func size(_ end: End) -> Int { self[end].basis.rows }

  /// Number of vectors of a basis that have not been multiplied.
  func pending(_ end: End) -> Int { self[end].basis.rows - multiplied(end) }

  /// Whether A is known completely: a basis fills its space, and all of it was multiplied.
  var isWhole: Bool { [End.left, .right].contains { isWhole($0) } }

  private func isWhole(_ end: End) -> Bool {
    self[end].basis.rows == self[end].basis.columns && pending(end) == 0
  }

  /// The size of rounding errors in a product.
  private var floor: Double {
    scale * S.roundingLevel(of: max(left.basis.columns, right.basis.columns))
  }

  /// Whether the last products led to nothing new, so that the bases are mapped into each other.
  ///
  /// A part of at most √ε times the largest product counts as nothing, because rounding errors grow
  /// to that size.
  var isClosed: Bool { novelty <= Double(S.ulpOfOne).squareRoot() * scale }

  // MARK: - Growing the bases

  /// Adds the part of some rows' span outside a basis to it, as pending rows; false if the rows are
  /// not finite.
  ///
  /// A part of at most a millionth of the largest norm of a row adds nothing.
  mutating func add(_ rows: Matrix<S>, to end: End) -> Bool {
    extend(end, by: rows, above: 1e-6 * (rows.rowNorms.max() ?? 0))
  }

  private mutating func extend(_ end: End, by rows: Matrix<S>, above threshold: Double) -> Bool {
    let basis = self[end].basis
    let beyond = rows.rejected(from: basis)
    guard beyond.isFinite else { return false }
    let isTall = beyond.rows > beyond.columns
    guard var fresh = isTall ? S.thinSVD(beyond)?.rightTransposed : S.orthonormalRows(beyond)
    else { return false }
    let parts = fresh.timesTranspose(of: beyond).rowNorms
    novelty = parts.max() ?? 0
    let room = basis.columns - basis.rows
    let kept = parts.indices.filter { parts[$0] > threshold }.prefix(room)
    fresh = .stacking(kept.map { fresh.rows($0..<$0 + 1) }, columns: basis.columns)
    if fresh.rows == 0 { return true }
    // Rows that lay nearly in the span carry its rounding errors, scaled up: project once more.
    if basis.rows > 0 { fresh = S.orthonormalRows(fresh.rejected(from: basis)) }
    self[end].basis = .stacking([basis, fresh], columns: basis.columns)
    // Earlier products lie in the former span of the basis.
    let images = self[end.other].images
    self[end.other].images = .joining(
      [images, .zero(rows: images.rows, columns: fresh.rows)], rows: images.rows)
    return true
  }

  /// The pending vectors of an end to multiply next, at most `limit`, orthonormal rows.
  ///
  /// If there are more, or a threshold is given, they are rotated among themselves so that the
  /// first ones hold most of what the leading triplets lack: the parts of `σ_k u_k` or `σ_k v_k`
  /// (which are products too) outside the multiplied rows. The result has the first direction, and
  /// only those others in which these parts exceed `threshold`·σ_1.
  ///
  /// - Parameters:
  ///   - end: Which basis.
  ///   - limit: The largest number of vectors.
  ///   - wanted: How many leading triplets count.
  ///   - threshold: The smallest part, in units of σ_1, that is worth a product; nil for any.
  /// - Returns: The vectors. ``take(_:from:)`` takes their products, in this order.
  mutating func next(
    _ end: End, limit: Int, wanted: Int, above threshold: Double? = nil
  ) -> Matrix<S> {
    let (first, count) = (multiplied(end), pending(end))
    var chosen = min(limit, count)
    if chosen > 0, chosen < count || threshold != nil,
      let known = S.thinSVD(self[end.other].images), !known.values.isEmpty
    {
      let kept = min(wanted, known.values.count)
      let missed = known.rightTransposed.rows(0..<kept)
        .scalingRows(by: Array(known.values.prefix(kept))).columns(first..<first + count)
      if let (_, sizes, rows) = S.thinSVD(missed) {
        let rest = Matrix.identity(count)
          .directions(beyond: rows, above: 0.5, limit: count - rows.rows)
        let rotation = Matrix.stacking([rows, rest ?? rows.rows(0..<0)], columns: count)
        rotate(end, by: rotation)
        let least = (threshold ?? 0) * Double(known.values[0])
        // At least one: otherwise a map whose residual consists of many small parts would wait
        // forever.
        if threshold != nil { chosen = min(chosen, max(1, sizes.count { Double($0) > least })) }
      }
    }
    return self[end].basis.rows(first..<first + chosen)
  }

  /// Rotates the pending vectors of an end among themselves.
  private mutating func rotate(_ end: End, by rotation: Matrix<S>) {
    let first = multiplied(end)
    let basis = self[end].basis
    self[end].basis = .stacking(
      [basis.rows(0..<first), rotation.times(basis.rows(first..<basis.rows))],
      columns: basis.columns)
    let images = self[end.other].images
    let rotated = images.columns(first..<images.columns).timesTranspose(of: rotation)
    self[end.other].images = .joining([images.columns(0..<first), rotated], rows: images.rows)
  }

  /// Takes the products of the first pending vectors of an end; false if they are not finite.
  mutating func take(_ images: Matrix<S>, from end: End) -> Bool {
    if images.rows == 0 { return true }
    precondition(images.rows <= pending(end), "products of vectors that were not given")
    products += images.rows
    scale = max(scale, images.rowNorms.max() ?? 0)
    guard images.isFinite, extend(end.other, by: images, above: floor) else { return false }
    let basis = self[end.other].basis
    let coordinates = images.timesTranspose(of: basis)
    self[end].images = .stacking([self[end].images, coordinates], columns: basis.rows)
    // Then A is known completely, and the products at the other end add nothing.
    if isWhole(end) { self[end.other].images = self[end].images.transposed }
    return true
  }

  /// Counts vectors that were multiplied for this map but joined no basis.
  mutating func count(_ rows: Int) { products += rows }

  // MARK: - What is known

  /// Triplets of the core, by their coordinates in both bases, with their residuals.
  struct Triplets: Sendable {
    /// Coordinates of the left and right vectors in the multiplied rows, `[k, multiplied]`.
    fileprivate let left: Matrix<S>, right: Matrix<S>
    /// The singular values, descending.
    let values: [S]
    /// The singular value after the last one, if there is one.
    let next: S?
    /// `√(‖A v_k − σ_k u_k‖² + ‖Aᵀ u_k − σ_k v_k‖²) / σ_1`.
    let residuals: [Double]

    var count: Int { values.count }
    /// The largest residual; NaN if any is NaN.
    var worst: Double { residuals.reduce(0) { $1 <= $0 ? $0 : $1 } }
  }

  /// The leading triplets of A restricted to the multiplied rows, at most `wanted`; nil if LAPACK
  /// fails.
  func triplets(_ wanted: Int) -> Triplets? {
    // Both ends' images contain the core, one of them transposed; they agree to rounding.
    guard let core = S.thinSVD(right.images.columns(0..<multiplied(.left))) else { return nil }
    let count = min(wanted, core.values.count)
    let v = core.left.columns(0..<count).transposed
    let u = core.rightTransposed.rows(0..<count)
    let values = Array(core.values.prefix(count))
    func widened(_ rows: Matrix<S>, to width: Int) -> Matrix<S> {
      .joining([rows, .zero(rows: rows.rows, columns: width - rows.columns)], rows: rows.rows)
    }
    return Triplets(
      left: u, right: v, values: values,
      next: count < core.values.count ? core.values[count] : nil,
      residuals: count == 0
        ? []
        : relativeResiduals(
          forward: v.times(right.images), adjoint: u.times(left.images),
          left: widened(u, to: left.basis.rows), values: values,
          right: widened(v, to: right.basis.rows)))
  }

  /// The left and right vectors of some triplets, orthonormal rows `[k, output]` and `[k, input]`.
  func vectors(_ triplets: Triplets) -> (left: Matrix<S>, right: Matrix<S>) {
    (
      triplets.left.times(left.basis.rows(0..<triplets.left.columns)),
      triplets.right.times(right.basis.rows(0..<triplets.right.columns))
    )
  }

  /// `‖A‖_F²` from the products at one end, and random vectors multiplied there.
  ///
  /// The part of the random vectors in the multiplied rows is known and is subtracted from their
  /// products. The rest samples A outside these rows. Exact if A is known completely.
  ///
  /// - Parameters:
  ///   - end: The end of the random vectors.
  ///   - probes: Vectors of independent components of mean 0 and variance 1.
  ///   - images: Their products.
  /// - Returns: The known part, and the mean of the samples.
  func frobenius(_ end: End, probes: Matrix<S>, images: Matrix<S>) -> FrobeniusEstimate {
    for end in [End.left, .right] where isWhole(end) {
      return FrobeniusEstimate(exactly: self[end].images.norm * self[end].images.norm)
    }
    let (known, other) = (self[end], self[end.other])
    let inside = probes.timesTranspose(of: known.basis.rows(0..<known.images.rows))
      .times(known.images).times(other.basis)
    return FrobeniusEstimate(
      exactPart: known.images.norm * known.images.norm,
      samples: (images - inside).rowNorms.map { $0 * $0 })
  }

  /// The triplets as a result.
  ///
  /// - Parameters:
  ///   - triplets: The latest triplets.
  ///   - wanted: The requested number.
  ///   - tolerance: The requested residual.
  ///   - sharedProducts: The number of products that served other maps too.
  ///   - frobenius: The norm, or an estimate of it.
  /// - Returns: The decomposition.
  func result(
    _ triplets: Triplets, wanted: Int, tolerance: Double, sharedProducts: Int,
    frobenius: FrobeniusEstimate
  ) -> TruncatedSVD<S> {
    let (left, right) = vectors(triplets)
    return TruncatedSVD(
      left: left, singularValues: triplets.values, right: right, residuals: triplets.residuals,
      wanted: wanted, tolerance: tolerance, products: products, sharedProducts: sharedProducts,
      next: triplets.next, frobenius: frobenius)
  }
}
