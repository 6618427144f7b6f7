package import Foundation
package import SecantCheckpoints

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// A folder with a run: `run.json`, `shards/`, and after a merge `corpus.sqlite` and `vectors.npy`.
package struct RunFolder: Sendable {
  /// Where it is.
  package let url: URL

  /// Names a folder, which need not exist.
  package init(at url: URL) { self.url = url }

  /// The path, for messages.
  package var path: String { url.path(percentEncoded: false) }
  private var manifestURL: URL { url.appending(path: "run.json") }
  private var shardsURL: URL { url.appending(path: "shards") }
  /// The merged store.
  package var storeURL: URL { url.appending(path: "corpus.sqlite") }
  /// The merged vectors.
  package var vectorsURL: URL { url.appending(path: "vectors.npy") }
  /// Where data of standard input are kept.
  package var standardInputFolder: URL { url.appending(path: "data") }

  /// Where the journal of a shard lies.
  package func journalURL(_ shard: Shard) -> URL { shardsURL.appending(path: shard.journalName) }

  /// What the run is of.
  ///
  /// - Throws: `InputError` where there is no run, or that of a newer program.
  package func manifest() throws(InputError) -> RunManifest {
    guard FileManager.default.fileExists(atPath: manifestURL.path(percentEncoded: false)) else {
      throw InputError(
        .missing, file: path, subject: "the run", expected: "a folder with run.json",
        found: "none", remedy: "give the folder that secant scan -o was given")
    }
    let bytes = try MappedFile.contents(of: manifestURL)
    let found = try JSONField(parsing: bytes, file: "run.json")["version"].int()
    guard found <= RunManifest.currentVersion else {
      throw InputError(
        .unsupported, file: path, subject: "run.json",
        expected: "version \(RunManifest.currentVersion) at most", found: "\(found)",
        remedy: "use the newer version of Secant that made it")
    }
    do { return try JSONDecoder().decode(RunManifest.self, from: Data(bytes)) } catch {
      throw InputError(
        .malformed, file: path, subject: "run.json", expected: "the description of a run",
        found: "\(error)", remedy: "begin another run in another folder")
    }
  }

  /// Begins a run, or makes sure that a start goes on with the one that is there.
  ///
  /// - Parameter wanted: What the start is of.
  /// - Throws: `InputError` that names what differs, or why nothing can be written.
  package func begin(_ wanted: RunManifest) throws(InputError) {
    for folder in [url, shardsURL] { try Self.make(folder) }
    // Shards start at once: one of them writes, and the others compare.
    let lock = try FileLock(at: url.appending(path: ".lock"), waits: true)
    defer { lock.release() }
    guard FileManager.default.fileExists(atPath: manifestURL.path(percentEncoded: false)) else {
      return try write(wanted)
    }
    let found = try manifest()
    let differences = found.differences(from: wanted)
    guard differences.isEmpty else {
      throw InputError(
        .mismatched, file: path, subject: "the run", expected: "a start that goes on with it",
        found: "that it was made with " + differences.joined(separator: "; and "),
        remedy: "give the same options, or another folder with -o")
    }
    guard found.shardCount != wanted.shardCount else { return }
    let done = try journals(found).reduce(0) { $0 + $1.records }
    guard done == 0 else {
      throw InputError(
        .mismatched, file: path, subject: "the run",
        expected: "\(found.shardCount) shards, of which \(done) items are done",
        found: "\(wanted.shardCount)", remedy: "give as many shards, or another folder with -o")
    }
    for shard in shards(found) { try? FileManager.default.removeItem(at: journalURL(shard)) }
    try write(found.divided(into: wanted.shardCount))
  }

  /// All shards of a run.
  package func shards(_ manifest: RunManifest) -> [Shard] {
    (0..<manifest.shardCount).map { Shard(index: $0, count: manifest.shardCount) }
  }

  /// What the journals of a run hold, shard by shard; 0 records where one does not exist.
  func journals(
    _ manifest: RunManifest
  ) throws(InputError) -> [(shard: Shard, records: Int)] {
    var found: [(shard: Shard, records: Int)] = []
    for shard in shards(manifest) {
      var count = 0
      if var reader = try JournalReader(at: journalURL(shard), of: manifest, shard) {
        while try reader.nextHead() != nil { count += 1 }
      }
      found.append((shard, count))
    }
    return found
  }

  private func write(_ manifest: RunManifest) throws(InputError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do {
      let text = String(decoding: try encoder.encode(manifest), as: UTF8.self)
      try AtomicFile.write(text + "\n", to: manifestURL)
    } catch let error as InputError {
      throw error
    } catch {
      preconditionFailure("a manifest has only texts and numbers: \(error)")
    }
  }

  /// Makes a folder, and those on the way to it.
  package static func make(_ folder: URL) throws(InputError) {
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    } catch {
      throw InputError(
        .uncreatable, file: folder.path(percentEncoded: false), subject: "output",
        expected: "a folder that can be made", found: "no permission, or a file of that name",
        remedy: "choose another place")
    }
  }
}

/// A lock that one process holds at a time; the system releases it when the process ends, however it ends.
struct FileLock {
  private let handle: FileHandle

  /// Takes the lock of a file, which is made where it does not exist.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - waits: Whether to wait for another holder.
  /// - Throws: `InputError` where another process holds it, or the file cannot be made.
  init(at url: URL, waits: Bool) throws(InputError) {
    handle = try Self.opened(url)
    guard flock(handle.fileDescriptor, waits ? LOCK_EX : LOCK_EX | LOCK_NB) == 0 else {
      throw InputError(
        .invalid, file: url.lastPathComponent, subject: "the shard",
        expected: "that no other process works on it", found: "one that does",
        remedy: "wait for it, or give another --shard")
    }
  }

  /// The file, open for reading and writing.
  var file: FileHandle { handle }

  /// Releases the lock.
  func release() { try? handle.close() }

  private static func opened(_ url: URL) throws(InputError) -> FileHandle {
    let path = url.path(percentEncoded: false)
    if !FileManager.default.fileExists(atPath: path) {
      _ = FileManager.default.createFile(atPath: path, contents: nil)
    }
    do { return try FileHandle(forUpdating: url) } catch {
      throw InputError(
        .uncreatable, file: path, subject: "output", expected: "a file that can be written",
        found: "no permission", remedy: "choose another place or change its permissions")
    }
  }
}
