/// The norms and layers of a block: the steps that data takes through it, in this order.
public enum BlockStep: Hashable, Sendable, CaseIterable {
  /// Normalization of what enters attention.
  case attentionNorm
  /// The attention layer.
  case attention
  /// Normalization of what attention adds to the stream.
  case attentionPostNorm
  /// Normalization of what enters the feed-forward layer.
  case feedForwardNorm
  /// The feed-forward layer.
  case feedForward
  /// Normalization of what the feed-forward layer adds to the stream.
  case feedForwardPostNorm
}

/// What a block does, once for everything that passes through it.
///
/// `m = x + post(attention(norm x))`, then `m + post(feedForward(norm m))`. Values, tangents and
/// cotangents all take this walk; `step` says what a norm or layer does to them, and may look at what it
/// is given. A step that a block does not have returns its argument.
enum BlockWalk {
  /// From the stream before a block to one of its places.
  ///
  /// - Parameters:
  ///   - x: What enters the block.
  ///   - place: Where the walk ends.
  ///   - step: The image under a norm or layer.
  ///   - add: The stream and what a branch adds to it, together.
  /// - Returns: What stands at the place.
  static func forward<X>(
    _ x: X, to place: Site.BlockSite = .residual, step: (BlockStep, X) -> X,
    add: (_ stream: X, _ branch: X) -> X
  ) -> X {
    let attended = step(.attention, step(.attentionNorm, x))
    if place == .attention { return attended }
    let middle = add(x, step(.attentionPostNorm, attended))
    let fed = step(.feedForward, step(.feedForwardNorm, middle))
    if place == .feedForward { return fed }
    return add(middle, step(.feedForwardPostNorm, fed))
  }

  /// The same way back, from a place to the stream before the block: `step` gives adjoint images.
  static func backward<Y>(
    _ y: Y, from place: Site.BlockSite = .residual, step: (BlockStep, Y) -> Y,
    add: (_ stream: Y, _ branch: Y) -> Y
  ) -> Y {
    func attentionBranch(_ y: Y) -> Y { step(.attentionNorm, step(.attention, y)) }
    func feedForwardBranch(_ y: Y) -> Y { step(.feedForwardNorm, step(.feedForward, y)) }
    if place == .attention { return attentionBranch(y) }
    let middle =
      place == .feedForward
      ? feedForwardBranch(y) : add(y, feedForwardBranch(step(.feedForwardPostNorm, y)))
    return add(middle, attentionBranch(step(.attentionPostNorm, middle)))
  }
}
