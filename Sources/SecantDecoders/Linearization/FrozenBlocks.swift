public import SecantOperators

/// The frozen blocks of a prompt, in order: held, or frozen anew from the streams that entered them.
///
/// A held block takes about six times the memory of the stream that enters it. If the blocks of a
/// long prompt do not fit into memory, the first ones are held. The others are frozen again for
/// each use, at the cost of one forward pass of the block. Both give the same bits.
public struct FrozenBlocks<S: Scalar>: RandomAccessCollection, Sendable {
  private let blocks: ArraySlice<Block<S>>
  private let rule: GateRule
  /// The streams `[T, d]` before each block, and after the last.
  private var streams: [Matrix<S>]
  private var held: [FrozenBlock<S>?]
  /// The attention to the first position in the blocks that are not held.
  private var seen: [FirstTokenAttention.Sums?]

  /// Freezes blocks in turn at the stream that enters the first: one forward pass.
  ///
  /// - Parameters:
  ///   - blocks: The blocks.
  ///   - input: The stream `[T, d]`.
  ///   - rule: Which factor of gated products stays linear.
  ///   - bytes: The memory for all held blocks together.
  init(_ blocks: [Block<S>], at input: Matrix<S>, rule: GateRule, holding bytes: Int) {
    self.blocks = blocks[...]
    self.rule = rule
    (streams, held, seen) = ([input], [], [])
    var left = bytes
    for block in blocks {
      let next = block.frozen(at: streams[streams.count - 1], rule: rule)
      left -= next.bytes
      held.append(left >= 0 ? next : nil)
      // Computed later, it would cost another pass of the block.
      seen.append(left >= 0 ? nil : next.attention.pattern.attentionToFirst)
      streams.append(next.values.residual)
    }
  }

  private init(
    _ blocks: ArraySlice<Block<S>>, rule: GateRule, streams: [Matrix<S>], held: [FrozenBlock<S>?],
    seen: [FirstTokenAttention.Sums?]
  ) {
    (self.blocks, self.rule, self.streams) = (blocks, rule, streams)
    (self.held, self.seen) = (held, seen)
  }

  /// Zero.
  public var startIndex: Int { 0 }
  /// The number of blocks.
  public var endIndex: Int { held.count }

  /// A block, frozen anew if it is not held.
  public subscript(_ n: Int) -> FrozenBlock<S> {
    held[n] ?? blocks[blocks.startIndex + n].frozen(at: streams[n], rule: rule)
  }

  /// Positions that no later query sees.
  var hidden: [Int] { blocks.first?.attention.hidden ?? [] }

  /// Whether positions are rotated as in another run of the same decoder.
  ///
  /// Some rotations depend on the length of the text.
  func rotatePositions(as other: FrozenBlocks) -> Bool {
    let lengths = [self, other].map {
      $0.streams[0].rows - ($0.blocks.first?.attention.masked?.rows.count ?? 0)
    }
    return blocks.allSatisfy {
      $0.attention.attention?.rotary.isSame(atLength: lengths[0], andLength: lengths[1]) ?? true
    }
  }

  /// The feed-forward layer of the first block; nil if there are no blocks.
  var firstFeedForward: (any FeedForward<S>)? { blocks.first?.feedForward }

  /// The stream `[T, d]` before a block; with the number of blocks as index, the stream after the
  /// last one.
  func stream(before n: Int) -> Matrix<S> { streams[n] }

  /// Whether any bias lies on the linear path.
  var haveOffset: Bool {
    blocks.contains { $0.attention.hasOffset || $0.feedForward.hasOffset }
  }

  /// The attention to the first position in all blocks; nil if the prompt has no other position.
  var firstTokenAttention: FirstTokenAttention? {
    FirstTokenAttention(
      held.indices.map { n in
        seen[n] ?? self[n].attention.pattern.attentionToFirst
      })
  }

  /// One of the blocks alone.
  func only(_ n: Int) -> FrozenBlocks {
    FrozenBlocks(
      blocks[blocks.startIndex + n..<blocks.startIndex + n + 1], rule: rule,
      streams: Array(streams[n...n + 1]), held: [held[n]], seen: [seen[n]])
  }

  /// The same blocks, with the feed-forward matrices of held blocks formed at some positions.
  func formingFeedForward(at positions: [[Int]]) -> FrozenBlocks {
    var result = self
    for (n, positions) in positions.enumerated() where !positions.isEmpty {
      result.held[n] = held[n]?.formingFeedForward(at: positions)
    }
    return result
  }
}
