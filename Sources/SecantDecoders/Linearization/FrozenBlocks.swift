public import SecantOperators

/// The frozen blocks of a prompt, in order: held, or frozen anew from the streams that entered them.
///
/// A held block takes about six times the memory of the stream that enters it. Where those of a long
/// prompt do not fit, the first are held and the others are frozen again whenever they are asked for, at the price
/// of one forward pass of the block. Both give the same bits.
public struct FrozenBlocks<S: Scalar>: RandomAccessCollection, Sendable {
  private let blocks: ArraySlice<Block<S>>
  private let rule: GateRule
  /// The streams `[T, d]` before each block, and after the last.
  private var streams: [Matrix<S>]
  private var held: [FrozenBlock<S>?]
  /// What the queries of the blocks that are not held give to the first position.
  private var seen: [FirstTokenAttention.Sums?]

  /// Freezes blocks in turn at the stream that enters the first: one forward pass.
  ///
  /// - Parameters:
  ///   - blocks: The blocks.
  ///   - input: The stream `[T, d]`.
  ///   - rule: Which factor of gated products stays linear.
  ///   - bytes: Memory that the held blocks may take together.
  init(_ blocks: [Block<S>], at input: Matrix<S>, rule: GateRule, holding bytes: Int) {
    self.blocks = blocks[...]
    self.rule = rule
    (streams, held, seen) = ([input], [], [])
    var left = bytes
    for block in blocks {
      let next = block.frozen(at: streams[streams.count - 1], rule: rule)
      left -= next.bytes
      held.append(left >= 0 ? next : nil)
      // Asked for later, it would cost another pass of the block.
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

  /// A block, frozen anew where it is not held.
  public subscript(_ n: Int) -> FrozenBlock<S> {
    held[n] ?? blocks[blocks.startIndex + n].frozen(at: streams[n], rule: rule)
  }

  /// Positions that no later query sees.
  var hidden: [Int] { blocks.first?.attention.rule.hidden ?? [] }

  /// The feed-forward layer of the first block; nil where there is no block.
  var firstFeedForward: (any FeedForward<S>)? { blocks.first?.feedForward }

  /// The stream `[T, d]` before a block; that after the last is before the one that would follow.
  func stream(before n: Int) -> Matrix<S> { streams[n] }

  /// Whether any bias lies on the linear path.
  var haveOffset: Bool {
    blocks.contains { $0.attention.hasOffset || $0.feedForward.hasOffset }
  }

  /// How much attention the first position gets in all blocks; nil where no position comes after it.
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

  /// The same blocks, of which those that are held form feed-forward matrices at some positions each.
  func formingFeedForward(at positions: [[Int]]) -> FrozenBlocks {
    var result = self
    for (n, positions) in positions.enumerated() where !positions.isEmpty {
      result.held[n] = held[n]?.formingFeedForward(at: positions)
    }
    return result
  }
}
