package import SecantCheckpoints
package import SecantOperators
import Synchronization

/// A few items, analyzed to see how long one takes; nothing of them is kept.
package struct ScanTrial: Sendable {
  /// The number of items that were timed.
  package let items: Int
  /// The time for all of them, divided by their number; several are analyzed at the same time.
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
    var first = DataReader(files)
    // What is read from the disk for the first time is not timed.
    if let item = try first.nextItem() { _ = analysis.result(for: item) }
    let reader = Mutex(DataReader(files))
    let found = Mutex((timed: 0, failure: String?.none))
    let start = ContinuousClock.now
    try ItemsAtHand().results(
      of: { () throws(InputError) in
        if found.withLock(\.timed) >= count { return nil }
        return try reader.withLock { reader throws(InputError) -> DataReader.Raw? in
          while let item = try reader.nextItem(), item.index < itemCount {
            if item.index % step == 0 { return item }
          }
          return nil
        }
      },
      by: analysis.result,
      done: { (_, result) throws(InputError) in
        found.withLock { found in
          if let failure = result.failure { found.failure = failure } else { found.timed += 1 }
        }
      })
    let seconds = (ContinuousClock.now - start) / .seconds(1)
    let (timed, failure) = found.withLock { ($0.timed, $0.failure) }
    guard timed > 0 else {
      throw InputError(
        .invalid, subject: "the data", expected: "items that can be analyzed",
        found: failure ?? "none", remedy: "correct the data or the options")
    }
    items = timed
    secondsPerItem = seconds / Double(timed)
  }
}
