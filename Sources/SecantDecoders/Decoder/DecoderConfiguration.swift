/// Everything that distinguishes one decoder from another, as values.
///
/// One block serves every family: what varies is a field here, read from the checkpoint by a short
/// file of names in `Architectures/`. Letters as in `Notation.md`.
public struct DecoderConfiguration: Hashable, Sendable {
  /// The architecture's name in the checkpoint, such as "llama".
  public var architecture: String
  /// V: number of token ids.
  public var vocabularySize: Int
  /// d: width of the residual stream.
  public var width: Int
  /// f: width of a feed-forward layer that is no mixture.
  public var feedForwardWidth: Int
  /// h: number of query heads.
  public var queryHeads: Int
  /// g: number of key and value heads, a divisor of h.
  public var keyValueHeads: Int
  /// w: width of a head; not always d/h.
  public var headWidth: Int
  /// Positions that the model was made for.
  public var contextLength: Int
  /// The ε of every normalization.
  public var normEpsilon: Double
  /// What is added to every stored normalization weight: 1 where files hold the weight's excess over 1.
  public var normWeightOffset: Double
  /// Where a block normalizes.
  public var normPlacement: NormPlacement
  /// Whether and how queries and keys are normalized before they are turned.
  public var queryKeyNorm: QueryKeyNorm
  /// What the products of queries and keys are multiplied by, usually 1/√w.
  public var scoreScale: Double
  /// c of `c·tanh(s/c)`, which bounds the scores before the softmax; nil where nothing does.
  public var scoreSoftcap: Double?
  /// c of `c·tanh(z/c)`, which bounds the logits; nil where nothing does.
  public var logitSoftcap: Double?
  /// What embeddings are multiplied by before they enter block 0.
  public var embeddingScale: Double
  /// The nonlinearity of the gate.
  public var activation: Activation
  /// Which projections of attention have biases.
  public var attentionBias: AttentionBias
  /// Whether gate, up and down projections have biases.
  public var feedForwardHasBias: Bool
  /// Whether the unembedding is the token embedding.
  public var tiesEmbeddings: Bool
  /// What differs from block to block, L of them.
  public var blocks: [BlockVariation]

  /// L: number of blocks.
  public var blockCount: Int { blocks.count }

  /// P: weights on the linear path of one position (value, output, up, down), which determine what a
  /// product costs; of a mixture's experts, as many as a position is given to.
  public var linearPathParameters: Int {
    let attention = width * (keyValueHeads + queryHeads) * headWidth
    return blocks.reduce(0) { $0 + attention + 2 * width * activeFeedForwardWidth(of: $1) }
  }

  /// Feed-forward activations that a position has in the widest block: f, or all its experts' together.
  public var activeFeedForwardWidth: Int {
    blocks.map(activeFeedForwardWidth(of:)).max() ?? feedForwardWidth
  }

  private func activeFeedForwardWidth(of block: BlockVariation) -> Int {
    block.experts.map { $0.expertsPerToken * $0.width } ?? feedForwardWidth
  }

  /// What can differ between the blocks of one decoder.
  public struct BlockVariation: Hashable, Sendable {
    /// The last positions that a query sees, itself among them; nil where it sees all.
    public var window: Int?
    /// How queries and keys are turned.
    public var rotary: RotaryEmbedding
    /// The experts of the feed-forward layer; nil where it is a single one.
    public var experts: Experts?
  }

  /// Where a block normalizes: what enters attention and feed-forward layer, what leaves them, or both.
  public enum NormPlacement: String, Hashable, Sendable, CaseIterable {
    /// What enters a layer.
    case before
    /// What leaves a layer, before it is added to the stream.
    case after
    /// What enters and what leaves.
    case both

    /// Whether what enters a layer is normalized.
    var isBefore: Bool { self != .after }
    /// Whether what leaves a layer is normalized.
    var isAfter: Bool { self != .before }
  }

  /// Whether and how queries and keys are normalized.
  public enum QueryKeyNorm: String, Hashable, Sendable, CaseIterable {
    /// Not at all.
    case none
    /// Each head by itself, all with the same weight `[w]`.
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
    /// These and the output projection.
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
    /// Number of experts that a position is given to.
    public var expertsPerToken: Int
    /// Feed-forward width of an expert.
    public var width: Int
    /// Whether the shares of the chosen experts are made to add up to 1.
    public var normalizesTopK: Bool
  }
}
