import Foundation
import SecantOperators
import SecantTestSupport
import Testing

/// BLAS and LAPACK behind `Scalar`, against loops and against what defines each factorization.
@Suite struct LinearAlgebraTests {
  /// On a processor with the instructions for it, BLAS does not stay with the kernels of 2004 that an older version
  /// takes for processors that it does not know.
  @Test func kernelsSuitTheProcessor() throws {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let flags = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") }),
      ["avx2", "fma"].allSatisfy(flags.split(separator: " ").map(String.init).contains),
      ProcessInfo.processInfo.environment["OPENBLAS_CORETYPE"] == nil
    else { return }
    #expect(!Platform.kernels.isEmpty && Platform.kernels != "Prescott")
  }

  /// Every combination of transposition, offset and stride, against three loops.
  @Test(arguments: precisions, [false, true])
  func products(_ precision: any Scalar.Type, _ isPadded: Bool) {
    func check<S: Scalar>(_: S.Type) {
      let (m, k, n) = (5, 7, 3)
      for mask in 0..<4 {
        let (transposesA, transposesB) = (mask & 1 != 0, mask & 2 != 0)
        let padding = isPadded ? 2 : 0
        func view(_ rows: Int, _ columns: Int, _ transposed: Bool) -> MatrixView {
          let (r, c) = transposed ? (columns, rows) : (rows, columns)
          return MatrixView(
            offset: 3 * padding, rows: r, columns: c, stride: c + padding, transposed: transposed)
        }
        func storage(_ view: MatrixView, seed: UInt64) -> [S] {
          Matrix<S>.random(1, view.offset + view.rows * view.stride, seed: seed).elements
        }
        let (wa, wb) = (view(m, k, transposesA), view(k, n, transposesB))
        let wc = view(m, n, false)
        let (a, b, before) = (storage(wa, seed: 1), storage(wb, seed: 2), storage(wc, seed: 3))
        var c = before
        S.multiply(2, a.span, wa, b.span, wb, -0.5, into: &c, wc)

        func at(_ x: [S], _ w: MatrixView, _ row: Int, _ column: Int) -> S {
          let (r, c) = w.isTransposed ? (column, row) : (row, column)
          return x[w.offset + r * w.stride + c]
        }
        var expected = before
        for i in 0..<m {
          for j in 0..<n {
            let sum = (0..<k).reduce(S(0)) { $0 + at(a, wa, i, $1) * at(b, wb, $1, j) }
            expected[wc.offset + i * wc.stride + j] = 2 * sum - at(before, wc, i, j) / 2
          }
        }
        let error = relativeError(Matrix(row: c), Matrix(row: expected))
        // Elements outside the view take part in the comparison: they must not change.
        #expect(error < S.rounding, "transposed: \(transposesA), \(transposesB)")
      }
    }
    check(precision)
  }

  /// The four products of `Matrix` against loops, also where an extent is zero.
  @Test(arguments: precisions, [(4, 6, 5), (1, 1, 1), (0, 3, 2), (3, 0, 2), (3, 2, 0)])
  func matrixProducts(_ precision: any Scalar.Type, _ shape: (Int, Int, Int)) {
    func check<S: Scalar>(_: S.Type) {
      let (m, k, n) = shape
      let (a, b) = (Matrix<S>.random(m, k, seed: 4), Matrix<S>.random(k, n, seed: 5))
      let expected = a.naiveProduct(b)
      #expect(relativeError(a.times(b), expected) < S.rounding)
      #expect(relativeError(a.timesTranspose(of: b.transposed), expected) < S.rounding)
      #expect(relativeError(a.transposed.transposeTimes(b), expected) < S.rounding)
      #expect(a.transposed.transposed == a)
    }
    check(precision)
  }

  /// Householder's rows are orthonormal and span the given ones; orthonormal without full rank, too.
  @Test(arguments: precisions, [(1, 1), (3, 8), (8, 8), (0, 4)])
  func orthonormalRows(_ precision: any Scalar.Type, _ shape: (Int, Int)) {
    func check<S: Scalar>(_: S.Type) {
      let rows = Matrix<S>.random(shape.0, shape.1, seed: 6)
      let basis = S.orthonormalRows(rows)
      #expect(basis.orthonormalityError < S.rounding)
      #expect(relativeError(rows.timesTranspose(of: basis).times(basis), rows) < S.rounding)
      let doubled = Matrix.stacking([rows, rows], columns: shape.1)
      if doubled.rows <= doubled.columns {
        #expect(S.orthonormalRows(doubled).orthonormalityError < S.rounding)
      }
    }
    check(precision)
  }

  /// `A x = λ x` for the rows x, which are orthonormal; eigenvalues ascend.
  @Test(arguments: precisions, [1, 2, 9])
  func symmetricEigen(_ precision: any Scalar.Type, _ n: Int) throws {
    func check<S: Scalar>(_: S.Type) throws {
      let a = Matrix<S>.random(n, n, seed: 7)
      let symmetric = a + a.transposed
      let (values, vectors) = try #require(S.symmetricEigen(symmetric))
      let scaled = Matrix(rows: n, columns: n) { values[$0] * vectors[$0, $1] }
      #expect(relativeError(vectors.times(symmetric), scaled) < S.rounding)
      #expect(vectors.orthonormalityError < S.rounding)
      #expect(values == values.sorted())
    }
    try check(precision)
  }

  /// `U Σ Vᵀ` is the matrix, whichever side is longer; without rows or columns there is nothing.
  @Test(arguments: precisions, [(6, 6), (9, 4), (4, 9), (1, 5), (0, 5), (5, 0)])
  func thinSVD(_ precision: any Scalar.Type, _ shape: (Int, Int)) throws {
    func check<S: Scalar>(_: S.Type) throws {
      let a = Matrix<S>.random(shape.0, shape.1, seed: 8)
      let (left, values, rightTransposed) = try #require(S.thinSVD(a))
      let scaled = Matrix(rows: values.count, columns: a.columns) {
        values[$0] * rightTransposed[$0, $1]
      }
      #expect(relativeError(left.naiveProduct(scaled), a) < S.rounding)
      #expect(left.transposed.orthonormalityError < S.rounding)
      #expect(rightTransposed.orthonormalityError < S.rounding)
      #expect(values == values.sorted(by: >))
    }
    try check(precision)
  }

  /// What is not a number has no singular values, and does not keep LAPACK busy.
  @Test(arguments: precisions)
  func notANumber(_ precision: any Scalar.Type) {
    func check<S: Scalar>(_: S.Type) {
      var a = Matrix<S>.random(5, 4, seed: 9)
      a[2, 1] = .nan
      #expect(S.thinSVD(a) == nil)
    }
    check(precision)
  }
}
