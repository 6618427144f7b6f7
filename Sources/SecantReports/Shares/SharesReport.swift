/// The result of `secant shares`: a logit as an exact sum over tokens, and again over components.
///
/// With w the target's unembedding row (for a difference, the difference of two):
/// - `shares` divides the logit among the tokens, `w·J_i x_i`, and the biases.
/// - `direct` and `blocks` divide it among what each component wrote into the stream of the analyzed position:
///   `direct.value + Σ (attention.value + feedForward.value + bias)` is the logit. A head's value is the sum
///   of its `read`: what it wrote from each position that it looked at.
/// - `through` says how much of the logit passes through a component at each position, on whatever way: the
///   component's output there times the cotangent that all later layers send it. These
///   parts overlap from block to block and sum to nothing.
/// - For the tokens in `sources`, `tokens` has the part of a component made from that token's vector:
///   with the biases' parts they sum to the component's value where all tokens are sources.
/// - Of a model with a low-rank adapter, `adapter` divides it once more, among the adapter's modules.
///
/// In logits throughout.
public struct SharesReport: Report {
  /// Version 3 of "secant.shares": the target is a difference of logits unless told otherwise.
  public static let schema = ReportSchema(name: "secant.shares", version: 3)

  /// Model and settings; the method is "exact", the tolerance and the seed are 0.
  public let provenance: Provenance
  /// The prompt as the model reads it.
  public let prompt: ExplanationReport.Prompt
  /// The likeliest next tokens at the analyzed position, likeliest first (10, or V where smaller).
  public let prediction: [ExplanationReport.Prediction]
  /// What is divided: by default the prediction's logit less its runner-up's.
  public let target: ExplanationReport.Target
  /// The tokens' shares: the same as an explanation's.
  public let shares: ExplanationReport.Shares
  /// The positions of the tokens by which components are divided, ascending; empty if none are.
  public let sources: [Int]
  /// The contribution of the analyzed token's vector on the direct path, past every block, and of the final
  /// norm's bias.
  public let direct: Part
  /// The contributions of the blocks, in order.
  public let blocks: [Block]
  /// The error of the sum against the logit.
  public let exactness: Exactness
  /// What each module of the model's adapter gave; nil for a model without one.
  public let adapter: Adapter?
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the parts of a division.
  public init(
    provenance: Provenance, prompt: ExplanationReport.Prompt,
    prediction: [ExplanationReport.Prediction], target: ExplanationReport.Target,
    shares: ExplanationReport.Shares, sources: [Int], direct: Part, blocks: [Block],
    exactness: Exactness, adapter: Adapter? = nil, notes: [String] = []
  ) {
    self.provenance = provenance
    self.prompt = prompt
    self.prediction = prediction
    self.target = target
    self.shares = shares
    self.sources = sources
    self.direct = direct
    self.blocks = blocks
    self.exactness = exactness
    self.adapter = adapter
    self.notes = notes
  }
}

extension SharesReport {
  /// The contribution of one layer or of the direct path.
  public struct Part: Codable, Hashable, Sendable {
    /// The total contribution, in logits.
    public let value: Double
    /// The part made from each source's vector, in the order of `sources`.
    public let tokens: [Double]
    /// The part made from biases of earlier layers; nil if nothing was divided by sources.
    public let bias: Double?
    /// How much of the logit passes through it at each position `[p + 1]`; empty for the direct path.
    public let through: [Double]

    /// Describes one layer.
    public init(value: Double, tokens: [Double], bias: Double?, through: [Double] = []) {
      self.value = value
      self.tokens = tokens
      self.bias = bias
      self.through = through
    }
  }

  /// The parts of one block: `attention.value + feedForward.value + bias` is its contribution.
  public struct Block: Codable, Hashable, Sendable {
    /// The block's number, from 0, as in the checkpoint's tensor names.
    public let block: Int
    /// All heads together, without the layer's own biases.
    public let attention: Part
    /// The heads, in order; their values sum to that of `attention`.
    public let heads: [Component]
    /// The feed-forward layer, without its own biases.
    public let feedForward: Part
    /// In a mixture, the experts chosen at any position up to the analyzed one, in order; otherwise empty.
    public let experts: [Component]
    /// The contribution of the biases of the block's own layers at the analyzed position.
    public let bias: Double

    /// Gathers the columns of one block.
    public init(
      block: Int, attention: Part, heads: [Component], feedForward: Part,
      experts: [Component] = [], bias: Double
    ) {
      self.block = block
      self.attention = attention
      self.heads = heads
      self.feedForward = feedForward
      self.experts = experts
      self.bias = bias
    }
  }

  /// The contribution of one head or expert.
  public struct Component: Codable, Hashable, Sendable {
    /// The head's or expert's number, from 0.
    public let index: Int
    /// The total contribution, in logits.
    public let value: Double
    /// The part made from each source's vector; nil if omitted to keep the report small.
    public let tokens: [Double]?
    /// The part made from biases of earlier layers; nil if nothing was divided by sources.
    public let bias: Double?
    /// How much of the logit passes through it at each position `[p + 1]`; nil if it was left out.
    public let through: [Double]?
    /// For a head, the part read from each position `[p + 1]`; nil if omitted.
    public let read: [Double]?

    /// Describes one head or expert.
    public init(
      index: Int, value: Double, tokens: [Double]?, bias: Double?, through: [Double]? = nil,
      read: [Double]? = nil
    ) {
      self.index = index
      self.value = value
      self.tokens = tokens
      self.bias = bias
      self.through = through
      self.read = read
    }
  }

  /// The differences between sums that should be equal, in logits: rounding alone.
  public struct Exactness: Codable, Hashable, Sendable {
    /// The sum over all components.
    public let sum: Double
    /// The sum minus the logit that the model itself computed.
    public let difference: Double
    /// The largest difference between the components' parts for a source and that token's share, which
    /// comes from an adjoint pass; nil if nothing was divided by sources.
    public let largestRowDifference: Double?

    /// Gathers the differences.
    public init(sum: Double, difference: Double, largestRowDifference: Double?) {
      self.sum = sum
      self.difference = difference
      self.largestRowDifference = largestRowDifference
    }
  }
}
