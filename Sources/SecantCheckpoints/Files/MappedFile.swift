public import Foundation

/// A file's bytes, mapped read-only into memory.
///
/// Pages are read from disk when they are first touched, so mapping costs the same whatever the size
/// of the file. The mapping ends with the last reference to this object. It may be read from many
/// threads at once. A file that another process shortens while it is mapped takes the pages with it:
/// reading those ends the process, on every system that has `mmap`; the command `secant` then says which file it was.
public final class MappedFile: Sendable {
  /// The file that was mapped.
  public let url: URL
  /// The number of bytes in the file when it was mapped.
  public let count: Int
  /// The bytes; nil for an empty file, of which there is nothing to map.
  private let memory: MappedMemory?

  /// Maps a regular file.
  ///
  /// Folders, pipes and devices are refused, without waiting for a pipe's other end.
  ///
  /// - Throws: `InputError` of kind `missing` or `unreadable`; `missing` too where Git LFS has left a pointer.
  public init(at url: URL) throws(InputError) {
    let path = url.path(percentEncoded: false)
    // A C string would end at the zero byte and name another file.
    guard !path.utf8.contains(0) else {
      throw InputError(
        .invalid, file: path, subject: "path", expected: "a path without zero bytes",
        found: "one", remedy: "correct the path")
    }
    let status: FileStatus
    do throws(SystemError) {
      let file = try OpenFile(reading: path)
      status = try file.status()
      let isMapped = status.kind == .regular && status.count > 0
      memory = isMapped ? try file.mapped(count: status.count) : nil
    } catch {
      throw InputError(opening: path, error)
    }
    guard status.kind == .regular else {
      throw InputError(
        .unreadable, file: path, subject: "file", expected: "a regular file",
        found: status.kind.rawValue, remedy: "give the path of a file")
    }
    self.url = url
    count = status.count
    if isGitLFSPointer {
      throw InputError(
        .missing, file: path, subject: "file", expected: "the file's content",
        found: "a Git LFS pointer to it",
        remedy: "run git lfs pull in the folder, or download the file")
    }
  }

  /// Whether the file is a Git LFS pointer instead of the large file.
  ///
  /// Source: https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md.
  private var isGitLFSPointer: Bool {
    count < 1024 && hasPrefix("version https://git-lfs.github.com/spec/")
  }

  /// Whether the file begins with the bytes of a text.
  func hasPrefix(_ text: String) -> Bool {
    let expected = Array(text.utf8)
    guard count >= expected.count else { return false }
    return withBytes(in: 0..<expected.count) { bytes in
      bytes.indices.allSatisfy { bytes[$0] == expected[$0] }
    }
  }

  /// The file's path, for messages.
  var path: String { url.path(percentEncoded: false) }

  /// Lends all bytes of the file.
  public func withBytes<Result, Failure: Error>(
    _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withElements(of: UInt8.self, in: 0..<count, body)
  }

  /// Lends the bytes at the offsets `range`, which must be within the file.
  public func withBytes<Result, Failure: Error>(
    in range: Range<Int>, _ body: (Span<UInt8>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try withElements(of: UInt8.self, in: range, body)
  }

  /// The longest configuration that is read, in bytes; the longest that are known have two million.
  public static let maximumConfigurationBytes = 1 << 24

  /// A copy of a whole file that is to be parsed, such as JSON.
  ///
  /// - Throws: `InputError` if the file cannot be read or is longer than `limit` bytes.
  public static func contents(
    of url: URL, atMost limit: Int = maximumConfigurationBytes
  ) throws(InputError) -> [UInt8] {
    let file = try MappedFile(at: url)
    guard file.count <= limit else {
      throw InputError(
        .invalid, file: url.path(percentEncoded: false), subject: "file",
        expected: "at most \(limit) bytes", found: "\(file.count)",
        remedy: "check the path")
    }
    return file.withBytes { bytes in bytes.indices.map { bytes[$0] } }
  }

  /// Whether the byte at `offset` has an address at which an `Element` may be read.
  func isAligned<Element: BitwiseCopyable>(_ offset: Int, for element: Element.Type) -> Bool {
    memory?.isAligned(offset, for: element) ?? true
  }

  /// Hands the memory of whole pages in `range` back to the system, which reads them again when they are touched.
  ///
  /// The content usually stays in the system's cache, so that the next touch costs little: some
  /// 20 ms a gigabyte were seen. The bytes stay readable throughout, from all threads.
  public func releasePages(in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the file")
    memory?.release(range)
  }

  /// Lends the bytes at the offsets `range` as elements: in place if they are aligned, otherwise a copy.
  ///
  /// Every bit pattern must be a valid `Element`: an integer or a floating-point number. The bytes
  /// are read in the machine's own order, which is little-endian wherever Secant runs.
  func withElements<Element: BitwiseCopyable, Result, Failure: Error>(
    of element: Element.Type, in range: Range<Int>,
    _ body: (Span<Element>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "range outside the file")
    precondition(
      range.count.isMultiple(of: MemoryLayout<Element>.stride),
      "range is not a whole number of elements")
    guard !range.isEmpty, let memory else { return try body(Span()) }
    return try memory.withElements(of: element, in: range, body)
  }
}

extension InputError {
  /// Says why the system would not open the file at `path`.
  init(opening path: String, _ error: SystemError) {
    switch POSIXErrorCode(rawValue: error.code) {
    case .ENOENT, .ENOTDIR:
      self.init(
        .missing, file: path, subject: "file", expected: "a file", found: "nothing at this path",
        remedy: "check the path")
    case .EACCES, .EPERM:
      self.init(
        .unreadable, file: path, subject: "file", expected: "permission to read",
        found: "none", remedy: "change the file's permissions or run as its owner")
    default:
      self.init(
        .unreadable, file: path, subject: "file", expected: "a readable file",
        found: error.message, remedy: "check the path and the disk")
    }
  }
}

extension SystemError {
  /// The system's words for it.
  var message: String {
    POSIXErrorCode(rawValue: code).map { POSIXError($0).localizedDescription } ?? "error \(code)"
  }
}
