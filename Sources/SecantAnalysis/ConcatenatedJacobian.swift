import SecantDecoders
import SecantOperators

/// The maps of all tokens up to a position side by side, `[J_0 … J_p]`, `[d, (p + 1)·d]`.
///
/// A vector that it takes is p + 1 vectors of width d one after the other. Nothing is formed: a product costs
/// one sweep of 2·(p + 1)·P operations, which serves all tokens together, and so does an adjoint one.
struct ConcatenatedJacobian<S: Scalar>: LinearOperator {
  /// The maps of all tokens up to the position.
  let family: TokenJacobians<S>

  var inputWidth: Int { family.count * family.inputWidth }
  var outputWidth: Int { family.outputWidth }

  private var all: Range<Int> { 0..<family.position + 1 }
  private var last: Range<Int> { family.position..<family.position + 1 }

  func apply(_ x: Matrix<S>) -> Matrix<S> {
    if x.rows == 0 { return .zero(rows: 0, columns: outputWidth) }
    let strands = [Strand](repeating: Strand(support: all, window: all), count: x.rows)
    let rows = Matrix(
      rows: x.rows * family.count, columns: family.inputWidth, elements: x.elements)
    return family.map.apply(Tangents(strands: strands, rows: rows)).restricted(to: last).rows
  }

  func applyAdjoint(_ y: Matrix<S>) -> Matrix<S> {
    if y.rows == 0 { return .zero(rows: 0, columns: inputWidth) }
    let strands = [Strand](repeating: Strand(support: last, window: all), count: y.rows)
    let image = family.map.applyAdjoint(Tangents(strands: strands, rows: y))
    return Matrix(rows: y.rows, columns: inputWidth, elements: image.rows.elements)
  }
}
