package import SecantCheckpoints
package import SecantOperators

/// A few items, analyzed to see how long one takes; nothing of them is kept.
package struct ScanTrial: Sendable {
  /// The number of items that were timed.
  package let items: Int
  /// The mean time of one.
  package let secondsPerItem: Double

  /// Analyses items that are spread evenly over a corpus, after one that is not timed.
  ///
  /// - Parameters:
  ///   - analysis: The questions.
  ///   - files: The corpus.
  ///   - itemCount: The number of items that are taken, at least 1.
  ///   - count: Items that are timed at most.
  /// - Throws: `InputError` where the data cannot be read, or every one of these items fails.
  package init<S: Scalar>(
    _ analysis: ItemAnalysis<S>, _ files: [DataFile], itemCount: Int, count: Int = 8
  ) throws(InputError) {
    let step = max(1, itemCount / count)
    var reader = DataReader(files)
    var (timed, seconds) = (0, 0.0)
    var isWarm = false
    var failure: String?
    while timed < count, let item = try reader.nextItem(), item.index < itemCount {
      guard item.index % step == 0 else { continue }
      if !isWarm {
        _ = analysis.result(for: item)
        isWarm = true
      }
      let start = ContinuousClock.now
      let result = analysis.result(for: item)
      if let found = result.failure {
        failure = found
        continue
      }
      seconds += (ContinuousClock.now - start) / .seconds(1)
      timed += 1
    }
    guard timed > 0 else {
      throw InputError(
        .invalid, subject: "the data", expected: "items that can be analyzed",
        found: failure ?? "none", remedy: "correct the data or the options")
    }
    items = timed
    secondsPerItem = seconds / Double(timed)
  }
}
