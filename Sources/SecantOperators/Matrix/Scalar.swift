public import RealModule

/// The two precisions in which Secant computes: `Float` and `Double`.
///
/// Algorithms are generic over `Scalar`; the dense kernels below them come from BLAS and LAPACK,
/// one instance for each precision. No other type conforms.
public protocol Scalar: Real, BinaryFloatingPoint, Sendable, Codable, BitwiseCopyable {
  /// The precision as users name it: "f32" or "f64".
  static var precisionName: String { get }

  /// `C ← α·op(A)·op(B) + β·C`, where each operand is a view of row-major storage.
  ///
  /// A transposed view takes part as its transpose. The shapes of the operands, after
  /// transposition, must agree: `[m, k]`, `[k, n]` and `[m, n]`. Costs 2·m·n·k operations, by BLAS.
  /// Runs on all processors, or, if `alone`, on the calling thread, for callers that run several
  /// products at once.
  static func multiply(
    _ alpha: Self, _ a: borrowing Span<Self>, _ aView: MatrixView, _ b: borrowing Span<Self>,
    _ bView: MatrixView, _ beta: Self, into c: inout [Self], _ cView: MatrixView,
    alone: Bool)

  /// The thin singular value decomposition of a dense matrix by LAPACK's divide and conquer.
  ///
  /// Returns U `[m, r]`, the singular values in descending order and Vᵀ `[r, n]`, r = min(m, n);
  /// nil if the iteration does not converge, as with non-finite elements.
  static func thinSVD(_ matrix: Matrix<Self>) -> (
    left: Matrix<Self>, values: [Self], rightTransposed: Matrix<Self>
  )?

  /// The eigenvectors, as rows `[n, n]`, and ascending eigenvalues of a symmetric matrix.
  ///
  /// Nil if the iteration does not converge.
  static func symmetricEigen(_ matrix: Matrix<Self>) -> (values: [Self], vectors: Matrix<Self>)?

  /// An orthonormal basis, as rows, of the row space of a `[k, n]` matrix with k ≤ n.
  ///
  /// It uses Householder reflections, so the rows are orthonormal to rounding even if the matrix
  /// lacks full rank; the rows beyond its rank are then arbitrary.
  static func orthonormalRows(_ matrix: Matrix<Self>) -> Matrix<Self>

  /// `y ← exp(y) / (Σ exp(y) + exp(sink))` in a part of y, without overflow; the sums have no `exp(sink)` where
  /// it is nil.
  ///
  /// Some `Float`s differ in their last digits from one processor to another.
  static func softmax(_ y: inout MutableSpan<Self>, in part: Range<Int>, sink: Self?)

  /// `y ← 1 / (1 + exp(−y))` at every element.
  ///
  /// Some `Float`s differ in their last digits from one processor to another.
  static func logistic(_ y: inout MutableSpan<Self>)
}

extension Scalar {
  /// `C ← α·op(A)·op(B) + β·C` on all processors.
  public static func multiply(
    _ alpha: Self, _ a: borrowing Span<Self>, _ aView: MatrixView, _ b: borrowing Span<Self>,
    _ bView: MatrixView, _ beta: Self, into c: inout [Self], _ cView: MatrixView
  ) {
    multiply(alpha, a, aView, b, bView, beta, into: &c, cView, alone: false)
  }
}

/// Where a matrix lies in row-major storage, and whether a product uses its transpose.
public struct MatrixView: Hashable, Sendable {
  /// Index of the first element.
  public var offset: Int
  /// Rows as stored.
  public var rows: Int
  /// Columns as stored.
  public var columns: Int
  /// Distance between the starts of two stored rows, at least `columns`.
  public var stride: Int
  /// Whether a product uses the transpose.
  public var isTransposed: Bool

  /// A view of `rows` by `columns` elements whose rows start `stride` elements apart.
  public init(
    offset: Int = 0, rows: Int, columns: Int, stride: Int? = nil, transposed: Bool = false
  ) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
    self.isTransposed = transposed
  }

  /// The transpose of the same storage.
  public var transposed: MatrixView {
    MatrixView(
      offset: offset, rows: rows, columns: columns, stride: stride, transposed: !isTransposed)
  }

  /// Rows and columns of the operand, after transposition.
  var shape: (rows: Int, columns: Int) { isTransposed ? (columns, rows) : (rows, columns) }

  /// The index in storage of the operand's element in row r and column c.
  func index(_ r: Int, _ c: Int) -> Int {
    offset + (isTransposed ? c * stride + r : r * stride + c)
  }

  /// One past the last element of the view; 0 for an empty view.
  var end: Int {
    rows == 0 || columns == 0 ? 0 : offset + (rows - 1) * stride + columns
  }
}
