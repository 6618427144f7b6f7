public import SecantOperators

/// Attention with its pattern frozen: an affine map of the stream.
public struct FrozenAttention<S: Scalar>: Sendable {
  /// W_V and its bias.
  public let value: Projection<S>
  /// The frozen probabilities.
  public let pattern: AttentionPattern<S>
  /// W_O and its bias.
  public let output: Projection<S>

  /// The linear part, with outputs computed only at the given positions.
  public func map(positions: Range<Int>) -> Composition<Tangents<S>> {
    Composition([value.weight, PositionMixing(pattern, positions: positions), output.weight])
  }

  /// The outputs of all heads `[n, h·w]` at the pattern's queries, for values `[T, g·w]`.
  func mixed(_ values: Matrix<S>) -> Matrix<S> {
    let positions = pattern.firstQuery..<pattern.keys.rows
    return PositionMixing(pattern, positions: positions).apply(Tangents(stream: values)).rows
  }

  /// The contribution of the biases, that is, the image of zero `[T, d]`; nil if there are none.
  public var offset: Matrix<S>? {
    if value.bias == nil && output.bias == nil { return nil }
    let zero = Matrix<S>.zero(rows: pattern.keys.rows, columns: value.weight.outputWidth)
    return output.forward(mixed(value.addingBias(to: zero)))
  }
}
