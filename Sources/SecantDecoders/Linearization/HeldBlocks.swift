import SecantOperators

/// The maps of a prompt's blocks, in order: held, or made anew from the streams that entered them.
///
/// A held block takes several times the memory of the stream that enters it. If the blocks of a
/// long prompt do not fit into memory, the first ones are held. The others are made again for each
/// use, at the cost of one forward pass of the block. Both give the same bits.
public struct HeldBlocks<Map: BlockMaps>: RandomAccessCollection, Sendable {
  /// The blocks whose maps these are.
  let blocks: ArraySlice<Block<Map.S>>
  /// The map of a block at the stream `[T, d]` that enters it.
  private let make: @Sendable (Block<Map.S>, Matrix<Map.S>) -> Map
  /// The streams `[T, d]` before each block, and after the last.
  private let streams: [Matrix<Map.S>]
  private var held: [Map?]

  /// Makes the maps in turn, from the stream that enters the first block on: one forward pass.
  ///
  /// - Parameters:
  ///   - blocks: The blocks.
  ///   - input: The stream `[T, d]`.
  ///   - limit: The memory in bytes for all held maps together.
  ///   - make: The map of a block at the stream that enters it.
  ///   - bytes: The memory of a map.
  ///   - visit: Called with each map in order, and whether it is held.
  init(
    _ blocks: [Block<Map.S>], at input: Matrix<Map.S>, holding limit: Int,
    make: @escaping @Sendable (Block<Map.S>, Matrix<Map.S>) -> Map, bytes: (Map) -> Int,
    visit: (Map, Bool) -> Void = { _, _ in }
  ) {
    var (streams, held, left) = ([input], [Map?](), limit)
    for block in blocks {
      let next = make(block, streams[streams.count - 1])
      left -= bytes(next)
      visit(next, left >= 0)
      held.append(left >= 0 ? next : nil)
      streams.append(next.values.residual)
    }
    (self.blocks, self.make, self.streams, self.held) = (blocks[...], make, streams, held)
  }

  private init(
    _ blocks: ArraySlice<Block<Map.S>>, streams: [Matrix<Map.S>], held: [Map?],
    make: @escaping @Sendable (Block<Map.S>, Matrix<Map.S>) -> Map
  ) {
    (self.blocks, self.make, self.streams, self.held) = (blocks, make, streams, held)
  }

  /// Zero.
  public var startIndex: Int { 0 }
  /// The number of blocks.
  public var endIndex: Int { held.count }

  /// The map of a block, made anew if it is not held.
  public subscript(_ n: Int) -> Map { held[n] ?? make(blocks[blocks.startIndex + n], streams[n]) }

  /// The map of a block; nil if it is not held.
  func held(_ n: Int) -> Map? { held[n] }

  /// The stream `[T, d]` before a block; with the number of blocks as index, the stream after the
  /// last one.
  func stream(before n: Int) -> Matrix<Map.S> { streams[n] }

  /// One of the blocks alone.
  func only(_ n: Int) -> HeldBlocks {
    let first = blocks.startIndex + n
    return HeldBlocks(
      blocks[first..<first + 1], streams: Array(streams[n...n + 1]), held: [held[n]], make: make)
  }

  /// Replaces the map of a block, if it is held.
  mutating func update(_ n: Int, _ change: (Map) -> Map) { held[n] = held[n].map(change) }
}
