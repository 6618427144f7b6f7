/// Everything that distinguishes one decoder from another, as values.
///
/// One block serves every family. Every variation is a field here, which a short file of names in
/// `Architectures/` reads from the checkpoint. Letters as in `Notation.md`.
public struct DecoderConfiguration: Hashable, Sendable {
  /// The architecture's name in the checkpoint, such as "llama".
  public var architecture: String
  /// V: number of token ids.
  public var vocabularySize: Int
  /// d: width of the residual stream.
  public var width: Int
  /// f: width of a feed-forward layer that is not a mixture.
  public var feedForwardWidth: Int
  /// h: number of query heads.
  public var queryHeads: Int
  /// g: number of key and value heads, a divisor of h.
  public var keyValueHeads: Int
  /// w: width of a head; not always d/h.
  public var headWidth: Int
  /// The context length in positions.
  public var contextLength: Int
  /// The ε of every normalization.
  public var normEpsilon: Double
  /// The number that is added to every stored normalization weight: 1 if files hold the weight
  /// minus 1.
  public var normWeightOffset: Double
  /// Whether normalizations remove the mean and have biases: layer normalization, otherwise
  /// root-mean-square normalization.
  public var normRemovesMean: Bool
  /// Where a block normalizes.
  public var normPlacement: NormPlacement
  /// Whether and how queries and keys are normalized, before they are rotated.
  public var queryKeyNorm: QueryKeyNorm
  /// The factor of the products of queries and keys, usually 1/√w.
  public var scoreScale: Double
  /// c of the softcap `c·tanh(s/c)` of the scores before the softmax; nil if there is none.
  public var scoreSoftcap: Double?
  /// c of the softcap `c·tanh(z/c)` of the logits; nil if there is none.
  public var logitSoftcap: Double?
  /// The factor of the embeddings before they enter block 0.
  public var embeddingScale: Double
  /// The factor of the logits.
  public var logitScale: Double
  /// The factor of what attention and the feed-forward layer add to the stream.
  public var branchScale: Double
  /// Whether positions have learned vectors, which are added to the embeddings.
  public var learnsPositions: Bool
  /// How the layers of a block follow one another.
  public var walk: BlockWalk
  /// The nonlinearity of the gate, or of a feed-forward layer without one.
  public var activation: Activation
  /// Whether feed-forward layers have a gate.
  public var isGated: Bool
  /// Which projections of attention have biases.
  public var attentionBias: AttentionBias
  /// Whether gates multiply the outputs of attention's heads.
  public var attentionHasGate: Bool
  /// Whether the projections of feed-forward layers have biases.
  public var feedForwardHasBias: Bool
  /// Whether the unembedding is the token embedding.
  public var tiesEmbeddings: Bool
  /// Whether each head has a learned logit in its softmax, which gives nothing to the value path.
  public var hasAttentionSinks = false
  /// Whether each head's values are divided by their root mean square, before they are mixed.
  public var normalizesValues = false
  /// Whether every block multiplies the stream after it by a number of its own.
  public var hasStreamFactors = false
  /// L of the clamped gated product (see ``GateClamp``); nil if it is not clamped.
  public var gateLimit: Double? = nil
  /// The width of the vector that each block gets at each position beside the stream (see
  /// ``PerLayerInputs``); nil if blocks get none.
  public var perLayerWidth: Int? = nil
  /// The variations of each block, L of them.
  public var blocks: [BlockVariation]

  /// The gate rules that give different maps: only the default if no layer is gated.
  public var gateRules: [GateRule] { isGated ? GateRule.allCases : [.up] }

  /// L: number of blocks.
  public var blockCount: Int { blocks.count }

  /// P: the number of weights on the linear path of one position (value, output, up, down), which
  /// determines the cost of a product.
  ///
  /// Of a mixture's experts it counts as many as serve a position. Values that a block takes from another
  /// are no product of its own.
  public var linearPathParameters: Int {
    blocks.reduce(0) { sum, block in
      let values = block.keyValueSource == nil ? valueWidth(of: block) : 0
      let hidden = activeFeedForwardWidth(of: block) + (perLayerWidth ?? 0)
      return sum + width * (values + headOutputWidth(of: block) + 2 * hidden)
    }
  }

  /// Whether any block has a delta network in attention's place.
  ///
  /// Such a decoder hides no positions from others: its states and convolutions carry all of them.
  public var hasDeltaNetworks: Bool { blocks.contains { $0.delta != nil } }

  /// Whether any block takes the keys and values of an earlier one.
  public var sharesKeyValues: Bool { blocks.contains { $0.keyValueSource != nil } }

  /// Whether each block gets a vector of its own beside the stream.
  public var hasPerLayerInputs: Bool { perLayerWidth != nil }

  /// Whether blocks read more than the stream before them: keys and values of other blocks, or per-layer inputs.
  public var readsBesideStream: Bool { sharesKeyValues || hasPerLayerInputs }

  /// The number of heads of a block: h, or those of its delta network.
  public func headCount(ofBlock n: Int) -> Int { blocks[n].delta?.heads ?? queryHeads }

  /// The heads of a block's attention: its own, or those of ``headWidth`` and ``keyValueHeads``.
  public func heads(of block: BlockVariation) -> Heads {
    block.ownHeads ?? Heads(width: headWidth, keyValueHeads: keyValueHeads)
  }

  /// The width of all heads' outputs, on average over the blocks.
  package var meanHeadOutputWidth: Double {
    Double(blocks.reduce(0) { $0 + headOutputWidth(of: $1) }) / Double(max(1, blockCount))
  }

  /// The width of a block's projections that act only inside its frozen pattern and gates; not of keys
  /// that it takes from another.
  package func frozenProjectionWidth(of block: BlockVariation) -> Int {
    if let delta = block.delta {
      return 2 * delta.keysWidth + delta.valuesWidth + 2 * delta.heads
    }
    let heads = heads(of: block)
    let gates = attentionHasGate ? queryHeads : 0
    let keys = block.keyValueSource == nil ? heads.keyValueHeads : 0
    return (queryHeads + keys + gates) * heads.width
  }

  /// The numbers per position that a block's frozen pattern and gates are held as.
  package func patternWidth(of block: BlockVariation) -> Int {
    // A delta network also holds the factors of its values' activation, and a norm of values its scale.
    let hasFactors = block.delta != nil || normalizesValues
    // A block also holds the values that it gives to others, or the keys that it takes.
    let parts = (hasFactors ? 1 : 0) + (block.keyValueRole == .own ? 0 : 1)
    return frozenProjectionWidth(of: block) + parts * valueWidth(of: block)
  }

  /// The width of all values of a block.
  package func valueWidth(of block: BlockVariation) -> Int {
    let heads = heads(of: block)
    return block.delta?.valuesWidth ?? heads.keyValueHeads * heads.width
  }

  /// The width of all heads' outputs of a block.
  package func headOutputWidth(of block: BlockVariation) -> Int {
    block.delta?.valuesWidth ?? queryHeads * heads(of: block).width
  }

  /// The numbers per position that the derivatives of a feed-forward layer and of the branch of per-layer
  /// inputs are held as, in the widest block.
  ///
  /// They are both factors of gates, and in a mixture the router's probabilities and the experts' outputs.
  /// Of the branch they are both factors, and the scale and directions of the norm of per-layer inputs.
  package var feedForwardResponseWidth: Int {
    let routed = blocks.map { block in
      block.experts.map {
        // Beside a dense layer, both outputs' norms hold a scale and a direction.
        let outputs = $0.expertsPerToken + ($0.isBesideDense ? 4 : $0.sharedWidth == nil ? 0 : 1)
        return outputs * width + $0.count
      } ?? 0
    }
    return 2 * activeFeedForwardWidth + (routed.max() ?? 0) + 4 * (perLayerWidth ?? 0)
  }

  /// The number of feed-forward activations per position in the widest block: f, or the sum over
  /// its experts.
  public var activeFeedForwardWidth: Int {
    blocks.map(activeFeedForwardWidth(of:)).max() ?? feedForwardWidth
  }

  /// The number of feed-forward activations per position in a block.
  package func activeFeedForwardWidth(of block: BlockVariation) -> Int {
    block.experts.map { $0.expertsPerToken * $0.width + ($0.sharedWidth ?? 0) }
      ?? feedForwardWidth(of: block)
  }

  /// The width of a block's feed-forward layer that is not a mixture, or that is beside one.
  package func feedForwardWidth(of block: BlockVariation) -> Int {
    block.ownFeedForwardWidth ?? feedForwardWidth
  }

  /// The variations between the blocks of one decoder.
  public struct BlockVariation: Hashable, Sendable {
    /// The number of latest positions that a query sees, including its own; nil if it sees all.
    public var slidingWindow: Int?
    /// How queries and keys are rotated.
    public var rotary: RotaryEmbedding
    /// The experts of the feed-forward layer; nil if it is not a mixture.
    public var experts: Experts?
    /// The delta network in attention's place; nil if the block has attention.
    ///
    /// With a delta network, windows and rotations do not apply.
    public var delta: Delta?
    /// The heads of the block's attention, if they are not those of all blocks; otherwise nil.
    public var ownHeads: Heads?
    /// Whether what W_K gives, before its norm, serves as values too, so that there is no W_V.
    public var keysServeAsValues = false
    /// Whether keys and values are the block's own, or those of an earlier block.
    public var keyValueRole = KeyValueRole.own
    /// The width of the block's feed-forward layer, if it is not that of all blocks; otherwise nil.
    public var ownFeedForwardWidth: Int?

    /// The number of the block whose keys and values it takes; nil if it has its own.
    public var keyValueSource: Int? { keyValueRole.source }
  }

  /// The heads of attention that one block may have different from another.
  public struct Heads: Hashable, Sendable {
    /// Width w of a head.
    public var width: Int
    /// Number g of key and value heads, a divisor of the query heads.
    public var keyValueHeads: Int
  }

  /// The extents of a gated delta network.
  public struct Delta: Hashable, Sendable {
    /// Number of heads of queries and keys, a divisor of `heads`.
    public var keyHeads: Int
    /// Number of heads, each with its own value.
    public var heads: Int
    /// Width d_k of a query and a key.
    public var keyWidth: Int
    /// Width d_v of a value.
    public var valueWidth: Int
    /// Number K of positions that a convolution sees.
    public var convolutionLength: Int

    /// The width of all queries, and of all keys.
    var keysWidth: Int { keyHeads * keyWidth }
    /// The width of all values.
    var valuesWidth: Int { heads * valueWidth }

    /// The number of columns up to which a product for some outputs is carried by the recurrence; nil for
    /// any number.
    ///
    /// With more columns, the coefficients are formed.
    /// Forming takes 6·d_k operations for each pair of an output and a position, and the product m for m
    /// columns, which a matrix product does about eight times as fast as the recurrence its 8·d_k·m a
    /// position.
    package static func carriedColumns(keyWidth: Int, outputs: Int) -> Int? {
      let (width, n) = (Double(keyWidth), Double(outputs))
      let gain = 8 * width - n / 8
      return gain > 0 ? Int(6 * width * n / gain) : nil
    }

    /// The numbers that a generation keeps: the states of all heads, and the rows that the convolution
    /// still reads.
    package var stateCount: Int {
      heads * keyWidth * valueWidth + (convolutionLength - 1) * (2 * keysWidth + valuesWidth)
    }
  }

  /// Where a block normalizes: before attention and the feed-forward layer, after them, or both.
  public enum NormPlacement: String, Hashable, Sendable, CaseIterable {
    /// Before a layer.
    case before
    /// After a layer, before its output is added to the stream.
    case after
    /// Before and after.
    case both

    /// Whether a layer's input is normalized.
    var isBefore: Bool { self != .after }
    /// Whether a layer's output is normalized.
    var isAfter: Bool { self != .before }
  }

  /// Whether and how queries and keys are normalized.
  public enum QueryKeyNorm: String, Hashable, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// Each head separately, all with the same weight `[w]`.
    case perHead
    /// All heads together, with weights `[h·w]` and `[g·w]`.
    case acrossHeads
  }

  /// Which projections of attention have biases.
  public enum AttentionBias: String, Hashable, Sendable, CaseIterable {
    /// None.
    case none
    /// Query, key and value projections.
    case queryKeyValue
    /// Query, key, value and output projections.
    case all

    /// Whether query, key and value projections have biases.
    var isOnInputs: Bool { self != .none }
    /// Whether the output projection has a bias.
    var isOnOutput: Bool { self == .all }
  }

  /// The experts of a mixture.
  public struct Experts: Hashable, Sendable {
    /// Number of experts.
    public var count: Int
    /// Number of experts per position.
    public var expertsPerToken: Int
    /// Feed-forward width of an expert.
    public var width: Int
    /// Whether the router weights of the chosen experts are normalized to sum to 1.
    public var normalizesTopK: Bool
    /// Whether the router and the experts' projections have biases.
    public var hasBiases = false
    /// Feed-forward width of one more expert, which serves every position by a gate of its own; nil if
    /// there is none.
    public var sharedWidth: Int?
    /// Whether that expert is a dense layer beside the mixture (see ``DenseBesideExperts``), without a
    /// gate of its own.
    public var isBesideDense = false
  }
}
