/// An exact account of how a logit, or a difference of two, differs between two prompts of one model.
///
/// With A the first prompt and B the second, `forward` accounts for the target after A less the target
/// after B: one part of the computation after the other, the last first, is swapped from B's to A's, applied to B's
/// values and carried on under A. `reverse` exchanges A and B, and `mean` is half of `forward` less `reverse`. In logits
/// throughout.
public struct DifferenceLedger: Codable, Hashable, Sendable {
  /// The target, by default a difference of two logits; `logit` is its value after the first prompt.
  public let target: ExplanationReport.Target
  /// The position at which both prompts are read.
  public let position: Int
  /// The account of the first less the second.
  public let forward: Order
  /// The account of the second less the first.
  public let reverse: Order
  /// Half of forward less reverse, which exchanging both prompts only gives another sign.
  public let mean: Order

  /// Gathers both orders and their mean.
  public init(
    target: ExplanationReport.Target, position: Int, forward: Order, reverse: Order, mean: Order
  ) {
    self.target = target
    self.position = position
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
    /// The parts of each block, in order.
    public let blocks: [Block]
    /// The contributions of parts at one position, largest magnitude first, each followed by its terms.
    ///
    /// Entries with neither `source` nor `neuron` add up to `sum`; one of the others divides the entry before it
    /// that has neither. Entries of value 0 are left out, and so are the smallest of very many.
    public let entries: [Entry]

    /// Gathers one account.
    public init(
      real: Double, sum: Double, content: Double, patterns: Double, gates: Double, norms: Double,
      blocks: [Block], entries: [Entry]
    ) {
      self.real = real
      self.sum = sum
      self.content = content
      self.patterns = patterns
      self.gates = gates
      self.norms = norms
      self.blocks = blocks
      self.entries = entries
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

    /// Gathers the parts of a block.
    public init(block: Int, heads: [Double], gates: Double, norms: Double) {
      self.block = block
      self.heads = heads
      self.gates = gates
      self.norms = norms
    }

    /// The sum of the block's contributions.
    public var sum: Double { heads.reduce(0, +) + gates + norms }
  }

  /// The contribution of one part of the computation at one position, or one term of it.
  public struct Entry: Codable, Hashable, Sendable {
    /// "content", "pattern", "gate" or "norm".
    public let kind: String
    /// The block's number; nil for the content and the final norm.
    public let block: Int?
    /// The head's number, for a pattern.
    public let head: Int?
    /// For gates, the neuron of this term; nil for all neurons together.
    public let neuron: Int?
    /// The expert's number, for a gate in a mixture.
    public let expert: Int?
    /// For a norm: "attention", "attention-post", "feed-forward", "feed-forward-post" or "final".
    public let norm: String?
    /// The position at which the part acts.
    public let position: Int
    /// For a pattern, the position that the head looked at; nil for all positions together.
    public let source: Int?
    /// The contribution, in logits.
    public let value: Double

    /// Describes an entry.
    public init(
      kind: String, block: Int? = nil, head: Int? = nil, neuron: Int? = nil, expert: Int? = nil,
      norm: String? = nil, position: Int, source: Int? = nil, value: Double
    ) {
      self.kind = kind
      self.block = block
      self.head = head
      self.neuron = neuron
      self.expert = expert
      self.norm = norm
      self.position = position
      self.source = source
      self.value = value
    }

    /// Whether it divides an entry before it.
    public var isTerm: Bool { source != nil || neuron != nil }
  }
}

// MARK: - As a table and as arrays

extension DifferenceLedger {
  /// The columns that a comparison's table has for entries of the account.
  static let columns = [
    "order", "kind", "block", "head", "expert", "norm", "neuron", "position", "source", "value",
  ]

  /// One row for each entry of every order.
  var rows: [[NumberTable.Cell]] {
    func integer(_ value: Int?) -> NumberTable.Cell { value.map { .integer($0) } ?? .text("") }
    return orders.flatMap { name, order in
      order.entries.map { entry in
        [
          .text(name), .text(entry.kind), integer(entry.block), integer(entry.head),
          integer(entry.expert), .text(entry.norm ?? ""), integer(entry.neuron),
          .integer(entry.position), integer(entry.source), .number(entry.value),
        ]
      }
    }
  }

  /// `difference.totals` `[3, 6]` (real, sum, content, patterns, gates, norms), and by block
  /// `difference.heads` `[3, L, h]`, `difference.gates` and `difference.norms` `[3, L]`; the orders are forward,
  /// reverse and mean.
  var arrays: [NumberArray] {
    let orders = orders.map(\.order)
    let count = orders.map(\.blocks.count).max() ?? 0
    let width = orders.flatMap(\.blocks).map(\.heads.count).max() ?? 0
    func blocks(_ name: String, _ value: (Block) -> Double) -> NumberArray {
      .init(name, rows: orders.map { $0.blocks.map(value) }, width: count)
    }
    let heads = orders.flatMap { order in
      (0..<count).flatMap { n -> [Double] in
        let known = n < order.blocks.count ? order.blocks[n].heads : []
        return known + [Double](repeating: .nan, count: width - known.count)
      }
    }
    return [
      .init(
        "difference.totals",
        rows: orders.map { [$0.real, $0.sum, $0.content, $0.patterns, $0.gates, $0.norms] }),
      NumberArray(name: "difference.heads", shape: [orders.count, count, width], values: heads),
      blocks("difference.gates", \.gates), blocks("difference.norms", \.norms),
    ]
  }
}
