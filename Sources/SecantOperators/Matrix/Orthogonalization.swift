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
  /// Projecting twice leaves only rounding errors along the span, whatever the rows were (Giraud,
  /// Langou and Rozložník, 2005).
  package func rejected(from basis: Matrix) -> Matrix {
    if basis.rows == 0 || rows == 0 { return self }
    let once = self - timesTranspose(of: basis).times(basis)
    return once - once.timesTranspose(of: basis).times(basis)
  }

  /// An orthonormal basis, as rows, of the part of the rows' span that lies outside the span of
  /// orthonormal rows.
  ///
  /// Keeps the directions with the largest singular values of the projected rows: at most `limit`,
  /// and only those above `threshold`. Nil if the rows are not finite.
  package func directions(beyond basis: Matrix, above threshold: Double, limit: Int) -> Matrix? {
    let limit = min(limit, columns - basis.rows)
    let fresh = rejected(from: basis)
    guard fresh.rows > 0, limit > 0 else { return .zero(rows: 0, columns: columns) }
    guard fresh.isFinite, let (_, values, vectors) = S.thinSVD(fresh) else { return nil }
    let count = min(limit, values.count { Double($0) > threshold })
    // Directions that lay nearly in the span carry its rounding errors, scaled up: project once
    // more.
    return S.orthonormalRows(vectors.rows(0..<count).rejected(from: basis))
  }
}
