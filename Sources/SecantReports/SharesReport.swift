/// What `secant shares` found: a logit as an exact sum over tokens and components.
///
/// A table whose rows are the tokens up to the analysed position, and one more for the biases, and
/// whose columns are the direct path and, for every block, its attention heads, its feed-forward
/// layer and its own biases. The entry of token i and component C of block n is
/// `w·D C M_n,i x_i`: M_n,i is the frozen map from token i into block n, C the frozen map of the
/// component to the analysed position, D the final norm frozen at the site, and w the target's unembedding
/// row (for a difference, the difference of two). Rows sum to the shares of `ExplanationReport`,
/// columns to what each component wrote, all of it to the logit. In logits throughout.
public struct SharesReport: Report {
  /// Version 1 of "secant.shares".
  public static let schema = ReportSchema(name: "secant.shares", version: 1)

  /// Model and settings; the method is "exact", the tolerance and the seed are 0.
  public let provenance: Provenance
  /// What the model read.
  public let prompt: ExplanationReport.Prompt
  /// The likeliest next tokens at the analysed position, likeliest first (10, or V where smaller).
  public let prediction: [ExplanationReport.Prediction]
  /// The logit, or difference of two, that is divided.
  public let target: ExplanationReport.Target
  /// The rows' sums: the same as an explanation's, computed from the whole map of each token.
  public let shares: ExplanationReport.Shares
  /// What the embedding of the analysed token gave on its own, past every block.
  public let direct: Part
  /// What each block gave, in order.
  public let blocks: [Block]
  /// How exactly rows and columns sum to the logit.
  public let exactness: Exactness
  /// Caveats that belong to the numbers, each a sentence; empty where there are none.
  public let notes: [String]

  /// Gathers the parts of a division.
  public init(
    provenance: Provenance, prompt: ExplanationReport.Prompt,
    prediction: [ExplanationReport.Prediction], target: ExplanationReport.Target,
    shares: ExplanationReport.Shares, direct: Part, blocks: [Block], exactness: Exactness,
    notes: [String] = []
  ) {
    self.provenance = provenance
    self.prompt = prompt
    self.prediction = prediction
    self.target = target
    self.shares = shares
    self.direct = direct
    self.blocks = blocks
    self.exactness = exactness
    self.notes = notes
  }
}

extension SharesReport {
  /// One column of the table: what one component gave, by token.
  public struct Part: Codable, Hashable, Sendable {
    /// The column's sum: all tokens and the biases.
    public let value: Double
    /// What it made of each token `[p + 1]`, in order.
    public let tokens: [Double]
    /// What it made of the biases of earlier layers; 0 for a model without any.
    public let bias: Double

    /// Describes one column.
    public init(value: Double, tokens: [Double], bias: Double) {
      self.value = value
      self.tokens = tokens
      self.bias = bias
    }
  }

  /// The columns of one block: `attention.value + feedForward.value + bias` is what it gave.
  public struct Block: Codable, Hashable, Sendable {
    /// The block's number, from 0, as in the checkpoint's tensor names.
    public let block: Int
    /// All heads together, without the layer's own biases.
    public let attention: Part
    /// The heads, in order; their values sum to that of `attention`.
    public let heads: [Component]
    /// The feed-forward layer, without its own biases.
    public let feedForward: Part
    /// Of a mixture, the experts that the analysed position was given to, in order; else empty.
    public let experts: [Component]
    /// What the biases of the block's own layers wrote into the stream at the analysed position.
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

  /// The column of one head or expert.
  public struct Component: Codable, Hashable, Sendable {
    /// The head's or expert's number, from 0.
    public let index: Int
    /// The column's sum: all tokens and the biases.
    public let value: Double
    /// What it made of each token `[p + 1]`; nil where it was left out to keep the report small.
    public let tokens: [Double]?
    /// What it made of the biases of earlier layers.
    public let bias: Double

    /// Describes the column of one head or expert.
    public init(index: Int, value: Double, tokens: [Double]?, bias: Double) {
      self.index = index
      self.value = value
      self.tokens = tokens
      self.bias = bias
    }
  }

  /// How far sums that should be equal are apart, in logits: rounding alone.
  public struct Exactness: Codable, Hashable, Sendable {
    /// The sum of all entries.
    public let sum: Double
    /// The sum minus the logit that the model itself computed.
    public let difference: Double
    /// The largest difference between a row's sum and the share of its token, or of the biases.
    public let largestRowDifference: Double

    /// Gathers the differences.
    public init(sum: Double, difference: Double, largestRowDifference: Double) {
      self.sum = sum
      self.difference = difference
      self.largestRowDifference = largestRowDifference
    }
  }
}
