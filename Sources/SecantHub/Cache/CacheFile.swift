import Foundation
import SecantCheckpoints

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Unsafe code: the calls of the operating system that take paths. Each copies or uses the string before it
// returns.

/// The steps on the file system that Foundation has no atomic form of.
enum CacheFile {
  /// Opens a regular file for reading and writing, and creates it if absent.
  ///
  /// A symbolic link at the path is refused: the bytes would go elsewhere.
  static func open(at url: URL, mode: mode_t = 0o666) throws(InputError) -> FileHandle {
    let descriptor = openFile(url.path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, mode)
    guard descriptor >= 0 else { throw InputError(caching: url, code: errno) }
    return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
  }

  /// Moves a file to a place in the same folder, which it takes in one step.
  static func move(_ source: URL, to target: URL) throws(InputError) {
    guard unsafe rename(source.path, target.path) == 0 else {
      throw InputError(caching: target, code: errno)
    }
  }

  /// Makes a symbolic link, and replaces any existing link or file.
  static func link(_ url: URL, to destination: String) throws(InputError) {
    let manager = FileManager.default
    if let there = try? manager.destinationOfSymbolicLink(atPath: url.path), there == destination {
      return
    }
    let name = ".secant-" + String(UInt64.random(in: .min ... .max), radix: 36) + ".link"
    let temporary = url.deletingLastPathComponent().appending(path: name)
    guard unsafe symlink(destination, temporary.path) == 0 else {
      throw InputError(caching: url, code: errno)
    }
    do { try move(temporary, to: url) } catch {
      try? manager.removeItem(at: temporary)
      throw error
    }
  }

  /// Makes a folder and its parents.
  static func makeFolder(_ url: URL) throws(InputError) {
    let path = url.path
    if unsafe mkdir(path, 0o777) == 0 { return }
    let parent = url.deletingLastPathComponent()
    if errno == ENOENT, parent.path != path {
      try makeFolder(parent)
      if unsafe mkdir(path, 0o777) == 0 { return }
    }
    let code = errno
    var status = stat()
    if unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { return }
    throw InputError(caching: url, code: code)
  }

  /// The length of the regular file at a path, after links; nil if there is none.
  static func size(of url: URL) -> Int? {
    var status = stat()
    guard unsafe stat(url.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return nil
    }
    return Int(status.st_size)
  }

  /// Holds a lock file's lock, which other processes respect as far as they use `flock` on it.
  ///
  /// Hugging Face's library does so with the same file. The system releases the lock when the handle
  /// is closed, even where the process is killed; the file stays. `wait` is called every tenth of a second while
  /// another process holds the lock.
  static func lock(_ url: URL, wait: () -> Void) throws(InputError) -> FileHandle {
    while true {
      let handle = try open(at: url, mode: 0o664)
      let descriptor = handle.fileDescriptor
      while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else {
          throw InputError(caching: url, code: errno)
        }
        wait()
        Thread.sleep(forTimeInterval: 0.1)
      }
      // The previous holder may have removed the lock file: a lock on a removed file guards nothing.
      var status = stat()
      if unsafe fstat(descriptor, &status) == 0, status.st_nlink > 0 { return handle }
    }
  }
}

/// The system's `open`, which ``CacheFile/open(at:mode:)`` hides in its own scope.
private func openFile(_ path: String, _ flags: Int32, _ mode: mode_t) -> Int32 {
  unsafe open(path, flags, mode)
}

extension InputError {
  /// Says why the cache cannot be written at a place.
  init(caching url: URL, _ error: any Error) {
    let native = error as NSError
    let underlying = native.userInfo[NSUnderlyingErrorKey] as? NSError
    let system = [native, underlying].compactMap { $0 }.first { $0.domain == NSPOSIXErrorDomain }
    switch (system.map { Int32($0.code) }, native.code) {
    case (let code?, _): self.init(caching: url, code: code)
    case (nil, CocoaError.fileWriteOutOfSpace.rawValue): self.init(caching: url, code: ENOSPC)
    case (nil, CocoaError.fileWriteNoPermission.rawValue),
      (nil, CocoaError.fileWriteVolumeReadOnly.rawValue):
      self.init(caching: url, code: EACCES)
    case (nil, CocoaError.fileWriteFileExists.rawValue): self.init(caching: url, code: EEXIST)
    case (nil, CocoaError.fileWriteInvalidFileName.rawValue):
      self.init(caching: url, code: ENAMETOOLONG)
    default: self.init(caching: url, code: EIO)
    }
  }

  /// Says why the cache cannot be written at a place, by the system's error number.
  init(caching url: URL, code: Int32) {
    let (kind, found, remedy): (Kind, String, String) =
      switch code {
      case ENOSPC, EDQUOT:
        (
          .unwritable, "a full disk",
          "free some space, or set HF_HUB_CACHE to a folder on another disk"
        )
      case EACCES, EPERM, EROFS:
        (
          .uncreatable, "no permission to write",
          "change it, or set HF_HUB_CACHE to a folder of your own"
        )
      case ELOOP: (.uncreatable, "a symbolic link", "remove it: cached files here are not links")
      case ENOENT:
        (.uncreatable, "no such folder, and none that can be made", "change HF_HUB_CACHE")
      case ENOTDIR, EEXIST:
        (.uncreatable, "a file in the place of a folder", "remove it, or change HF_HUB_CACHE")
      case ENAMETOOLONG:
        (.uncreatable, "a path that is too long", "set HF_HUB_CACHE to a shorter path")
      case ENOSYS, ENOTSUP, ENOLCK:
        (
          .uncreatable, "a file system without locks",
          "set HF_HUB_CACHE to a folder on a local disk"
        )
      default:
        (
          .unwritable,
          String(describing: POSIXErrorCode(rawValue: code).map { "\($0)" } ?? "error \(code)"),
          "check the disk"
        )
      }
    self.init(
      kind, file: url.path, subject: "the cache of models", expected: "to write to it",
      found: found, remedy: remedy)
  }
}
