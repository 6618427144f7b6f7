import Foundation
import SecantCheckpoints
import SecantDigests

/// The expected length and digest of a file; the digest is also its name in the cache.
struct Blob: Hashable, Sendable {
  /// The digest: 64 hexadecimal digits of SHA-256 for large files, 40 of git's SHA-1 for others.
  let name: String
  /// The length in bytes.
  let size: Int

  /// The blob that an entity tag names; nil if it is neither digest, so that nothing could be checked.
  init?(tag: String, size: Int) {
    let bare = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag[...]
    let name = String(bare.drop { $0 == "\"" }.prefix { $0 != "\"" }).lowercased()
    guard size >= 0, name.isHexadecimal(count: 64) || name.isHexadecimal(count: 40) else {
      return nil
    }
    self.name = name
    self.size = size
  }

  /// A digest that has seen nothing yet of the content.
  fileprivate var digest: Digest {
    guard name.utf8.count == 40 else { return Digest(.sha256) }
    // Git's digest of a blob begins with its kind and length.
    var digest = Digest(.sha1)
    digest.update("blob \(size)\0")
    return digest
  }
}

/// A blob's file while it grows: it is called `….incomplete` until its digest is right.
///
/// The caller must hold the blob's lock.
final class IncompleteBlob {
  private let blob: Blob
  private let url: URL
  private let handle: FileHandle
  private var digest: Digest
  /// The bytes that are there.
  private(set) var count = 0

  /// Continues the rest of an earlier run, if that is not longer than the blob.
  init(_ blob: Blob, at url: URL) throws(InputError) {
    self.blob = blob
    self.url = url
    handle = try CacheFile.open(at: url)
    digest = blob.digest
    guard let length = CacheFile.size(of: url), length <= blob.size else {
      try restart()
      return
    }
    do {
      while let part = try handle.read(upToCount: 1 << 20), !part.isEmpty {
        digest.update(part.span)
        count += part.count
      }
    } catch {
      throw InputError(caching: url, error)
    }
  }

  /// Whether all bytes have arrived.
  var isWhole: Bool { count == blob.size }

  /// Appends new bytes.
  func append(_ data: Data) throws(InputError) {
    do { try handle.write(contentsOf: data) } catch { throw InputError(caching: url, error) }
    digest.update(data.span)
    count += data.count
  }

  /// Discards all bytes.
  func restart() throws(InputError) {
    do {
      try handle.truncate(atOffset: 0)
      try handle.seek(toOffset: 0)
    } catch {
      throw InputError(caching: url, error)
    }
    digest = blob.digest
    count = 0
  }

  /// Moves the file to its name in the same folder, if its digest is right.
  ///
  /// If it is not, the result is false, and everything is forgotten.
  func commit(to target: URL) throws(InputError) -> Bool {
    guard isWhole, digest.hexadecimal == blob.name else {
      try restart()
      return false
    }
    do { try handle.synchronize() } catch { throw InputError(caching: url, error) }
    try CacheFile.move(url, to: target)
    return true
  }

  /// Removes the file.
  func remove() { try? FileManager.default.removeItem(at: url) }
}
