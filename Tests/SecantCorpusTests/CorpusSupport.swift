import Foundation
import Secant
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

extension Corpus {
  /// A merged run of a model over some prompts, one a line.
  static func merged(
    _ prompts: [String], by model: Model<Float>, _ options: ScanOptions, in folder: TemporaryFolder
  ) throws -> RunFolder {
    let data = try DataFile.files(
      at: try folder.write(prompts.joined(separator: "\n") + "\n", to: "prompts.txt"))
    let run = RunFolder(at: folder.url.appending(path: "run"))
    let count = try CorpusCount(data, limit: nil)
    let manifest = RunManifest(
      secantVersion: "1.0.0", modelName: model.name,
      modelFingerprint: model.identity.fingerprint, data: "prompts.txt", dataDigest: count.digest,
      itemCount: count.items,
      options: ["--ask": options.questions.map(\.rawValue).sorted().joined(separator: ",")],
      shardCount: 1)
    try run.begin(manifest)
    let shard = Shard(index: 0, count: 1)
    let journal = try Journal(in: run, of: manifest, shard)
    defer { journal.close() }
    _ = try ShardWork(
      ItemAnalysis(model, options), files: data, itemCount: count.items, shard, into: journal
    ).run(until: { false }) { _ in }
    _ = try run.merge()
    return run
  }
}
