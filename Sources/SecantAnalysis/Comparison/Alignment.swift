/// Two sequences of tokens side by side: a longest common subsequence, and what lies between its members
/// in order.
struct Alignment: Hashable, Sendable {
  /// A place in the first sequence, in the second, or in both.
  struct Pair: Hashable, Sendable {
    let first: Int?
    let second: Int?
    /// Whether both places hold the same.
    let isCommon: Bool
  }

  /// The pairs, in ascending order on both sides; every place of both sequences is in one.
  let pairs: [Pair]

  /// Aligns two sequences.
  ///
  /// Of the tokens between two common ones, the first of one side stand beside the first of the other: a
  /// word that was exchanged faces the word that it was exchanged for.
  ///
  /// Costs O((m + n)·D) for D differences.
  init<Token: Hashable>(_ first: [Token], _ second: [Token]) {
    let difference = second.difference(from: first)
    let removed = Set(difference.removals.map(\.offset))
    let inserted = Set(difference.insertions.map(\.offset))
    let common = zip(
      first.indices.filter { !removed.contains($0) },
      second.indices.filter { !inserted.contains($0) })
    var pairs: [Pair] = []
    var (i, j) = (0, 0)
    func appendBetween(_ firstEnd: Int, _ secondEnd: Int) {
      while i < firstEnd || j < secondEnd {
        pairs.append(
          Pair(first: i < firstEnd ? i : nil, second: j < secondEnd ? j : nil, isCommon: false))
        if i < firstEnd { i += 1 }
        if j < secondEnd { j += 1 }
      }
    }
    for (a, b) in common {
      appendBetween(a, b)
      pairs.append(Pair(first: a, second: b, isCommon: true))
      (i, j) = (a + 1, b + 1)
    }
    appendBetween(first.count, second.count)
    self.pairs = pairs
  }
}

extension CollectionDifference.Change {
  fileprivate var offset: Int {
    switch self {
    case .insert(let offset, _, _), .remove(let offset, _, _): offset
    }
  }
}
