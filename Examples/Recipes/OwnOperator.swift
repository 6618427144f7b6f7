import Secant

/// An operator of one's own: the projection that takes a direction u out of every vector, x − u (u·x).
///
/// Two products make an operator; composition, sums, the dense form and singular values follow.
struct Without: LinearOperator {
  /// u `[1, d]`, of length 1.
  let direction: Matrix<Float>

  var inputWidth: Int { direction.columns }
  var outputWidth: Int { direction.columns }

  func apply(_ x: Matrix<Float>) -> Matrix<Float> {
    x - x.timesTranspose(of: direction).times(direction)
  }

  /// The projection is its own adjoint.
  func applyAdjoint(_ y: Matrix<Float>) -> Matrix<Float> { apply(y) }
}

/// The singular values of one token's map before and after its leading output direction is taken out: the first
/// goes, the others move up.
func withoutTheLeadingDirection(
  _ model: Model<Float>, _ text: String, token: Int
) throws -> (before: [Float], after: [Float]) {
  let frozen = try model.decoder.linearize(at: model.tokens(of: .text(text)))
  let jacobian = frozen.jacobian(from: .input(token: token), to: .output)
  let before = jacobian.svd(rank: 4)
  let after = jacobian.then(Without(direction: before.left.rows(0..<1))).svd(rank: 3)
  return (before.singularValues, after.singularValues)
}
