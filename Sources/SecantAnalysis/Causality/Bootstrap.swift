import SecantOperators

/// A median with an interval from samples drawn again.
package struct BootstrapMedian: Hashable, Sendable {
  /// The median.
  package let value: Double
  /// The lower end of the interval.
  package let low: Double
  /// The upper end.
  package let high: Double

  /// Samples that are drawn.
  private static let samples = 1000

  /// The median of some values and the interval that 95 % of the medians of samples lie in, each as many values
  /// drawn with replacement; nil where there is no value.
  ///
  /// - Parameters:
  ///   - values: Finite numbers.
  ///   - seed: What samples are drawn from.
  package init?(_ values: [Double], seed: UInt64) {
    guard !values.isEmpty else { return nil }
    var generator = SplitMix64(seed: seed)
    let medians = (0..<Self.samples).map { _ in
      Self.median(
        values.map { _ in values[Int.random(in: 0..<values.count, using: &generator)] })
    }.sorted()
    value = Self.median(values)
    low = medians[Self.samples / 40]
    high = medians[Self.samples - 1 - Self.samples / 40]
  }

  /// The value in the middle, or the mean of both there.
  package static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    let half = sorted.count / 2
    return sorted.count.isMultiple(of: 2) ? (sorted[half - 1] + sorted[half]) / 2 : sorted[half]
  }
}
