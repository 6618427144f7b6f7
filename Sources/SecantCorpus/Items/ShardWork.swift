package import SecantCheckpoints
package import SecantOperators
import Synchronization

/// The items of a corpus, counted.
package struct CorpusCount: Sendable {
  /// The number of items that are taken.
  package let items: Int
  /// The digest of the names and contents of all files.
  package let digest: String
  /// The first item; nil where there is none.
  package let first: DataReader.Raw?

  /// Reads all files once.
  ///
  /// - Parameters:
  ///   - files: The corpus.
  ///   - limit: The number of items that are taken at most; nil for all.
  /// - Throws: `InputError` where a file cannot be read, or there is no item.
  package init(_ files: [DataFile], limit: Int?) throws(InputError) {
    var reader = DataReader(files)
    var count = 0
    var first: DataReader.Raw?
    while let item = try reader.nextItem() {
      if count == 0 { first = item }
      count += 1
    }
    guard count > 0 else {
      throw InputError(
        .invalid, file: files.first?.name, subject: "data", expected: "at least one item",
        found: "none", remedy: "check the files")
    }
    items = min(count, limit ?? count)
    digest = reader.contentDigest
    self.first = first
  }
}

/// What one process does: the items of its shard that are not in its journal yet, in order.
package struct ShardWork<S: Scalar> {
  private let analysis: ItemAnalysis<S>
  private let files: [DataFile]
  private let itemCount: Int
  private let shard: Shard
  private let journal: Journal

  /// What is to be done.
  ///
  /// - Parameters:
  ///   - analysis: The questions.
  ///   - files: The corpus.
  ///   - itemCount: The number of items that are taken.
  ///   - shard: Which of them are this process's own.
  ///   - journal: Where results go; what it has is not done again.
  package init(
    _ analysis: ItemAnalysis<S>, files: [DataFile], itemCount: Int, _ shard: Shard,
    into journal: Journal
  ) {
    (self.analysis, self.files, self.itemCount) = (analysis, files, itemCount)
    (self.shard, self.journal) = (shard, journal)
  }

  /// Does it, until all is done or a stop is asked for.
  ///
  /// Items are analyzed at the same time, and their results appended in order.
  ///
  /// - Parameters:
  ///   - isStopped: Whether to begin no further item.
  ///   - progress: Told before the first item and after each.
  /// - Returns: Whether all items are done.
  /// - Throws: `InputError` where the data cannot be read, or results cannot be written.
  package func run(
    until isStopped: @escaping @Sendable () -> Bool,
    progress: @escaping @Sendable (ShardProgress) -> Void
  ) throws(InputError) -> Bool {
    let all = shard.itemCount(of: itemCount)
    let source = Mutex((reader: DataReader(files), place: journal.records))
    let last = Mutex((record: ContinuousClock.now, failures: 0))
    progress(ShardProgress(done: journal.records, all: all, failures: 0, failure: nil))
    try ItemsAtHand().results(
      of: { [shard, itemCount] () throws(InputError) in
        try source.withLock { source throws(InputError) -> DataReader.Raw? in
          if isStopped() || source.place == all { return nil }
          while let item = try source.reader.nextItem() {
            guard item.index == shard.item(at: source.place) else { continue }
            source.place += 1
            return item
          }
          throw InputError(
            .mismatched, subject: "data", expected: "\(itemCount) items",
            found: "fewer: the files changed", remedy: "let the data be while they are scanned")
        }
      },
      by: analysis.result,
      done: { [journal] (item: DataReader.Raw, result) throws(InputError) in
        let now = ContinuousClock.now
        let (seconds, failures) = last.withLock { last in
          defer { last.record = now }
          if result.failure != nil { last.failures += 1 }
          return ((now - last.record) / .seconds(1), last.failures)
        }
        try journal.append(
          document: result.document, vectors: result.vectors, isFailure: result.failure != nil,
          seconds: seconds)
        progress(
          ShardProgress(
            done: journal.records, all: all, failures: failures, failure: result.failure))
      })
    return journal.records == all
  }
}

/// How far a process has come with its shard.
package struct ShardProgress: Sendable {
  /// The items of the shard that are done.
  package let done: Int
  /// The items of the shard.
  package let all: Int
  /// The items that failed in this process.
  package let failures: Int
  /// Why the last item failed; nil where it did not.
  package let failure: String?
}
