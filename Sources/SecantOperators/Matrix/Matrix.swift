/// A dense row-major matrix: the only container of numbers.
///
/// A batch of k vectors of width d is a matrix `[k, d]`, one vector per row. Functions that move
/// elements are compiled for both precisions, as in `Kernels`.
public struct Matrix<S: Scalar>: Hashable, Sendable {
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// The elements, row after row; always `rows * columns` of them.
  public package(set) var elements: [S]

  /// A matrix from its elements, row after row.
  public init(rows: Int, columns: Int, elements: [S]) {
    precondition(elements.count == rows * columns, "\(elements.count) for \(rows)x\(columns)")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix whose element in row r and column c is `element(r, c)`.
  public init(rows: Int, columns: Int, _ element: (Int, Int) -> S) {
    var elements: [S] = []
    elements.reserveCapacity(rows * columns)
    for r in 0..<rows {
      for c in 0..<columns { elements.append(element(r, c)) }
    }
    self.init(rows: rows, columns: columns, elements: elements)
  }

  /// A matrix of one row.
  public init(row: [S]) { self.init(rows: 1, columns: row.count, elements: row) }

  /// A matrix of the given rows, all of one length.
  public init(rows: [[S]]) {
    let columns = rows.first?.count ?? 0
    precondition(rows.allSatisfy { $0.count == columns }, "rows of different lengths")
    self.init(rows: rows.count, columns: columns, elements: Array(rows.joined()))
  }

  /// The zero matrix.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public static func zero(rows: Int, columns: Int) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: [S](repeating: 0, count: rows * columns))
  }

  /// A matrix that a product will overwrite; until then its elements are arbitrary.
  package static func unwritten(rows: Int, columns: Int) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: Kernels.unwritten(rows * columns))
  }

  /// The identity matrix `[n, n]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public static func identity(_ n: Int) -> Matrix {
    var result = zero(rows: n, columns: n)
    for i in 0..<n { result[i, i] = 1 }
    return result
  }

  /// The element in row r and column c.
  public subscript(_ r: Int, _ c: Int) -> S {
    get {
      precondition(c >= 0 && c < columns, "column \(c) of \(columns)")
      return elements[r * columns + c]
    }
    _modify {
      precondition(c >= 0 && c < columns, "column \(c) of \(columns)")
      yield &elements[r * columns + c]
    }
  }

  /// One row as an array: one vector, if the matrix is a batch of vectors.
  public subscript(_ r: Int) -> [S] { row(r) }

  /// One row as an array.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public func row(_ r: Int) -> [S] { Array(elements[r * columns..<(r + 1) * columns]) }

  /// The rows in a range, as a matrix.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public func rows(_ range: Range<Int>) -> Matrix {
    Matrix(
      rows: range.count, columns: columns,
      elements: Array(elements[range.lowerBound * columns..<range.upperBound * columns]))
  }

  /// The columns in a range, as a matrix.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public func columns(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= columns)
    var result: [S] = []
    result.reserveCapacity(rows * range.count)
    for r in 0..<rows {
      result += elements[r * columns + range.lowerBound..<r * columns + range.upperBound]
    }
    return Matrix(rows: rows, columns: range.count, elements: result)
  }

  /// The rows of several matrices of one width, one below the other.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public static func stacking(_ parts: [Matrix], columns: Int) -> Matrix {
    precondition(parts.allSatisfy { $0.columns == columns }, "parts of different widths")
    var elements: [S] = []
    elements.reserveCapacity(parts.reduce(0) { $0 + $1.elements.count })
    for part in parts { elements += part.elements }
    return Matrix(rows: parts.reduce(0) { $0 + $1.rows }, columns: columns, elements: elements)
  }

  /// Adds rows below the last one.
  ///
  /// Costs the new rows alone, on average over many calls, where no other value shares the elements.
  package mutating func append(_ other: Matrix) {
    precondition(other.columns == columns, "rows of another width")
    // Taken out, so that the array is not copied.
    var elements: [S] = []
    swap(&elements, &self.elements)
    elements += other.elements
    self = Matrix(rows: rows + other.rows, columns: columns, elements: elements)
  }

  /// The columns of several matrices of `rows` rows, side by side.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func joining(_ parts: [Matrix], rows: Int) -> Matrix {
    precondition(parts.allSatisfy { $0.rows == rows }, "parts of different heights")
    let columns = parts.reduce(0) { $0 + $1.columns }
    var elements: [S] = []
    elements.reserveCapacity(rows * columns)
    for r in 0..<rows {
      for part in parts { elements += part.elements[r * part.columns..<(r + 1) * part.columns] }
    }
    return Matrix(rows: rows, columns: columns, elements: elements)
  }

  /// The transpose.
  public var transposed: Matrix {
    Matrix(rows: columns, columns: rows, elements: Kernels.transpose(elements, rows, columns))
  }

  /// The whole matrix as an operand of `Scalar.multiply`.
  public var view: MatrixView { MatrixView(rows: rows, columns: columns) }
}

extension Matrix {
  /// The product with another matrix, at 2·rows·columns·other.columns operations.
  public func times(_ other: Matrix) -> Matrix { product(view, other, other.view) }

  /// The product with the transpose of the other matrix.
  public func timesTranspose(of other: Matrix) -> Matrix {
    product(view, other, other.view.transposed)
  }

  /// The product of the transpose with the other matrix.
  public func transposeTimes(_ other: Matrix) -> Matrix {
    product(view.transposed, other, other.view)
  }

  private func product(_ mine: MatrixView, _ other: Matrix, _ theirs: MatrixView) -> Matrix {
    let (rows, columns) = (mine.shape.rows, theirs.shape.columns)
    // A sum of no terms is zero; BLAS need not be called.
    var result =
      mine.shape.columns == 0
      ? Matrix.zero(rows: rows, columns: columns) : .unwritten(rows: rows, columns: columns)
    let view = result.view
    S.multiply(
      1, elements.span, mine, other.elements.span, theirs, 0, into: &result.elements, view)
    return result
  }

  /// The sum of two matrices of the same shape.
  public static func + (a: Matrix, b: Matrix) -> Matrix { a.adding(1, b) }

  /// Adds a matrix of the same shape.
  public static func += (a: inout Matrix, b: Matrix) {
    precondition(a.rows == b.rows && a.columns == b.columns, "matrices of different shapes")
    Kernels.add(1, b.elements, to: &a.elements)
  }

  /// The difference of two matrices of the same shape.
  public static func - (a: Matrix, b: Matrix) -> Matrix { a.adding(-1, b) }

  private func adding(_ alpha: S, _ other: Matrix) -> Matrix {
    precondition(rows == other.rows && columns == other.columns, "matrices of different shapes")
    return Matrix(
      rows: rows, columns: columns, elements: Kernels.sum(elements, alpha, other.elements))
  }

  /// Row r times row `table[r]` of the coefficients, elementwise.
  package func multiplyingRows(by coefficients: Matrix, at table: [Int]) -> Matrix {
    precondition(coefficients.columns == columns && table.count == rows, "rows do not correspond")
    return Matrix(
      rows: rows, columns: columns,
      elements: Kernels.productOfRows(
        elements.span, width: columns, by: coefficients.elements, rows: table))
  }

  /// The same row several times, `[count, row.count]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public static func repeating(row: [S], count: Int) -> Matrix {
    var elements: [S] = []
    elements.reserveCapacity(count * row.count)
    for _ in 0..<count { elements += row }
    return Matrix(rows: count, columns: row.count, elements: elements)
  }

  /// The matrix times a number.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public static func * (factor: S, matrix: Matrix) -> Matrix {
    var result = matrix
    Kernels.scale(&result.elements, by: factor)
    return result
  }

  /// The Frobenius norm, accumulated in double precision.
  public var norm: Double { Kernels.squaredNorm(elements.span).squareRoot() }
}
