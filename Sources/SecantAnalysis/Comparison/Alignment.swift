package import SecantDecoders

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

/// Two texts with as many rows: where they differ in length, the shorter one has the tokens that it lacks as masked
/// rows.
///
/// Equal tokens stand beside each other from the start, and all others from the end. So what the longer text has
/// more follows their common start: at least the first token, which attention rests on, and never the last one.
package struct EndAlignment: Hashable, Sendable {
  /// The tokens of run A.
  package let first: [Int]
  /// The tokens of run B, as many.
  package let second: [Int]
  /// The rows that the shorter text lacks; nil where both have as many tokens.
  package let masked: MaskedRows?
  /// Whether the second text is the longer one.
  package let isSecondLonger: Bool
  /// The row at which both are read.
  package let position: Int

  /// Whether texts of some lengths can be aligned: they have as many tokens, or both are read equally far from
  /// the end.
  static func exists(_ counts: (Int, Int), readAt positions: (Int, Int)) -> Bool {
    counts.0 == counts.1 || counts.0 - positions.0 == counts.1 - positions.1
  }

  /// Aligns two texts; nil if they cannot be aligned.
  package init?(_ first: [Int], _ second: [Int], readAt positions: (Int, Int)) {
    isSecondLonger = second.count > first.count
    position = isSecondLonger ? positions.1 : positions.0
    guard first.count != second.count else {
      (self.first, self.second, masked) = (first, second, nil)
      return
    }
    guard Self.exists((first.count, second.count), readAt: positions) else { return nil }
    let (shorter, longer) = isSecondLonger ? (first, second) : (second, first)
    let read = min(positions.0, positions.1)
    let common = (0..<read).prefix { shorter[$0] == longer[$0] }.count
    let start = min(max(common, 1), read)
    let lacking = start..<start + longer.count - shorter.count
    let filled = shorter[..<start] + longer[lacking] + shorter[start...]
    masked = MaskedRows(lacking)
    (self.first, self.second) = isSecondLonger ? (Array(filled), second) : (first, Array(filled))
  }
}

extension CollectionDifference.Change {
  fileprivate var offset: Int {
    switch self {
    case .insert(let offset, _, _), .remove(let offset, _, _): offset
    }
  }
}
