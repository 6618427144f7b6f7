import Foundation
import SecantCheckpoints
import SecantCorpus
import SecantTestSupport

/// Helpers that several suites share.
enum Corpus {
  /// What a test's run is of.
  static func manifest(items: Int, shards: Int = 1, rank: Int = 4) -> RunManifest {
    RunManifest(
      secantVersion: "1.0.0", modelName: "demo", modelFingerprint: "sha256:0123",
      data: "data.jsonl",
      dataDigest: "4567", itemCount: items, options: ["--rank": "\(rank)"], shardCount: shards)
  }

  /// A result that is told from others.
  static func document(_ item: Int) -> Data {
    var document = ItemDocument(source: "data.jsonl", line: item + 1)
    document.text = "prompt \(item)"
    document.fields = "{\"text\":\"prompt \(item)\"}"
    return document.jsonData()
  }

  /// Appends results until the journal of a shard has so many.
  static func fill(_ journal: Journal, upTo count: Int) throws {
    while journal.records < count {
      try journal.append(document: document(journal.nextItem), seconds: 0.5)
    }
  }
}
