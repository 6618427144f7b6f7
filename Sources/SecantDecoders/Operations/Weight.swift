public import SecantCheckpoints
public import SecantOperators

/// A weight matrix as its checkpoint stores it, applied at every position.
///
/// The bytes stay in the mapped file, in their stored type. If that type is the scalar itself, BLAS
/// reads the file's pages; otherwise one tile of rows at a time is converted into a scratch buffer.
/// Values are not rounded further, unless there is a `rounding` or there are factors of rows or columns.
public struct Weight<S: Scalar>: LinearOperator {
  /// The stored tensor `[rows, input]`.
  public let tensor: StoredTensor
  /// The rows of the tensor that form this matrix: all of them, or a part if several matrices share
  /// the tensor.
  public let storedRows: Range<Int>
  /// The format to which the elements are rounded before use; nil for no rounding.
  public let rounding: WeightRounding?
  /// A factor of the whole matrix, which products take into account; usually 1.
  public let factor: S
  /// r and c of `diag(r) W diag(c)`, which is what stands for W; nil for ones.
  private var diagonals: (rows: [S]?, columns: [S]?) = (nil, nil)
  /// Columns of the matrix.
  public let inputWidth: Int
  /// Rows of the matrix.
  public var outputWidth: Int { storedRows.count }

  /// The number of elements converted at a time: few enough to stay in cache until BLAS has read
  /// them.
  private static var tileElements: Int { 1 << 20 }

  /// The matrix in some rows (by default all) of a tensor `[rows, input]`.
  public init(
    _ tensor: StoredTensor, rows: Range<Int>? = nil, roundedTo rounding: WeightRounding? = nil,
    times factor: S = 1
  ) {
    precondition(tensor.shape.count == 2, "a weight has two dimensions")
    self.tensor = tensor
    (self.rounding, self.factor) = (rounding, factor)
    storedRows = rows ?? 0..<tensor.shape[0]
    inputWidth = tensor.shape[1]
    precondition(0 <= storedRows.lowerBound && storedRows.upperBound <= tensor.shape[0])
  }

  /// The same matrix with another factor.
  func times(_ factor: S) -> Weight {
    var result = Weight(tensor, rows: storedRows, roundedTo: rounding, times: factor)
    result.diagonals = diagonals
    return result
  }

  /// Some rows of the matrix as a matrix.
  func restricted(to range: Range<Int>) -> Weight {
    let first = storedRows.lowerBound
    var result = Weight(
      tensor, rows: first + range.lowerBound..<first + range.upperBound, roundedTo: rounding,
      times: factor)
    result.diagonals = (diagonals.rows.map { Array($0[range]) }, diagonals.columns)
    return result
  }

  /// `diag(r) W`, with a factor r `[output]` of each row: the weight of a norm behind the matrix.
  package func scalingRows(by factors: [S]) -> Weight {
    precondition(factors.count == outputWidth && diagonals.rows == nil, "one factor a row")
    var result = self
    result.diagonals.rows = factors
    return result
  }

  /// `W diag(c)`, with a factor c `[input]` of each column: the weight of a norm before the matrix.
  package func scalingColumns(by factors: [S]) -> Weight {
    precondition(factors.count == inputWidth && diagonals.columns == nil, "one factor a column")
    var result = self
    result.diagonals.columns = factors
    return result
  }

  /// The matrix without its adapter, and what the adapter adds to it; nil if it has none.
  package var adaptation: (base: Weight, change: Weight)? {
    tensor.adaptation.map { base, change in
      precondition(rounding == nil, "a rounded sum is not the sum of two")
      func weight(_ tensor: StoredTensor) -> Weight {
        var result = Weight(tensor, rows: storedRows, times: factor)
        result.diagonals = diagonals
        return result
      }
      return (weight(base), weight(change))
    }
  }

  /// `W x` at every position of every tangent.
  public func apply(_ x: Tangents<S>) -> Tangents<S> { x.replacingRows(multiply(x.rows)) }

  /// `Wᵀ y` at every position of every tangent.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    y.replacingRows(multiplyTransposed(y.rows))
  }

  /// `x Wᵀ` for rows `[n, input]`: the product `W x` for each of them.
  public func multiply(_ x: Matrix<S>) -> Matrix<S> {
    precondition(x.columns == inputWidth, "\(x.columns) columns for an input of \(inputWidth)")
    let stripes = stripes(for: x.rows)
    let parts = concurrentMap(stripes) { stripe in
      var part = Matrix<S>.unwritten(rows: x.rows, columns: stripe.count)
      forEachTile(of: stripe, alone: stripes.count > 1) { elements, rows in
        let tile = MatrixView(rows: rows.count, columns: inputWidth, transposed: true)
        let target = MatrixView(
          offset: rows.lowerBound - stripe.lowerBound, rows: x.rows, columns: rows.count,
          stride: stripe.count)
        S.multiply(
          factor, x.elements.span, x.view, elements, tile, 0, into: &part.elements, target,
          alone: stripes.count > 1)
      }
      return part
    }
    if releasesPages(after: x.rows) { releasePages() }
    return parts.count == 1 ? parts[0] : .joining(parts, rows: x.rows)
  }

  /// `y W` for rows `[n, output]`: the product `Wᵀ y` for each of them.
  public func multiplyTransposed(_ y: Matrix<S>) -> Matrix<S> {
    precondition(y.columns == outputWidth, "\(y.columns) columns for an output of \(outputWidth)")
    let stripes = stripes(for: y.rows)
    let terms = concurrentMap(stripes) { stripe in
      var term = Matrix<S>.unwritten(rows: y.rows, columns: inputWidth)
      let view = term.view
      forEachTile(of: stripe, alone: stripes.count > 1) { elements, rows in
        let tile = MatrixView(rows: rows.count, columns: inputWidth)
        let source = MatrixView(
          offset: rows.lowerBound, rows: y.rows, columns: rows.count, stride: outputWidth)
        S.multiply(
          factor, y.elements.span, source, elements, tile,
          rows.lowerBound == stripe.lowerBound ? 0 : 1,
          into: &term.elements, view, alone: stripes.count > 1)
      }
      return term
    }
    if releasesPages(after: y.rows) { releasePages() }
    return terms.dropFirst().reduce(into: terms[0]) { $0 += $1 }
  }

  /// Ranges of rows that are converted and multiplied concurrently, each by one thread.
  ///
  /// There is one range if nothing is converted or many rows are multiplied, because the product
  /// itself then keeps all threads busy. Otherwise no thread waits for another's tiles, and the
  /// partial results of all ranges together stay below 2²³ numbers. The ranges depend only on the
  /// sizes, so sums do not depend on the number of processors.
  private func stripes(for rows: Int) -> [Range<Int>] {
    let worthwhile = (outputWidth * inputWidth) >> 22
    let affordable = (1 << 23) / max(1, rows * inputWidth)
    let count = isDirect ? 1 : min(16, worthwhile, affordable)
    guard count > 1 else { return [0..<outputWidth] }
    return (0..<count).map {
      outputWidth * $0 / count..<outputWidth * ($0 + 1) / count
    }
  }

  /// Whether the pages are released after a product with a number of rows.
  ///
  /// Reading them again costs as much as four rows, and more if the matrix is small. From 2048 rows
  /// on this cost is negligible, and only one weight is resident instead of the model. For a large
  /// file, a few percent of a narrow product's time is a fair price. Products of single rows, as in
  /// generation, keep their pages.
  private func releasesPages(after rows: Int) -> Bool {
    rows >= (tensor.parts.contains { $0.file.count > 1 << 29 } ? 8 : 2048)
  }

  /// Returns the weight's memory to the system until its next use.
  func releasePages() { tensor.releasePages() }

  /// Whether products use the file's elements without conversion.
  var isDirect: Bool {
    rounding == nil && diagonals.rows == nil && diagonals.columns == nil
      && tensor.isDirectlyReadable(as: S.self)
  }

  /// Calls `body` with the elements of successive rows without the factor, in place if their type
  /// allows.
  ///
  /// Covers all rows or a range of them. Without a limit on the elements per call, all rows come in
  /// one call if nothing is converted.
  func forEachTile(
    of range: Range<Int>? = nil, atMost limit: Int? = nil, alone: Bool = false,
    _ body: (borrowing Span<S>, Range<Int>) -> Void
  ) {
    let range = range ?? 0..<outputWidth
    let elements = limit ?? (isDirect ? range.count * inputWidth : Self.tileElements)
    let height = max(1, min(range.count, elements / max(1, inputWidth)))
    for start in stride(from: range.lowerBound, to: range.upperBound, by: height) {
      let rows = start..<min(start + height, range.upperBound)
      guard isDirect else {
        body(converted(rows: rows, alone: alone).elements.span, rows)
        continue
      }
      tensor.withElements(as: S.self) {
        let first = (storedRows.lowerBound + start) * inputWidth
        body($0.extracting(first..<first + rows.count * inputWidth), rows)
      }
    }
  }

  /// A range of rows in the working precision without the factor, `[rows.count, input]`.
  func converted(rows: Range<Int>, alone: Bool = false) -> Matrix<S> {
    var result = stored(rows: rows, alone: alone)
    if let factors = diagonals.columns {
      let all = Matrix<S>.repeating(row: factors, count: rows.count)
      Kernels.multiply(&result.elements, by: all.elements)
    }
    if let factors = diagonals.rows {
      Kernels.scaleRows(&result.elements, width: inputWidth, by: Array(factors[rows]))
    }
    return result
  }

  /// The same without factors of rows and columns.
  private func stored(rows: Range<Int>, alone: Bool) -> Matrix<S> {
    let first = storedRows.lowerBound
    let stored = first + rows.lowerBound..<first + rows.upperBound
    if let rounding {
      return Matrix(
        rows: rows.count, columns: inputWidth, elements: rounding.values(of: tensor, rows: stored))
    }
    var result = Matrix<S>.unwritten(rows: rows.count, columns: inputWidth)
    var target = result.elements.mutableSpan
    tensor.convert(rows: stored, into: &target, alone: alone)
    return result
  }

  /// The rows at the given indices, `[indices.count, input]`.
  public func rows(_ indices: [Int]) -> Matrix<S> {
    let rows = Matrix.stacking(
      indices.map { converted(rows: $0..<$0 + 1) }, columns: inputWidth)
    return factor == 1 ? rows : factor * rows
  }
}
