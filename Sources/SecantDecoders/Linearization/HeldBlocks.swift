import SecantOperators

/// The maps of a prompt's blocks, in order: held, or made anew from the streams that entered them.
///
/// A held block takes several times the memory of the stream that enters it. If the blocks of a
/// long prompt do not fit into memory, the first ones are held. The others are made again for each
/// use, at the cost of one forward pass of the block. Both give the same bits.
public struct HeldBlocks<Map: BlockMaps>: RandomAccessCollection, Sendable {
  /// The blocks whose maps these are.
  let blocks: ArraySlice<Block<Map.S>>
  /// The map of a block at the stream `[T, d]` that enters it, and at what it reads beside that.
  private let make: @Sendable (Block<Map.S>, Matrix<Map.S>, BesideStream<Map.S>) -> Map
  /// The per-layer inputs; nil if there are none.
  let perLayer: PerLayerVectors<Map.S>?
  /// The keys and values that blocks give to later ones, by the number of the block that gives them.
  private let given: [Int: GivenKeyValues<Map.S>]
  /// The streams `[T, d]` before each block, and after the last.
  private let streams: [Matrix<Map.S>]
  private var held: [Map?]

  /// Makes the maps in turn, from the stream that enters the first block on: one forward pass.
  ///
  /// - Parameters:
  ///   - blocks: The blocks.
  ///   - input: The stream `[T, d]`.
  ///   - perLayer: The per-layer inputs of the run; nil if the decoder has none.
  ///   - limit: The memory in bytes for all held maps together.
  ///   - make: The map of a block at the stream that enters it and at what it reads beside that.
  ///   - bytes: The memory of a map.
  ///   - visit: Called with each map in order, and whether it is held.
  init(
    _ blocks: [Block<Map.S>], at input: Matrix<Map.S>, perLayer: PerLayerVectors<Map.S>?,
    holding limit: Int,
    make: @escaping @Sendable (Block<Map.S>, Matrix<Map.S>, BesideStream<Map.S>) -> Map,
    bytes: (Map) -> Int, visit: (Map, Bool) -> Void = { _, _ in }
  ) {
    var (streams, held, left) = ([input], [Map?](), limit)
    var given: [Int: GivenKeyValues<Map.S>] = [:]
    for (n, block) in blocks.enumerated() {
      let next = make(
        block, streams[streams.count - 1], BesideStream(block, number: n, given, perLayer))
      if let found = next.frozenAttention.givenKeyValues { given[n] = found }
      left -= bytes(next)
      visit(next, left >= 0)
      held.append(left >= 0 ? next : nil)
      streams.append(next.values.residual)
    }
    (self.blocks, self.make, self.streams, self.held) = (blocks[...], make, streams, held)
    (self.perLayer, self.given) = (perLayer, given)
  }

  /// One block of others alone.
  private init(_ n: Int, of others: HeldBlocks) {
    let (first, make) = (others.blocks.startIndex + n, others.make)
    blocks = others.blocks[first..<first + 1]
    streams = Array(others.streams[n...n + 1])
    (perLayer, given) = (others.perLayer, others.given)
    // Nothing comes before the first block.
    held = [first == 0 ? others.held[n] : others.held[n]?.alone]
    self.make = { block, stream, beside in
      let map = make(block, stream, beside)
      return first == 0 ? map : map.alone
    }
  }

  /// Zero.
  public var startIndex: Int { 0 }
  /// The number of blocks.
  public var endIndex: Int { held.count }

  /// The map of a block, made anew if it is not held.
  public subscript(_ n: Int) -> Map {
    let number = blocks.startIndex + n
    return held[n]
      ?? make(
        blocks[number], streams[n], BesideStream(blocks[number], number: number, given, perLayer))
  }

  /// The map of a block; nil if it is not held.
  func held(_ n: Int) -> Map? { held[n] }

  /// The stream `[T, d]` before a block; with the number of blocks as index, the stream after the
  /// last one.
  func stream(before n: Int) -> Matrix<Map.S> { streams[n] }

  /// One of the blocks alone: what it takes from earlier ones is constant.
  func only(_ n: Int) -> HeldBlocks { HeldBlocks(n, of: self) }

  /// Replaces the map of a block, if it is held.
  mutating func update(_ n: Int, _ change: (Map) -> Map) { held[n] = held[n].map(change) }
}

extension BesideStream {
  /// What a block reads besides the stream, in one run.
  ///
  /// - Parameters:
  ///   - block: The block.
  ///   - number: Its number.
  ///   - given: What earlier blocks gave, by number.
  ///   - perLayer: The per-layer inputs; nil if there are none.
  init(
    _ block: Block<S>, number: Int, _ given: [Int: GivenKeyValues<S>],
    _ perLayer: PerLayerVectors<S>?
  ) {
    self.init()
    self.given = block.attention.source.flatMap { given[$0] }
    self.perLayer = perLayer.map { PerLayer(vectors: $0, block: number) }
  }
}

extension FrozenAttention {
  /// What the layer gives to later blocks; nil if it gives nothing.
  fileprivate var givenKeyValues: GivenKeyValues<S>? {
    guard case .given = role, let given, let keys = pattern.attention?.keys else { return nil }
    return GivenKeyValues(keys: keys, values: given)
  }
}
