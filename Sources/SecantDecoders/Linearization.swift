public import SecantOperators

/// A decoder as the affine map that it was for one prompt: `y* = Σ_i J_i x_i* + b`, exactly.
///
/// Immutable: the tokens, the vectors x* that entered block 0, every block with its attention
/// pattern, normalizations and gates frozen, and the output y*. Maps between sites are views.
public struct Linearization<S: Scalar>: SiteMaps {
  /// The token ids, T of them.
  public let tokens: [Int]
  /// x*: the vectors that entered block 0, `[T, d]`.
  public let input: Matrix<S>
  /// The frozen blocks.
  public let blocks: [FrozenBlock<S>]
  /// The final norm, frozen by each map at its own site's value.
  public let finalNorm: RMSNorm<S>
  /// Which factor of gated products is linear.
  public let rule: GateRule

  /// The final norm frozen at a stream `[T, d]`.
  public func finalNormMap(at stream: Matrix<S>) -> any LinearOperator<Tangents<S>> {
    finalNorm.frozen(at: stream)
  }

  /// b: the part of the output at a site that no input brought, `[d]`; zero without biases.
  public func offset(to site: Site = .output, position: Int? = nil) -> [S] {
    let position = position ?? tokens.count - 1
    let width = finalNorm.weight.count
    guard blocks.contains(where: \.hasOffset) else { return [S](repeating: 0, count: width) }
    let (depth, place) = destination(site)
    var image = Matrix<S>.zero(rows: tokens.count, columns: width)
    for (n, block) in blocks.prefix(depth + 1).enumerated() {
      switch n == depth ? place : .residual {
      case .attention: image = block.attentionOffset(image)
      case .feedForward: image = block.feedForwardOffset(image)
      case .residual: image = block.carryOffset(image)
      }
    }
    let scale = finalNorm.frozen(at: stream(at: site))
    return scale.apply(Tangents(stream: image)).rows.row(position)
  }
}
