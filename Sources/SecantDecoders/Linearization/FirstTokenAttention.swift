import SecantOperators

/// How much attention the first token of a prompt gets from those after it.
///
/// The mean over all heads of all blocks and over queries at later positions: the first position of a prompt is
/// where heads look that have nothing to do (an attention sink). Queries that do not see the first position, in
/// blocks with a window, do not count. Of more than ``queryLimit`` queries of a block, as many count as that, evenly spread.
public struct FirstTokenAttention: Hashable, Sendable {
  /// The mean of the attention probabilities, from 0 to 1.
  public let weight: Double
  /// The mean of 1/n over the same queries, with n the positions that a query sees: what even attention gives.
  public let evenWeight: Double

  /// `(weight − evenWeight) / (1 − evenWeight)`: 0 for even attention, 1 where all of it goes to the first token.
  public var excess: Double { (weight - evenWeight) / (1 - evenWeight) }

  /// Queries of a block that count at most.
  public static var queryLimit: Int { 32 }

  /// The means of sums over queries; nil where there is none.
  init?(_ parts: [Sums]) {
    let count = parts.reduce(0) { $0 + $1.count }
    guard count > 0 else { return nil }
    weight = parts.reduce(0) { $0 + $1.weight } / Double(count)
    evenWeight = parts.reduce(0) { $0 + $1.even } / Double(count)
  }

  /// What the queries of one block's heads add to the means.
  struct Sums: Hashable, Sendable {
    let weight: Double
    let even: Double
    let count: Int
  }
}

extension AttentionPattern {
  /// What the queries after the first position give to it, summed over heads.
  ///
  /// Costs 2·w operations for each query of ``FirstTokenAttention/queryLimit``, head and position that it sees.
  var attentionToFirst: FirstTokenAttention.Sums {
    let last = min(keys.rows, rule.window ?? .max) - 1
    guard firstQuery == 0, last > 0 else { return .init(weight: 0, even: 0, count: 0) }
    let limit = FirstTokenAttention.queryLimit
    // Few queries come at once; many are taken one by one, evenly spread up to the last.
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
