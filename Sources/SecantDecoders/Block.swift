public import SecantOperators

/// One block: attention, then a gated feed-forward layer, each normalized first and added back.
public struct Block<S: Scalar>: Sendable {
  /// Normalization before attention.
  public let attentionNorm: RMSNorm<S>
  /// The attention layer.
  public let attention: Attention<S>
  /// Normalization before the feed-forward layer.
  public let feedForwardNorm: RMSNorm<S>
  /// The feed-forward layer.
  public let feedForward: GatedFeedForward<S>

  /// The stream `[n, d]` after the block, at the positions that follow those in the cache.
  public func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    let middle = x + attention.forward(attentionNorm.forward(x), cache: &cache)
    return middle + feedForward.forward(feedForwardNorm.forward(middle))
  }

  /// The block frozen at a stream x* `[T, d]`.
  public func frozen(at x: Matrix<S>, rule: GateRule) -> FrozenBlock<S> {
    let attentionScale = attentionNorm.frozen(at: x)
    let attentionInput = attentionNorm.forward(x)
    let frozenAttention = attention.frozen(at: attentionInput)
    var cache = KeyValueCache<S>.Layer(width: attention.value.weight.outputWidth)
    let attended = attention.forward(attentionInput, cache: &cache)
    let middle = x + attended
    let feedForwardInput = feedForwardNorm.forward(middle)
    let fed = feedForward.forward(feedForwardInput)
    return FrozenBlock(
      attentionScale: attentionScale, attention: frozenAttention,
      feedForwardScale: feedForwardNorm.frozen(at: middle),
      feedForward: feedForward.frozen(at: feedForwardInput, rule: rule),
      values: .init(attention: attended, feedForward: fed, residual: middle + fed))
  }
}

/// A block as the affine map that it was for one prompt, with the values that it produced there.
public struct FrozenBlock<S: Scalar>: Sendable {
  /// The frozen normalization before attention.
  public let attentionScale: FrozenScale<S>
  /// The frozen attention.
  public let attention: FrozenAttention<S>
  /// The frozen normalization before the feed-forward layer.
  public let feedForwardScale: FrozenScale<S>
  /// The frozen feed-forward layer.
  public let feedForward: FrozenFeedForward<S>
  /// What the block's sites held in the forward pass.
  public let values: Values

  /// The streams `[T, d]` at a block's sites.
  public struct Values: Sendable {
    /// Output of attention, before it is added to the stream.
    public let attention: Matrix<S>
    /// Output of the feed-forward layer, before it is added to the stream.
    public let feedForward: Matrix<S>
    /// The stream after the block.
    public let residual: Matrix<S>
  }

  /// The linear part of the block, computed at the wanted positions only.
  package func map(reading: Range<Int>) -> Composition<Tangents<S>> {
    Composition([attentionStep(reading: reading), feedForwardStep(reading: reading)])
  }

  /// Stream to attention output, at the wanted positions.
  package func attentionBranch(reading: Range<Int>) -> Composition<Tangents<S>> {
    Composition([attentionScale, attention.map(reading: reading)])
  }

  /// Stream after attention to feed-forward output.
  package var feedForwardBranch: Composition<Tangents<S>> {
    Composition([feedForwardScale, feedForward.map])
  }

  /// Stream before the block to stream after attention, at the wanted positions.
  func attentionStep(reading: Range<Int>) -> ResidualStep<S> {
    ResidualStep(branch: attentionBranch(reading: reading), reading: reading)
  }

  /// Stream after attention to stream after the block.
  func feedForwardStep(reading: Range<Int>) -> ResidualStep<S> {
    ResidualStep(branch: feedForwardBranch, reading: reading)
  }

  /// The image `[T, d]` of an image so far, with what this block's biases add.
  func carryOffset(_ offset: Matrix<S>) -> Matrix<S> {
    let all = 0..<offset.rows
    let middle = offset + attentionOffset(offset)
    let fed = feedForwardStep(reading: all).apply(Tangents(stream: middle)).rows
    return feedForward.offset.map { fed + $0 } ?? fed
  }

  /// The affine image of a stream `[T, d]` at the attention output.
  func attentionOffset(_ offset: Matrix<S>) -> Matrix<S> {
    let linear = attentionBranch(reading: 0..<offset.rows).apply(Tangents(stream: offset)).rows
    return attention.offset.map { linear + $0 } ?? linear
  }

  /// The affine image of a stream `[T, d]` at the feed-forward output.
  func feedForwardOffset(_ offset: Matrix<S>) -> Matrix<S> {
    let middle = offset + attentionOffset(offset)
    let linear = feedForwardBranch.apply(Tangents(stream: middle)).rows
    return feedForward.offset.map { linear + $0 } ?? linear
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
