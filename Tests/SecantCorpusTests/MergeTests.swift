import Foundation
import GRDB
import Secant
import SecantCheckpoints
import SecantCorpus
import SecantTestSupport
import Testing

/// Scans of a small corpus by the embedded model, and what they become when they are merged.
@Suite("Merged corpora") struct MergeTests {
  private static let prompts = [
    "The bridge out of Marin is the", "The capital of France is", "", "The cat sat on the",
    "The capital of Italy is", "She walked to the", "not a token: \u{0}",
  ]

  private static let model = Result {
    try Model<Float>(Checkpoint(named: "demo"), name: "demo")
  }

  private let folder: TemporaryFolder
  private let data: [DataFile]

  init() throws {
    folder = try TemporaryFolder()
    let lines = Self.prompts.enumerated().map { index, text in
      // A ledger needs texts of as many tokens.
      let other = text.hasPrefix("The capital") ? "The capital of Spain is" : text
      return "{\"text\":\(JSON.quoted(text)),\"other\":\(JSON.quoted(other)),\"n\":\(index)}\n"
    }
    let file = try folder.write(lines.joined() + "not JSON\n", to: "data.jsonl")
    data = try DataFile.files(at: file)
  }

  private var options: ScanOptions {
    var options = ScanOptions()
    options.questions = [.explain, .spectra, .layers, .ledger]
    options.pairField = "other"
    options.spectra = .top(2)
    options.rank = 2
    return options
  }

  /// Scans the corpus in so many shards, each shard stopped after one item as often as it takes.
  private func scanned(_ name: String, shards: Int, isStopped: Bool = false) throws -> RunFolder {
    let run = RunFolder(at: folder.url.appending(path: name))
    let count = try CorpusCount(data, limit: nil)
    let manifest = RunManifest(
      secantVersion: "1.0.0", modelName: "demo", modelFingerprint: "sha256:0", data: "data.jsonl",
      dataDigest: count.digest, itemCount: count.items, options: ["--rank": "2"],
      shardCount: shards)
    let analysis = ItemAnalysis(try Self.model.get(), options)
    try run.begin(manifest)
    for shard in run.shards(manifest) {
      var isDone = false
      while !isDone {
        let journal = try Journal(in: run, of: manifest, shard)
        let begun = journal.records
        isDone = try ShardWork(
          analysis, files: data, itemCount: count.items, shard, into: journal
        ).run(until: { isStopped && journal.records > begun }) { _ in }
        journal.close()
      }
    }
    return run
  }

  private func bytes(_ run: RunFolder) throws -> [Data] {
    [try Data(contentsOf: run.storeURL), try Data(contentsOf: run.vectorsURL)]
  }

  @Test func anyNumberOfShardsAndStopsMergesToTheSameBytes() throws {
    let whole = try scanned("one", shards: 1)
    let merged = try whole.merge()
    #expect(merged.items == 8 && merged.failed == 2)
    for shards in [3, 8] {
      let run = try scanned("run\(shards)", shards: shards, isStopped: shards == 3)
      _ = try run.merge()
      #expect(try bytes(run) == bytes(whole), "\(shards)")
    }
  }

  @Test func tablesHoldWhatTheAnalysisFound() throws {
    let run = try scanned("run", shards: 1)
    let merged = try run.merge()
    let model = try Self.model.get()
    let found = try model.corpusExplanation(
      .text(Self.prompts[1]), options.explanation(.prediction))
    let ledger = try model.difference(
      .text(Self.prompts[1]), from: .text("The capital of Spain is"),
      options.explanation(.prediction))
    let database = try DatabaseQueue(path: run.storeURL.path)
    try database.read { database in
      func numbers(_ sql: String) throws -> [Double] { try Double.fetchAll(database, sql: sql) }
      #expect(
        try numbers("SELECT share FROM shares WHERE item = 1 ORDER BY position")
          == found.answer.shares.tokens.map(\.value))
      #expect(
        try numbers("SELECT sigma FROM triplets WHERE item = 1 ORDER BY position, rank")
          == found.maps.flatMap(\.singularValues))
      #expect(try numbers("SELECT difference FROM ledgers WHERE item = 1") == [ledger.mean.real])
      let parts = try numbers("SELECT sum(value) FROM ledger_blocks WHERE item = 1")
      #expect(abs(parts[0] - ledger.mean.blocks.reduce(0) { $0 + $1.sum }) < 1e-9)
      #expect(
        try Int.fetchAll(database, sql: "SELECT item FROM items WHERE error IS NOT NULL") == [2, 7])
      #expect(
        try Int.fetchOne(
          database, sql: "SELECT json_extract(fields, '$.n') FROM items WHERE item = 3") == 3)
      #expect(
        try numbers("SELECT count(*) FROM blocks WHERE item = 1")
          == [Double(model.decoder.configuration.blockCount)])
      #expect(try numbers("SELECT 2 * count(*) FROM triplets") == [Double(merged.vectors)])
      #expect(try String.fetchOne(database, sql: "PRAGMA integrity_check") == "ok")
    }
    // Rows are where the triplets say, to the precision of binary16.
    let vectors = try VectorFile(at: run.vectorsURL)
    let places = try database.read { database in
      try Row.fetchAll(
        database,
        sql: "SELECT left_row, right_row FROM triplets WHERE item = 1 ORDER BY position, rank"
      ).map { (left: $0["left_row"] as Int, right: $0["right_row"] as Int) }
    }
    let left = found.directions.flatMap { token in (0..<token.left.rows).map { token.left.row($0) }
    }
    let right = found.directions.flatMap { token in
      (0..<token.right.rows).map { token.right.row($0) }
    }
    #expect(places.count == left.count && !places.isEmpty)
    for (index, place) in places.enumerated() {
      for (row, exact) in [(place.left, left[index]), (place.right, right[index])] {
        let stored = vectors.values(row..<row + 1)
        #expect(zip(stored, exact).allSatisfy { abs($0 - $1) <= max(0x1p-25, abs($1) * 0x1p-11) })
      }
    }
  }

  @Test func anUnfinishedRunIsMergedOnlyOnRequest() throws {
    let run = try scanned("run", shards: 2)
    let manifest = try run.manifest()
    let journal = run.journalURL(Shard(index: 1, count: 2))
    let bytes = try Data(contentsOf: journal)
    try bytes.prefix(bytes.count - 1).write(to: journal)
    let error = #expect(throws: InputError.self) { try run.merge() }
    #expect(error?.description.contains("item \(manifest.itemCount - 1)") == true)
    #expect(!FileManager.default.fileExists(atPath: run.storeURL.path))
    #expect(try run.merge(isPartial: true).items == manifest.itemCount - 1)
    #expect(try folder.url.appending(path: "run").hiddenNames == [".lock"])
  }

  @Test func searchesFindDirectionsHeadsAndPrompts() throws {
    let run = try scanned("run", shards: 1)
    #expect(throws: InputError.self) { _ = try CorpusSearch(of: run, name: "RUN") }
    _ = try run.merge()
    let search = try CorpusSearch(of: run, name: "RUN")
    let prompts = try search.answer(.prompts("capital of"), top: 9)
    #expect(prompts.matches.map(\.item) == [1, 4] && prompts.count == 2)

    let place = try position(run)
    let name = try #require(CorpusQuery.DirectionName("1:\(place):0"))
    let near = try search.answer(.like(name, .left), top: 3)
    #expect(near.matches.count == 3)
    let cosines = near.matches.compactMap { $0.direction?.cosine }
    #expect(cosines == cosines.sorted(by: >) && cosines.allSatisfy { $0 >= 0 && $0 <= 1 })
    #expect(!near.matches.contains { $0.direction?.name(of: $0.item) == name.description })
    // The relation is symmetric: the nearest one has this one as near.
    let first = try #require(near.matches.first)
    let direction = try #require(first.direction)
    let back = try #require(CorpusQuery.DirectionName(direction.name(of: first.item)))
    let others = try search.answer(.like(back, .left), top: 99)
    let same = others.matches.first { $0.direction?.name(of: $0.item) == name.description }
    #expect(abs((same?.direction?.cosine ?? 0) - cosines[0]) < 1e-6)

    let word = try #require(first.direction?.words.first?.trimmingCharacters(in: .whitespaces))
    let token = try search.answer(.token(word, .left), top: 99)
    #expect(token.matches.contains { $0.item == first.item && $0.direction != nil })
    let heads = try search.answer(.head(block: 0, head: 0, above: 0), top: 99)
    let values = heads.matches.compactMap(\.value).map(abs)
    #expect(values == values.sorted(by: >) && !values.isEmpty)
    let least = try #require(values.last)
    #expect(
      try search.answer(.head(block: 0, head: 0, above: least * 1.0001), top: 99).count
        == values.filter { $0 >= least * 1.0001 }.count)
  }

  @Test func statisticsAreThoseOfTheTables() throws {
    let run = try scanned("run", shards: 1)
    _ = try run.merge()
    let statistics = try CorpusStatistics(of: run, name: "RUN")
    let report = try statistics.report(by: "other", permutations: 99)
    #expect(report.items == 6 && report.itemsWithoutGroup == 0)
    let model = try Self.model.get()
    let texts = Self.prompts.filter { !$0.isEmpty }
    let answers = try texts.map {
      try model.corpusExplanation(.text($0), options.explanation(.prediction)).answer
    }
    let last = answers.map { $0.shares.tokens[$0.prompt.analysedPosition].value }
    let measure = try #require(report.measures.first { $0.kind == "share" && $0.name == "last" })
    #expect(abs(measure.mean.value - last.reduce(0, +) / 6) < 1e-9 && measure.items == 6)
    let spain = try #require(measure.groups?.first { $0.name == "The capital of Spain is" })
    #expect(spain.items == 2 && abs((spain.mean ?? 0) - (last[1] + last[3]) / 2) < 1e-9)
    #expect(report.measures.contains { $0.kind == "head" } && measure.q != nil)
    #expect(throws: InputError.self) { try statistics.report(by: "no such field") }
    #expect(try statistics.report().measures.allSatisfy { $0.groups == nil && $0.q == nil })
  }

  private func position(_ run: RunFolder) throws -> Int {
    try DatabaseQueue(path: run.storeURL.path).read {
      try Int.fetchOne($0, sql: "SELECT min(position) FROM triplets WHERE item = 1") ?? -1
    }
  }

  @Test func nearnessDoesNotDependOnSignsOrLengths() throws {
    let rows: [[Float]] = [[1, 0], [0, 3], [-2, 0.25], [0, 0], [0.5, 0.5], [-4, 0]]
    var bytes = VectorFile.head(rows: rows.count, width: 2)
    for bits in rows.flatMap({ $0 }).map(binary16) {
      bytes += [UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)]
    }
    let vectors = try VectorFile(at: try folder.write(bytes, to: "v.npy"))
    let all = vectors.nearest(to: 0, among: Array(0..<6), count: 6)
    #expect(all.map(\.row) == [0, 5, 2, 4, 1, 3])
    #expect(abs(all[2].cosine - 8 / 65.0.squareRoot()) < 1e-7)
    #expect(vectors.nearest(to: 0, among: [1, 2, 4], count: 2).map(\.row) == [2, 4])
    try Data(bytes.dropLast()).write(to: folder.url.appending(path: "v.npy"))
    #expect(throws: InputError.self) {
      try VectorFile(at: folder.url.appending(path: "v.npy"))
    }
  }

  @Test func halvesAreRoundedToTheNearest() {
    let cases: [(Float, UInt16)] = [
      (0, 0), (-0.0, 0x8000), (1, 0x3c00), (-2, 0xc000), (65504, 0x7bff), (65519.99, 0x7bff),
      (65520, 0x7c00), (.infinity, 0x7c00), (0x1p-14, 0x0400), (0x1p-24, 1), (0x1p-25, 0),
      (0x1.8p-24, 2), (0x1.000002p-25, 1), (1 + 0x1p-11, 0x3c00), (1 + 0x1.8p-10, 0x3c02),
      (0x1.ff8p-15, 0x03ff), (0x1.ffcp-15, 0x0400),
    ]
    for (value, bits) in cases { #expect(binary16(value) == bits, "\(value)") }
    #expect(binary16(.nan) & 0x7c00 == 0x7c00 && binary16(.nan) & 0x3ff != 0)
    // Every binary16 number comes back.
    for bits in UInt16.min...UInt16.max where bits & 0x7c00 != 0x7c00 {
      var target: [Float] = [0]
      var span = target.mutableSpan
      widenHalves([UInt8(truncatingIfNeeded: bits), UInt8(bits >> 8)].span, into: &span)
      #expect(binary16(target[0]) == bits)
    }
  }
}

extension URL {
  /// The names of the hidden files of a folder.
  fileprivate var hiddenNames: [String] {
    get throws {
      try FileManager.default.contentsOfDirectory(atPath: path).filter { $0.hasPrefix(".") }
    }
  }
}
