/// The result of `secant layers`: the linear maps inside the model, block after block.
///
/// With h the stream, a site of block n at the analyzed position p is read through the final norm,
/// frozen at that site's own value: y_n. The cumulative map of a site starts at the vectors x_i that
/// enter block 0, and the block's own map at those that enter block n:
/// y_n = Σ_i J_i x_i + b for either, with its own J, x and b. Blocks are counted from 0, as in the
/// checkpoint's tensor names; "after block n" is the output stream of block n.
///
/// Labels of the paper's published tables are off by two against these.
public struct LayersReport: Report {
  /// Version 2 of "secant.layers": maps of chosen tokens only, and the joint map may be left out.
  public static let schema = ReportSchema(name: "secant.layers", version: 2)

  /// Model, settings and seed.
  public let provenance: Provenance
  /// The prompt as the model reads it; its site is "output".
  public let prompt: ExplanationReport.Prompt
  /// The likeliest next tokens at the analyzed position, likeliest first.
  public let prediction: [ExplanationReport.Prediction]
  /// The target whose course is shown: by default the prediction over its runner-up; nil where it was
  /// not recorded.
  public let target: ExplanationReport.Target?
  /// Each block's contribution to it at the analyzed position; nil if it was not recorded.
  public let shares: Shares?
  /// L: the number of the model's blocks.
  public let blockCount: Int
  /// The places in each block that were read, in the order in which a block computes them.
  public let sites: [Site]
  /// Which maps were taken to each of them.
  public let extents: [Extent]
  /// Which Jacobians the maps are, "detached" or "ordinary"; nil where it was not recorded: detached.
  public let kind: String?
  /// The maps: of each extent, of each site, of each block from 0 to L − 1, in this order.
  public let maps: [LayerMap]
  /// The target's probability after every block at every position; nil if it was not requested.
  public let grid: Grid?
  /// Words to highlight among all decoded tokens, as the user gave them.
  public let concepts: [Concept]
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the maps of all blocks.
  public init(
    provenance: Provenance, prompt: ExplanationReport.Prompt,
    prediction: [ExplanationReport.Prediction], target: ExplanationReport.Target? = nil,
    shares: Shares? = nil, blockCount: Int, sites: [Site],
    extents: [Extent], kind: String? = nil, maps: [LayerMap], grid: Grid? = nil,
    concepts: [Concept] = [], notes: [String] = []
  ) {
    self.provenance = provenance
    self.prompt = prompt
    self.prediction = prediction
    self.target = target
    self.shares = shares
    self.blockCount = blockCount
    self.sites = sites
    self.extents = extents
    self.kind = kind
    self.maps = maps
    self.grid = grid
    self.concepts = concepts
    self.notes = notes
  }

  /// The maps of one extent to one site, by block; empty if not requested.
  public func maps(_ extent: Extent, to site: Site) -> [LayerMap] {
    maps.filter { $0.extent == extent && $0.site == site }
  }

  /// The concepts that a decoded token matches.
  public func concepts(of token: ExplanationReport.DecodedToken) -> [Concept] {
    concepts.filter { $0.tokens.contains(token.id) }
  }
}

extension LayersReport {
  /// The target's logit as the sum of what was written into the stream at the analyzed position.
  public struct Shares: Codable, Hashable, Sendable {
    /// The contribution of the vector that entered block 0.
    public let direct: Double
    /// The contributions of the blocks, in order.
    public let blocks: [Block]

    /// Makes a sum from the parts of a logit.
    public init(direct: Double, blocks: [Block]) {
      self.direct = direct
      self.blocks = blocks
    }

    /// The contribution of one block.
    public struct Block: Codable, Hashable, Sendable {
      /// The contribution of attention, without its biases.
      public let attention: Double
      /// The contribution of the feed-forward layer, without its biases.
      public let feedForward: Double
      /// The contribution of the biases of both.
      public let bias: Double
      /// All three together.
      public var sum: Double { attention + feedForward + bias }

      /// Gathers the parts of a block.
      public init(attention: Double, feedForward: Double, bias: Double) {
        self.attention = attention
        self.feedForward = feedForward
        self.bias = bias
      }
    }
  }

  /// What the stream says of the target after every block at every position, read as if it were the output.
  ///
  /// At positions before the analyzed one the target is no more than the token that is followed: there it is not what
  /// comes next.
  public struct Grid: Codable, Hashable, Sendable {
    /// The probability of the target's token, the first of a difference: by block, then position `[L, n]`.
    public let probabilities: [[Double]]

    /// Gathers probabilities.
    public init(probabilities: [[Double]]) { self.probabilities = probabilities }
  }

  /// A place in a block.
  public enum Site: String, Codable, Hashable, Sendable, CaseIterable {
    /// The output of attention, before it is added to the stream.
    case attention
    /// The output of the feed-forward layer, before it is added to the stream.
    case feedForward
    /// The stream after the block.
    case residual
  }

  /// The origin of a map.
  public enum Extent: String, Codable, Hashable, Sendable, CaseIterable {
    /// At the vectors that enter block 0.
    case cumulative
    /// At the vectors that enter the block itself.
    case local
  }

  /// A word to highlight.
  public struct Concept: Codable, Hashable, Sendable {
    /// The word as the user gave it.
    public let word: String
    /// The ids of the decoded tokens that match it, in ascending order.
    ///
    /// A token does where its text, without spaces around it and in lower case, begins with the word.
    public let tokens: [Int]

    /// Makes a word with its matching tokens.
    public init(word: String, tokens: [Int]) {
      self.word = word
      self.tokens = tokens
    }
  }
}
