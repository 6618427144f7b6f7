/// The result of `secant trace`: which part of a prompt made the model give an answer of several tokens.
///
/// The prompt's T tokens and the answer's N are read in one run. Token k of the answer is predicted at position
/// T − 1 + k, by the direction w_k: the token's unembedding row minus the reference's. Then
/// - `shares` divides the target, `Σ_k w_k·y_{T−1+k}`, among the tokens of the prompt, the answer's own earlier
///   words and the biases, and groups the prompt's tokens by span.
/// - `roles` is the same sum by who wrote the token.
/// - `direct` and `blocks` divide the target by the component that wrote each part, at the positions that predict
///   the answer.
/// - `matrix` has the rows of the sum: each answer token divided separately.
///
/// In logits throughout.
public struct TraceReport: Report {
  /// Version 1 of "secant.trace".
  public static let schema = ReportSchema(name: "secant.trace", version: 1)

  /// Model and settings; the method is "exact", the tolerance and the seed are 0.
  public let provenance: Provenance
  /// The prompt as the model reads it, without the answer.
  public let prompt: ExplanationReport.Prompt
  /// The answer, token after token.
  public let answer: Answer
  /// What the answer's tokens are held against.
  public let reference: Reference
  /// The target by token, and by span of the prompt; tokens from the prompt's length on are the answer's own words.
  public let shares: ExplanationReport.Shares
  /// The target by role, in the order of the prompt; they sum to it.
  public let roles: [Role]
  /// The contribution of the vectors that enter at the positions read, past every block.
  public let direct: Double
  /// The contributions of the blocks, in order.
  public let blocks: [Block]
  /// The error of the sum over components.
  public let exactness: SharesReport.Exactness
  /// Each answer token divided separately; nil if it was not asked for.
  public let matrix: Matrix?
  /// The prompt's parts, including what it gave through the answer's own words; nil if it was not asked for.
  public let through: Through?
  /// What removing each span does; nil if it was not asked for.
  public let check: SpanCheck?
  /// Caveats about the numbers, one sentence each; possibly empty.
  public let notes: [String]

  /// Gathers the parts of a trace.
  public init(
    provenance: Provenance, prompt: ExplanationReport.Prompt, answer: Answer,
    reference: Reference, shares: ExplanationReport.Shares, roles: [Role], direct: Double,
    blocks: [Block], exactness: SharesReport.Exactness, matrix: Matrix? = nil,
    through: Through? = nil, check: SpanCheck? = nil, notes: [String] = []
  ) {
    self.provenance = provenance
    self.prompt = prompt
    self.answer = answer
    self.reference = reference
    self.shares = shares
    self.roles = roles
    self.direct = direct
    self.blocks = blocks
    self.exactness = exactness
    self.matrix = matrix
    self.through = through
    self.check = check
    self.notes = notes
  }

  /// The spans of the prompt, in its order.
  public var spans: [ExplanationReport.Shares.Span] { shares.grouping?.spans ?? [] }
}

extension TraceReport {
  /// What is traced.
  public struct Answer: Codable, Hashable, Sendable {
    /// Where it comes from: "continuation", the model's own likeliest tokens, or "given".
    public let origin: String
    /// Whether the model ended it; false for one that was given, or cut at the number of tokens asked for.
    public let isEnded: Bool
    /// Its tokens.
    public let tokens: [Token]

    /// Gathers an answer.
    public init(origin: String, isEnded: Bool, tokens: [Token]) {
      self.origin = origin
      self.isEnded = isEnded
      self.tokens = tokens
    }

    /// The answer as a text.
    public var text: String { tokens.map(\.text).joined() }
  }

  /// One token of the answer, and its part of the target.
  public struct Token: Codable, Hashable, Sendable {
    /// Its place after the prompt; it is predicted at the position before.
    public let position: Int
    /// The token's number in the vocabulary.
    public let id: Int
    /// The token as text.
    public let text: String
    /// The token that it is held against; nil for the mean of the vocabulary, or for nothing.
    public let over: ExplanationReport.Target.Token?
    /// Its part of the target, as the model itself computed it.
    public let value: Double
    /// Its logit, before any bound on logits.
    public let logit: Double
    /// Its softmax probability over the whole vocabulary, from 0 to 1.
    public let probability: Double
    /// Whether it is the likeliest token there.
    public let isLikeliest: Bool

    /// Describes one token of an answer.
    public init(
      position: Int, id: Int, text: String, over: ExplanationReport.Target.Token?, value: Double,
      logit: Double, probability: Double, isLikeliest: Bool
    ) {
      self.position = position
      self.id = id
      self.text = text
      self.over = over
      self.value = value
      self.logit = logit
      self.probability = probability
      self.isLikeliest = isLikeliest
    }
  }

  /// What the answer's tokens are held against.
  public struct Reference: Codable, Hashable, Sendable {
    /// "runner-up", of each token the likeliest other one; "answer", another answer of as many tokens, token by
    /// token; "mean", the mean logit of the vocabulary; "none".
    public let kind: String
    /// The other answer; nil for other kinds.
    public let text: String?

    /// Describes what is subtracted.
    public init(kind: String, text: String? = nil) {
      self.kind = kind
      self.text = text
    }
  }

  /// What tokens of one role gave.
  public struct Role: Codable, Hashable, Sendable {
    /// "prompt", or a turn's name such as "system" or "user"; "documents" for named spans; "answer" for the answer's
    /// own earlier words; "baseline" for an attention sink; "bias".
    public let name: String
    /// The number of its tokens.
    public let tokenCount: Int
    /// The sum of its tokens' shares.
    public let value: Double
    /// The sum over the target.
    public let fraction: Double

    /// Describes one role.
    public init(name: String, tokenCount: Int, value: Double, fraction: Double) {
      self.name = name
      self.tokenCount = tokenCount
      self.value = value
      self.fraction = fraction
    }
  }

  /// The parts of one block: `attention + feedForward + bias` is its contribution.
  public struct Block: Codable, Hashable, Sendable {
    /// The block's number, from 0.
    public let block: Int
    /// All heads together, without the layer's own biases.
    public let attention: Double
    /// The heads, in order; they sum to `attention`.
    public let heads: [Head]
    /// The feed-forward layer, without its own biases.
    public let feedForward: Double
    /// In a mixture, the experts that any position was given to, in order; otherwise empty.
    public let experts: [Expert]
    /// The biases of the block's own layers.
    public let bias: Double

    /// Gathers the parts of a block.
    public init(
      block: Int, attention: Double, heads: [Head], feedForward: Double, experts: [Expert] = [],
      bias: Double
    ) {
      self.block = block
      self.attention = attention
      self.heads = heads
      self.feedForward = feedForward
      self.experts = experts
      self.bias = bias
    }
  }

  /// The contribution of one head.
  public struct Head: Codable, Hashable, Sendable {
    /// The total contribution.
    public let value: Double
    /// The span from whose positions it wrote most in the direction of its total, by its place among the spans; nil
    /// if there is none.
    public let span: Int?
    /// What it wrote from there.
    public let read: Double?

    /// Describes one head.
    public init(value: Double, span: Int?, read: Double?) {
      self.value = value
      self.span = span
      self.read = read
    }
  }

  /// The contribution of one expert of a mixture.
  public struct Expert: Codable, Hashable, Sendable {
    /// The expert's number, from 0.
    public let index: Int
    /// The total contribution.
    public let value: Double

    /// Describes one expert.
    public init(index: Int, value: Double) {
      self.index = index
      self.value = value
    }
  }
}
