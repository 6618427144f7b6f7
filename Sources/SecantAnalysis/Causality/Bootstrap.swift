import SecantOperators

/// A statistic of some values, with an interval from samples drawn again.
package struct Bootstrap: Codable, Hashable, Sendable {
  /// The statistic of the values.
  package let value: Double
  /// The lower end of the interval.
  package let low: Double
  /// The upper end.
  package let high: Double

  /// Samples that are drawn.
  private static let samples = 1000

  /// A statistic and the interval that 95 % of its values for samples lie in, each as many values drawn with
  /// replacement; nil where there is no value.
  ///
  /// Source: Efron, "Bootstrap methods: another look at the jackknife", 1979 (the percentile interval).
  ///
  /// - Parameters:
  ///   - statistic: ``median(_:)`` or ``mean(_:)``.
  ///   - values: Finite numbers.
  ///   - seed: What samples are drawn from.
  package init?(
    of statistic: ([Double]) -> Double, _ values: [Double], seed: UInt64
  ) {
    guard !values.isEmpty else { return nil }
    var generator = SplitMix64(seed: seed)
    let found = (0..<Self.samples).map { _ in
      statistic(values.map { _ in values[Int.random(in: 0..<values.count, using: &generator)] })
    }.sorted()
    value = statistic(values)
    low = found[Self.samples / 40]
    high = found[Self.samples - 1 - Self.samples / 40]
  }

  /// The value in the middle, or the mean of both there.
  package static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
  }

  /// The sum over the number of values.
  package static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
  }
}
