public import SecantOperators

/// The branch of a block's per-layer inputs, `x ↦ W_p (act(W_g x) ⊙ p)`.
///
/// p is a vector of each position that block 0's input and the token determine: see ``PerLayerInputs``.
public struct PerLayerBranch<S: Scalar>: Sendable {
  /// W_g `[w, d]`.
  public let gate: Projection<S>
  /// W_p `[d, w]`.
  public let output: Projection<S>
  /// The nonlinearity.
  public let activation: Activation

  /// A branch from its matrices.
  public init(gate: Projection<S>, output: Projection<S>, activation: Activation) {
    (self.gate, self.output, self.activation) = (gate, output, activation)
  }

  /// The outputs for rows `[n, d]` and their vectors p `[n, w]`.
  func forward(_ x: Matrix<S>, _ p: Matrix<S>) -> Matrix<S> {
    var hidden = activation(gate.forward(x))
    Kernels.multiply(&hidden.elements, by: p.elements)
    return output.forward(hidden)
  }

  /// The affine map with p and the factor φ of `act(u) = u·φ(u)` frozen at their values for x* `[T, d]`, and the
  /// output there.
  ///
  /// One linear factor is left, so the gate rule has no effect.
  func frozen(at x: Matrix<S>, _ p: Matrix<S>) -> (map: FrozenFeedForward<S>, output: Matrix<S>) {
    let linear = gate.forward(x)
    var (hidden, coefficients) = activation.withFactor(linear)
    Kernels.multiply(&hidden.elements, by: p.elements)
    Kernels.multiply(&coefficients.elements, by: p.elements)
    return (layer(coefficients), output.forward(hidden))
  }

  /// The derivative at x* `[T, d]`, and the output there.
  ///
  /// - Parameters:
  ///   - x: What enters the branch.
  ///   - p: Its vectors `[T, w]`.
  ///   - response: The derivative of p by what entered block 0.
  /// - Returns: `dx ↦ W_p (act′(W_g x*) ⊙ p ⊙ W_g dx + act(W_g x*) ⊙ dp)`, and the output.
  func differential(
    at x: Matrix<S>, _ p: Matrix<S>, response: Composition<Tangents<S>>
  ) -> (map: any LinearOperator<Tangents<S>>, output: Matrix<S>) {
    let linear = gate.forward(x)
    let activated = activation(linear)
    var (slopes, hidden) = (activation.derivative(linear), activated)
    Kernels.multiply(&slopes.elements, by: p.elements)
    Kernels.multiply(&hidden.elements, by: p.elements)
    let map = PerLayerDifferential(
      branch: FrozenFeedForwardMap(layer(slopes)),
      input: Composition([response, FrozenScale(activated), output.weight]))
    return (map, output.forward(hidden))
  }

  private func layer(_ coefficients: Matrix<S>) -> FrozenFeedForward<S> {
    FrozenFeedForward(
      branches: [.init(kind: .gate, projection: gate, coefficients: coefficients)], down: output)
  }
}

/// The derivative of the branch: along the stream, and along what entered block 0, which is carried beside it.
private struct PerLayerDifferential<S: Scalar>: LinearOperator {
  let branch: FrozenFeedForwardMap<S>
  let input: Composition<Tangents<S>>

  var inputWidth: Int { branch.inputWidth }
  var outputWidth: Int { branch.outputWidth }

  func apply(_ x: Tangents<S>) -> Tangents<S> {
    let image = branch.apply(x)
    return x.lane(.input).map { image + input.apply($0) } ?? image
  }

  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    branch.applyAdjoint(y).carrying(input.applyAdjoint(y), in: .input)
  }
}
