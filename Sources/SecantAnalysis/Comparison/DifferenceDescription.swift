import SecantDecoders
import SecantReports

extension DifferenceLedger {
  /// Entries of a circuit that a report lists at most: less than 1 MB of JSON.
  static let circuitEntries = 4096
  /// The largest entries, which are divided by source or neuron.
  static let dividedLargest = 24
  /// Terms of each of them.
  static let terms = 5
  /// Entries up to which terms are looked for.
  static var dividedEntries: Int { 1 << 18 }
}

/// Which entries of an account a report lists.
struct EntryListing: Sendable {
  /// What positions are counted together; nil for none.
  let spans: TokenSpans?
  /// Entries that are listed, the largest; nil for all.
  let limit: Int?

  /// The entries of an account that are not zero, largest magnitude first, and which of them are listed: the
  /// largest, and what is needed to say of a token how it enters the first block.
  func entries(of account: Difference) -> (all: [Difference.Entry], listed: [Difference.Entry]) {
    let all = account.largestEntries
    guard let limit, all.count > limit else { return (all, all) }
    let entering = Set(account.entries.filter { $0.kind == .content }.map(\.position))
    let listed = all.enumerated().filter { rank, entry in
      let isEntering = entry.kind == .content || (entry.kind == .norm && entry.block == 0)
      return rank < limit || (isEntering && entering.contains(entry.position))
    }
    return (all, listed.map(\.element))
  }
}

extension DifferenceLedger.Order {
  /// An account as a report has it.
  init(
    _ difference: Difference, _ listing: EntryListing, isOneModel: Bool, isSplit: Bool
  ) {
    let last = difference.parts.compactMap(\.component.block).max() ?? -1
    let parts = Dictionary(grouping: difference.parts) { $0.component.block ?? -1 }
    let blocks = (0..<last + 1).map { n in
      let own = parts[n] ?? []
      func sum(_ kind: Difference.Kind) -> Double {
        own.reduce(0) { $0 + ($1.component.kind == kind ? $1.sum : 0) }
      }
      return DifferenceLedger.Block(
        block: n, heads: own.filter { $0.component.head != nil }.map(\.sum), gates: sum(.gate),
        norms: sum(.norm), weights: isOneModel ? nil : sum(.weights))
    }
    let places = Dictionary(
      uniqueKeysWithValues: difference.parts.enumerated().map { ($1.component, $0) })
    let grouped = listing.spans.map { difference.adding(positions: $0.spans.map(\.positions)) }
    let (all, listed) = listing.entries(of: grouped ?? difference)
    let starts = listing.spans?.spans.map { $0.positions.first ?? 0 }
    self.init(
      real: difference.real, sum: difference.sum, content: difference.total(of: .content),
      patterns: difference.total(of: .pattern), gates: difference.total(of: .gate),
      norms: difference.total(of: .norm),
      weights: isOneModel ? nil : difference.total(of: .weights), blocks: blocks,
      entries: listed.enumerated().flatMap { rank, entry -> [DifferenceLedger.Entry] in
        let whole = DifferenceLedger.Entry(entry, spans: starts)
        guard starts == nil, rank < DifferenceLedger.dividedLargest,
          let place = places[entry.component],
          difference.parts[place].terms.indices.contains(entry.position)
        else { return [whole] }
        return [whole]
          + difference.parts[place].terms[entry.position].map { .init(entry, term: $0) }
      }, entryCount: all.count,
      unlisted: all.count == listed.count
        ? 0 : all.reduce(0) { $0 + $1.value } - listed.reduce(0) { $0 + $1.value },
      splitPatterns: isSplit ? difference.parts.compactMap(DifferenceLedger.PatternSplit.init) : nil
    )
  }
}

extension DifferenceLedger.PatternSplit {
  /// A head whose queries and keys were swapped apart; nil for other parts.
  fileprivate init?(_ part: Difference.Part) {
    guard let sides = part.sides, case .head(let block, let head) = part.component else {
      return nil
    }
    let mean = sides.mean
    func found(_ value: ([Double]) -> Double) -> DifferenceLedger.Sides {
      DifferenceLedger.Sides(
        value: value(part.values), keysFirst: value(sides.keysFirst.keys),
        queriesFirst: value(sides.queriesFirst.queries), queries: value(mean.queries),
        keys: value(mean.keys))
    }
    self.init(
      block: block, head: head, whole: found { $0.reduce(0, +) },
      positions: part.values.indices.filter { place in
        part.values[place] != 0 || sides.keysFirst.keys[place] != 0
      }.map { place in .init(position: place, sides: found { $0[place] }) })
  }
}

extension DifferenceLedger.Entry {
  /// An entry as a report has it, or one of its terms.
  ///
  /// - Parameters:
  ///   - entry: The entry.
  ///   - term: The term.
  ///   - spans: Where positions are spans, the first position of each.
  init(_ entry: Difference.Entry, term: Difference.Term? = nil, spans: [Int]? = nil) {
    self.init(
      kind: entry.kind.rawValue, block: entry.block, head: entry.head,
      neuron: entry.kind == .gate ? term?.index : nil, expert: entry.expert,
      norm: entry.component.normName, matrix: entry.component.matrixName,
      position: spans?[entry.position] ?? entry.position,
      span: spans == nil ? nil : entry.position,
      source: entry.kind == .pattern ? term?.index : nil, value: term?.value ?? entry.value)
  }
}

extension Difference.Component {
  /// Which norm it is; nil for other parts.
  fileprivate var normName: String? {
    switch self {
    case .finalNorm: return "final"
    case .norm(_, let step):
      switch step {
      case .attentionNorm: return "attention"
      case .attentionPostNorm: return "attention-post"
      case .feedForwardNorm: return "feed-forward"
      case .feedForwardPostNorm: return "feed-forward-post"
      case .perLayerPostNorm: return "per-layer-post"
      case .attention, .feedForward, .perLayer, .streamFactor: return nil
      }
    case .content, .positions, .head, .gates, .perLayerGates, .weights, .unembedding: return nil
    }
  }

  /// Which weight matrix it is, or which gates of a block that has two kinds; nil for other parts.
  fileprivate var matrixName: String? {
    switch self {
    case .weights(_, let projection, _): projection.rawValue
    case .unembedding: "unembedding"
    case .positions: "positions"
    case .perLayerGates: "per-layer"
    case .content, .norm, .finalNorm, .head, .gates: nil
    }
  }
}
