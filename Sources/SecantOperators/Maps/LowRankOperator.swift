/// A map given by singular triplets: `Σ_k σ_k u_k v_kᵀ`.
public struct LowRankOperator<S: Scalar>: LinearOperator {
  /// The left singular vectors u_k, rows `[r, output]`.
  public let left: Matrix<S>
  /// The singular values `[r]`.
  public let singularValues: [S]
  /// The right singular vectors v_k, rows `[r, input]`.
  public let right: Matrix<S>

  /// The map of r triplets, with vectors as rows `[r, output]` and `[r, input]`.
  public init(left: Matrix<S>, singularValues: [S], right: Matrix<S>) {
    precondition(
      left.rows == singularValues.count && right.rows == singularValues.count,
      "\(left.rows) and \(right.rows) vectors for \(singularValues.count) values")
    self.left = left
    self.singularValues = singularValues
    self.right = right
  }

  /// The sum of the triplets of a decomposition, as a map.
  public init(_ svd: TruncatedSVD<S>) {
    self.init(left: svd.left, singularValues: svd.singularValues, right: svd.right)
  }

  /// r: the number of triplets.
  public var rank: Int { singularValues.count }
  /// Width of the right singular vectors.
  public var inputWidth: Int { right.columns }
  /// Width of the left singular vectors.
  public var outputWidth: Int { left.columns }

  /// `Σ σ_k u_k (v_k·x)` for every row x of `[k, input]`, at 2·r·(input + output) operations a row.
  public func apply(_ x: Matrix<S>) -> Matrix<S> {
    weighted(x.timesTranspose(of: right)).times(left)
  }

  /// `Σ σ_k v_k (u_k·y)` for every row y of `[k, output]`.
  public func applyAdjoint(_ y: Matrix<S>) -> Matrix<S> {
    weighted(y.timesTranspose(of: left)).times(right)
  }

  /// The coordinates `[k, r]`, each times its singular value.
  private func weighted(_ coordinates: Matrix<S>) -> Matrix<S> {
    coordinates.multiplyingRows(
      by: Matrix(row: singularValues), at: [Int](repeating: 0, count: coordinates.rows))
  }
}
