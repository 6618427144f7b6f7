import SecantOperators

/// Whether groups differ.
package enum GroupTest {
  /// The probability that groups of these sizes, drawn at random, differ in their means by as much.
  ///
  /// The statistic is Σ_g n_g (mean_g − mean)²; p = (1 + permutations that reach it) / (1 + permutations), which is
  /// never 0. Source: Phipson and Smyth, "Permutation p-values should never be zero", 2010.
  ///
  /// - Parameters:
  ///   - values: One number an item.
  ///   - groups: The group of each item, from 0.
  ///   - permutations: Permutations that are drawn.
  ///   - seed: What they are drawn from.
  /// - Returns: p, above 0 and at most 1; 1 where there is one group.
  package static func permutation(
    _ values: [Double], groups: [Int], permutations: Int, seed: UInt64
  ) -> Double {
    precondition(values.count == groups.count, "each value has a group")
    let count = (groups.max() ?? -1) + 1
    let mean = values.reduce(0, +) / Double(max(1, values.count))
    let centred = values.map { $0 - mean }
    var sizes = [Double](repeating: 0, count: count)
    for group in groups { sizes[group] += 1 }
    func statistic(_ groups: [Int]) -> Double {
      var sums = [Double](repeating: 0, count: count)
      for (value, group) in zip(centred, groups) { sums[group] += value }
      return zip(sums, sizes).reduce(0) { $0 + ($1.1 > 0 ? $1.0 * $1.0 / $1.1 : 0) }
    }
    // Equal divisions differ by rounding, which must not decide.
    let reached = statistic(groups) * (1 - 1e-9)
    var generator = SplitMix64(seed: seed)
    var shuffled = groups
    let found = (0..<permutations).count { _ in
      shuffled.shuffle(using: &generator)
      return statistic(shuffled) >= reached
    }
    return Double(1 + found) / Double(1 + permutations)
  }

  /// The false discovery rate at which each of several tests is accepted.
  ///
  /// Source: Benjamini and Hochberg, "Controlling the false discovery rate", 1995: q_(i) = min over j ≥ i of
  /// p_(j)·m/j, at most 1.
  ///
  /// - Parameter values: p of each test.
  /// - Returns: q of each, in the same order.
  package static func benjaminiHochberg(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var result = values
    var least = 1.0
    for (place, index) in order.enumerated().reversed() {
      least = min(least, values[index] * Double(values.count) / Double(place + 1))
      result[index] = least
    }
    return result
  }
}
