public import Foundation
public import SecantCheckpoints

/// Finds models by name: in the cache, or otherwise on the Hub.
///
///     let hub = Hub(try HubEnvironment())
///     let folder = try hub.folder(of: model) { print($0.fraction) }
///
/// Cached files of a revision are used without asking whether it is still the newest: the
/// same command gives the same result until someone downloads another one. A file appears under its name only
/// when its length and digest are right. Any number of processes may get the same model at once.
public struct Hub: Sendable {
  /// The cache folder and the server.
  public let environment: HubEnvironment
  /// The models already downloaded.
  public var cache: HubCache { HubCache(at: environment.cache) }

  /// A source of models.
  public init(_ environment: HubEnvironment) { self.environment = environment }

  /// The folder of a model with config.json, safetensors weights and tokenizer; downloads missing files.
  ///
  /// - Parameters:
  ///   - model: The model's name and revision.
  ///   - progress: Called during the download, on the caller's thread.
  /// - Returns: A folder of the cache.
  /// - Throws: `InputError` if there is no such model, access is denied, it has no weights in safetensors
  ///   files, the Hub fails or sends wrong content, or the cache cannot be written.
  public func folder(
    of model: HubModelID, progress: (HubProgress) -> Void = { _ in }
  ) throws(InputError) -> URL {
    let repository = model.repository
    let known = cache.commit(of: model)
    if let known, cache.isComplete(repository, at: known) {
      return cache.snapshot(of: repository, at: known)
    }
    let usable = known.flatMap { commit in
      cache.canRun(repository, at: commit) ? cache.snapshot(of: repository, at: commit) : nil
    }
    if environment.isOffline, let usable { return usable }
    do {
      return try download(model, called: model.description, progress) { commit in
        cache.missingFiles(of: repository, at: commit).joined(separator: ", ")
      } getting: { download throws(InputError) in
        let files = FolderSelection(files: Set(download.listing.files))
        try download.get(files.small(of: model))
        if !FolderSelection.tokenizers.contains(where: { files.files.contains($0[0]) }) {
          try cache.setAbsent("tokenizer.json", of: repository, at: download.listing.commit)
        }
        guard !files.files.contains(SafetensorsFolder.single) else {
          try download.get([SafetensorsFolder.single])
          return download.snapshot
        }
        let index = download.snapshot.appending(path: SafetensorsFolder.index)
        try download.get(FolderSelection.shards(in: index))
        return download.snapshot
      }
    } catch {
      // Only a tokenizer is missing, and many models never had one: continuing is better than failing.
      if error.kind == .unreachable, let usable { return usable }
      throw error
    }
  }

  /// The GGUF file of a model, or the first of several parts; downloads missing files.
  ///
  /// - Parameters:
  ///   - reference: The model. Without a quantization: the only one, or Q4_K_M.
  ///   - progress: Called during the download, on the caller's thread.
  /// - Returns: A file of the cache.
  /// - Throws: `InputError` as ``folder(of:progress:)`` does, and where none or several are meant.
  public func ggufFile(
    of reference: HubGGUF, progress: (HubProgress) -> Void = { _ in }
  ) throws(InputError) -> URL {
    let model = reference.model
    if let commit = cache.commit(of: model) {
      let there = GGUFSelection(cache.files(of: model.repository, at: commit))
      let usual =
        environment.isOffline
        ? reference.quantization : reference.quantization ?? GGUFSelection.usual
      if let usual = HubGGUF("\(model)\(usual.map { ":" + $0 } ?? "")"),
        let found = try? there.model(usual)
      {
        return cache.snapshot(of: model.repository, at: commit).appending(path: found.files[0])
      }
    }
    return try download(model, called: reference.description, progress) { commit in
      lackingGGUF(reference, at: commit)
    } getting: { download throws(InputError) in
      let found = try GGUFSelection(download.listing.files).model(reference)
      try download.get(found.files)
      return download.snapshot.appending(path: found.files[0])
    }
  }

  /// The missing part of a GGUF model in the cache, for a message.
  private func lackingGGUF(_ reference: HubGGUF, at commit: String) -> String {
    let there = GGUFSelection(cache.files(of: reference.model.repository, at: commit)).models
    let wanted = reference.quantization.map { "a GGUF file \($0)" } ?? "a GGUF file"
    guard !there.isEmpty else { return wanted }
    let names = there.map { $0.quantization + ($0.isWhole ? "" : " in parts, not all there") }
    return "\(wanted), but with \(names.joined(separator: ", "))"
  }

  /// Downloads files of a model, and records its revision's commit when all have arrived.
  private func download(
    _ model: HubModelID, called name: String, _ progress: (HubProgress) -> Void,
    lacking: (_ commit: String) -> String,
    getting body: (borrowing Download) throws(InputError) -> URL
  ) throws(InputError) -> URL {
    guard !environment.isOffline else {
      let there = cache.commit(of: model)
      throw InputError(
        .missing, file: name, subject: "model",
        expected: "it in the cache \(environment.cache.path)",
        found: there.map { "commit \($0) without \(lacking($0))" }
          ?? "nothing of \(model.repository) at \(model.revision)",
        remedy: "unset HF_HUB_OFFLINE to allow the download")
    }
    progress(HubProgress(stage: .asking, model: model.description, bytesDone: 0, bytesTotal: 0))
    let client = HubClient(environment)
    let listing = try client.listing(of: model)
    return try withoutActuallyEscaping(progress) { progress throws(InputError) in
      let download = Download(
        cache: cache, client: client, model: model, listing: listing, progress: progress)
      let result = try body(download)
      try cache.setCommit(listing.commit, of: model)
      return result
    }
  }
}

/// The download of one commit's files into the cache.
private struct Download {
  let cache: HubCache
  let client: HubClient
  let model: HubModelID
  let listing: HubListing
  let progress: (HubProgress) -> Void

  var snapshot: URL { cache.snapshot(of: model.repository, at: listing.commit) }

  /// Brings files into the snapshot, those that are not there yet.
  func get(_ names: [String]) throws(InputError) {
    let repository = model.repository
    var missing: [(name: String, blob: Blob)] = []
    for name in names where CacheFile.size(of: snapshot.appending(path: name)) == nil {
      missing.append((name, try client.blob(name, of: model, at: listing.commit)))
    }
    guard !missing.isEmpty else { return }
    try CacheFile.makeFolder(
      cache.folder(of: repository).appending(path: "blobs"))
    var report = HubProgress(
      stage: .downloading, model: model.description, bytesDone: 0,
      bytesTotal: missing.reduce(0) { $0 + remainder(of: $1.blob) })
    try requireSpace(report.bytesTotal)
    for (name, blob) in missing {
      try get(name, blob, &report)
      try cache.link(name, to: blob, of: repository, at: listing.commit)
    }
  }

  private func get(
    _ name: String, _ blob: Blob, _ report: inout HubProgress
  ) throws(InputError) {
    let target = cache.blob(blob, of: model.repository)
    guard CacheFile.size(of: target) != blob.size else { return }
    let place = cache.lock(blob, of: model.repository)
    try CacheFile.makeFolder(place.deletingLastPathComponent())
    let lock = try CacheFile.lock(place) { progress(report.at(.waiting)) }
    defer { try? lock.close() }
    // The previous holder of the lock has done the work, unless it failed.
    guard CacheFile.size(of: target) != blob.size else { return }
    let incomplete = try IncompleteBlob(blob, at: cache.incomplete(blob, of: model.repository))
    try client.fetch(
      blob, name, of: model, at: listing.commit, into: incomplete, target: target
    ) { bytes in
      report = report.adding(bytes)
      progress(report)
    }
  }

  /// The number of bytes of a blob that are still to be fetched.
  private func remainder(of blob: Blob) -> Int {
    if CacheFile.size(of: cache.blob(blob, of: model.repository)) == blob.size { return 0 }
    let there = CacheFile.size(of: cache.incomplete(blob, of: model.repository)) ?? 0
    return there <= blob.size ? blob.size - there : blob.size
  }

  /// Refuses a download for which the disk has no room, before anything is fetched.
  private func requireSpace(_ bytes: Int) throws(InputError) {
    let attributes = try? FileManager.default.attributesOfFileSystem(forPath: cache.url.path)
    guard let free = (attributes?[.systemFreeSize] as? NSNumber)?.intValue, free < bytes else {
      return
    }
    throw InputError(
      .unwritable, file: cache.url.path, subject: "the disk", expected: "\(bytes) bytes of room",
      found: "\(free)", remedy: "free some space, or set HF_HUB_CACHE to a folder on another disk"
    )
  }
}

extension HubProgress {
  fileprivate func at(_ stage: Stage) -> HubProgress {
    HubProgress(stage: stage, model: model, bytesDone: bytesDone, bytesTotal: bytesTotal)
  }

  /// The same after bytes have come; a negative number are bytes that must come once more.
  fileprivate func adding(_ bytes: Int) -> HubProgress {
    HubProgress(
      stage: .downloading, model: model, bytesDone: bytesDone + max(0, bytes),
      bytesTotal: bytesTotal + max(0, -bytes))
  }
}
