public import RealModule

/// The two precisions in which Secant computes: `Float` and `Double`.
///
/// Algorithms are generic over `Scalar`; the dense kernels below them come from BLAS and LAPACK,
/// one instance for each precision. No other type conforms.
public protocol Scalar: Real, BinaryFloatingPoint, Sendable, Codable, BitwiseCopyable {
  /// The precision as users name it: "f32" or "f64".
  static var precisionName: String { get }

  /// `C ← α·op(A)·op(B) + β·C`, where each operand is a window of row-major storage.
  ///
  /// A transposed window gives its columns for rows. The shapes of the operands, as they take part
  /// in the product, must agree: `[m, k]`, `[k, n]` and `[m, n]`. Costs 2·m·n·k operations, by BLAS.
  /// On all processors, or `alone` on the calling thread, for callers that multiply on several at once.
  static func multiply(
    _ alpha: Self, _ a: borrowing Span<Self>, _ aWindow: MatrixWindow, _ b: borrowing Span<Self>,
    _ bWindow: MatrixWindow, _ beta: Self, into c: inout [Self], _ cWindow: MatrixWindow,
    alone: Bool)

  /// The thin singular value decomposition of a dense matrix by LAPACK's divide and conquer.
  ///
  /// Returns U `[m, r]`, the singular values in descending order and Vᵀ `[r, n]`, r = min(m, n);
  /// nil where the iteration does not converge, which non-finite elements cause.
  static func thinSVD(_ matrix: Matrix<Self>) -> (
    left: Matrix<Self>, values: [Self], rightTransposed: Matrix<Self>
  )?

  /// The eigenvectors, as rows `[n, n]`, and ascending eigenvalues of a symmetric matrix.
  ///
  /// Nil where the iteration does not converge.
  static func symmetricEigen(_ matrix: Matrix<Self>) -> (values: [Self], vectors: Matrix<Self>)?

  /// An orthonormal basis, as rows, of the row space of a `[k, n]` matrix with k ≤ n.
  ///
  /// By Householder reflections, so that the rows are orthonormal to rounding even where the matrix
  /// has no full rank; the rows beyond its rank are then arbitrary.
  static func orthonormalRows(_ matrix: Matrix<Self>) -> Matrix<Self>
}

extension Scalar {
  /// `C ← α·op(A)·op(B) + β·C` on all processors.
  public static func multiply(
    _ alpha: Self, _ a: borrowing Span<Self>, _ aWindow: MatrixWindow, _ b: borrowing Span<Self>,
    _ bWindow: MatrixWindow, _ beta: Self, into c: inout [Self], _ cWindow: MatrixWindow
  ) {
    multiply(alpha, a, aWindow, b, bWindow, beta, into: &c, cWindow, alone: false)
  }
}

/// Where a matrix lies in row-major storage, and whether it takes part transposed.
public struct MatrixWindow: Hashable, Sendable {
  /// Index of the first element.
  public var offset: Int
  /// Rows as stored.
  public var rows: Int
  /// Columns as stored.
  public var columns: Int
  /// Distance between the starts of two stored rows, at least `columns`.
  public var stride: Int
  /// Whether the window takes part in a product as its transpose.
  public var isTransposed: Bool

  /// A window of `rows` by `columns` elements whose rows start `stride` elements apart.
  public init(
    offset: Int = 0, rows: Int, columns: Int, stride: Int? = nil, transposed: Bool = false
  ) {
    self.offset = offset
    self.rows = rows
    self.columns = columns
    self.stride = stride ?? columns
    self.isTransposed = transposed
  }

  /// The same window, taking part as its transpose.
  public var transposed: MatrixWindow {
    MatrixWindow(
      offset: offset, rows: rows, columns: columns, stride: stride, transposed: !isTransposed)
  }

  /// Rows and columns as they take part in a product.
  var shape: (rows: Int, columns: Int) { isTransposed ? (columns, rows) : (rows, columns) }

  /// Where the element lies that takes part in row r and column c of a product's operand.
  func index(_ r: Int, _ c: Int) -> Int {
    offset + (isTransposed ? c * stride + r : r * stride + c)
  }

  /// One past the last element that the window touches; 0 for a window of no elements, wherever it lies.
  var end: Int {
    rows == 0 || columns == 0 ? 0 : offset + (rows - 1) * stride + columns
  }
}
