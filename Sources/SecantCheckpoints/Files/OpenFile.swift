import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Unsafe code: the calls of the operating system that take paths and buffers, each given a string or a span
// that outlives the call; and the only pointers into mapped memory, which leave this file as spans, whose
// bounds are checked and which cannot outlive the closure that receives them.

/// A file that the operating system has opened; closed at the end of its lifetime.
struct OpenFile: ~Copyable {
  private let descriptor: Int32

  /// Opens the file at a path for reading, without waiting for a pipe's other end.
  init(reading path: String) throws(SystemError) {
    try self.init(unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC))
  }

  /// Creates a new file for writing, with the permissions of new files; fails if the path exists.
  init(creating path: String) throws(SystemError) {
    try self.init(unsafe open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666))
  }

  private init(_ descriptor: Int32) throws(SystemError) {
    guard descriptor >= 0 else { throw SystemError(code: errno) }
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// The attributes of the open file.
  func status() throws(SystemError) -> FileStatus {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw SystemError(code: errno) }
    return FileStatus(status)
  }

  /// Sets the file's permissions; if the system does not allow these, the file keeps its own.
  func setPermissions(_ permissions: mode_t) { fchmod(descriptor, permissions) }

  /// Writes all bytes of `elements` from byte `offset` on.
  func write<Element: BitwiseCopyable>(
    _ elements: Span<Element>, at offset: Int
  ) throws(SystemError) {
    let descriptor = descriptor
    let failure = unsafe elements.withUnsafeBytes { bytes -> SystemError? in
      var done = 0
      while done < bytes.count {
        let written = unsafe pwrite(
          descriptor, bytes.baseAddress?.advanced(by: done), bytes.count - done,
          off_t(offset + done))
        if written >= 0 {
          done += written
        } else if errno != EINTR {
          return SystemError(code: errno)
        }
      }
      return nil
    }
    if let failure { throw failure }
  }

  /// Returns when the written bytes are on the disk.
  func synchronize() throws(SystemError) {
    guard fsync(descriptor) == 0 else { throw SystemError(code: errno) }
  }

  /// The first `count` bytes, at least one, as memory whose pages are read when they are touched.
  func mapped(count: Int) throws(SystemError) -> MappedMemory {
    let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address = unsafe address, unsafe address != MAP_FAILED else {
      throw SystemError(code: errno)
    }
    return unsafe MappedMemory(UnsafeRawPointer(address), count: count)
  }

  // MARK: - Names

  /// Whether this process may write to the file at a path.
  static func requireWritable(_ path: String) throws(SystemError) {
    guard unsafe access(path, W_OK) == 0 else { throw SystemError(code: errno) }
  }

  /// Renames a file and replaces any file of the new name, in one step.
  static func move(_ path: String, to other: String) throws(SystemError) {
    guard unsafe rename(path, other) == 0 else { throw SystemError(code: errno) }
  }

  /// Removes a name, if it exists.
  static func remove(_ path: String) { _ = unsafe unlink(path) }

  /// Gives a file a second name, which nothing has yet.
  static func link(_ path: String, to other: String) throws(SystemError) {
    guard unsafe linkat(AT_FDCWD, path, AT_FDCWD, other, 0) == 0 else {
      throw SystemError(code: errno)
    }
  }

  /// Makes a new folder that other users can or cannot read.
  static func makeFolder(_ path: String, isPrivate: Bool) throws(SystemError) {
    guard unsafe mkdir(path, isPrivate ? 0o700 : 0o777) == 0 else {
      throw SystemError(code: errno)
    }
  }

  /// Sets the permissions of the file at a path; if the system does not allow these, it keeps its own.
  static func setPermissions(_ permissions: mode_t, of path: String) {
    _ = unsafe chmod(path, permissions)
  }
}

/// The reason why a system call failed.
struct SystemError: Error {
  /// The error number.
  let code: Int32

  /// Whether the error means that nothing exists at the path.
  var isAbsence: Bool { code == ENOENT }
}

/// A file's attributes, known without reading it.
struct FileStatus {
  let kind: FileKind
  /// Its length in bytes.
  let count: Int
  /// The permission bits.
  let permissions: mode_t
  /// The device and the number that the file has there, whatever its names are.
  let place: [UInt64]

  /// The attributes of the file at a path, after symbolic links.
  init(at path: String) throws(SystemError) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw SystemError(code: errno) }
    self.init(status)
  }

  fileprivate init(_ status: stat) {
    kind =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      default: .other
      }
    count = Int(status.st_size)
    permissions = status.st_mode & 0o7777
    place = [UInt64(truncatingIfNeeded: status.st_dev), UInt64(truncatingIfNeeded: status.st_ino)]
  }
}

/// The kind of file at a path, after symbolic links; the raw value is its name in messages.
enum FileKind: String {
  case regular = "a file"
  case folder = "a folder"
  case other = "a pipe, socket or device"

  /// Nil if nothing exists there, or nothing that this process may see.
  init?(at path: String) {
    guard let status = try? FileStatus(at: path) else { return nil }
    self = status.kind
  }
}

/// The bytes of a file as read-only memory; unmapped with the last reference.
@safe
final class MappedMemory: Sendable {
  /// The number of bytes, at least one.
  let count: Int
  /// The first byte.
  ///
  /// The memory is never written and is unmapped only by `deinit`, so sharing the address is safe.
  private nonisolated(unsafe) let base: UnsafeRawPointer

  fileprivate init(_ base: UnsafeRawPointer, count: Int) {
    unsafe self.base = base
    self.count = count
  }

  deinit { unsafe munmap(UnsafeMutableRawPointer(mutating: base), count) }

  /// Whether the byte at `offset` has an address at which an `Element` may be read.
  func isAligned<Element: BitwiseCopyable>(_ offset: Int, for element: Element.Type) -> Bool {
    (unsafe UInt(bitPattern: base) &+ UInt(bitPattern: offset))
      .isMultiple(of: UInt(MemoryLayout<Element>.alignment))
  }

  /// Hands the memory of whole pages in `range` back to the system, which reads them again when they are touched.
  func release(_ range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the file")
    let page = Int(getpagesize())
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound == count ? count : range.upperBound / page * page
    guard start < end else { return }
    let address = unsafe UnsafeMutableRawPointer(mutating: base + start)
    // This is advice: if the system ignores it, only memory is lost.
    _ = unsafe madvise(address, end - start, MADV_DONTNEED)
  }

  /// Lends the bytes at `range`, at least one element: in place if they are aligned, otherwise as a copy.
  ///
  /// Every bit pattern must be a valid `Element`: an integer or a floating-point number.
  func withElements<Element: BitwiseCopyable, Result, Failure: Error>(
    of element: Element.Type, in range: Range<Int>,
    _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the file")
    let elements = range.count / MemoryLayout<Element>.stride
    // The span's lifetime is that of the closure; the mapping's is that of `self`.
    defer { withExtendedLifetime(self) {} }
    let start = unsafe base + range.lowerBound
    if isAligned(range.lowerBound, for: element) {
      let pointer = unsafe start.assumingMemoryBound(to: element)
      return try body(unsafe UnsafeBufferPointer(start: pointer, count: elements).span)
    }
    let copy = UnsafeMutableBufferPointer<Element>.allocate(capacity: elements)
    defer { unsafe copy.deallocate() }
    unsafe UnsafeMutableRawBufferPointer(copy).copyMemory(
      from: UnsafeRawBufferPointer(start: start, count: range.count))
    return try body(unsafe UnsafeBufferPointer(copy).span)
  }
}
