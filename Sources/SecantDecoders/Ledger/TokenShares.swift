import SecantOperators

/// A number read off the output, w·y, as an exact sum over the tokens: `w·y = Σ_i w·J_i x_i + w·b`.
public struct TokenShares: Hashable, Sendable {
  /// w·J_i x_i of the tokens up to p, in order.
  public let tokens: [Double]
  /// The part of each token's share that its position's learned vector gave; empty if the decoder
  /// has none.
  public let positions: [Double]
  /// w·b; 0 for a model without biases.
  public let bias: Double
  /// w·y as the model itself computed it: what differs from ``sum`` is rounding.
  public let product: Double
  /// The sum of all shares.
  public var sum: Double { tokens.reduce(bias, +) }
}

extension Linearization {
  /// The shares of a direction, such as a row of the unembedding or the difference of two.
  ///
  /// One adjoint sweep, 2·P operations for each position, whatever the number of tokens.
  ///
  /// - Parameters:
  ///   - direction: w `[d]`.
  ///   - site: Where the output is read.
  ///   - position: p, where the output is read; the last position by default.
  /// - Returns: One number for each token that can reach the position, and the bias.
  public func shares(
    of direction: [S], to site: Site = .output, position: Int? = nil
  ) -> TokenShares {
    precondition(direction.count == input.columns, "a direction of another width")
    let adjoints = jacobians(to: site, position: position)
      .applyAdjointToAll(Matrix(row: direction))
    func shares(of vectors: Matrix<S>) -> [Double] {
      adjoints.enumerated().map { token, adjoint in
        Kernels.dot(adjoint.row(0).span, vectors.row(token).span)
      }
    }
    return TokenShares(
      tokens: shares(of: input), positions: positionInput.map(shares) ?? [],
      bias: Kernels.dot(direction.span, offset(to: site, position: position).span),
      product: Kernels.dot(direction.span, output(at: site, position: position).span))
  }
}
