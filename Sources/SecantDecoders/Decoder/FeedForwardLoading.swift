import RealModule
import SecantCheckpoints
import SecantOperators

extension BlockLoader {
  /// The feed-forward layer; the bias of the norm before it becomes part of its own biases.
  ///
  /// - Parameters:
  ///   - prefix: What the names of the block's tensors begin with.
  ///   - variation: The block's variations.
  ///   - beta: The bias of the norm before the layer; nil if it has none.
  ///   - normWeight: The weight of that norm `[d]`; nil if there is no norm.
  /// - Returns: The layer.
  /// - Throws: The tensor that is missing, or of another shape.
  func feedForward(
    _ prefix: String, _ variation: DecoderConfiguration.BlockVariation, adding beta: [S]?,
    normWeight: [S]?
  ) throws(InputError) -> any FeedForward<S> {
    let (d, f) = (configuration.width, configuration.feedForwardWidth(of: variation))
    if !configuration.isGated {
      let hasBias = configuration.feedForwardHasBias
      return PlainFeedForward(
        up: try tensors.projection(prefix + names.up, f, d, hasBias: hasBias)
          .adding(before: beta),
        down: try tensors.projection(
          prefix + names.down, d, f, hasBias: hasBias, times: configuration.branchScale),
        activation: configuration.activation)
    }
    precondition(beta == nil, "a bias before a gate")
    guard let mixture = variation.experts else {
      return try gated(
        prefix, gate: names.gate, up: names.up, down: names.down,
        width: f, hasBias: configuration.feedForwardHasBias)
    }
    if mixture.isBesideDense {
      return try besideDense(prefix, mixture, denseWidth: f, normWeight: normWeight)
    }
    var experts: [GatedFeedForward<S>] = []
    for n in 0..<mixture.count {
      experts.append(
        try gated(
          "\(prefix)\(names.expert)\(n).", gate: names.expertGate, up: names.expertUp,
          down: names.expertDown, width: mixture.width, hasBias: mixture.hasBiases))
    }
    return MixtureOfExperts(
      router: try tensors.projection(
        prefix + names.router, mixture.count, d, hasBias: mixture.hasBiases),
      experts: experts, expertsPerToken: mixture.expertsPerToken,
      normalizesTopK: mixture.normalizesTopK,
      shared: try mixture.sharedWidth.map { width throws(InputError) in
        .init(
          expert: try gated(
            prefix + names.sharedExpert, gate: names.expertGate, up: names.expertUp,
            down: names.expertDown, width: width, hasBias: false),
          gate: try tensors.weight(prefix + names.sharedExpertGate + ".weight", 1, d))
      })
  }

  /// A dense layer and experts with norms of their own.
  private func besideDense(
    _ prefix: String, _ mixture: DecoderConfiguration.Experts, denseWidth: Int, normWeight: [S]?
  ) throws(InputError) -> DenseBesideExperts<S> {
    let (d, beside) = (configuration.width, names.beside)
    let scale = try norm(prefix + beside.norm, width: d).weight
    let scales = try tensors.vector(prefix + beside.expertScales, count: mixture.count)
    var experts: [GatedFeedForward<S>] = []
    for n in 0..<mixture.count {
      experts.append(
        try gated(
          "\(prefix)\(names.expert)\(n).", gate: names.expertGate, up: names.expertUp,
          down: names.expertDown, width: mixture.width, hasBias: false, normWeight: scale,
          times: scales[n]))
    }
    let router = try tensors.weight(prefix + names.router + ".weight", mixture.count, d)
      .scalingColumns(by: tensors.vector(prefix + beside.routerScale, count: d))
      .times(1 / S.sqrt(S(d)))
    return DenseBesideExperts(
      dense: try gated(
        prefix, gate: names.gate, up: names.up, down: names.down,
        width: denseWidth, hasBias: false, normWeight: normWeight),
      denseNorm: try norm(prefix + beside.densePostNorm, width: d),
      mixture: MixtureOfExperts(
        router: Projection(weight: router), experts: experts,
        expertsPerToken: mixture.expertsPerToken, normalizesTopK: mixture.normalizesTopK,
        shared: nil),
      mixtureNorm: try norm(prefix + beside.postNorm, width: d))
  }

  /// A gated layer.
  ///
  /// The weight of a norm before it may be a factor of the columns of what reads it, and its output has
  /// a factor.
  private func gated(
    _ prefix: String, gate: String, up: String, down: String, width: Int, hasBias: Bool,
    normWeight: [S]? = nil, times factor: S = 1
  ) throws(InputError) -> GatedFeedForward<S> {
    let d = configuration.width
    let inputs = try tensors.projections(
      [(prefix + gate, width), (prefix + up, width)], from: d, hasBias: hasBias
    ).map { projection in
      guard let normWeight else { return projection }
      return Projection(
        weight: projection.weight.scalingColumns(by: normWeight), bias: projection.bias)
    }
    return GatedFeedForward(
      gate: inputs[0], up: inputs[1],
      down: try tensors.projection(
        prefix + down, d, width, hasBias: hasBias,
        times: configuration.branchScale * Double(factor)),
      activation: configuration.activation,
      clamp: configuration.gateLimit.map { GateClamp(limit: S($0)) })
  }
}
