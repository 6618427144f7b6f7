/// The agreement of two lists of numbers.
package enum Correlation {
  /// Pearson's correlation; nil if there are fewer than three pairs, or all numbers of a list are
  /// equal.
  package static func pearson(_ x: [Double], _ y: [Double]) -> Double? {
    precondition(x.count == y.count, "numbers without a partner")
    guard x.count >= 3 else { return nil }
    let n = Double(x.count)
    let (a, b) = (x.reduce(0, +) / n, y.reduce(0, +) / n)
    var (xx, yy, xy) = (0.0, 0.0, 0.0)
    for (x, y) in zip(x, y) {
      xx += (x - a) * (x - a)
      yy += (y - b) * (y - b)
      xy += (x - a) * (y - b)
    }
    guard xx > 0, yy > 0 else { return nil }
    return min(1, max(-1, xy / (xx * yy).squareRoot()))
  }

  /// Spearman's correlation: Pearson's correlation of the ranks; equal numbers share their mean
  /// rank.
  package static func spearman(_ x: [Double], _ y: [Double]) -> Double? {
    pearson(ranks(x), ranks(y))
  }

  /// The rank of each number from 1, the smallest first; equal numbers share the mean of their ranks.
  package static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = values.map { _ in 0.0 }
    var first = 0
    while first < order.count {
      var last = first
      while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
      for place in first...last { ranks[order[place]] = Double(first + last) / 2 + 1 }
      first = last + 1
    }
    return ranks
  }
}
