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
  /// f: width of the feed-forward layer.
  public var feedForwardWidth: Int
  /// L: number of blocks.
  public var blockCount: Int
  /// h: number of query heads.
  public var queryHeads: Int
  /// g: number of key and value heads, a divisor of h.
  public var valueHeads: Int
  /// w: width of a head; not always d/h.
  public var headWidth: Int
  /// Positions that the model was made for.
  public var contextLength: Int
  /// The ε of every normalization.
  public var normEpsilon: Double
  /// The nonlinearity of the gate.
  public var activation: Activation
  /// Base of the rotary frequencies.
  public var rotaryBase: Double
  /// Scaling of the rotary frequencies.
  public var rotaryScaling: RotaryEmbedding.Scaling
  /// Whether query, key, value and output projections have biases.
  public var attentionHasBias: Bool
  /// Whether gate, up and down projections have biases.
  public var feedForwardHasBias: Bool
  /// Whether the unembedding is the token embedding.
  public var tiesEmbeddings: Bool

  /// P: weights on the linear path (value, output, up, down), which determine what a product costs.
  public var linearPathParameters: Int {
    blockCount * width * (valueHeads * headWidth + queryHeads * headWidth + 2 * feedForwardWidth)
  }
}
