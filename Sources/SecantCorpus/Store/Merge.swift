import Foundation
import GRDB
package import SecantCheckpoints
import SecantReports

/// What a merge wrote.
package struct MergedCorpus: Sendable {
  /// The items in it.
  package let items: Int
  /// Those of them that failed.
  package let failed: Int
  /// The rows of the file of vectors.
  package let vectors: Int
}

extension RunFolder {
  /// Writes `corpus.sqlite` and `vectors.npy` from the journals of all shards.
  ///
  /// Both appear whole, or not at all. Their bytes depend on the results alone, not on shards or times. One item at
  /// a time is in memory.
  ///
  /// - Parameters:
  ///   - isPartial: Whether to take the items that are done where some are not.
  ///   - progress: Told how many of how many items are read.
  /// - Returns: What was written.
  /// - Throws: `InputError` where items are left, a journal is damaged, or nothing can be written.
  package func merge(
    isPartial: Bool = false, progress: (_ done: Int, _ all: Int) -> Void = { _, _ in }
  ) throws(InputError) -> MergedCorpus {
    let manifest = try manifest()
    var readers: [JournalReader?] = []
    for shard in shards(manifest) {
      readers.append(try JournalReader(at: journalURL(shard), of: manifest, shard))
    }
    let vectors = try AtomicFile(at: vectorsURL)
    let store = url.appending(path: ".corpus-\(UInt64.random(in: .min ... .max)).partial")
    defer { try? FileManager.default.removeItem(at: store) }
    var (items, failed, rows, width) = (0, 0, 0, 0)
    do {
      let queue = try DatabaseQueue(path: store.path(percentEncoded: false), configuration: .merge)
      try queue.writeWithoutTransaction { database in
        try database.execute(
          sql: "PRAGMA page_size = 4096; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
        try database.inTransaction {
          let writer = try StoreWriter(database, manifest)
          for item in 0..<manifest.itemCount {
            progress(item, manifest.itemCount)
            guard let record = try readers[item % manifest.shardCount]?.next() else {
              if isPartial { continue }
              throw InputError(
                .missing, file: path, subject: "item \(item)", expected: "its result",
                found: "that it is not done",
                remedy: "start the scan again, or merge what is done with --partial")
            }
            let document = try ItemDocument(jsonData: record.document)
            let count =
              document.explanation.map {
                $0.jacobians.reduce(0) { $0 + 2 * $1.singularValues.count }
              } ?? 0
            if count > 0 {
              let found = record.vectors.count / 2 / count
              guard width == 0 || found == width, record.vectors.count == 2 * count * found else {
                throw InputError(
                  .malformed, file: path, subject: "item \(item)",
                  expected: "vectors of \(width) numbers", found: "\(found)",
                  remedy: "restore the run from a copy")
              }
              width = found
              try vectors.write(
                record.vectors.span, at: VectorFile.headCount + 2 * rows * width)
              rows += count
            }
            try writer.write(item, document)
            items += 1
            if record.head.isFailure { failed += 1 }
          }
          try writer.finish()
          return .commit
        }
      }
      try queue.close()
    } catch let error as InputError {
      throw error
    } catch {
      throw InputError(
        .unwritable, file: path, subject: "corpus.sqlite", expected: "a file that can be written",
        found: "\(error)", remedy: "free some space or choose another place")
    }
    try vectors.write(VectorFile.head(rows: rows, width: width).span, at: 0)
    try vectors.commit()
    try AtomicFile.place(store, at: storeURL)
    return MergedCorpus(items: items, failed: failed, vectors: rows)
  }
}

extension Configuration {
  /// One connection, whose writes nothing else sees until the file has its name.
  fileprivate static var merge: Configuration {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    return configuration
  }
}
