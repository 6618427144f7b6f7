import SecantOperators
import Testing

/// What the iteration rests on: nothing of a basis is left in what is rejected from it.
@Suite struct OrthogonalizationTests {
  /// Largest cosine between rows and the rows of a basis.
  private func overlap<S: Scalar>(_ rows: Matrix<S>, _ basis: Matrix<S>) -> Double {
    (0..<rows.rows).reduce(0) { worst, r in
      let row = Matrix(row: rows.row(r))
      return max(worst, row.timesTranspose(of: basis).norm / row.norm)
    }
  }

  /// Rows that lie in the span but for a part of the size of rounding: one pass is not enough.
  @Test(arguments: precisions)
  func rejectsTwice(_ precision: any Scalar.Type) {
    func check<S: Scalar>(_: S.Type) {
      let basis = S.orthonormalRows(.random(6, 30, seed: 1))
      let mixed = Matrix<S>.random(4, 6, seed: 2).times(basis)
      let rows = mixed + S.ulpOfOne * 100 * Matrix<S>.random(4, 30, seed: 3)
      #expect(overlap(rows.rejected(from: basis), basis) < S.rounding)
      let once = rows - rows.timesTranspose(of: basis).times(basis)
      #expect(overlap(once, basis) > overlap(rows.rejected(from: basis), basis))
    }
    check(precision)
  }

  /// Directions are orthonormal, orthogonal to the basis, as many as rise above the threshold, and
  /// the most prominent ones where there are more than asked for.
  @Test(arguments: precisions)
  func directions(_ precision: any Scalar.Type) throws {
    func check<S: Scalar>(_: S.Type) throws {
      let all = S.orthonormalRows(.random(9, 20, seed: 4))
      let (basis, fresh) = (all.rows(0..<5), all.rows(5..<9))
      let sizes: [S] = [1, 0.1, 0.01, 0]
      let rows =
        Matrix<S>.random(4, 5, seed: 5).times(basis)
        + Matrix(rows: 4, columns: 20) { sizes[$0] * fresh[$0, $1] }
      let found = try #require(rows.directions(beyond: basis, above: 1e-3, limit: 9))
      #expect(found.rows == 3)
      #expect(Matrix.stacking([basis, found], columns: 20).orthonormalityError < S.rounding)
      #expect(found.timesTranspose(of: fresh.rows(0..<3)).orthonormalityError < S.rounding)
      let first = try #require(rows.directions(beyond: basis, above: 1e-3, limit: 1))
      #expect(abs(first.timesTranspose(of: fresh)[0, 0].magnitude - 1) < S(S.rounding))
      #expect(rows.directions(beyond: .identity(20), above: 0, limit: 9)?.rows == 0)
      #expect(
        Matrix(row: [S.nan, 1]).directions(beyond: .zero(rows: 0, columns: 2), above: 0, limit: 1)
          == nil)
    }
    try check(precision)
  }
}
