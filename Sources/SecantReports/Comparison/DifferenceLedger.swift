/// An exact account of how a logit, or a difference of two, differs between two prompts of one model, or between
/// two models of one shape.
///
/// With A the first prompt and B the second, `forward` accounts for target(A) − target(B). It swaps the parts of the
/// computation one at a time, the last part first: A's part replaces B's, acts on B's values, and A's run carries
/// the result onward. `reverse` exchanges A and B, and `mean` is (forward − reverse) / 2. All numbers are logits. For
/// two models, the projections and the unembedding are parts too, and the difference of their embeddings counts as
/// content.
public struct DifferenceLedger: Codable, Hashable, Sendable {
  /// The target, by default a difference of two logits; `logit` is its value after the first prompt.
  public let target: ExplanationReport.Target
  /// The position at which both prompts are read; of prompts of different lengths, in the longer one.
  public let position: Int
  /// The tokens that one prompt lacks; nil where both have as many.
  public let masked: MaskedTokens?
  /// The account of the first less the second.
  public let forward: Order
  /// The account of the second less the first.
  public let reverse: Order
  /// (forward − reverse) / 2: exchanging the prompts only flips its sign.
  public let mean: Order
  /// The parts of the text whose tokens are counted together in entries; nil where each token is by itself.
  public let grouping: Grouping?

  /// Gathers both orders and their mean.
  public init(
    target: ExplanationReport.Target, position: Int, masked: MaskedTokens? = nil, forward: Order,
    reverse: Order, mean: Order, grouping: Grouping? = nil
  ) {
    self.target = target
    self.position = position
    self.masked = masked
    self.grouping = grouping
    self.forward = forward
    self.reverse = reverse
    self.mean = mean
  }

  /// The three accounts by name.
  public var orders: [(name: String, order: Order)] {
    [("forward", forward), ("reverse", reverse), ("mean", mean)]
  }
}

extension DifferenceLedger {
  /// What the shorter of two prompts lacks.
  ///
  /// Prompts of different lengths are aligned from both ends: equal tokens from the start, all others from the end.
  /// The run of the shorter prompt masks the tokens that it lacks: no other token attends to them, and later tokens
  /// keep their positions in the shorter prompt. All positions of the account are those of the longer prompt.
  public struct MaskedTokens: Codable, Hashable, Sendable {
    /// The prompt that lacks them: "first" or "second".
    public let prompt: String
    /// The position of the first of them in the other prompt.
    public let start: Int
    /// How many they are.
    public let count: Int

    /// Describes what a prompt lacks.
    public init(prompt: String, start: Int, count: Int) {
      (self.prompt, self.start, self.count) = (prompt, start, count)
    }

    /// The place in the shorter prompt of a position in the longer one; nil if it lacks the token.
    public func place(of position: Int) -> Int? {
      if position < start { return position }
      return position < start + count ? nil : position - count
    }
  }

  /// Positions that are counted together, by the text of the longer prompt; the first of two as long.
  public struct Grouping: Codable, Hashable, Sendable {
    /// By what: "word", "sentence", "line", "turn" or "spans".
    public let by: String
    /// The parts of the text, in order.
    public let spans: [Span]

    /// Gathers parts of a text.
    public init(by: String, spans: [Span]) { (self.by, self.spans) = (by, spans) }

    /// One part of the text.
    public struct Span: Codable, Hashable, Sendable {
      /// Its text, or the name that it was given.
      public let name: String
      /// The positions of its tokens, ascending.
      public let positions: [Int]

      /// Names a part of a text.
      public init(name: String, positions: [Int]) {
        (self.name, self.positions) = (name, positions)
      }
    }
  }

  /// One account of the difference.
  public struct Order: Codable, Hashable, Sendable {
    /// The difference of the model's own outputs.
    public let real: Double
    /// The sum of all entries: `real` but for rounding.
    public let sum: Double
    /// The contribution of the changed vectors that enter block 0, in logits.
    public let content: Double
    /// The contribution of the changed attention patterns, in logits.
    public let patterns: Double
    /// The contribution of the changed gates, and in a mixture of the changed choice of experts.
    public let gates: Double
    /// The contribution of the changed scales of norms, in logits.
    public let norms: Double
    /// The contribution of the projections and the unembedding; nil for one model.
    public let weights: Double?
    /// The parts of each block, in order.
    public let blocks: [Block]
    /// The contributions of parts at one position, largest magnitude first, each followed by its terms.
    ///
    /// Entries with neither `source` nor `neuron` add up to `sum`, with those that are not listed; one of the others
    /// divides the entry before it that has neither. Entries of value 0 are left out, and so are the smallest of very
    /// many: `entryCount` and `unlisted` say how many and how much.
    public let entries: [Entry]
    /// The number of entries that are not 0, listed or not; nil where it was not recorded.
    public let entryCount: Int?
    /// The sum of the entries that are not listed; nil where it was not recorded.
    public let unlisted: Double?
    /// The heads whose queries and keys are set apart; nil where this was not asked for.
    public let splitPatterns: [PatternSplit]?

    /// Gathers one account.
    public init(
      real: Double, sum: Double, content: Double, patterns: Double, gates: Double, norms: Double,
      weights: Double? = nil, blocks: [Block], entries: [Entry], entryCount: Int? = nil,
      unlisted: Double? = nil, splitPatterns: [PatternSplit]? = nil
    ) {
      self.real = real
      self.sum = sum
      self.content = content
      self.patterns = patterns
      self.gates = gates
      self.norms = norms
      self.weights = weights
      self.blocks = blocks
      self.entries = entries
      self.entryCount = entryCount
      self.unlisted = unlisted
      self.splitPatterns = splitPatterns
    }

    /// The entries that add up to the sum.
    public var wholeEntries: [Entry] { entries.filter { !$0.isTerm } }

    /// The terms that divide an entry of this account, largest magnitude first; empty if unknown.
    public func terms(of entry: Entry) -> [Entry] {
      guard let place = entries.firstIndex(of: entry) else { return [] }
      return Array(entries[(place + 1)...].prefix { $0.isTerm })
    }
  }

  /// The contributions of one block's parts, summed over all positions.
  public struct Block: Codable, Hashable, Sendable {
    /// The block's number, from 0, as in the checkpoint's tensor names.
    public let block: Int
    /// The contribution of each head's pattern `[h]`.
    public let heads: [Double]
    /// The contribution of the feed-forward layer's gates, or of those of all experts.
    public let gates: Double
    /// The contribution of the block's norms.
    public let norms: Double
    /// The contribution of the block's projections; nil for one model.
    public let weights: Double?

    /// Gathers the parts of a block.
    public init(
      block: Int, heads: [Double], gates: Double, norms: Double, weights: Double? = nil
    ) {
      self.block = block
      self.heads = heads
      self.gates = gates
      self.norms = norms
      self.weights = weights
    }

    /// The sum of the block's contributions.
    public var sum: Double { heads.reduce(0, +) + gates + norms + (weights ?? 0) }
  }

  /// The contribution of one part of the computation at one position, or one term of it.
  public struct Entry: Codable, Hashable, Sendable {
    /// "content", "pattern", "gate", "norm" or "weights".
    public let kind: String
    /// The block's number; nil for the content, the final norm and the unembedding.
    public let block: Int?
    /// The head's number, for a pattern.
    public let head: Int?
    /// For gates, the neuron of this term; nil for all neurons together.
    public let neuron: Int?
    /// The expert's number, for a gate in a mixture.
    public let expert: Int?
    /// For a norm: "attention", "attention-post", "feed-forward", "feed-forward-post" or "final".
    public let norm: String?
    /// For weights: "value", "output", "up", "down" or "unembedding".
    public let matrix: String?
    /// The position at which the part acts; of a span its first.
    public let position: Int
    /// Where tokens are counted together, the number of the span among the ledger's; else nil.
    public let span: Int?
    /// For a pattern, the position that the head looked at; nil for all positions together.
    public let source: Int?
    /// The contribution, in logits.
    public let value: Double

    /// Describes an entry.
    public init(
      kind: String, block: Int? = nil, head: Int? = nil, neuron: Int? = nil, expert: Int? = nil,
      norm: String? = nil, matrix: String? = nil, position: Int, span: Int? = nil,
      source: Int? = nil, value: Double
    ) {
      self.kind = kind
      self.block = block
      self.head = head
      self.neuron = neuron
      self.expert = expert
      self.norm = norm
      self.matrix = matrix
      self.position = position
      self.span = span
      self.source = source
      self.value = value
    }

    /// Whether it divides an entry before it.
    public var isTerm: Bool { source != nil || neuron != nil }
  }
}
