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
    let attentionInput = normalized(x, by: attentionNorm)
    var cache = KeyValueCache<S>.Layer(width: attention.value.weight.outputWidth)
    let attended = attention.forward(attentionInput, cache: &cache)
    let middle = x + normalized(attended, by: attentionPostNorm)
    let feedForwardInput = normalized(middle, by: feedForwardNorm)
    let fed = feedForward.forward(feedForwardInput)
    let after = middle + normalized(fed, by: feedForwardPostNorm)
    return FrozenBlock(
      attentionScale: attentionNorm?.frozen(at: x),
      attention: attention.frozen(at: attentionInput),
      attentionPostScale: attentionPostNorm?.frozen(at: attended),
      feedForwardScale: feedForwardNorm?.frozen(at: middle),
      feedForward: feedForward.frozen(at: feedForwardInput, rule: rule),
      feedForwardPostScale: feedForwardPostNorm?.frozen(at: fed),
      values: .init(attention: attended, feedForward: fed, residual: after))
  }
}

/// A block as the affine map that it was for one prompt, with the values that it produced there.
public struct FrozenBlock<S: Scalar>: Sendable {
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
  public let values: Values

  /// The streams `[T, d]` at a block's sites.
  public struct Values: Sendable {
    /// Output of attention, before it is normalized and added to the stream.
    public let attention: Matrix<S>
    /// Output of the feed-forward layer, before it is normalized and added to the stream.
    public let feedForward: Matrix<S>
    /// The stream after the block.
    public let residual: Matrix<S>
  }

  /// The same block, whose feed-forward layer holds its matrices at some positions.
  func formingFeedForward(at positions: [Int]) -> FrozenBlock {
    var result = self
    result.feedForward = feedForward.forming(at: positions)
    return result
  }

  /// The linear part of the block, computed at the wanted positions only.
  package func map(reading: Range<Int>) -> Composition<Tangents<S>> {
    Composition([attentionStep(reading: reading), feedForwardStep(reading: reading)])
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

  /// Stream to attention output, at the wanted positions.
  package func attentionOutput(reading: Range<Int>) -> Composition<Tangents<S>> {
    Self.composition([attentionScale, attention.map(reading: reading)])
  }

  /// Stream to what attention adds to it, at the wanted positions.
  package func attentionBranch(reading: Range<Int>) -> Composition<Tangents<S>> {
    Self.composition([attentionOutput(reading: reading), attentionPostScale])
  }

  /// Stream after attention to feed-forward output.
  package var feedForwardOutput: Composition<Tangents<S>> {
    Self.composition([feedForwardScale, feedForward.map])
  }

  /// Stream after attention to what the feed-forward layer adds to it.
  package var feedForwardBranch: Composition<Tangents<S>> {
    Self.composition([feedForwardOutput, feedForwardPostScale])
  }

  /// Those of the stages that the block has, one after the other.
  private static func composition(
    _ stages: [(any LinearOperator<Tangents<S>>)?]
  ) -> Composition<Tangents<S>> {
    Composition(stages.compactMap { $0 })
  }

  /// Stream before the block to stream after attention, at the wanted positions.
  func attentionStep(reading: Range<Int>) -> ResidualStep<S> {
    ResidualStep(branch: attentionBranch(reading: reading), reading: reading)
  }

  /// Stream after attention to stream after the block.
  func feedForwardStep(reading: Range<Int>) -> ResidualStep<S> {
    ResidualStep(branch: feedForwardBranch, reading: reading)
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

  /// Whether any bias lies on the linear path.
  var hasOffset: Bool { attention.offset != nil || feedForward.offset != nil }
}

/// `x ↦ x + branch(x)`, read at some positions only: a residual connection.
public struct ResidualStep<S: Scalar>: LinearOperator {
  /// What is added to the stream.
  public let branch: any LinearOperator<Tangents<S>>
  /// The positions that are read from here on.
  public let reading: Range<Int>

  /// Width d of the stream.
  public var inputWidth: Int { branch.inputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { branch.outputWidth }

  /// `x + branch(x)` at the positions that are read.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    x.restricted(to: reading) + branch.apply(x)
  }

  /// `y + branchᵀ(y)`.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let y = y.restricted(to: reading)
    return y + branch.applyAdjoint(y)
  }
}
