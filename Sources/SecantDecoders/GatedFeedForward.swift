public import SecantOperators

/// The gated feed-forward layer, `x ↦ W_down (act(W_gate x) ⊙ W_up x)`, with its biases.
public struct GatedFeedForward<S: Scalar>: Sendable {
  /// W_gate `[f, d]`.
  public let gate: Projection<S>
  /// W_up `[f, d]`.
  public let up: Projection<S>
  /// W_down `[d, f]`.
  public let down: Projection<S>
  /// The nonlinearity of the gate.
  public let activation: Activation

  /// The outputs for rows `[n, d]`.
  public func forward(_ x: Matrix<S>) -> Matrix<S> {
    var product = activation(gate.forward(x))
    Kernels.multiply(&product.elements, by: up.forward(x).elements)
    return down.forward(product)
  }

  /// The affine map that holds one factor of the gated product at its value for x* `[T, d]`.
  ///
  /// Source: the paper's equation (8) for the rule `up`.
  public func frozen(at x: Matrix<S>, rule: GateRule) -> FrozenFeedForward<S> {
    let gates = gate.forward(x)
    let activated = activation(gates)
    var branches: [FrozenFeedForward<S>.Branch] = []
    let share: S = rule == .half ? 1 / 2 : 1
    if rule != .gate {
      branches.append(.init(projection: up, coefficients: share * activated))
    }
    if rule != .up {
      var coefficients = share * up.forward(x)
      // act(g)/g tends to 1/2 at 0 for the smooth activations; any finite value serves, g being 0.
      let ratios = zip(activated.elements, gates.elements).map { $1 == 0 ? 1 / 2 : $0 / $1 }
      Kernels.multiply(&coefficients.elements, by: ratios)
      branches.append(.init(projection: gate, coefficients: coefficients))
    }
    return FrozenFeedForward(branches: branches, down: down)
  }
}

/// The feed-forward layer with its gate frozen: `x ↦ W_down Σ_b c_b ⊙ (W_b x + b_b)`.
public struct FrozenFeedForward<S: Scalar>: Sendable {
  /// A projection whose outputs are multiplied by frozen coefficients.
  public struct Branch: Sendable {
    /// W_up or W_gate, with its bias.
    public let projection: Projection<S>
    /// The frozen factor at every position, `[T, f]`.
    public let coefficients: Matrix<S>
  }

  /// One branch for the rules `up` and `gate`, both for `half`.
  public let branches: [Branch]
  /// W_down `[d, f]`, with its bias.
  public let down: Projection<S>

  /// The linear part.
  public var map: FrozenFeedForwardMap<S> { FrozenFeedForwardMap(layer: self) }

  /// What the biases contribute: the image of zero, `[T, d]`, or nil where there are none.
  public var offset: Matrix<S>? {
    if down.bias == nil && branches.allSatisfy({ $0.projection.bias == nil }) { return nil }
    let shape = branches[0].coefficients
    var hidden = Matrix<S>.zero(rows: shape.rows, columns: shape.columns)
    for branch in branches {
      var part = branch.projection.addingBias(to: .zero(rows: shape.rows, columns: shape.columns))
      Kernels.multiply(&part.elements, by: branch.coefficients.elements)
      hidden += part
    }
    return down.forward(hidden)
  }
}
