public import SecantOperators

/// One block: attention, or a delta network in its place, and a feed-forward layer, one after the other
/// or side by side, each normalized before, after or both, and added to the stream; in few families the branch
/// of per-layer inputs follows, and the stream is then multiplied by a number.
public struct Block<S: Scalar>: Sendable {
  /// How the layers follow one another.
  public let walk: BlockWalk
  /// Normalization of what enters attention.
  public let attentionNorm: Normalization<S>?
  /// The layer that mixes positions: attention, or a delta network in its place.
  public internal(set) var attention: TokenMixer<S>
  /// Normalization of what leaves attention, before it is added to the stream.
  public let attentionPostNorm: Normalization<S>?
  /// Normalization of what enters the feed-forward layer.
  public let feedForwardNorm: Normalization<S>?
  /// The feed-forward layer.
  public let feedForward: any FeedForward<S>
  /// Normalization of what leaves the feed-forward layer, before it is added to the stream.
  public let feedForwardPostNorm: Normalization<S>?
  /// The branch of per-layer inputs; nil if there are none.
  public let perLayer: PerLayerBranch<S>?
  /// Normalization of what leaves that branch, before it is added to the stream.
  public let perLayerPostNorm: Normalization<S>?
  /// The number by which the stream after all layers is multiplied; nil for 1.
  public let streamFactor: S?

  /// The stream `[n, d]` after the block, at the positions after those in the cache.
  ///
  /// - Parameters:
  ///   - x: The stream before the block.
  ///   - cache: The block's, or that of the block whose keys and values it takes.
  ///   - beside: The block's per-layer inputs at these positions, if it has them.
  /// - Returns: The stream.
  public func forward(
    _ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer, beside: BesideStream<S> = .init()
  ) -> Matrix<S> {
    walk.forward(x) { step, x in
      switch step {
      case .attention: attention.forward(x, cache: &cache)
      case .feedForward: feedForward.forward(x)
      case .perLayer: perLayerOutput(x, beside)
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm:
        norm(step)?.forward(x) ?? x
      case .streamFactor: scaled(x)
      }
    } add: {
      $0 + $1
    }
  }

  /// The branch of per-layer inputs at rows `[n, d]`.
  func perLayerOutput(_ x: Matrix<S>, _ beside: BesideStream<S>) -> Matrix<S> {
    let (branch, p) = perLayerParts(beside)
    return branch.forward(x, p.values)
  }

  private func perLayerParts(
    _ beside: BesideStream<S>
  ) -> (PerLayerBranch<S>, BesideStream<S>.PerLayer) {
    guard let perLayer, let inputs = beside.perLayer else {
      preconditionFailure("the walk passes a branch that is not there, or without its vectors")
    }
    return (perLayer, inputs)
  }

  /// A stream times the block's number.
  func scaled(_ x: Matrix<S>) -> Matrix<S> { streamFactor.map { $0 * x } ?? x }

  /// The norm of a step; nil if the block does not have it.
  func norm(_ step: BlockStep) -> Normalization<S>? {
    switch step {
    case .attentionNorm: attentionNorm
    case .attentionPostNorm: attentionPostNorm
    case .feedForwardNorm: feedForwardNorm
    case .feedForwardPostNorm: feedForwardPostNorm
    case .perLayerPostNorm: perLayerPostNorm
    case .attention, .feedForward, .perLayer, .streamFactor: nil
    }
  }

  /// The block frozen at a stream x* `[T, d]`: one forward pass of the block.
  ///
  /// - Parameters:
  ///   - x: The stream before the block.
  ///   - rule: Which factor of gated products stays linear.
  ///   - beside: What else the block reads.
  /// - Returns: The frozen block.
  public func frozen(
    at x: Matrix<S>, rule: GateRule, beside: BesideStream<S> = .init()
  ) -> FrozenBlock<S> {
    var scales: [BlockStep: FrozenScale<S>] = [:]
    var frozenAttention: FrozenAttention<S>?
    var frozenFeedForward: FrozenFeedForward<S>?
    var frozenPerLayer: FrozenFeedForward<S>?
    let values = pass(x) { step, x in
      switch step {
      case .attention:
        let (map, output) = attention.frozen(at: x, taking: beside.given)
        frozenAttention = map
        return output
      case .perLayer:
        let (branch, p) = perLayerParts(beside)
        let (map, output) = branch.frozen(at: x, p.values)
        frozenPerLayer = map
        return output
      case .feedForward:
        let (map, output) = feedForward.frozen(at: x, rule: rule)
        frozenFeedForward = map
        return output
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm:
        guard let scale = norm(step)?.frozen(at: x) else { return x }
        scales[step] = scale
        return scale.apply(Tangents(stream: x)).rows
      case .streamFactor: return scaled(x)
      }
    }
    guard let frozenAttention, let frozenFeedForward else {
      preconditionFailure("the walk passes both layers")
    }
    return FrozenBlock(
      walk: walk, scales: scales, attention: frozenAttention, feedForward: frozenFeedForward,
      perLayer: frozenPerLayer, streamFactor: streamFactor, values: values)
  }

  /// The derivative of the block at a stream x* `[T, d]`: one forward pass of the block.
  ///
  /// - Parameters:
  ///   - x: The stream before the block.
  ///   - beside: What else the block reads.
  /// - Returns: The derivative, also along what it takes from earlier blocks.
  public func differential(
    at x: Matrix<S>, beside: BesideStream<S> = .init()
  ) -> BlockDifferential<S> {
    let parts = differentialParts(at: x, beside: beside) {
      attention.differential(at: $0, taking: beside.given)
    }
    return BlockDifferential(
      walk: walk, norms: parts.norms, attention: parts.attention, feedForward: parts.feedForward,
      perLayer: parts.perLayer, streamFactor: streamFactor,
      entersPerLayerInputs: beside.perLayer?.block == 0, values: parts.values)
  }

  /// The derivative of each step where x* passes it, and the values of the block's sites.
  ///
  /// - Parameters:
  ///   - x: The stream before the block.
  ///   - beside: What else the block reads.
  ///   - attend: The attention layer differentiated at its input, and its output there.
  /// - Returns: The derivatives by step, those of attention as `attend` gives them.
  func differentialParts<A>(
    at x: Matrix<S>, beside: BesideStream<S> = .init(),
    attend: (Matrix<S>) -> (map: A, output: Matrix<S>)
  ) -> DifferentialParts<A> {
    var norms: [BlockStep: NormDifferential<S>] = [:]
    var attentionMap: A?
    var (feedForwardMap, perLayerMap): (Linear?, Linear?) = (nil, nil)
    let values = pass(x) { step, x in
      switch step {
      case .attention:
        let (map, output) = attend(x)
        attentionMap = map
        return output
      case .feedForward:
        let (map, output) = feedForward.differential(at: x)
        feedForwardMap = map
        return output
      case .perLayer:
        let (branch, p) = perLayerParts(beside)
        let (vectors, response) = p.differential
        let (map, output) = branch.differential(at: x, vectors, response: response)
        perLayerMap = map
        return output
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm:
        guard let norm = norm(step) else { return x }
        norms[step] = norm.differential(at: x)
        return norm.forward(x)
      case .streamFactor: return scaled(x)
      }
    }
    guard let attentionMap, let feedForwardMap else {
      preconditionFailure("the walk passes both layers")
    }
    return DifferentialParts(
      norms: norms, attention: attentionMap, feedForward: feedForwardMap, perLayer: perLayerMap,
      values: values)
  }

  /// A linear map of tangents.
  typealias Linear = any LinearOperator<Tangents<S>>

  /// The derivatives of a block's steps, and the values of its sites.
  struct DifferentialParts<A> {
    let norms: [BlockStep: NormDifferential<S>]
    let attention: A
    let feedForward: Linear
    let perLayer: Linear?
    let values: BlockValues<S>
  }

  /// The values of the block's sites for a stream `[T, d]` that starts at position 0.
  private func pass(
    _ x: Matrix<S>, step: (BlockStep, Matrix<S>) -> Matrix<S>
  ) -> BlockValues<S> {
    var (attended, fed) = (x, x)
    var perLayer: Matrix<S>?
    let after = walk.forward(x) { part, x in
      let image = step(part, x)
      if part == .attention { attended = image }
      if part == .feedForward { fed = image }
      if part == .perLayer { perLayer = image }
      return image
    } add: {
      $0 + $1
    }
    return BlockValues(
      attention: attended, feedForward: fed, perLayer: perLayer, residual: after)
  }
}

/// A block as an affine map for one prompt, with the values that it computed there.
public struct FrozenBlock<S: Scalar>: BlockMaps {
  /// How the layers follow one another.
  public let walk: BlockWalk
  /// The block's frozen norms.
  let scales: [BlockStep: FrozenScale<S>]
  /// The frozen attention.
  public private(set) var attention: FrozenAttention<S>
  /// The frozen feed-forward layer.
  public private(set) var feedForward: FrozenFeedForward<S>
  /// The frozen branch of per-layer inputs; nil if there are none.
  public let perLayer: FrozenFeedForward<S>?
  /// The number by which the stream after all layers is multiplied; nil for 1.
  package let streamFactor: S?
  /// The values of the block's sites in the forward pass.
  public let values: BlockValues<S>

  /// Attention with its pattern frozen.
  public var frozenAttention: FrozenAttention<S> { attention }

  /// Frozen, per-layer inputs vary with nothing.
  public var entersPerLayerInputs: Bool { false }

  /// The same block where the values that it takes are constant: they count as its biases.
  public var alone: FrozenBlock {
    var result = self
    result.attention = attention.alone
    return result
  }

  /// The frozen norm of a step; nil if the block does not have it.
  package func scale(_ step: BlockStep) -> FrozenScale<S>? { scales[step] }

  /// The linear part of a step; nil if the block does not have that norm or number.
  public func map(
    of step: BlockStep, positions: Range<Int>
  ) -> (any LinearOperator<Tangents<S>>)? {
    switch step {
    case .attention: attention.map(positions: positions)
    case .feedForward: feedForward.map
    case .perLayer: perLayer?.map
    case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
      .perLayerPostNorm:
      scales[step]
    case .streamFactor: streamFactor.map { StreamFactor($0, width: values.residual.columns) }
    }
  }

  /// The contribution of a step's biases to its image, `[T, d]`; nil if there are none.
  func offset(of step: BlockStep) -> Matrix<S>? {
    switch step {
    case .attention: attention.offset
    case .feedForward: feedForward.offset
    case .perLayer: perLayer?.offset
    case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
      .perLayerPostNorm, .streamFactor:
      nil
    }
  }

  /// The contribution of attention's or the feed-forward layer's biases to the stream, `[T, d]`;
  /// nil if there are none.
  func addedOffset(of step: BlockStep) -> Matrix<S>? {
    let postNorm: BlockStep? =
      switch step {
      case .attention: .attentionPostNorm
      case .feedForward: .feedForwardPostNorm
      case .perLayer: .perLayerPostNorm
      default: nil
      }
    return offset(of: step).map { offset in
      postNorm.flatMap { scales[$0] }?.apply(Tangents(stream: offset)).rows ?? offset
    }
  }

  /// The same block, with the matrices of its feed-forward layer formed at some positions.
  func formingFeedForward(at positions: [Int]) -> FrozenBlock {
    var result = self
    result.feedForward = feedForward.forming(at: positions)
    return result
  }

  /// The affine image of a stream, biases included, at a place; with what earlier blocks give beside it.
  func affineImage(
    of stream: Tangents<S>, to place: Site.BlockSite = .residual
  ) -> Tangents<S> {
    walk.forward(stream, to: place) { step, x in
      let image = apply(step, to: x, positions: x.strands[0].support)
      return offset(of: step).map { image + Tangents(stream: $0) } ?? image
    } add: {
      $0 + $1
    }
  }

  /// What entered each step in the forward pass, from the first rows `[n, d]` of the stream before the block.
  func inputs(of stream: Matrix<S>) -> [BlockStep: Matrix<S>] {
    var given: [BlockStep: Matrix<S>] = [:]
    _ = walk.forward(stream) { step, x -> Matrix<S> in
      given[step] = x
      switch step {
      case .attention: return values.attention.rows(0..<x.rows)
      case .feedForward: return values.feedForward.rows(0..<x.rows)
      case .perLayer: return values.perLayer?.rows(0..<x.rows) ?? x
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .perLayerPostNorm, .streamFactor:
        return apply(step, to: Tangents(stream: x), positions: 0..<x.rows).rows
      }
    } add: {
      $0 + $1
    }
    return given
  }

  /// The block's memory in bytes: scales, queries, keys, gates and the values of its sites.
  var bytes: Int {
    let scales = scales.values.reduce(0) { $0 + $1.coefficients.elements.count }
    let pattern =
      attention.pattern.elementCount
      + [attention.valueGate, attention.outputGate].reduce(0) {
        $0 + ($1?.coefficients.elements.count ?? 0)
      }
    let layers = feedForward.layers + (perLayer?.layers ?? [])
    let gates = layers.reduce(0) { sum, layer in
      let rows = layer.branches.map(\.coefficients) + [layer.constants].compactMap(\.self)
      return sum + rows.reduce(0) { $0 + $1.elements.count }
    }
    let sites = (values.perLayer == nil ? 3 : 4) * values.residual.elements.count
    // What is given or taken is one matrix for all blocks that hold it.
    let given: Int =
      if case .given = attention.role { attention.given?.elements.count ?? 0 } else { 0 }
    return (scales + pattern + gates + given + sites) * MemoryLayout<S>.stride
  }
}

/// The derivative of a block at one prompt, with the values that it computed there.
public struct BlockDifferential<S: Scalar>: BlockMaps {
  /// How the layers follow one another.
  public let walk: BlockWalk
  /// The derivatives of the block's norms.
  let norms: [BlockStep: NormDifferential<S>]
  /// The derivative of attention.
  let attention: any AttentionResponse<S>
  /// The derivative of the feed-forward layer.
  let feedForward: any LinearOperator<Tangents<S>>
  /// The derivative of the branch of per-layer inputs; nil if there are none.
  let perLayer: (any LinearOperator<Tangents<S>>)?
  /// The number by which the stream after all layers is multiplied; nil for 1.
  let streamFactor: S?
  /// Whether per-layer inputs vary with the stream that enters this block.
  public private(set) var entersPerLayerInputs: Bool
  /// The values of the block's sites in the forward pass.
  public let values: BlockValues<S>

  /// Attention with its pattern frozen.
  public var frozenAttention: FrozenAttention<S> { attention.frozen }

  /// The same block where per-layer inputs are constant, as is what it takes.
  public var alone: BlockDifferential {
    var result = self
    result.entersPerLayerInputs = false
    return result
  }

  /// The derivative of a step; nil if the block does not have that norm or number.
  public func map(
    of step: BlockStep, positions: Range<Int>
  ) -> (any LinearOperator<Tangents<S>>)? {
    switch step {
    case .attention: attention.map(positions: positions)
    case .feedForward: feedForward
    case .perLayer: perLayer
    case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
      .perLayerPostNorm:
      norms[step]
    case .streamFactor: streamFactor.map { StreamFactor($0, width: values.residual.columns) }
    }
  }
}
