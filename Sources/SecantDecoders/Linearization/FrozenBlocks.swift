public import SecantOperators

/// The frozen blocks of a prompt, in order: held, or frozen anew from the streams that entered them.
public struct FrozenBlocks<S: Scalar>: RandomAccessCollection, Sendable {
  private var maps: HeldBlocks<FrozenBlock<S>>
  /// The attention to the first position in the blocks that are not held.
  private var seen: [FirstTokenAttention.Sums?]

  /// Freezes blocks in turn at the stream that enters the first: one forward pass.
  ///
  /// - Parameters:
  ///   - blocks: The blocks.
  ///   - input: The stream `[T, d]`.
  ///   - perLayer: The per-layer inputs of the run; nil if the decoder has none.
  ///   - rule: Which factor of gated products stays linear.
  ///   - bytes: The memory for all held blocks together.
  init(
    _ blocks: [Block<S>], at input: Matrix<S>, perLayer: PerLayerVectors<S>?, rule: GateRule,
    holding bytes: Int
  ) {
    var seen: [FirstTokenAttention.Sums?] = []
    maps = HeldBlocks(blocks, at: input, perLayer: perLayer, holding: bytes) {
      block, stream, beside in
      block.frozen(at: stream, rule: rule, beside: beside)
    } bytes: {
      $0.bytes
    } visit: { block, isHeld in
      // Computed later, it would cost another pass of the block.
      seen.append(isHeld ? nil : block.attention.pattern.attentionToFirst)
    }
    self.seen = seen
  }

  private init(_ maps: HeldBlocks<FrozenBlock<S>>, seen: [FirstTokenAttention.Sums?]) {
    (self.maps, self.seen) = (maps, seen)
  }

  /// Zero.
  public var startIndex: Int { 0 }
  /// The number of blocks.
  public var endIndex: Int { maps.count }

  /// A block, frozen anew if it is not held.
  public subscript(_ n: Int) -> FrozenBlock<S> { maps[n] }

  /// Positions that no later query sees.
  var hidden: [Int] { maps.blocks.first?.attention.hidden ?? [] }

  /// Whether positions are rotated as in another run of the same decoder.
  ///
  /// Some rotations depend on the length of the text.
  func rotatePositions(as other: FrozenBlocks) -> Bool {
    let lengths = [self, other].map {
      $0.stream(before: 0).rows - ($0.maps.blocks.first?.attention.masked?.rows.count ?? 0)
    }
    return maps.blocks.allSatisfy {
      $0.attention.attention?.rotary.isSame(atLength: lengths[0], andLength: lengths[1]) ?? true
    }
  }

  /// Whether an adapter adds something to what per-layer inputs are made of.
  var hasAdaptedInputs: Bool { maps.perLayer?.inputs.isAdapted ?? false }

  /// The blocks themselves, in order.
  var unfrozen: ArraySlice<Block<S>> { maps.blocks }

  /// The number by which a block multiplies the stream after it.
  package func streamFactor(of n: Int) -> S {
    maps.blocks[maps.blocks.startIndex + n].streamFactor ?? 1
  }

  /// The feed-forward layer of the first block; nil if there are no blocks.
  var firstFeedForward: (any FeedForward<S>)? { maps.blocks.first?.feedForward }

  /// The stream `[T, d]` before a block; with the number of blocks as index, the stream after the
  /// last one.
  func stream(before n: Int) -> Matrix<S> { maps.stream(before: n) }

  /// Whether any bias lies on the linear path; in a block alone, what it takes from earlier ones counts as one.
  var haveOffset: Bool {
    maps.blocks.first?.attention.source != nil
      || maps.blocks.contains { $0.attention.hasOffset || $0.feedForward.hasOffset }
  }

  /// The attention to the first position in all blocks; nil if the prompt has no other position.
  var firstTokenAttention: FirstTokenAttention? {
    FirstTokenAttention(
      maps.indices.map { n in
        seen[n] ?? maps[n].attention.pattern.attentionToFirst
      })
  }

  /// One of the blocks alone.
  func only(_ n: Int) -> FrozenBlocks { FrozenBlocks(maps.only(n), seen: [seen[n]]) }

  /// The batch cost of a held block's feed-forward weights; nil for a block that is frozen anew.
  func formingThreshold(of n: Int) -> Int? { maps.held(n)?.feedForward.map.formingThreshold }

  /// The same blocks, with the feed-forward matrices of held blocks formed at some positions.
  func formingFeedForward(at positions: [[Int]]) -> FrozenBlocks {
    var result = self
    for (n, positions) in positions.enumerated() where !positions.isEmpty {
      result.maps.update(n) { $0.formingFeedForward(at: positions) }
    }
    return result
  }
}
