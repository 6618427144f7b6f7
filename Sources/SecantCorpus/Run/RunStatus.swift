package import SecantCheckpoints
package import SecantReports

/// How far a run has come.
package struct RunStatus: Report {
  /// Version 1 of "secant.scan".
  package static let schema = ReportSchema(name: "secant.scan", version: 1)

  /// The folder as the user named it.
  package let run: String
  /// The model.
  package let model: String
  /// The data.
  package let data: String
  /// The options by their names.
  package let options: [String: String]
  /// The number of items.
  package let items: Int
  /// The items that are done, failed ones included.
  package let done: Int
  /// The items that are left.
  package let left: Int
  /// The items that failed.
  package let failed: Int
  /// Each shard.
  package let shards: [ShardStatus]

  /// How far a shard has come.
  package struct ShardStatus: Codable, Hashable, Sendable {
    /// Which shard, from 0.
    package let index: Int
    /// The number of its items.
    package let items: Int
    /// The items that are done, failed ones included.
    package let done: Int
    /// The items that are left.
    package let left: Int
    /// The items that failed.
    package let failed: Int
    /// The items that it does in a second; nil where none is done.
    package let itemsPerSecond: Double?
    /// The seconds for those that are left, at that rate; nil where it is not known.
    package let secondsLeft: Double?
  }

  /// Reads the heads of all records of a run, while others may append.
  ///
  /// - Parameters:
  ///   - folder: The run.
  ///   - name: What the user calls it.
  /// - Throws: `InputError` where there is no run, or a journal is damaged.
  package init(of folder: RunFolder, name: String) throws(InputError) {
    let manifest = try folder.manifest()
    var found: [ShardStatus] = []
    for shard in folder.shards(manifest) {
      let all = shard.itemCount(of: manifest.itemCount)
      var (done, failed, seconds) = (0, 0, 0.0)
      if var reader = try JournalReader(at: folder.journalURL(shard), of: manifest, shard) {
        while let head = try reader.nextHead() {
          done += 1
          failed += head.isFailure ? 1 : 0
          seconds += head.seconds
        }
      }
      let rate = done > 0 && seconds > 0 ? Double(done) / seconds : nil
      found.append(
        ShardStatus(
          index: shard.index, items: all, done: done, left: all - done, failed: failed,
          itemsPerSecond: rate, secondsLeft: rate.map { Double(all - done) / $0 }))
    }
    run = name
    model = manifest.modelName
    data = manifest.data
    options = manifest.options
    items = manifest.itemCount
    done = found.reduce(0) { $0 + $1.done }
    left = found.reduce(0) { $0 + $1.left }
    failed = found.reduce(0) { $0 + $1.failed }
    shards = found
  }
}
