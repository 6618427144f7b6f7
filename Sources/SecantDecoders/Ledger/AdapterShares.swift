import SecantOperators

/// A readout of a decoder with a low-rank adapter, divided among the adapter's modules.
///
/// The run of the adapted decoder is frozen: its patterns, gates and norms. Modules are counted from the
/// input up, in a block value, output, gate and up, down, and then those of a branch of per-layer inputs.
/// Let T_k be the readout with these frozen factors where modules 1 to k have their adapters and those above
/// have their base weights. Module k adds
/// `ΔW_k = s·B_k·A_k`, and gave
///
///     T_k − T_{k−1} = Σ_t g_k,t · ΔW_k x_k,t
///
/// Here x_k,t is what enters the module at position t in the adapted run, and g_k,t is the cotangent of its
/// output through the frozen factors and the base weights above it. So T_0 plus all modules is the readout,
/// with nothing left out. T_0 is no answer of the model without its adapter, because the factors are those
/// of the adapted run.
///
/// Queries, keys, and whatever else acts only inside the frozen factors have no share: their adapters
/// decided where attention looked and what was let through, and are in every T_k. The order is a choice: from
/// the output down, each module would meet base inputs and adapted weights above.
public struct AdapterShares: Hashable, Sendable {
  /// T_0 by token: what each token's vector gives through base weights and the frozen factors.
  public var tokens: [Double]
  /// What the biases, and what a clamp holds constant, give in T_0.
  public var bias: Double
  /// The modules with a share, in the order in which data passes them.
  public var modules: [Module]
  /// The adapted matrices without a share, and the blocks where they are.
  public var frozen: [Frozen]

  /// T_0: the readout with the base weights under the frozen factors.
  public var base: Double { tokens.reduce(bias, +) }
  /// T_0 and all modules: the readout itself, but for rounding.
  public var sum: Double { modules.reduce(base) { $0 + $1.sum } }

  /// An adapted matrix on the linear path.
  public struct Module: Hashable, Sendable {
    /// The block's number.
    public let block: Int
    /// What the matrix does.
    public let kind: ProjectionKind
    /// The number of the expert that it belongs to; nil if it belongs to none.
    public let expert: Int?
    /// What it gave at each position up to the last one read: where its output is changed.
    public let values: [Double]

    /// What it gave at all positions.
    public var sum: Double { values.reduce(0, +) }
  }

  /// Adapted matrices that act only inside frozen factors.
  public struct Frozen: Hashable, Sendable {
    /// What the matrices do.
    public let kind: ProjectionKind
    /// The blocks where they are, ascending.
    public let blocks: [Int]
  }
}

extension Linearization {
  /// What each module of the decoder's adapter gave to a readout, by one adjoint pass through base weights.
  ///
  /// Costs 2·P operations per position for the cotangents, and for each adapted matrix a product with what
  /// its adapter adds; the inputs of adapted output and down projections are computed anew. Blocks that are
  /// not held are frozen once more.
  ///
  /// - Parameters:
  ///   - readout: What is read.
  ///   - site: `output`, or the stream after a block.
  ///   - observer: Called after each block with the fraction done.
  /// - Returns: The shares; without an adapter, T_0 is the readout and there is no module.
  public func adapterShares(
    of readout: Readout<S>, to site: Site = .output,
    observer: (Double) -> Void = { _ in }
  ) -> AdapterShares {
    let depth = destination(site).block
    let start = seen(readout, at: site)
    let all = 0..<readout.positions.upperBound
    var (bias, modules) = (start.bias, [[AdapterShares.Module]]())
    var cotangents = start.cotangents
    for n in (0...depth).reversed() {
      var pass = AdapterPass(
        number: n, block: blocks[n], entering: blocks.stream(before: n).rows(all))
      cotangents = pass.back(cotangents)
      bias += pass.bias
      modules.append(pass.modules)
      observer(Double(depth + 1 - n) / Double(depth + 1))
    }
    return AdapterShares(
      tokens: Kernels.groupDots(
        cotangents.placed(on: all).rows.elements, input.rows(all).elements, width: input.columns),
      bias: bias, modules: modules.reversed().flatMap(\.self),
      frozen: frozenAdapters(upTo: depth, beside: modules.reversed()))
  }

  /// The adapted matrices of the blocks up to a depth that are not among each block's modules.
  private func frozenAdapters(
    upTo depth: Int, beside modules: [[AdapterShares.Module]]
  ) -> [AdapterShares.Frozen] {
    let inputs: Set<ProjectionKind> = blocks.hasAdaptedInputs ? [.perLayerInputs] : []
    let frozen = zip(blocks.unfrozen, modules).map { block, modules in
      block.adapted.union(inputs).subtracting(modules.map(\.kind))
    }
    return ProjectionKind.allCases.compactMap { kind in
      let places = frozen.indices.filter { frozen[$0].contains(kind) }
      return places.isEmpty ? nil : .init(kind: kind, blocks: places)
    }
  }
}

/// Carries a readout's cotangents back through the base weights of one block under its frozen factors.
private struct AdapterPass<S: Scalar> {
  /// The block's number.
  let number: Int
  /// The block, frozen with its adapters.
  let block: FrozenBlock<S>
  /// The stream before the block, at all positions up to the last one read.
  let entering: Matrix<S>
  /// The modules found, in the order in which data passes them.
  private(set) var modules: [AdapterShares.Module] = []
  /// What the biases of both layers give with base weights.
  private(set) var bias = 0.0

  init(number: Int, block: FrozenBlock<S>, entering: Matrix<S>) {
    (self.number, self.block, self.entering) = (number, block, entering)
  }

  /// The cotangents of the stream before the block, from those of the stream after it.
  mutating func back(_ cotangents: Tangents<S>) -> Tangents<S> {
    let (block, count) = (block, entering.rows)
    let given = block.inputs(of: entering)
    var (attention, feedForward): ([AdapterShares.Module], [AdapterShares.Module]) = ([], [])
    var perLayer: [AdapterShares.Module] = []
    let image = block.walk.backward(cotangents) { step, y in
      guard let x = given[step] else { preconditionFailure("both walks pass the same steps") }
      switch step {
      case .attention: return self.attention(y, x, &attention)
      case .feedForward: return self.feedForward(y, x, block.feedForward, &feedForward)
      case .perLayer:
        guard let branch = block.perLayer else { preconditionFailure("a branch that is not there") }
        return self.feedForward(y, x, branch, &perLayer) {
          $0 == .down ? .perLayerOutput : .perLayerGate
        }
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm, .streamFactor:
        return block.applyAdjoint(step, to: y, positions: 0..<count)
      }
    } add: {
      $0 + $1
    }
    modules = attention + feedForward + perLayer
    return image
  }

  // MARK: - Attention

  /// The modules of attention, and the cotangents of what enters it: `y` are those of its output, and `x` is
  /// what enters it.
  private mutating func attention(
    _ y: Tangents<S>, _ x: Matrix<S>, _ modules: inout [AdapterShares.Module]
  ) -> Tangents<S> {
    let (layer, base) = (block.attention, block.attention.unadapted)
    let support = y.strands[0].support
    let mixing = layer.mixing(positions: support)
    let asked = layer.asked(
      mixing.applyAdjoint(base.output.weight.applyAdjoint(y)), beside: y)
    if layer.projectsValues, let change = layer.value.adaptation?.change {
      let sources = asked.strands[0].support
      modules.append(
        module(.value, products(change.forward(x.rows(sources)), asked.rows), at: Array(sources)))
    }
    if let change = layer.output.adaptation?.change {
      let mixed = mixing.apply(Tangents(stream: layer.values(at: x))).rows
      modules.append(
        module(.output, products(change.forward(mixed), y.rows), at: Array(support)))
    }
    addBias(base.offset, y)
    return base.entering(asked)
  }

  // MARK: - The feed-forward layer

  /// The number of hidden activations in memory at a time.
  private static var hiddenElements: Int { 1 << 22 }

  /// The modules of a feed-forward layer, or of the branch of per-layer inputs, which has other names; and the
  /// cotangents of what enters it.
  private mutating func feedForward(
    _ y: Tangents<S>, _ x: Matrix<S>, _ frozen: FrozenFeedForward<S>,
    _ modules: inout [AdapterShares.Module],
    naming name: (ProjectionKind) -> ProjectionKind = { $0 }
  ) -> Tangents<S> {
    let support = y.strands[0].support
    var image = Matrix<S>.zero(rows: support.count, columns: x.columns)
    let layers = frozen.layers.map { AdaptedLayer($0) }
    for layer in layers {
      let served = GateChange.positions(of: [layer.layer], in: support)
      let height = max(64, Self.hiddenElements / max(1, layer.layer.hiddenWidth))
      var values = layer.kinds.map { _ in [Double]() }
      for start in stride(from: 0, to: served.count, by: height) {
        let positions = Array(served[start..<min(start + height, served.count)])
        let rows = positions.map { $0 - support.lowerBound }
        let effect = layer.effect(
          at: positions, of: x.gathering(rows: positions), on: y.rows.gathering(rows: rows))
        for index in values.indices { values[index] += effect.values[index] }
        Kernels.scatterRows(
          effect.asked.elements, width: x.columns, rows: rows, to: &image.elements)
      }
      if served.isEmpty { continue }
      modules += zip(layer.kinds, values).map {
        module(name($0), $1, at: served, expert: layer.layer.expert)
      }
    }
    addBias(FrozenFeedForward(layers: layers.map(\.base)).offset, y)
    return y.replacingRows(image)
  }

  // MARK: - Numbers by position

  private mutating func addBias(_ offset: Matrix<S>?, _ y: Tangents<S>) {
    guard let offset else { return }
    bias += Kernels.dot(
      y.rows.elements.span, offset.rows(y.strands[0].support).elements.span)
  }

  private func products(_ x: Matrix<S>, _ y: Matrix<S>) -> [Double] {
    Kernels.groupDots(x.elements, y.elements, width: x.columns)
  }

  private func module(
    _ kind: ProjectionKind, _ values: [Double], at positions: [Int], expert: Int? = nil
  ) -> AdapterShares.Module {
    var placed = [Double](repeating: 0, count: entering.rows)
    for (position, value) in zip(positions, values) { placed[position] = value }
    return .init(block: number, kind: kind, expert: expert, values: placed)
  }
}

/// A gated layer with what its adapters add.
private struct AdaptedLayer<S: Scalar> {
  /// The layer with its adapters.
  let layer: FrozenFeedForward<S>.Layer
  /// The same frozen factors with base weights.
  let base: FrozenFeedForward<S>.Layer
  /// What the adapters of the branches add; nil for a branch without one.
  private let inputs: [Projection<S>?]
  /// What the adapter of W_down adds; nil if there is none.
  private let output: Projection<S>?

  init(_ layer: FrozenFeedForward<S>.Layer) {
    self.layer = layer
    base = layer.unadapted
    inputs = layer.branches.map { $0.projection.adaptation?.change }
    output = layer.down.adaptation?.change
  }

  /// The adapted matrices, those of the branches first.
  var kinds: [ProjectionKind] {
    zip(layer.branches, inputs).compactMap { $1 == nil ? nil : $0.kind }
      + (output == nil ? [] : [.down])
  }

  /// What each module gives at some positions, from what enters the layer there `[n, d]` and the cotangents
  /// of what leaves it `[n, d]`; and the cotangents of what enters it.
  func effect(
    at positions: [Int], of x: Matrix<S>, on y: Matrix<S>
  ) -> (values: [[Double]], asked: Matrix<S>) {
    let wanted = base.down.weight.multiplyTransposed(y)
    var asked = Matrix<S>.zero(rows: y.rows, columns: y.columns)
    var values: [[Double]] = []
    for (branch, change) in zip(base.branches, inputs) {
      var cotangents = layer.placing(branch.coefficients, at: positions)
      Kernels.multiply(&cotangents.elements, by: wanted.elements)
      asked += branch.projection.weight.multiplyTransposed(cotangents)
      guard let change else { continue }
      values.append(
        Kernels.groupDots(
          change.forward(x).elements, cotangents.elements, width: cotangents.columns))
    }
    guard let output else { return (values, asked) }
    var hidden =
      layer.constants.map { layer.placing($0, at: positions) }
      ?? .zero(rows: wanted.rows, columns: wanted.columns)
    for branch in layer.branches {
      var part = branch.projection.forward(x)
      Kernels.multiply(
        &part.elements, by: layer.placing(branch.coefficients, at: positions).elements)
      hidden += part
    }
    values.append(
      Kernels.groupDots(output.forward(hidden).elements, y.elements, width: y.columns))
    return (values, asked)
  }
}

extension FrozenAttention {
  /// The same frozen factors with the weights that the layer has without its adapter.
  fileprivate var unadapted: FrozenAttention {
    FrozenAttention(
      value: value.adaptation?.base ?? value, role: role, given: given, convolution: convolution,
      pattern: pattern,
      valueGate: valueGate, outputGate: outputGate, output: output.adaptation?.base ?? output)
  }
}

extension FrozenFeedForward.Layer {
  /// The same frozen factors with the weights that the layer has without its adapter.
  fileprivate var unadapted: Self {
    Self(
      positions: positions, expert: expert,
      branches: branches.map {
        .init(
          kind: $0.kind, projection: $0.projection.adaptation?.base ?? $0.projection,
          coefficients: $0.coefficients)
      }, down: down.adaptation?.base ?? down, constants: constants, routerWeights: routerWeights)
  }
}
