public import Foundation
import SecantCheckpoints

/// The folder in which Hugging Face's programs keep models, and Secant with them.
///
///     models--org--name/blobs/DIGEST                   contents, each once, called by their digests
///     models--org--name/snapshots/COMMIT/config.json   links to blobs, called as in the model
///     models--org--name/refs/main                      the commit that a branch or tag stood for
///     .locks/models--org--name/DIGEST.lock             held while a blob is being written
///
/// Source: huggingface.co/docs/huggingface_hub/guides/manage-cache.
public struct HubCache: Sendable {
  /// The folder.
  public let url: URL

  /// The cache in a folder, which need not exist.
  public init(at url: URL) { self.url = url }

  /// Everything of one model.
  func folder(of repository: String) -> URL {
    url.appending(path: Self.folderName(of: repository))
  }

  private static func folderName(of repository: String) -> String {
    "models--" + repository.replacing("/", with: "--")
  }

  /// The files of one commit.
  func snapshot(of repository: String, at commit: String) -> URL {
    folder(of: repository).appending(path: "snapshots").appending(path: commit)
  }

  /// The path of a blob, which need not exist.
  func blob(_ blob: Blob, of repository: String) -> URL {
    folder(of: repository).appending(path: "blobs").appending(path: blob.name)
  }

  /// The path of a blob during its download.
  func incomplete(_ blob: Blob, of repository: String) -> URL {
    folder(of: repository).appending(path: "blobs").appending(path: blob.name + ".incomplete")
  }

  /// The lock of a blob.
  func lock(_ blob: Blob, of repository: String) -> URL {
    url.appending(path: ".locks").appending(path: Self.folderName(of: repository))
      .appending(path: blob.name + ".lock")
  }

  /// The commit of a revision at its last request; nil if it was never requested.
  func commit(of model: HubModelID) -> String? {
    if model.isCommit { return model.revision }
    let place = reference(of: model)
    guard let bytes = try? MappedFile.contents(of: place, atMost: 128) else { return nil }
    let text = String(decoding: bytes, as: UTF8.self).trimmingCharacters(
      in: .whitespacesAndNewlines)
    return text.isHexadecimal(count: 40) ? text : nil
  }

  /// Records the commit of a revision.
  func setCommit(_ commit: String, of model: HubModelID) throws(InputError) {
    guard !model.isCommit, self.commit(of: model) != commit else { return }
    let place = reference(of: model)
    try CacheFile.makeFolder(place.deletingLastPathComponent())
    try AtomicFile.write(commit, to: place)
  }

  private func reference(of model: HubModelID) -> URL {
    folder(of: model.repository).appending(path: "refs").appending(path: model.revision)
  }

  /// Adds a file to a snapshot, as a link to an existing blob.
  func link(
    _ file: String, to blob: Blob, of repository: String, at commit: String
  ) throws(InputError) {
    let place = snapshot(of: repository, at: commit).appending(path: file)
    try CacheFile.makeFolder(place.deletingLastPathComponent())
    let depth = file.split(separator: "/").count + 1
    let up = String(repeating: "../", count: depth)
    try CacheFile.link(place, to: "\(up)blobs/\(blob.name)")
  }

  /// A mark that a commit has no file of this name, so that the Hub is not asked again.
  private func absence(of file: String, _ repository: String, _ commit: String) -> URL {
    folder(of: repository).appending(path: ".no_exist").appending(path: commit)
      .appending(path: file)
  }

  /// Records that a commit has no file of this name.
  func setAbsent(_ file: String, of repository: String, at commit: String) throws(InputError) {
    let mark = absence(of: file, repository, commit)
    try CacheFile.makeFolder(mark.deletingLastPathComponent())
    _ = try CacheFile.open(at: mark)
  }

  /// Whether a snapshot has the weights and the configuration.
  func canRun(_ repository: String, at commit: String) -> Bool {
    missingFiles(of: repository, at: commit).isEmpty
  }

  /// The files that a snapshot lacks of the configuration and the weights.
  func missingFiles(of repository: String, at commit: String) -> [String] {
    let snapshot = snapshot(of: repository, at: commit)
    func has(_ name: String) -> Bool { CacheFile.size(of: snapshot.appending(path: name)) != nil }
    let missing = [FolderSelection.configuration].filter { !has($0) }
    if has(SafetensorsFolder.single) { return missing }
    let index = snapshot.appending(path: SafetensorsFolder.index)
    guard let shards = try? FolderSelection.shards(in: index), !shards.isEmpty else {
      return missing + ["\(SafetensorsFolder.single) or \(SafetensorsFolder.index) with its shards"]
    }
    return missing + shards.filter { !has($0) }
  }

  /// Whether a snapshot has all that ``canRun(_:at:)`` asks for and a tokenizer, or is known to have none.
  func isComplete(_ repository: String, at commit: String) -> Bool {
    guard canRun(repository, at: commit) else { return false }
    let snapshot = snapshot(of: repository, at: commit)
    return FolderSelection.tokenizers.contains { files in
      files.allSatisfy { CacheFile.size(of: snapshot.appending(path: $0)) != nil }
    } || CacheFile.size(of: absence(of: "tokenizer.json", repository, commit)) != nil
  }

  /// The paths of all files of a snapshot whose contents are there.
  func files(of repository: String, at commit: String) -> [String] {
    let snapshot = snapshot(of: repository, at: commit)
    let names = try? FileManager.default.subpathsOfDirectory(atPath: snapshot.path)
    return (names ?? []).filter { CacheFile.size(of: snapshot.appending(path: $0)) != nil }.sorted()
  }
}
