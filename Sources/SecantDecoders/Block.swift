public import SecantOperators

/// One block: attention, then a feed-forward layer, each normalized before, after or both, and added to
/// the stream.
public struct Block<S: Scalar>: Sendable {
  /// Normalization of what enters attention.
  public let attentionNorm: RMSNorm<S>?
  /// The attention layer.
  public let attention: Attention<S>
  /// Normalization of what leaves attention, before it is added to the stream.
  public let attentionPostNorm: RMSNorm<S>?
  /// Normalization of what enters the feed-forward layer.
  public let feedForwardNorm: RMSNorm<S>?
  /// The feed-forward layer.
  public let feedForward: any FeedForward<S>
  /// Normalization of what leaves the feed-forward layer, before it is added to the stream.
  public let feedForwardPostNorm: RMSNorm<S>?

  /// The stream `[n, d]` after the block, at the positions that follow those in the cache.
  public func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    let attended = attention.forward(normalized(x, by: attentionNorm), cache: &cache)
    let middle = x + normalized(attended, by: attentionPostNorm)
    let fed = feedForward.forward(normalized(middle, by: feedForwardNorm))
    return middle + normalized(fed, by: feedForwardPostNorm)
  }

  private func normalized(_ x: Matrix<S>, by norm: RMSNorm<S>?) -> Matrix<S> {
    norm?.forward(x) ?? x
  }

  /// The block frozen at a stream x* `[T, d]`.
  public func frozen(at x: Matrix<S>, rule: GateRule) -> FrozenBlock<S> {
    let pass = pass(x)
    return FrozenBlock(
      attentionScale: attentionNorm?.frozen(at: x),
      attention: attention.frozen(at: pass.attentionInput),
      attentionPostScale: attentionPostNorm?.frozen(at: pass.values.attention),
      feedForwardScale: feedForwardNorm?.frozen(at: pass.middle),
      feedForward: feedForward.frozen(at: pass.feedForwardInput, rule: rule),
      feedForwardPostScale: feedForwardPostNorm?.frozen(at: pass.values.feedForward),
      values: pass.values)
  }

  /// The block's derivative at a stream x* `[T, d]`.
  public func differential(at x: Matrix<S>) -> BlockDifferential<S> {
    let pass = pass(x)
    return BlockDifferential(
      attentionNorm: attentionNorm?.differential(at: x),
      attention: attention.differential(at: pass.attentionInput),
      attentionPostNorm: attentionPostNorm?.differential(at: pass.values.attention),
      feedForwardNorm: feedForwardNorm?.differential(at: pass.middle),
      feedForwardMap: feedForward.differential(at: pass.feedForwardInput),
      feedForwardPostNorm: feedForwardPostNorm?.differential(at: pass.values.feedForward),
      values: pass.values)
  }

  /// What a stream `[T, d]` from the first position on brings about in the block.
  private struct Pass {
    /// What enters attention.
    let attentionInput: Matrix<S>
    /// The stream after attention.
    let middle: Matrix<S>
    /// What enters the feed-forward layer.
    let feedForwardInput: Matrix<S>
    /// What the sites hold.
    let values: BlockValues<S>
  }

  private func pass(_ x: Matrix<S>) -> Pass {
    let attentionInput = normalized(x, by: attentionNorm)
    var cache = KeyValueCache<S>.Layer(width: attention.value.weight.outputWidth)
    let attended = attention.forward(attentionInput, cache: &cache)
    let middle = x + normalized(attended, by: attentionPostNorm)
    let feedForwardInput = normalized(middle, by: feedForwardNorm)
    let fed = feedForward.forward(feedForwardInput)
    let after = middle + normalized(fed, by: feedForwardPostNorm)
    return Pass(
      attentionInput: attentionInput, middle: middle, feedForwardInput: feedForwardInput,
      values: BlockValues(attention: attended, feedForward: fed, residual: after))
  }
}

/// A block as the affine map that it was for one prompt, with the values that it produced there.
public struct FrozenBlock<S: Scalar>: BlockMaps {
  /// The frozen normalization before attention.
  public let attentionScale: FrozenScale<S>?
  /// The frozen attention.
  public let attention: FrozenAttention<S>
  /// The frozen normalization after attention.
  public let attentionPostScale: FrozenScale<S>?
  /// The frozen normalization before the feed-forward layer.
  public let feedForwardScale: FrozenScale<S>?
  /// The frozen feed-forward layer.
  public private(set) var feedForward: FrozenFeedForward<S>
  /// The frozen normalization after the feed-forward layer.
  public let feedForwardPostScale: FrozenScale<S>?
  /// What the block's sites held in the forward pass.
  public let values: BlockValues<S>

  /// The frozen normalization before attention.
  public var attentionNormMap: (any LinearOperator<Tangents<S>>)? { attentionScale }
  /// The frozen normalization after attention.
  public var attentionPostNormMap: (any LinearOperator<Tangents<S>>)? { attentionPostScale }
  /// The frozen normalization before the feed-forward layer.
  public var feedForwardNormMap: (any LinearOperator<Tangents<S>>)? { feedForwardScale }
  /// The linear part of the frozen feed-forward layer.
  public var feedForwardMap: any LinearOperator<Tangents<S>> { feedForward.map }
  /// The frozen normalization after the feed-forward layer.
  public var feedForwardPostNormMap: (any LinearOperator<Tangents<S>>)? { feedForwardPostScale }

  /// The linear part of the frozen attention, computed at the wanted positions only.
  public func attentionMap(reading: Range<Int>) -> any LinearOperator<Tangents<S>> {
    attention.map(reading: reading)
  }

  /// The same block, whose feed-forward layer holds its matrices at some positions.
  func formingFeedForward(at positions: [Int]) -> FrozenBlock {
    var result = self
    result.feedForward = feedForward.forming(at: positions)
    return result
  }

  /// Stream before the block to one of its places, at the wanted positions.
  func map(to place: Site.BlockSite, reading: Range<Int>) -> Composition<Tangents<S>> {
    switch place {
    case .attention: attentionOutput(reading: reading)
    case .feedForward:
      Composition([attentionStep(reading: reading)] + feedForwardOutput.stages)
    case .residual: map(reading: reading)
    }
  }

  /// What tangents of the stream before the block bring to its places.
  struct Images {
    let attention: Tangents<S>
    let feedForward: Tangents<S>
    let residual: Tangents<S>

    func at(_ place: Site.BlockSite) -> Tangents<S> {
      switch place {
      case .attention: attention
      case .feedForward: feedForward
      case .residual: residual
      }
    }
  }

  /// The images at all places at once, at the wanted positions.
  func images(of x: Tangents<S>, reading: Range<Int>) -> Images {
    let attended = attentionOutput(reading: reading).apply(x)
    let middle = x.restricted(to: reading) + (attentionPostScale?.apply(attended) ?? attended)
    let fed = feedForwardOutput.apply(middle)
    return Images(
      attention: attended, feedForward: fed,
      residual: middle + (feedForwardPostScale?.apply(fed) ?? fed))
  }

  /// The affine image of a stream `[T, d]` at a place.
  func offset(of image: Matrix<S>, to place: Site.BlockSite) -> Matrix<S> {
    switch place {
    case .attention: attentionOffset(image)
    case .feedForward: feedForwardOffset(image)
    case .residual: carryOffset(image)
    }
  }

  /// The affine image of a stream `[T, d]` at the attention output.
  func attentionOffset(_ offset: Matrix<S>) -> Matrix<S> {
    let linear = attentionOutput(reading: 0..<offset.rows).apply(Tangents(stream: offset)).rows
    return attention.offset.map { linear + $0 } ?? linear
  }

  /// The affine image of a stream `[T, d]` at the feed-forward output.
  func feedForwardOffset(_ offset: Matrix<S>) -> Matrix<S> {
    feedForwardImage(of: middleOffset(offset))
  }

  /// The affine image of a stream `[T, d]` after the block.
  func carryOffset(_ offset: Matrix<S>) -> Matrix<S> {
    let middle = middleOffset(offset)
    return middle + scaled(feedForwardImage(of: middle), by: feedForwardPostScale)
  }

  /// The affine image of a stream `[T, d]` after attention.
  private func middleOffset(_ offset: Matrix<S>) -> Matrix<S> {
    offset + scaled(attentionOffset(offset), by: attentionPostScale)
  }

  private func feedForwardImage(of middle: Matrix<S>) -> Matrix<S> {
    let linear = feedForwardOutput.apply(Tangents(stream: middle)).rows
    return feedForward.offset.map { linear + $0 } ?? linear
  }

  private func scaled(_ x: Matrix<S>, by scale: FrozenScale<S>?) -> Matrix<S> {
    scale?.apply(Tangents(stream: x)).rows ?? x
  }

  /// What the biases of attention alone add to the stream, `[T, d]`; nil where there are none.
  var attentionBias: Matrix<S>? { attention.offset.map { scaled($0, by: attentionPostScale) } }

  /// What the biases of the feed-forward layer alone add to the stream, `[T, d]`; nil where there are none.
  var feedForwardBias: Matrix<S>? {
    feedForward.offset.map { scaled($0, by: feedForwardPostScale) }
  }

  /// Whether any bias lies on the linear path.
  var hasOffset: Bool { attention.offset != nil || feedForward.offset != nil }
}

/// The derivative of a block at one prompt, with the values that it produced there.
public struct BlockDifferential<S: Scalar>: BlockMaps {
  /// The derivative of the norm before attention.
  let attentionNorm: NormDifferential<S>?
  /// The derivative of attention.
  let attention: AttentionDifferential<S>
  /// The derivative of the norm after attention.
  let attentionPostNorm: NormDifferential<S>?
  /// The derivative of the norm before the feed-forward layer.
  let feedForwardNorm: NormDifferential<S>?
  /// The derivative of the feed-forward layer.
  public let feedForwardMap: any LinearOperator<Tangents<S>>
  /// The derivative of the norm after the feed-forward layer.
  let feedForwardPostNorm: NormDifferential<S>?
  /// What the block's sites held in the forward pass.
  public let values: BlockValues<S>

  /// The derivative of the norm before attention.
  public var attentionNormMap: (any LinearOperator<Tangents<S>>)? { attentionNorm }
  /// The derivative of the norm after attention.
  public var attentionPostNormMap: (any LinearOperator<Tangents<S>>)? { attentionPostNorm }
  /// The derivative of the norm before the feed-forward layer.
  public var feedForwardNormMap: (any LinearOperator<Tangents<S>>)? { feedForwardNorm }
  /// The derivative of the norm after the feed-forward layer.
  public var feedForwardPostNormMap: (any LinearOperator<Tangents<S>>)? { feedForwardPostNorm }

  /// The derivative of attention, computed at the wanted positions only.
  public func attentionMap(reading: Range<Int>) -> any LinearOperator<Tangents<S>> {
    attention.map(reading: reading)
  }
}
