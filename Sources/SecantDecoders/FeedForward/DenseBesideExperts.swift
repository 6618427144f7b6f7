public import SecantOperators

/// A dense layer and a mixture of experts that read the same, each with a norm of its own output:
/// `x ↦ norm_1(dense(x)) + norm_2(Σ_e p_e expert_e(x))`.
///
/// In the model, dense layer, experts and router have norms of their own of what they read. These have
/// one denominator, that of the norm before this layer, and so their weights are factors of the columns
/// of the matrices behind them. Source: Google's Gemma 4, as its 26B-A4B has it.
public struct DenseBesideExperts<S: Scalar>: FeedForward {
  /// The dense layer, without biases.
  public let dense: GatedFeedForward<S>
  /// norm_1.
  public let denseNorm: Normalization<S>
  /// The experts and their router, without biases.
  public let mixture: MixtureOfExperts<S>
  /// norm_2.
  public let mixtureNorm: Normalization<S>

  /// Whether any projection has a bias.
  public var hasOffset: Bool { dense.hasOffset || mixture.hasOffset }

  /// Those of the mixture and of the dense layer.
  public var weights: [(kind: ProjectionKind, weight: Weight<S>)] {
    mixture.weights + dense.weights
  }

  /// The outputs for rows `[n, d]`.
  public func forward(_ x: Matrix<S>) -> Matrix<S> {
    denseNorm.forward(dense.forward(x)) + mixtureNorm.forward(mixture.forward(x))
  }

  /// The linear map with the denominators of both norms frozen at their values for x* `[T, d]`, besides
  /// what both layers freeze; and the output there.
  ///
  /// The dense layer counts as one more expert, with the number after the last. A denominator is a
  /// factor of the layer's hidden activations, and a norm's weight one of the rows of W_down.
  public func frozen(
    at x: Matrix<S>, rule: GateRule
  ) -> (map: FrozenFeedForward<S>, output: Matrix<S>) {
    let (own, output) = dense.frozen(at: x, rule: rule)
    let (routed, mixed) = mixture.frozen(at: x, rule: rule)
    let layers =
      routed.layers.map {
        $0.normalized(by: mixtureNorm, at: mixed, serving: $0.positions ?? [], as: $0.expert)
      }
      + own.layers.map {
        $0.normalized(
          by: denseNorm, at: output, serving: Array(0..<x.rows), as: mixture.experts.count)
      }
    return (
      FrozenFeedForward(layers: layers), denseNorm.forward(output) + mixtureNorm.forward(mixed)
    )
  }

  /// The derivative at x* `[T, d]` with the choice of experts held, and the output there.
  public func differential(
    at x: Matrix<S>
  ) -> (map: any LinearOperator<Tangents<S>>, output: Matrix<S>) {
    let (own, output) = dense.differential(at: x)
    let (routed, mixed) = mixture.differential(at: x)
    let map = Sum<Tangents<S>>([
      Composition([own, denseNorm.differential(at: output)]),
      Composition([routed, mixtureNorm.differential(at: mixed)]),
    ])
    return (map, denseNorm.forward(output) + mixtureNorm.forward(mixed))
  }
}

extension FrozenFeedForward.Layer {
  /// The layer behind which a norm is frozen at its values for outputs `[T, d]`, as an expert for some
  /// positions.
  fileprivate func normalized(
    by norm: Normalization<S>, at outputs: Matrix<S>, serving positions: [Int], as expert: Int?
  ) -> Self {
    precondition(down.bias == nil && constants == nil, "a bias before a norm")
    let scales = norm.scales(at: outputs)
    let own = positions.map { S(scales[$0]) }
    let branches = branches.map { branch in
      var coefficients = branch.coefficients
      Kernels.scaleRows(&coefficients.elements, width: coefficients.columns, by: own)
      return FrozenFeedForward<S>.Branch(
        kind: branch.kind, projection: branch.projection, coefficients: coefficients)
    }
    return Self(
      positions: positions, expert: expert, branches: branches,
      down: Projection(weight: down.weight.scalingRows(by: norm.weight)),
      routerWeights: routerWeights)
  }
}
