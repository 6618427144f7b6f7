public import Foundation

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Unsafe code: this file holds the only pointers into mapped memory. They leave it as spans, whose
// bounds are checked and which cannot outlive the closure that receives them.

/// A file's bytes, mapped read-only into memory.
///
/// Pages are read from disk when they are first touched, so mapping costs the same whatever the size
/// of the file. The mapping ends with the last reference to this object. It may be read from many
/// threads at once. A file that another process shortens while it is mapped takes the pages with it:
/// reading those ends the process, on every system that has `mmap`.
@safe
public final class MappedFile: Sendable {
  /// The file that was mapped.
  public let url: URL
  /// The number of bytes in the file when it was mapped.
  public let count: Int
  /// The first byte; nil for an empty file, of which there is nothing to map.
  ///
  /// The memory is never written and is unmapped only by `deinit`, so sharing the address is safe.
  private nonisolated(unsafe) let base: UnsafeRawPointer?

  /// Maps a regular file.
  ///
  /// Folders, pipes and devices are refused, without waiting for a pipe's other end.
  ///
  /// - Throws: `InputError` of kind `missing` or `unreadable`.
  public init(at url: URL) throws(InputError) {
    let path = url.path(percentEncoded: false)
    // A C string would end at the zero byte and name another file.
    guard !path.utf8.contains(0) else {
      throw InputError(
        .invalid, file: path, subject: "path", expected: "a path without zero bytes",
        found: "one", remedy: "correct the path")
    }
    let descriptor = unsafe open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw InputError(opening: path, code: errno) }
    defer { close(descriptor) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else {
      throw InputError(opening: path, code: errno)
    }
    let kind = FileKind(of: status)
    guard kind == .regular else {
      throw InputError(
        .unreadable, file: path, subject: "file", expected: "a regular file",
        found: kind.rawValue, remedy: "give the path of a file")
    }
    let count = Int(status.st_size)
    if count == 0 {
      unsafe base = nil
    } else {
      let address = unsafe mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
      guard let address = unsafe address, unsafe address != MAP_FAILED else {
        throw InputError(opening: path, code: errno)
      }
      unsafe base = UnsafeRawPointer(address)
    }
    self.url = url
    self.count = count
  }

  deinit {
    if let base = unsafe base {
      unsafe munmap(UnsafeMutableRawPointer(mutating: base), count)
    }
  }

  /// Where the file is, as messages name it.
  var path: String { url.path(percentEncoded: false) }

  /// Lends all bytes of the file.
  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withElements(of: UInt8.self, in: 0..<count, body)
  }

  /// Lends the bytes at the offsets `range`, which must lie within the file.
  public func withBytes<Result, Failure: Error>(
    in range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withElements(of: UInt8.self, in: range, body)
  }

  /// A copy of a whole file that is to be parsed, such as JSON.
  ///
  /// - Throws: `InputError` where the file cannot be read or is longer than `limit` bytes.
  public static func contents(
    of url: URL, atMost limit: Int = 1 << 28
  ) throws(InputError) -> [UInt8] {
    let file = try MappedFile(at: url)
    guard file.count <= limit else {
      throw InputError(
        .invalid, file: url.path(percentEncoded: false), subject: "file",
        expected: "at most \(limit) bytes", found: "\(file.count)", remedy: "check the path")
    }
    return file.withBytes { bytes in bytes.indices.map { bytes[$0] } }
  }

  /// Whether the byte at `offset` has an address at which an `Element` may be read.
  func isAligned<Element: BitwiseCopyable>(_ offset: Int, for element: Element.Type) -> Bool {
    (unsafe UInt(bitPattern: base) &+ UInt(bitPattern: offset))
      .isMultiple(of: UInt(MemoryLayout<Element>.alignment))
  }

  /// Hands the memory of whole pages in `range` back to the system, which reads them again when they are touched.
  ///
  /// What the file holds usually stays in the system's cache, so that the next touch costs little: some
  /// 20 ms a gigabyte were seen. The bytes stay readable throughout, from all threads.
  public func releasePages(in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the file")
    guard let base = unsafe base else { return }
    let page = Int(getpagesize())
    let start = (range.lowerBound + page - 1) / page * page
    let end = range.upperBound == count ? count : range.upperBound / page * page
    guard start < end else { return }
    let address = unsafe UnsafeMutableRawPointer(mutating: base + start)
    // Advice: where the system does not take it, nothing is lost but the memory.
    _ = unsafe madvise(address, end - start, MADV_DONTNEED)
  }

  /// Lends the bytes at the offsets `range` as elements: in place where they are aligned, else a copy.
  ///
  /// Every bit pattern must be a valid `Element`: an integer or a floating-point number. The bytes
  /// are read in the machine's own order, which is little-endian wherever Secant runs.
  func withElements<Element: BitwiseCopyable, Result, Failure: Error>(
    of element: Element.Type, in range: Range<Int>,
    _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the file")
    let width = MemoryLayout<Element>.stride
    let elements = range.count / width
    precondition(elements * width == range.count, "range is not a whole number of elements")
    // The span's lifetime is that of the closure; the mapping's is that of `self`.
    defer { withExtendedLifetime(self) {} }
    guard elements > 0, let base = unsafe base else { return try body(Span()) }
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

/// What stands at a path, symbolic links followed; the raw value is how messages call it.
enum FileKind: String {
  case regular = "a file"
  case folder = "a folder"
  case other = "a pipe, socket or device"

  /// Nil where nothing stands there, or nothing that this process may know of.
  init?(at path: String) {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { return nil }
    self.init(of: status)
  }

  fileprivate init(of status: stat) {
    self =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .regular
      case S_IFDIR: .folder
      default: .other
      }
  }
}

extension InputError {
  /// Says why the system would not open the file at `path`.
  init(opening path: String, code: Int32) {
    switch code {
    case ENOENT, ENOTDIR:
      self.init(
        .missing, file: path, subject: "file", expected: "a file", found: "nothing at this path",
        remedy: "check the path")
    case EACCES, EPERM:
      self.init(
        .unreadable, file: path, subject: "file", expected: "permission to read",
        found: "none", remedy: "change the file's permissions or run as its owner")
    default:
      self.init(
        .unreadable, file: path, subject: "file", expected: "a readable file",
        found: Self.message(of: code), remedy: "check the path and the disk")
    }
  }

  /// The system's words for an error number.
  static func message(of code: Int32) -> String {
    POSIXErrorCode(rawValue: code).map { POSIXError($0).localizedDescription } ?? "error \(code)"
  }
}
