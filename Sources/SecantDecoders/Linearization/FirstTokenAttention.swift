import SecantOperators

/// How much attention the first token of a prompt gets from those after it.
///
/// The mean over all heads of all blocks and over queries at later positions: idle heads attend to
/// the first position of a prompt (an attention sink). Delta networks have no attention, and so do
/// not count. Queries that do not see the first position,
/// in blocks with a sliding window, do not count. If a block has more than ``queryLimit`` queries,
/// that many of them count, evenly spread. What a head's learned sink takes counts for no position.
public struct FirstTokenAttention: Hashable, Sendable {
  /// The mean of the attention probabilities, from 0 to 1.
  public let weight: Double
  /// The mean of 1/n over the same queries, with n the number of positions that a query sees: the
  /// value for even attention.
  public let evenWeight: Double

  /// `(weight − evenWeight) / (1 − evenWeight)`: 0 for even attention, 1 if all of it goes to the
  /// first token.
  public var excess: Double { (weight - evenWeight) / (1 - evenWeight) }

  /// The largest number of queries per block that count.
  public static var queryLimit: Int { 32 }

  /// The means of sums over queries; nil if there are no queries.
  init?(_ parts: [Sums]) {
    let count = parts.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    weight = parts.reduce(0) { $0 + $1.weight } / Double(count)
    evenWeight = parts.reduce(0) { $0 + $1.even } / Double(count)
  }

  /// The sums over the queries of one block's heads.
  struct Sums: Hashable, Sendable {
    let weight: Double
    let even: Double
    let count: Int
  }
}

extension MixingPattern {
  /// The attention that queries at later positions give to the first one, summed over heads; nothing
  /// in a delta network.
  var attentionToFirst: FirstTokenAttention.Sums {
    attention?.attentionToFirst ?? .init(weight: 0, even: 0, count: 0)
  }
}

extension AttentionPattern {
  /// The attention that queries at later positions give to the first one, summed over heads.
  ///
  /// Costs 2·w operations for each query of ``FirstTokenAttention/queryLimit``, head and position that it sees.
  var attentionToFirst: FirstTokenAttention.Sums {
    let last = min(keys.rows, rule.slidingWindow ?? .max) - 1
    guard firstQuery == 0, last > 0 else { return .init(weight: 0, even: 0, count: 0) }
    let limit = FirstTokenAttention.queryLimit
    // Few queries are computed together; of many, single ones are taken, evenly spread up to the
    // last.
    let parts =
      last <= limit ? [1..<last + 1] : (1...limit).map { $0 * last / limit..<$0 * last / limit + 1 }
    let weights = concurrentMap(Array(0..<queryHeads)) { head in
      parts.reduce(0.0) { sum, part in
        let rows = probabilities(head: head, positions: part, keys: 0..<part.upperBound)
        return (0..<rows.rows).reduce(sum) { $0 + Double(rows[$1, 0]) }
      }
    }
    let queries = parts.flatMap(Array.init)
    return .init(
      weight: weights.reduce(0, +),
      even: Double(queryHeads) * queries.reduce(0.0) { $0 + 1 / Double($1 + 1) },
      count: queryHeads * queries.count)
  }
}
