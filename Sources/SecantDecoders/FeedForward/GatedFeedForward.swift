public import SecantOperators

/// A feed-forward layer, with its forward, frozen and differentiated forms.
public protocol FeedForward<S>: Sendable {
  /// The precision of the computation.
  associatedtype S: Scalar

  /// Whether any bias may lie on the linear path.
  var hasOffset: Bool { get }
  /// The number of rows whose products take as long as reading the weights once.
  var batchCost: Double { get }
  /// The layer's matrices, each with what it does; those of all experts, in order.
  var weights: [(kind: ProjectionKind, weight: Weight<S>)] { get }

  /// The outputs for rows `[n, d]`.
  func forward(_ x: Matrix<S>) -> Matrix<S>

  /// The affine map with the nonlinear factors frozen at their values for x* `[T, d]`, and the
  /// output there.
  func frozen(at x: Matrix<S>, rule: GateRule) -> (map: FrozenFeedForward<S>, output: Matrix<S>)

  /// The derivative at x* `[T, d]`, and the output there.
  func differential(
    at x: Matrix<S>
  ) -> (map: any LinearOperator<Tangents<S>>, output: Matrix<S>)
}

/// The gated feed-forward layer, `x ↦ W_down (act(W_gate x) ⊙ W_up x)`, with its biases; with a clamp,
/// of the product of ``GateClamp``.
public struct GatedFeedForward<S: Scalar>: FeedForward {
  /// W_gate `[f, d]`.
  public let gate: Projection<S>
  /// W_up `[f, d]`.
  public let up: Projection<S>
  /// W_down `[d, f]`.
  public let down: Projection<S>
  /// The nonlinearity of the gate.
  public let activation: Activation
  /// How both factors of the product are clamped; nil if they are not.
  public var clamp: GateClamp<S>? = nil

  /// Whether any projection has a bias, or the product a constant.
  public var hasOffset: Bool { clamp != nil || [gate, up, down].contains { $0.bias != nil } }

  /// W_gate, W_up and W_down.
  public var weights: [(kind: ProjectionKind, weight: Weight<S>)] {
    [(.gate, gate.weight), (.up, up.weight), (.down, down.weight)]
  }

  /// The outputs for rows `[n, d]`.
  public func forward(_ x: Matrix<S>) -> Matrix<S> {
    let (gates, linear) = (gate.forward(x), up.forward(x))
    if let clamp { return down.forward(clamp.product(gates, linear, activation)) }
    var product = activation(gates)
    Kernels.multiply(&product.elements, by: linear.elements)
    return down.forward(product)
  }

  /// The affine map with one factor of the gated product frozen at its value for x* `[T, d]`, and
  /// the output there.
  ///
  /// Source: the paper's equation (8) for the rule `up`.
  public func frozen(
    at x: Matrix<S>, rule: GateRule
  ) -> (map: FrozenFeedForward<S>, output: Matrix<S>) {
    let gates = gate.forward(x)
    if let clamp { return frozen(gates, up.forward(x), clamp, rule) }
    let (activated, factor): (Matrix<S>, Matrix<S>?) =
      rule == .up ? (activation(gates), nil) : activation.withFactor(gates)
    let linear = up.forward(x)
    var branches: [FrozenFeedForward<S>.Branch] = []
    let share: S = rule == .half ? 1 / 2 : 1
    if rule != .gate {
      branches.append(.init(projection: up, coefficients: share * activated))
    }
    if let factor {
      var coefficients = share * linear
      Kernels.multiply(&coefficients.elements, by: factor.elements)
      branches.append(.init(kind: .gate, projection: gate, coefficients: coefficients))
    }
    let map = FrozenFeedForward(branches: branches, down: down)
    var product = activated
    Kernels.multiply(&product.elements, by: linear.elements)
    return (map, down.forward(product))
  }

  /// The same with a clamp, from the outputs of W_gate and W_up at x*.
  private func frozen(
    _ gates: Matrix<S>, _ linear: Matrix<S>, _ clamp: GateClamp<S>, _ rule: GateRule
  ) -> (map: FrozenFeedForward<S>, output: Matrix<S>) {
    let frozen = clamp.frozen(gates, linear, activation, rule)
    let branches = [(ProjectionKind.up, up, frozen.ofUp), (.gate, gate, frozen.ofGate)].compactMap {
      kind, projection, coefficients in
      coefficients.map {
        FrozenFeedForward<S>.Branch(kind: kind, projection: projection, coefficients: $0)
      }
    }
    let map = FrozenFeedForward(branches: branches, down: down, constants: frozen.constants)
    return (map, down.forward(clamp.product(gates, linear, activation)))
  }

  /// The derivative at x* `[T, d]`, in which both factors of the gated product vary, and the output there.
  public func differential(
    at x: Matrix<S>
  ) -> (map: any LinearOperator<Tangents<S>>, output: Matrix<S>) {
    let (layer, output) = tangentLayer(at: x)
    return (FrozenFeedForwardMap(FrozenFeedForward(layers: [layer])), output)
  }

  /// `dx ↦ W_down (act(g*) ⊙ W_up dx + act′(g*) ⊙ u* ⊙ W_gate dx)`: two branches, as by the rule `half`,
  /// with other coefficients; and the output at x*.
  func tangentLayer(
    at x: Matrix<S>
  ) -> (layer: FrozenFeedForward<S>.Layer, output: Matrix<S>) {
    let (gates, linear) = (gate.forward(x), up.forward(x))
    let slopes: (ofUp: Matrix<S>, ofGate: Matrix<S>)
    var product: Matrix<S>
    if let clamp {
      slopes = clamp.slopes(gates, linear, activation)
      product = clamp.product(gates, linear, activation)
    } else {
      product = activation(gates)
      var ofGate = activation.derivative(gates)
      Kernels.multiply(&ofGate.elements, by: linear.elements)
      slopes = (product, ofGate)
      Kernels.multiply(&product.elements, by: linear.elements)
    }
    let layer = FrozenFeedForward<S>.Layer(
      positions: nil, expert: nil,
      branches: [
        .init(projection: up, coefficients: slopes.ofUp),
        .init(kind: .gate, projection: gate, coefficients: slopes.ofGate),
      ], down: down)
    return (layer, down.forward(product))
  }
}
