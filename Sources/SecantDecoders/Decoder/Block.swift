public import SecantOperators

/// One block: attention, or a delta network in its place, and a feed-forward layer, one after the other
/// or side by side, each normalized before, after or both, and added to the stream; in few families that
/// is then multiplied by a number.
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
  /// The number by which the stream after both layers is multiplied; nil for 1.
  public let streamFactor: S?

  /// The stream `[n, d]` after the block, at the positions after those in the cache.
  public func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    walk.forward(x) { step, x in
      switch step {
      case .attention: attention.forward(x, cache: &cache)
      case .feedForward: feedForward.forward(x)
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm:
        norm(step)?.forward(x) ?? x
      case .streamFactor: scaled(x)
      }
    } add: {
      $0 + $1
    }
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
    case .attention, .feedForward, .streamFactor: nil
    }
  }

  /// The block frozen at a stream x* `[T, d]`: one forward pass of the block.
  public func frozen(at x: Matrix<S>, rule: GateRule) -> FrozenBlock<S> {
    var scales: [BlockStep: FrozenScale<S>] = [:]
    var frozenAttention: FrozenAttention<S>?
    var frozenFeedForward: FrozenFeedForward<S>?
    let values = pass(x) { step, x in
      switch step {
      case .attention:
        let (map, output) = attention.frozen(at: x)
        frozenAttention = map
        return output
      case .feedForward:
        let (map, output) = feedForward.frozen(at: x, rule: rule)
        frozenFeedForward = map
        return output
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm:
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
      streamFactor: streamFactor, values: values)
  }

  /// The derivative of the block at a stream x* `[T, d]`: one forward pass of the block.
  public func differential(at x: Matrix<S>) -> BlockDifferential<S> {
    let parts = differentialParts(at: x) { attention.differential(at: $0) }
    return BlockDifferential(
      walk: walk, norms: parts.norms, attention: parts.attention, feedForward: parts.feedForward,
      streamFactor: streamFactor, values: parts.values)
  }

  /// The derivative of each step where x* passes it, and the values of the block's sites.
  ///
  /// - Parameters:
  ///   - x: The stream before the block.
  ///   - attend: The attention layer differentiated at its input, and its output there.
  /// - Returns: The derivatives by step, those of attention as `attend` gives them.
  func differentialParts<A>(
    at x: Matrix<S>, attend: (Matrix<S>) -> (map: A, output: Matrix<S>)
  ) -> (
    norms: [BlockStep: NormDifferential<S>], attention: A,
    feedForward: any LinearOperator<Tangents<S>>, values: BlockValues<S>
  ) {
    var norms: [BlockStep: NormDifferential<S>] = [:]
    var attentionMap: A?
    var feedForwardMap: (any LinearOperator<Tangents<S>>)?
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
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm:
        guard let norm = norm(step) else { return x }
        norms[step] = norm.differential(at: x)
        return norm.forward(x)
      case .streamFactor: return scaled(x)
      }
    }
    guard let attentionMap, let feedForwardMap else {
      preconditionFailure("the walk passes both layers")
    }
    return (norms, attentionMap, feedForwardMap, values)
  }

  /// The values of the block's sites for a stream `[T, d]` that starts at position 0.
  private func pass(
    _ x: Matrix<S>, step: (BlockStep, Matrix<S>) -> Matrix<S>
  ) -> BlockValues<S> {
    var (attended, fed) = (x, x)
    let after = walk.forward(x) { part, x in
      let image = step(part, x)
      if part == .attention { attended = image }
      if part == .feedForward { fed = image }
      return image
    } add: {
      $0 + $1
    }
    return BlockValues(attention: attended, feedForward: fed, residual: after)
  }
}

/// A block as an affine map for one prompt, with the values that it computed there.
public struct FrozenBlock<S: Scalar>: BlockMaps {
  /// How the layers follow one another.
  public let walk: BlockWalk
  /// The block's frozen norms.
  let scales: [BlockStep: FrozenScale<S>]
  /// The frozen attention.
  public let attention: FrozenAttention<S>
  /// The frozen feed-forward layer.
  public private(set) var feedForward: FrozenFeedForward<S>
  /// The number by which the stream after both layers is multiplied; nil for 1.
  package let streamFactor: S?
  /// The values of the block's sites in the forward pass.
  public let values: BlockValues<S>

  /// Attention with its pattern frozen.
  public var frozenAttention: FrozenAttention<S> { attention }

  /// The frozen norm of a step; nil if the block does not have it.
  package func scale(_ step: BlockStep) -> FrozenScale<S>? { scales[step] }

  /// The linear part of a step; nil if the block does not have that norm or number.
  public func map(
    of step: BlockStep, positions: Range<Int>
  ) -> (any LinearOperator<Tangents<S>>)? {
    switch step {
    case .attention: attention.map(positions: positions)
    case .feedForward: feedForward.map
    case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm: scales[step]
    case .streamFactor: streamFactor.map { StreamFactor($0, width: values.residual.columns) }
    }
  }

  /// The contribution of a step's biases to its image, `[T, d]`; nil if there are none.
  func offset(of step: BlockStep) -> Matrix<S>? {
    switch step {
    case .attention: attention.offset
    case .feedForward: feedForward.offset
    case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
      .streamFactor:
      nil
    }
  }

  /// The contribution of attention's or the feed-forward layer's biases to the stream, `[T, d]`;
  /// nil if there are none.
  func addedOffset(of step: BlockStep) -> Matrix<S>? {
    let postNorm: BlockStep = step == .attention ? .attentionPostNorm : .feedForwardPostNorm
    return offset(of: step).map { offset in
      scales[postNorm]?.apply(Tangents(stream: offset)).rows ?? offset
    }
  }

  /// The same block, with the matrices of its feed-forward layer formed at some positions.
  func formingFeedForward(at positions: [Int]) -> FrozenBlock {
    var result = self
    result.feedForward = feedForward.forming(at: positions)
    return result
  }

  /// The affine image of a stream `[T, d]`, biases included, at a place.
  func affineImage(
    of stream: Matrix<S>, to place: Site.BlockSite = .residual
  ) -> Matrix<S> {
    walk.forward(stream, to: place) { step, x in
      let image = apply(step, to: Tangents(stream: x), positions: 0..<x.rows).rows
      return offset(of: step).map { image + $0 } ?? image
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
      case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
        .streamFactor:
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
    let gates = feedForward.layers.reduce(0) { sum, layer in
      let rows = layer.branches.map(\.coefficients) + [layer.constants].compactMap(\.self)
      return sum + rows.reduce(0) { $0 + $1.elements.count }
    }
    return (scales + pattern + gates + 3 * values.residual.elements.count) * MemoryLayout<S>.stride
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
  /// The number by which the stream after both layers is multiplied; nil for 1.
  let streamFactor: S?
  /// The values of the block's sites in the forward pass.
  public let values: BlockValues<S>

  /// Attention with its pattern frozen.
  public var frozenAttention: FrozenAttention<S> { attention.frozen }

  /// The derivative of a step; nil if the block does not have that norm or number.
  public func map(
    of step: BlockStep, positions: Range<Int>
  ) -> (any LinearOperator<Tangents<S>>)? {
    switch step {
    case .attention: attention.map(positions: positions)
    case .feedForward: feedForward
    case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm: norms[step]
    case .streamFactor: streamFactor.map { StreamFactor($0, width: values.residual.columns) }
    }
  }
}
