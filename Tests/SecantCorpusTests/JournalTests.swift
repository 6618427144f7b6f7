import Foundation
import SecantCheckpoints
import SecantCorpus
import SecantTestSupport
import Testing

/// Nothing that was appended is lost, and nothing that is damaged is taken.
@Suite("Journals") struct JournalTests {
  private let folder: TemporaryFolder
  private let run: RunFolder
  private let manifest = Corpus.manifest(items: 9)

  init() throws {
    folder = try TemporaryFolder()
    run = RunFolder(at: folder.url)
    try run.begin(manifest)
  }

  private var file: URL { run.journalURL(.whole) }

  /// Three records, and where the last one begins.
  private func threeRecords() throws -> (bytes: Data, last: Int) {
    let journal = try Journal(in: run, of: manifest, .whole)
    try Corpus.fill(journal, upTo: 2)
    let last = try Data(contentsOf: file).count
    try Corpus.fill(journal, upTo: 3)
    journal.close()
    return (try Data(contentsOf: file), last)
  }

  private func documents() throws -> [Data] {
    guard var reader = try JournalReader(at: file, of: manifest, .whole) else { return [] }
    var found: [Data] = []
    while let record = try reader.next() { found.append(record.document) }
    return found
  }

  @Test func aKillAtAnyByteLosesTheItemAtHandOnly() throws {
    let (bytes, last) = try threeRecords()
    for count in last..<bytes.count {
      try bytes.prefix(count).write(to: file)
      let journal = try Journal(in: run, of: manifest, .whole)
      #expect(journal.records == 2 && journal.cutBytes == count - last, "\(count)")
      try journal.append(document: Corpus.document(2), seconds: 0.5)
      journal.close()
      #expect(try documents() == (0..<3).map(Corpus.document), "\(count)")
    }
  }

  @Test func aKillWhileTheHeadIsWrittenLosesNothing() throws {
    let (bytes, _) = try threeRecords()
    for count in 0..<64 {
      try bytes.prefix(count).write(to: file)
      let journal = try Journal(in: run, of: manifest, .whole)
      try Corpus.fill(journal, upTo: 1)
      journal.close()
      #expect(try documents() == [Corpus.document(0)], "\(count)")
    }
  }

  @Test func lastBytesThatWereNeverWrittenAreCutOff() throws {
    let (bytes, last) = try threeRecords()
    for kept in [last, last + 60] {
      let torn = bytes.prefix(kept) + Data(count: bytes.count - kept)
      try torn.write(to: file)
      let journal = try Journal(in: run, of: manifest, .whole)
      #expect(journal.records == 2)
      journal.close()
    }
  }

  @Test func damageBeforeTheLastRecordIsRefusedAtItsPlace() throws {
    let (bytes, last) = try threeRecords()
    for place in 0..<last {
      var damaged = bytes
      damaged[place] ^= 1
      try damaged.write(to: file)
      #expect(throws: InputError.self, "\(place)") {
        let journal = try Journal(in: run, of: manifest, .whole)
        journal.close()
      }
      #expect(try Data(contentsOf: file) == damaged, "a refusal changes nothing")
    }
  }

  @Test func anotherRunsOrShardsJournalIsRefused() throws {
    _ = try threeRecords()
    #expect(throws: InputError.self) {
      _ = try JournalReader(at: file, of: Corpus.manifest(items: 9, rank: 8), .whole)
    }
    #expect(throws: InputError.self) {
      _ = try JournalReader(at: file, of: manifest, Shard(index: 0, count: 2))
    }
  }

  @Test func twoProcessesCannotWriteOneShard() throws {
    let journal = try Journal(in: run, of: manifest, .whole)
    #expect(throws: InputError.self) { _ = try Journal(in: run, of: manifest, .whole) }
    journal.close()
    let other = try Journal(in: run, of: manifest, .whole)
    other.close()
  }

  @Test func vectorsComeBackByteForByte() throws {
    let journal = try Journal(in: run, of: manifest, .whole)
    try journal.append(
      document: Corpus.document(0), vectors: [1, 2, 3, 4], isFailure: true, seconds: 0.25)
    journal.close()
    let opened = try JournalReader(at: file, of: manifest, .whole)
    var reader = try #require(opened)
    let next = try reader.next()
    let record = try #require(next)
    #expect(record.vectors == [1, 2, 3, 4] && record.head.isFailure)
    #expect(record.head.item == 0 && record.head.seconds == 0.25)
  }
}

/// A further start goes on with the same run, or says what differs.
@Suite("Runs") struct RunTests {
  @Test func aFurtherStartNamesWhatDiffers() throws {
    let folder = try TemporaryFolder()
    let run = RunFolder(at: folder.url)
    try run.begin(Corpus.manifest(items: 9))
    try run.begin(Corpus.manifest(items: 9))
    let error = #expect(throws: InputError.self) {
      try run.begin(Corpus.manifest(items: 9, rank: 8))
    }
    #expect(error?.description.contains("--rank 4, this start has --rank 8") == true)
    #expect(error?.kind == .mismatched)
    #expect(throws: InputError.self) { try run.begin(Corpus.manifest(items: 8)) }
    #expect(try run.manifest() == Corpus.manifest(items: 9))
  }

  @Test func theNumberOfShardsMayChangeOnlyBeforeTheFirstResult() throws {
    let folder = try TemporaryFolder()
    let run = RunFolder(at: folder.url)
    try run.begin(Corpus.manifest(items: 9))
    try run.begin(Corpus.manifest(items: 9, shards: 3))
    let manifest = try run.manifest()
    #expect(manifest.shardCount == 3)
    let journal = try Journal(in: run, of: manifest, Shard(index: 1, count: 3))
    try Corpus.fill(journal, upTo: 1)
    journal.close()
    #expect(throws: InputError.self) { try run.begin(Corpus.manifest(items: 9)) }
  }

  @Test func statusCountsEveryShard() throws {
    let folder = try TemporaryFolder()
    let run = RunFolder(at: folder.url)
    let manifest = Corpus.manifest(items: 8, shards: 3)
    try run.begin(manifest)
    let journal = try Journal(in: run, of: manifest, Shard(index: 2, count: 3))
    try Corpus.fill(journal, upTo: 1)
    try journal.append(document: Corpus.document(5), isFailure: true, seconds: 1.5)
    journal.close()
    let status = try RunStatus(of: run, name: "RUN")
    #expect((status.items, status.done, status.left, status.failed) == (8, 2, 6, 1))
    #expect(status.shards.map(\.items) == [3, 3, 2])
    #expect(status.shards[2].itemsPerSecond == 1 && status.shards[2].secondsLeft == 0)
    #expect(status.shards[0].itemsPerSecond == nil)
  }
}
