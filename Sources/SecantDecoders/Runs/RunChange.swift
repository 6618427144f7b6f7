public import SecantOperators

/// What is other in a run of a decoder than in the run of a prompt as it is.
///
/// Everything that is not named is computed anew from what is changed: a changed run is a real forward pass.
public struct RunChange<S: Scalar>: Hashable, Sendable {
  /// Vectors `[d]` that enter block 0 in place of others, by position.
  public var vectors: [Int: [S]]
  /// Positions that no later position may attend to; each still sees itself.
  public var hidden: Set<Int>
  /// Components whose output is held at something else, at all positions.
  public var held: [Component: HeldOutput]

  /// A change; nothing by default.
  public init(
    vectors: [Int: [S]] = [:], hidden: Set<Int> = [], held: [Component: HeldOutput] = [:]
  ) {
    (self.vectors, self.hidden, self.held) = (vectors, hidden, held)
  }

  /// A layer, or a head of one, that writes into the stream.
  public enum Component: Hashable, Sendable {
    /// A head, by what it gives to the output projection.
    case head(block: Int, Int)
    /// The feed-forward layer, before it is normalized and added to the stream.
    case feedForward(block: Int)

    /// The block that it is part of.
    public var block: Int {
      switch self {
      case .head(let block, _), .feedForward(let block): block
      }
    }
  }

  /// What stands in place of a component's output.
  public enum HeldOutput: Hashable, Sendable {
    /// Zero.
    case zero
    /// What the component gave in the other run.
    case other
  }

  /// The first block that computes something else; nil where nothing is changed.
  var firstBlock: Int? {
    if !vectors.isEmpty || !hidden.isEmpty { return 0 }
    return held.keys.map(\.block).min()
  }

  /// The first position whose stream may be another one.
  ///
  /// - Parameter common: The first position at which the other run, whose outputs may be held, differs.
  /// - Returns: A position; beyond all where nothing is changed.
  func firstPosition(common: Int) -> Int {
    if held.values.contains(.zero) { return 0 }
    return min(
      vectors.keys.min() ?? .max, hidden.min().map { $0 + 1 } ?? .max,
      held.isEmpty ? .max : common)
  }
}

extension Decoder {
  /// The same decoder, in which no position attends to some earlier ones.
  ///
  /// - Parameter positions: Those that are hidden from all later ones; each still sees itself.
  /// - Returns: A decoder of the same weights.
  public func hiding(_ positions: Set<Int>) -> Decoder {
    let hidden = positions.sorted()
    let blocks = blocks.map { block in
      var block = block
      block.attention.rule.hidden = hidden
      return block
    }
    return Decoder(
      configuration: configuration, embedding: embedding, blocks: blocks, finalNorm: finalNorm,
      unembedding: unembedding)
  }

  /// The same parts with the blocks in another order: a control, whose answers mean nothing.
  ///
  /// - Parameter order: The number of the block that comes at each place; every one once.
  /// - Returns: A decoder of the same weights.
  public func reordering(blocks order: [Int]) -> Decoder {
    precondition(order.sorted() == Array(blocks.indices), "every block once")
    return Decoder(
      configuration: configuration, embedding: embedding, blocks: order.map { blocks[$0] },
      finalNorm: finalNorm, unembedding: unembedding)
  }
}
