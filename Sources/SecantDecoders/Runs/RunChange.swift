public import SecantOperators

/// The changes of a run, compared with the unchanged run of a prompt.
///
/// Everything else is computed anew from the changed parts: a changed run is a real forward pass.
public struct RunChange<S: Scalar>: Hashable, Sendable {
  /// Replacements `[d]` of the vectors that enter block 0, by position.
  public var vectors: [Int: [S]]
  /// What per-layer inputs take of tokens at positions whose vectors are replaced; elsewhere all of the prompt's
  /// own token.
  public var tokenParts: [Int: TokenPart<S>]
  /// Positions to which no later position may attend; each still sees itself.
  ///
  /// None in a decoder with delta networks: see ``DecoderConfiguration/hasDeltaNetworks``.
  public var hidden: Set<Int>
  /// Components whose output is replaced, at all positions.
  public var held: [Component: HeldOutput]

  /// A change; nothing by default.
  public init(
    vectors: [Int: [S]] = [:], tokenParts: [Int: TokenPart<S>] = [:], hidden: Set<Int> = [],
    held: [Component: HeldOutput] = [:]
  ) {
    (self.vectors, self.hidden, self.held) = (vectors, hidden, held)
    self.tokenParts = tokenParts
  }

  /// A block, a layer, or a head of one, that writes into the stream.
  public enum Component: Hashable, Sendable {
    /// A head, by its input to the output projection.
    case head(block: Int, Int)
    /// The feed-forward layer, by what is added to the stream, with the branch of per-layer inputs.
    ///
    /// The branch reads what is left of the layer before it is held itself.
    case feedForward(block: Int)
    /// The whole block, by what its layers add: the stream after it less the stream before it, times the
    /// number by which the block multiplies the stream, if there is one.
    case block(Int)

    /// Its block.
    public var block: Int {
      switch self {
      case .head(let block, _), .feedForward(let block), .block(let block): block
      }
    }
  }

  /// The replacement of a component's output.
  public enum HeldOutput: Hashable, Sendable {
    /// The output that the changed run itself computes, times a factor; 0 takes it away.
    case scaled(by: S)
    /// The component's output in the other run.
    case other
  }

  /// The first block with a different computation; nil if nothing is changed.
  var firstBlock: Int? {
    if !vectors.isEmpty || !hidden.isEmpty { return 0 }
    return held.keys.map(\.block).min()
  }

  /// The first position whose stream may be another one.
  ///
  /// - Parameter common: The first position at which the other run, whose outputs may be held, differs.
  /// - Returns: A position; beyond all where nothing is changed.
  func firstPosition(common: Int) -> Int {
    // What a run scales is its own at every position.
    let isScaled = held.values.contains { if case .scaled = $0 { true } else { false } }
    if isScaled { return 0 }
    return min(
      vectors.keys.min() ?? .max, hidden.min().map { $0 + 1 } ?? .max,
      held.isEmpty ? .max : common)
  }
}

extension Decoder {
  /// The same decoder, in which no position attends to some earlier ones.
  ///
  /// A decoder with delta networks hides none: see ``DecoderConfiguration/hasDeltaNetworks``.
  ///
  /// - Parameter positions: The positions that are hidden from all later ones; each still sees
  ///   itself.
  /// - Returns: A decoder of the same weights.
  public func hiding(_ positions: Set<Int>) -> Decoder {
    let hidden = positions.sorted()
    let blocks = blocks.map { block in
      var block = block
      block.attention = block.attention.hiding(hidden)
      return block
    }
    return Decoder(
      configuration: configuration, embedding: embedding, perLayer: perLayer, blocks: blocks,
      finalNorm: finalNorm, unembedding: unembedding)
  }

  /// The same parts with the blocks in another order: a control, whose answers are meaningless.
  ///
  /// - Parameter order: The number of the block at each place; each block occurs once.
  /// - Returns: A decoder of the same weights.
  public func reordering(blocks order: [Int]) -> Decoder {
    precondition(order.sorted() == Array(blocks.indices), "every block once")
    precondition(!configuration.readsBesideStream, "blocks that read more than the stream")
    var configuration = configuration
    configuration.blocks = order.map { configuration.blocks[$0] }
    return Decoder(
      configuration: configuration, embedding: embedding, blocks: order.map { blocks[$0] },
      finalNorm: finalNorm, unembedding: unembedding)
  }
}
