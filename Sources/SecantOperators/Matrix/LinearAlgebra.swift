// Only this file calls BLAS, LAPACK and vector functions. Every pointer below comes from a span or an array whose
// bounds were checked against the view first, and no pointer outlives its call.
import CPlatform
import Dispatch
import Foundation
public import RealModule

extension Float: Scalar {
  /// "f32".
  public static var precisionName: String { "f32" }

  /// `C ← α·op(A)·op(B) + β·C` by `sgemm`.
  public static func multiply(
    _ alpha: Self, _ a: borrowing Span<Self>, _ aView: MatrixView, _ b: borrowing Span<Self>,
    _ bView: MatrixView, _ beta: Self, into c: inout [Self], _ cView: MatrixView,
    alone: Bool
  ) {
    unsafe gemm(secant_sgemm, alpha, a, aView, b, bView, cView, beta, &c, alone)
  }

  /// The thin singular value decomposition by `sgesdd`.
  public static func thinSVD(_ matrix: Matrix<Self>) -> (
    left: Matrix<Self>, values: [Self], rightTransposed: Matrix<Self>
  )? {
    unsafe gesdd(secant_sgesdd, matrix)
  }

  /// The symmetric eigendecomposition by `ssyevd`.
  public static func symmetricEigen(_ matrix: Matrix<Self>) -> (
    values: [Self], vectors: Matrix<Self>
  )? {
    unsafe syevd(secant_ssyevd, matrix)
  }

  /// Orthonormal rows by `sgeqrf` and `sorgqr`.
  public static func orthonormalRows(_ matrix: Matrix<Self>) -> Matrix<Self> {
    unsafe householder(secant_sgeqrf, secant_sorgqr, matrix)
  }

  /// The softmax of a part of y.
  public static func softmax(_ y: inout MutableSpan<Self>, in part: Range<Int>, sink: Self?) {
    unsafe softmaxed(secant_ssoftmax, &y, part, sink)
  }

  /// The logistic function at every element.
  public static func logistic(_ y: inout MutableSpan<Self>) {
    unsafe y.withUnsafeMutableBufferPointer { unsafe secant_slogistic($0.baseAddress, $0.count) }
  }
}

extension Double: Scalar {
  /// "f64".
  public static var precisionName: String { "f64" }

  /// `C ← α·op(A)·op(B) + β·C` by `dgemm`.
  public static func multiply(
    _ alpha: Self, _ a: borrowing Span<Self>, _ aView: MatrixView, _ b: borrowing Span<Self>,
    _ bView: MatrixView, _ beta: Self, into c: inout [Self], _ cView: MatrixView,
    alone: Bool
  ) {
    unsafe gemm(secant_dgemm, alpha, a, aView, b, bView, cView, beta, &c, alone)
  }

  /// The thin singular value decomposition by `dgesdd`.
  public static func thinSVD(_ matrix: Matrix<Self>) -> (
    left: Matrix<Self>, values: [Self], rightTransposed: Matrix<Self>
  )? {
    unsafe gesdd(secant_dgesdd, matrix)
  }

  /// The symmetric eigendecomposition by `dsyevd`.
  public static func symmetricEigen(_ matrix: Matrix<Self>) -> (
    values: [Self], vectors: Matrix<Self>
  )? {
    unsafe syevd(secant_dsyevd, matrix)
  }

  /// Orthonormal rows by `dgeqrf` and `dorgqr`.
  public static func orthonormalRows(_ matrix: Matrix<Self>) -> Matrix<Self> {
    unsafe householder(secant_dgeqrf, secant_dorgqr, matrix)
  }

  /// The softmax of a part of y.
  public static func softmax(_ y: inout MutableSpan<Self>, in part: Range<Int>, sink: Self?) {
    unsafe softmaxed(secant_dsoftmax, &y, part, sink)
  }

  /// The logistic function at every element.
  public static func logistic(_ y: inout MutableSpan<Self>) {
    unsafe y.withUnsafeMutableBufferPointer { unsafe secant_dlogistic($0.baseAddress, $0.count) }
  }
}

// MARK: - One body for both precisions

private typealias Gemm<S> =
  @Sendable (
    CInt, CInt, CInt, CInt, CInt, S, UnsafePointer<S>?, CInt, UnsafePointer<S>?, CInt, S,
    UnsafeMutablePointer<S>?, CInt
  ) -> Void

private func gemm<S: Scalar>(
  _ kernel: Gemm<S>, _ alpha: S, _ a: borrowing Span<S>, _ aView: MatrixView,
  _ b: borrowing Span<S>, _ bView: MatrixView, _ cView: MatrixView, _ beta: S,
  _ c: inout [S], _ alone: Bool
) {
  check(aView, bView, cView, sizes: (a.count, b.count, c.count))
  unsafe a.withUnsafeBufferPointer { a in
    unsafe b.withUnsafeBufferPointer { b in
      unsafe c.withUnsafeMutableBufferPointer { c in
        // Threads only read a and b, and write parts of c that do not overlap.
        nonisolated(unsafe) let (a, b, c) = (a.baseAddress, b.baseAddress, c.baseAddress)
        @Sendable func multiply(_ i: Range<Int>, _ j: Range<Int>, _ l: Range<Int>) {
          let first = aView.index(i.lowerBound, l.lowerBound)
          let second = bView.index(l.lowerBound, j.lowerBound)
          let target = cView.index(i.lowerBound, j.lowerBound)
          // BLAS sees column-major storage, so the row-major C = A B is computed as Cᵀ = Bᵀ Aᵀ.
          unsafe kernel(
            bView.isTransposed ? 1 : 0, aView.isTransposed ? 1 : 0, CInt(j.count),
            CInt(i.count), CInt(l.count), alpha, b.map { unsafe $0 + second },
            CInt(max(1, bView.stride)), a.map { unsafe $0 + first },
            CInt(max(1, aView.stride)), l.lowerBound == 0 ? beta : 1,
            c.map { unsafe $0 + target }, CInt(max(1, cView.stride)))
        }
        let (m, k) = aView.shape
        let blocks = ProductBlocks(
          rows: m, columns: cView.columns, inner: k,
          layout: (aView.isTransposed, bView.isTransposed),
          limit: Platform.uncopiedProductLimit, threads: Platform.threads)
        concurrently(blocks.panelCount, alone: alone) { panel in
          blocks.forEachBlock(ofPanel: panel) { multiply($0, $1, $2) }
        }
      }
    }
  }
}

private func softmaxed<S: Scalar>(
  _ kernel: (UnsafeMutablePointer<S>?, Int, S) -> Void, _ y: inout MutableSpan<S>,
  _ part: Range<Int>, _ sink: S?
) {
  precondition(part.lowerBound >= 0 && part.upperBound <= y.count, "no such part")
  unsafe y.withUnsafeMutableBufferPointer { y in
    unsafe kernel(
      y.baseAddress.map { unsafe $0 + part.lowerBound }, part.count, sink ?? -.infinity)
  }
}

/// Stops a product whose extents differ or that reaches beyond its operands.
private func check(
  _ a: MatrixView, _ b: MatrixView, _ c: MatrixView, sizes: (a: Int, b: Int, c: Int)
) {
  let (m, k) = a.shape
  precondition(b.shape.rows == k, "inner extents \(k) and \(b.shape.rows) differ")
  precondition(!c.isTransposed && c.rows == m && c.columns == b.shape.columns)
  precondition(a.end <= sizes.a && b.end <= sizes.b && c.end <= sizes.c)
  precondition(a.offset >= 0 && b.offset >= 0 && c.offset >= 0)
}

/// Calls `body` with the numbers below `count`, concurrently if there are several.
private func concurrently(_ count: Int, alone: Bool, _ body: @Sendable (Int) -> Void) {
  if alone || count == 1 {
    for index in 0..<count { body(index) }
  } else {
    DispatchQueue.concurrentPerform(iterations: count, execute: body)
  }
}

/// Constants of the platform's library and of the processor.
package enum Platform {
  /// The number of threads that compute at the same time.
  ///
  /// Asking for it also tells BLAS to start none itself.
  ///
  /// BLAS's own threads would wait for each other at every product, and would split sums
  /// differently when other programs run.
  static let threads: Int = {
    secant_stay_on_calling_thread()
    return ProcessInfo.processInfo.activeProcessorCount
  }()
  /// Multiplications of a product whose factors are read where they lie; 0 where they are always copied.
  static let uncopiedProductLimit = Int(secant_uncopied_product_limit())
  /// The processor whose kernels BLAS uses, in its own words; empty where it does not say.
  package static let kernels = unsafe String(cString: secant_linear_algebra_kernels())
}

private typealias SVDKernel<S> = (
  CInt, CInt, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?,
  UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, CInt, UnsafeMutablePointer<CInt>?
) -> CInt

private func gesdd<S: Scalar>(
  _ kernel: SVDKernel<S>, _ matrix: Matrix<S>
) -> (left: Matrix<S>, values: [S], rightTransposed: Matrix<S>)? {
  let rank = min(matrix.rows, matrix.columns)
  if rank == 0 {
    return (.zero(rows: matrix.rows, columns: 0), [], .zero(rows: 0, columns: matrix.columns))
  }
  // Row-major A is column-major Aᵀ = V S Uᵀ: LAPACK's left vectors are rows of Vᵀ, and so on.
  var a = matrix.elements
  var values = [S](repeating: 0, count: rank)
  var left = [S](repeating: 0, count: matrix.rows * rank)
  var right = [S](repeating: 0, count: rank * matrix.columns)
  var integers = [CInt](repeating: 0, count: 8 * rank)
  let (m, n) = (CInt(matrix.columns), CInt(matrix.rows))
  let info = unsafe withWorkspace(S.self) { work, size in
    unsafe kernel(m, n, &a, &values, &right, &left, work, size, &integers)
  }
  guard info == 0, values.allSatisfy(\.isFinite) else { return nil }
  return (
    Matrix(rows: matrix.rows, columns: rank, elements: left), values,
    Matrix(rows: rank, columns: matrix.columns, elements: right)
  )
}

private typealias EigenKernel<S> = (
  CInt, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, CInt,
  UnsafeMutablePointer<CInt>?, CInt
) -> CInt

private func syevd<S: Scalar>(
  _ kernel: EigenKernel<S>, _ matrix: Matrix<S>
) -> (values: [S], vectors: Matrix<S>)? {
  precondition(matrix.rows == matrix.columns, "\(matrix.rows)x\(matrix.columns) is not square")
  let n = matrix.rows
  var vectors = matrix.elements
  var values = [S](repeating: 0, count: n)
  var integers = [CInt](repeating: 0, count: 3 + 5 * n)
  let info = unsafe withWorkspace(S.self) { work, size in
    unsafe kernel(CInt(n), &vectors, &values, work, size, &integers, CInt(3 + 5 * n))
  }
  guard info == 0, values.allSatisfy(\.isFinite) else { return nil }
  return (values, Matrix(rows: n, columns: n, elements: vectors))
}

private typealias QRKernel<S> = (
  CInt, CInt, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, UnsafeMutablePointer<S>?, CInt
) -> CInt
private typealias QKernel<S> = (
  CInt, CInt, UnsafeMutablePointer<S>?, UnsafePointer<S>?, UnsafeMutablePointer<S>?, CInt
) -> CInt

private func householder<S: Scalar>(
  _ factor: QRKernel<S>, _ form: QKernel<S>, _ matrix: Matrix<S>
) -> Matrix<S> {
  precondition(matrix.rows <= matrix.columns, "\(matrix.rows) rows in \(matrix.columns) dimensions")
  var columns = matrix.elements
  var tau = [S](repeating: 0, count: matrix.rows)
  let (m, n) = (CInt(matrix.columns), CInt(matrix.rows))
  let factored = unsafe withWorkspace(S.self) { work, size in
    unsafe factor(m, n, &columns, &tau, work, size)
  }
  let formed = unsafe withWorkspace(S.self) { work, size in
    unsafe form(m, n, &columns, tau, work, size)
  }
  precondition(factored == 0 && formed == 0, "LAPACK refused its own arguments")
  return Matrix(rows: matrix.rows, columns: matrix.columns, elements: columns)
}

/// Runs a LAPACK routine twice: first to ask for the size of its workspace, then with that
/// workspace.
private func withWorkspace<S: Scalar>(
  _: S.Type, _ routine: (UnsafeMutablePointer<S>?, CInt) -> CInt
) -> CInt {
  _ = Platform.threads  // From now on BLAS stays on the calling thread.
  var wanted: [S] = [0]
  let query = unsafe wanted.withUnsafeMutableBufferPointer { buffer in
    unsafe routine(buffer.baseAddress, -1)
  }
  guard query == 0 else { return query }
  // Float holds large sizes inexactly: adding one unit in the last place is always enough.
  let size = max(1, Int(wanted[0].nextUp.rounded(.up)))
  var work = [S](repeating: 0, count: size)
  return unsafe work.withUnsafeMutableBufferPointer { buffer in
    unsafe routine(buffer.baseAddress, CInt(size))
  }
}
