/// The norms and layers of a block, in the order in which data passes them.
public enum BlockStep: Hashable, Sendable, CaseIterable {
  /// Normalization of attention's input.
  case attentionNorm
  /// The attention layer.
  case attention
  /// Normalization of attention's output.
  case attentionPostNorm
  /// Normalization of the feed-forward layer's input.
  case feedForwardNorm
  /// The feed-forward layer.
  case feedForward
  /// Normalization of the feed-forward layer's output.
  case feedForwardPostNorm
  /// The branch of per-layer inputs.
  case perLayer
  /// Normalization of that branch's output.
  case perLayerPostNorm
  /// Multiplication of the stream after all layers by a number.
  case streamFactor

  /// Whether it acts on each component of the stream by itself or on its length, and so leaves alone what is
  /// carried beside the stream.
  var keepsLanes: Bool {
    switch self {
    case .attention, .feedForward, .perLayer: false
    case .attentionNorm, .attentionPostNorm, .feedForwardNorm, .feedForwardPostNorm,
      .perLayerPostNorm, .streamFactor:
      true
    }
  }
}

/// The structure of a block, written once for everything that passes through it.
///
/// `m = x + post(attention(norm x))`, then `s (m + post(feedForward(norm z)))`, where z is m or x, and the
/// number s is 1 but in few families. One family adds `post(perLayer(u))` to what is multiplied by s, where u
/// is the stream after both layers. Values, tangents and cotangents all pass through these functions.
/// `step` applies a norm, a layer or s, and may observe its input. For a step that a block does not have, it
/// returns its argument.
public enum BlockWalk: String, Hashable, Sendable, CaseIterable {
  /// The feed-forward layer reads what attention wrote: z is m.
  case sequential
  /// Both layers read the stream that enters the block: z is x.
  case parallel
  /// As `sequential`, and then the branch of per-layer inputs.
  case sequentialWithPerLayerInput

  /// From the stream before a block to one of its places.
  ///
  /// - Parameters:
  ///   - x: What enters the block.
  ///   - place: Where the walk ends.
  ///   - step: The image under a norm or layer.
  ///   - add: The sum of the stream and a branch's output.
  /// - Returns: The value at the place.
  package func forward<X>(
    _ x: X, to place: Site.BlockSite = .residual, step: (BlockStep, X) -> X,
    add: (_ stream: X, _ branch: X) -> X
  ) -> X {
    let attended = step(.attention, step(.attentionNorm, x))
    if place == .attention { return attended }
    let middle = add(x, step(.attentionPostNorm, attended))
    let read = self == .parallel ? x : middle
    let fed = step(.feedForward, step(.feedForwardNorm, read))
    if place == .feedForward { return fed }
    let after = add(middle, step(.feedForwardPostNorm, fed))
    guard self == .sequentialWithPerLayerInput else { return step(.streamFactor, after) }
    return step(.streamFactor, add(after, step(.perLayerPostNorm, step(.perLayer, after))))
  }

  /// The same way back, from a place to the stream before the block: `step` gives adjoint images.
  package func backward<Y>(
    _ y: Y, from place: Site.BlockSite = .residual, step: (BlockStep, Y) -> Y,
    add: (_ stream: Y, _ branch: Y) -> Y
  ) -> Y {
    func attentionBranch(_ y: Y) -> Y { step(.attentionNorm, step(.attention, y)) }
    func feedForwardBranch(_ y: Y) -> Y { step(.feedForwardNorm, step(.feedForward, y)) }
    if place == .attention { return attentionBranch(y) }
    var y = place == .residual ? step(.streamFactor, y) : y
    if self == .sequentialWithPerLayerInput, place == .residual {
      y = add(y, step(.perLayer, step(.perLayerPostNorm, y)))
    }
    switch (self, place) {
    case (.parallel, .feedForward):
      return feedForwardBranch(y)
    case (.parallel, _):
      let middle = add(y, feedForwardBranch(step(.feedForwardPostNorm, y)))
      return add(middle, attentionBranch(step(.attentionPostNorm, y)))
    case (.sequential, _), (.sequentialWithPerLayerInput, _):
      let middle =
        place == .feedForward
        ? feedForwardBranch(y) : add(y, feedForwardBranch(step(.feedForwardPostNorm, y)))
      return add(middle, attentionBranch(step(.attentionPostNorm, middle)))
    }
  }
}
