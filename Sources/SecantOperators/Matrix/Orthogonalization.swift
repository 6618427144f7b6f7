extension Matrix {
  /// Every row times its own factor.
  func scalingRows(by factors: [S]) -> Matrix {
    var result = self
    Kernels.scaleRows(&result.elements, width: columns, by: factors)
    return result
  }

  /// The Euclidean norm of every row.
  var rowNorms: [Double] {
    Kernels.rowSquaredNorms(elements, width: columns, rows: rows).map { $0.squareRoot() }
  }

  /// Whether the elements and the sum of their squares are finite.
  var isFinite: Bool { norm.isFinite }

  /// The rows minus their projections onto the span of orthonormal rows.
  ///
  /// Done twice, which leaves no more than rounding of the span, whatever the rows were (Giraud,
  /// Langou and Rozložník, 2005).
  package func rejected(from basis: Matrix) -> Matrix {
    if basis.rows == 0 || rows == 0 { return self }
    let once = self - timesTranspose(of: basis).times(basis)
    return once - once.timesTranspose(of: basis).times(basis)
  }

  /// An orthonormal basis, as rows, of what the rows span beyond the span of orthonormal rows.
  ///
  /// Keeps at most `limit` directions, the most prominent ones, and of those only such as rise above
  /// `threshold`: the singular values of the rejected rows. Nil where the rows are not finite.
  package func directions(beyond basis: Matrix, above threshold: Double, limit: Int) -> Matrix? {
    let limit = min(limit, columns - basis.rows)
    let fresh = rejected(from: basis)
    guard fresh.rows > 0, limit > 0 else { return .zero(rows: 0, columns: columns) }
    guard fresh.isFinite, let (_, values, vectors) = S.thinSVD(fresh) else { return nil }
    let count = min(limit, values.count { Double($0) > threshold })
    // Directions that were nearly in the span carry its rounding, scaled up: reject once more.
    return S.orthonormalRows(vectors.rows(0..<count).rejected(from: basis))
  }
}
