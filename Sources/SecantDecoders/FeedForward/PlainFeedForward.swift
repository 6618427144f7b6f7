public import SecantOperators

/// The feed-forward layer without a gate, `x ↦ W_down act(W_up x + b_up) + b_down`.
public struct PlainFeedForward<S: Scalar>: FeedForward {
  /// W_up `[f, d]`.
  public let up: Projection<S>
  /// W_down `[d, f]`.
  public let down: Projection<S>
  /// The nonlinearity.
  public let activation: Activation

  /// Whether any projection has a bias.
  public var hasOffset: Bool { up.bias != nil || down.bias != nil }

  /// W_up and W_down.
  public var weights: [(kind: ProjectionKind, weight: Weight<S>)] {
    [(.up, up.weight), (.down, down.weight)]
  }

  /// The outputs for rows `[n, d]`.
  public func forward(_ x: Matrix<S>) -> Matrix<S> { down.forward(activation(up.forward(x))) }

  /// The affine map with the factor φ of `act(u) = u·φ(u)` frozen at its value for x* `[T, d]`, and
  /// the output there.
  ///
  /// φ is σ for SiLU, the normal distribution function for GELU and a mask for ReLU. There is one
  /// linear factor, so the gate rule has no effect.
  public func frozen(
    at x: Matrix<S>, rule: GateRule
  ) -> (map: FrozenFeedForward<S>, output: Matrix<S>) {
    layer(at: x) { activation.factor($0) }
  }

  /// The derivative at x* `[T, d]`, `dx ↦ W_down (act′(u*) ⊙ W_up dx)`, and the output there.
  public func differential(
    at x: Matrix<S>
  ) -> (map: any LinearOperator<Tangents<S>>, output: Matrix<S>) {
    let (layer, output) = layer(at: x) { activation.derivative($0) }
    return (FrozenFeedForwardMap(layer), output)
  }

  /// The layer with coefficients that follow from u* `[T, f]`, and its output.
  private func layer(
    at x: Matrix<S>, coefficients: (Matrix<S>) -> Matrix<S>
  ) -> (FrozenFeedForward<S>, Matrix<S>) {
    let linear = up.forward(x)
    let layer = FrozenFeedForward<S>(
      branches: [.init(projection: up, coefficients: coefficients(linear))], down: down)
    return (layer, down.forward(activation(linear)))
  }
}
