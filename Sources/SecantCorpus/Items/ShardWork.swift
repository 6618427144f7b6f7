package import SecantCheckpoints
package import SecantOperators

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
  /// - Parameters:
  ///   - isStopped: Whether to begin no further item.
  ///   - progress: Told how many of how many items of the shard are done, and of the last one's failure.
  /// - Returns: Whether all items are done.
  /// - Throws: `InputError` where the data cannot be read, or results cannot be written.
  package func run(
    until isStopped: () -> Bool, progress: (_ done: Int, _ all: Int, _ failure: String?) -> Void
  ) throws(InputError) -> Bool {
    let all = shard.itemCount(of: itemCount)
    var reader = DataReader(files)
    progress(journal.records, all, nil)
    while journal.records < all {
      if isStopped() { return false }
      guard let item = try reader.nextItem() else {
        throw InputError(
          .mismatched, subject: "data", expected: "\(itemCount) items",
          found: "fewer: the files changed", remedy: "let the data be while they are scanned")
      }
      guard item.index == journal.nextItem else { continue }
      let start = ContinuousClock.now
      let result = analysis.result(for: item)
      try journal.append(
        document: result.document, vectors: result.vectors, isFailure: result.failure != nil,
        seconds: (ContinuousClock.now - start) / .seconds(1))
      progress(journal.records, all, result.failure)
    }
    return true
  }
}
