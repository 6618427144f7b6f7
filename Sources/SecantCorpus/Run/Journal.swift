package import Foundation
package import SecantCheckpoints
import SecantDigests
import Synchronization

// A journal: a head of 64 bytes, then records; all numbers little-endian.
//
//     head     "SECANTJ\n", u32 version, u32 shard, u32 shards, u32 0, 32 bytes: the run, 8 bytes: digest
//     record   "SREC", u32 document, u32 vectors, u32 flags, u64 item, f64 seconds, f64 end, 8 bytes: digest,
//              the document, the vectors, 32 bytes: SHA-256 of all of the record before it
//
// The digests of 8 bytes are the first of the SHA-256 of the bytes before them, in the head and in a record.

/// What a record says before its content.
package struct RecordHead: Hashable, Sendable {
  /// The item's number.
  package let item: Int
  /// Whether the analysis failed, so that the document says why.
  package let isFailure: Bool
  /// The time since the record before it, or since the work began.
  package let seconds: Double
  /// When it was done, in seconds since 1970.
  package let end: Double
  /// The bytes of the document.
  fileprivate let documentCount: Int
  /// The bytes of the vectors.
  fileprivate let vectorCount: Int

  /// The bytes of a head.
  fileprivate static let count = 48
  fileprivate static let checksumCount = 32

  fileprivate var recordCount: Int {
    Self.count + documentCount + vectorCount + Self.checksumCount
  }

  fileprivate init(
    item: Int, isFailure: Bool, seconds: Double, end: Double, documentCount: Int, vectorCount: Int
  ) {
    (self.item, self.isFailure, self.seconds, self.end) = (item, isFailure, seconds, end)
    (self.documentCount, self.vectorCount) = (documentCount, vectorCount)
  }

  fileprivate var bytes: [UInt8] {
    var bytes = Array("SREC".utf8)
    bytes.append(UInt32(documentCount))
    bytes.append(UInt32(vectorCount))
    bytes.append(UInt32(isFailure ? 1 : 0))
    bytes.append(UInt64(item))
    bytes.append(seconds.bitPattern)
    bytes.append(end.bitPattern)
    return bytes + digest(bytes).prefix(8)
  }

  /// Reads a head; nil where the bytes are none.
  fileprivate init?(_ bytes: [UInt8]) {
    guard bytes.count == Self.count, bytes.starts(with: "SREC".utf8),
      Array(bytes[40...]) == Array(digest(Array(bytes[..<40])).prefix(8)),
      let item = Int(exactly: bytes.number(at: 16, UInt64.self))
    else { return nil }
    self.init(
      item: item, isFailure: bytes.number(at: 12, UInt32.self) & 1 == 1,
      seconds: Double(bitPattern: bytes.number(at: 24, UInt64.self)),
      end: Double(bitPattern: bytes.number(at: 32, UInt64.self)),
      documentCount: Int(bytes.number(at: 4, UInt32.self)),
      vectorCount: Int(bytes.number(at: 8, UInt32.self)))
  }
}

/// The head of a journal.
private enum JournalHead {
  static let version: UInt32 = 1
  static let count = 64

  static func bytes(_ manifest: RunManifest, _ shard: Shard) -> [UInt8] {
    var bytes = Array("SECANTJ\n".utf8)
    for number in [version, UInt32(shard.index), UInt32(shard.count), 0] { bytes.append(number) }
    bytes += manifest.identity
    return bytes + digest(bytes).prefix(8)
  }

  /// Makes sure that bytes are the head of a shard's journal.
  static func require(
    _ found: [UInt8], _ manifest: RunManifest, _ shard: Shard, _ path: String
  ) throws(InputError) {
    guard found.starts(with: "SECANTJ\n".utf8) else {
      throw Journal.damage(path, 0, "a journal of secant scan", "another file")
    }
    let version = found.number(at: 8, UInt32.self)
    guard version == Self.version else {
      throw InputError(
        .unsupported, file: path, subject: "the journal", expected: "version \(Self.version)",
        found: "\(version)", remedy: "use the version of Secant that made it")
    }
    guard found == bytes(manifest, shard) else {
      throw Journal.damage(path, 0, "the journal of this run and shard", "another's")
    }
  }
}

/// The results of a shard, one record after the other, each on the disk before the next item begins.
///
/// One thread of one process at a time appends to it. If it is killed, at most the record at hand is lost.
package final class Journal: Sendable {
  private let lock: FileLock
  private let path: String
  private let shard: Shard
  private let count = Mutex(0)
  /// The bytes of a torn last record that were cut off when the journal was opened; 0 for none.
  package let cutBytes: Int

  /// Opens the journal of a shard, or makes one, and takes its lock.
  ///
  /// The last record is cut off where it is torn.
  ///
  /// - Parameters:
  ///   - folder: The run.
  ///   - manifest: What the run is of.
  ///   - shard: Which shard.
  /// - Throws: `InputError` where another process works on it, where it is damaged before its last record, or
  ///   where it cannot be written.
  package init(
    in folder: RunFolder, of manifest: RunManifest, _ shard: Shard
  ) throws(InputError) {
    let url = folder.journalURL(shard)
    path = url.path(percentEncoded: false)
    self.shard = shard
    lock = try FileLock(at: url, waits: false)
    let head = JournalHead.bytes(manifest, shard)
    guard var reader = try JournalReader(at: url, of: manifest, shard) else {
      cutBytes = 0
      try Self.write(path) { [lock] in
        try lock.file.truncate(atOffset: 0)
        try lock.file.write(contentsOf: head)
        try lock.file.synchronize()
      }
      return
    }
    var found = 0
    while try reader.next() != nil { found += 1 }
    count.withLock { $0 = found }
    let end = reader.offset
    cutBytes = reader.fileCount - end
    let isTorn = cutBytes > 0
    try Self.write(path) { [lock] in
      if isTorn {
        try lock.file.truncate(atOffset: UInt64(end))
        try lock.file.synchronize()
      }
      try lock.file.seek(toOffset: UInt64(end))
    }
  }

  /// The number of records.
  package var records: Int { count.withLock { $0 } }

  /// The number of the item that comes next.
  package var nextItem: Int { shard.item(at: records) }

  /// Appends the result of the next item, and returns when it is on the disk.
  ///
  /// - Parameters:
  ///   - document: What was found, or why nothing was.
  ///   - vectors: Vectors beside it.
  ///   - isFailure: Whether the analysis failed.
  ///   - seconds: The time since the record before it, or since the work began.
  /// - Throws: `InputError` where the disk is full or fails.
  package func append(
    document: Data, vectors: [UInt8] = [], isFailure: Bool = false, seconds: Double
  ) throws(InputError) {
    let head = RecordHead(
      item: nextItem, isFailure: isFailure, seconds: seconds, end: Date().timeIntervalSince1970,
      documentCount: document.count, vectorCount: vectors.count)
    var record = head.bytes
    record.reserveCapacity(head.recordCount)
    record += document
    record += vectors
    record += digest(record)
    try Self.write(path) { [lock] in
      try lock.file.write(contentsOf: record)
      try lock.file.synchronize()
    }
    count.withLock { $0 += 1 }
  }

  /// Releases the lock.
  package func close() { lock.release() }

  private static func write(_ path: String, _ body: () throws -> Void) throws(InputError) {
    do { try body() } catch {
      throw InputError(
        .unwritable, file: path, subject: "output", expected: "a file that can be written",
        found: error.localizedDescription, remedy: "free some space; a further start goes on here")
    }
  }

  /// Says what in a journal is damaged.
  static func damage(
    _ path: String, _ offset: Int, _ expected: String, _ found: String
  ) -> InputError {
    InputError(
      .malformed, file: path, subject: "byte \(offset)", expected: expected, found: found,
      remedy: "restore the file from a copy, or remove it to compute its items anew")
  }
}

/// The records of a journal, one after the other, while another process may append to it.
package struct JournalReader {
  /// The result of one item.
  package struct Record: Sendable {
    /// What is known without it.
    package let head: RecordHead
    /// What was found, as JSON.
    package let document: Data
    /// Vectors beside it.
    package let vectors: [UInt8]
  }

  private let file: MappedFile
  private let path: String
  private let shard: Shard
  private var place = 0
  /// Up to where pages have been let go.
  private var released = 0
  /// Where the next record begins.
  private(set) var offset = JournalHead.count

  /// Begins at the first record; nil where there is no journal, or one whose head is not there yet.
  ///
  /// - Throws: `InputError` where it is another run's or shard's.
  package init?(at url: URL, of manifest: RunManifest, _ shard: Shard) throws(InputError) {
    path = url.path(percentEncoded: false)
    self.shard = shard
    guard FileManager.default.fileExists(atPath: path) else { return nil }
    file = try MappedFile(at: url)
    guard file.count >= JournalHead.count else { return nil }
    try JournalHead.require(
      Self.bytes(of: file, 0..<JournalHead.count), manifest, shard, path)
  }

  /// The bytes of the file when it was opened.
  var fileCount: Int { file.count }

  /// The next record; nil at the end, or where the last one is torn.
  ///
  /// - Throws: `InputError` where the journal is damaged before its last record.
  package mutating func next() throws(InputError) -> Record? {
    let start = offset
    guard let head = try head(at: start) else { return nil }
    let end = start + head.recordCount
    let content = Self.bytes(of: file, start..<end - RecordHead.checksumCount)
    guard digest(content) == Self.bytes(of: file, end - RecordHead.checksumCount..<end) else {
      if end == file.count { return nil }
      throw Journal.damage(path, start, "a record with its checksum", "another checksum")
    }
    advance(head)
    let vectors = content.count - head.vectorCount
    return Record(
      head: head, document: Data(content[RecordHead.count..<vectors]),
      vectors: Array(content[vectors...]))
  }

  /// The head of the next record, whose content is passed over; nil as ``next()`` has it.
  package mutating func nextHead() throws(InputError) -> RecordHead? {
    guard let head = try head(at: offset) else { return nil }
    advance(head)
    return head
  }

  private mutating func advance(_ head: RecordHead) {
    offset += head.recordCount
    place += 1
    // A long journal does not stay in memory; 1 MB is let go at once, up to a whole page of any system.
    guard offset - released >= 1 << 20 else { return }
    file.releasePages(in: released..<offset)
    released = offset & ~0xffff
  }

  /// The head at an offset; nil where the file ends there, or before the record does.
  private func head(at start: Int) throws(InputError) -> RecordHead? {
    guard start + RecordHead.count <= file.count else { return nil }
    guard let head = RecordHead(Self.bytes(of: file, start..<start + RecordHead.count)) else {
      // A machine that lost its power may leave a longer file whose last bytes were never written.
      let rest = file.withBytes(in: start..<file.count) { bytes in
        bytes.indices.allSatisfy { bytes[$0] == 0 }
      }
      if rest { return nil }
      throw Journal.damage(path, start, "the head of a record", "other bytes")
    }
    guard head.item == shard.item(at: place) else {
      throw Journal.damage(path, start, "item \(shard.item(at: place))", "item \(head.item)")
    }
    return start + head.recordCount <= file.count ? head : nil
  }

  private static func bytes(of file: MappedFile, _ range: Range<Int>) -> [UInt8] {
    file.withBytes(in: range) { bytes in bytes.indices.map { bytes[$0] } }
  }
}

/// The SHA-256 digest of bytes.
private func digest(_ bytes: [UInt8]) -> [UInt8] {
  var digest = Digest(.sha256)
  digest.update(bytes.span)
  return digest.bytes
}

extension [UInt8] {
  /// Appends a number, little-endian.
  mutating func append(_ number: some FixedWidthInteger) {
    var rest = number
    for _ in 0..<number.bitWidth / 8 {
      append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// The number at an offset, little-endian.
  fileprivate func number<N: FixedWidthInteger>(at offset: Int, _: N.Type) -> N {
    (0..<N.bitWidth / 8).reversed().reduce(0) { $0 << 8 | N(self[offset + $1]) }
  }
}
