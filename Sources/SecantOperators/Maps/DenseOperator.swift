/// A map given by its matrix.
public struct DenseOperator<S: Scalar>: LinearOperator {
  /// The matrix `[output, input]`.
  public let matrix: Matrix<S>

  /// The map `x ↦ M x` of a matrix `[output, input]`.
  public init(_ matrix: Matrix<S>) { self.matrix = matrix }

  /// Columns of the matrix.
  public var inputWidth: Int { matrix.columns }
  /// Rows of the matrix.
  public var outputWidth: Int { matrix.rows }

  /// `M x` for every row x of `[k, input]`.
  public func apply(_ x: Matrix<S>) -> Matrix<S> { x.timesTranspose(of: matrix) }
  /// `Mᵀ y` for every row y of `[k, output]`.
  public func applyAdjoint(_ y: Matrix<S>) -> Matrix<S> { y.times(matrix) }
}

extension LinearOperator {
  /// The matrix `[output, input]` of the map.
  ///
  /// Costs min(input, output) products, carried `batch` at a time so that what they need beside the
  /// result stays bounded.
  public func dense<S>(batch: Int = 256) -> Matrix<S> where Vectors == Matrix<S> {
    let byRows = outputWidth <= inputWidth
    let count = byRows ? outputWidth : inputWidth
    let parts = stride(from: 0, to: count, by: batch).map { start in
      let range = start..<min(start + batch, count)
      let units = Matrix<S>(rows: range.count, columns: count) { $0 + start == $1 ? 1 : 0 }
      return byRows ? applyAdjoint(units) : apply(units)
    }
    let stacked = Matrix.stacking(parts, columns: byRows ? inputWidth : outputWidth)
    return byRows ? stacked : stacked.transposed
  }
}
