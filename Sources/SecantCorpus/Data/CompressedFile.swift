import Foundation
import SecantCheckpoints

/// Bytes that are read from their beginning to their end.
protocol ByteStream {
  /// The next bytes, at most so many; none at the end.
  ///
  /// - Throws: `InputError` where reading fails, or the compressed data are damaged or end early.
  func read(upTo count: Int) throws(InputError) -> [UInt8]
}

/// A file that is read from its beginning to its end, decompressed where it is gzip's or Zstandard's.
///
/// The first bytes of the file say which it is. Its name must agree with them.
struct CompressedFile: ByteStream {
  /// The file's name, for messages.
  let name: String
  private let stream: any ByteStream

  /// The bytes with which a frame of Zstandard begins.
  ///
  /// Source: RFC 8878, 3.1.1.
  private static let zstandard: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd]

  /// Opens a file.
  ///
  /// - Throws: `InputError` where it cannot be opened, or its name says another format than its
  ///   bytes.
  init(at url: URL) throws(InputError) {
    name = url.lastPathComponent
    let first: Data?
    do {
      let file = try FileHandle(forReadingFrom: url)
      defer { try? file.close() }
      first = try file.read(upToCount: Self.zstandard.count)
    } catch { throw Self.unreadable(url) }
    let isZstandard = first.map(Array.init) == Self.zstandard
    guard isZstandard || !name.hasSuffix(".zst") else {
      throw Self.misnamed(name, "Zstandard", ".zst")
    }
    guard !isZstandard || !name.hasSuffix(".gz") else { throw Self.misnamed(name, "gzip", ".gz") }
    stream =
      isZstandard
      ? try ZstandardStream(at: url)
      : try GzipStream(at: url, mustBeCompressed: name.hasSuffix(".gz"))
  }

  func read(upTo count: Int) throws(InputError) -> [UInt8] { try stream.read(upTo: count) }

  // MARK: - Failures

  /// That a file cannot be opened.
  static func unreadable(_ url: URL) -> InputError {
    let path = url.path(percentEncoded: false)
    let isThere = FileManager.default.fileExists(atPath: path)
    return InputError(
      isThere ? .unreadable : .missing, file: path, subject: "data",
      expected: "a file that can be read", found: isThere ? "no permission" : "none",
      remedy: "correct the path or the file's permissions")
  }

  /// That a compressed file is damaged or ends early.
  static func damaged(
    _ name: String, _ found: String, remedy: String = "make or download it again"
  ) -> InputError {
    InputError(
      .malformed, file: name, subject: "data", expected: "a whole file", found: found,
      remedy: remedy)
  }

  /// That a file's name says a format that it does not have.
  static func misnamed(_ name: String, _ format: String, _ ending: String) -> InputError {
    InputError(
      .malformed, file: name, subject: "data", expected: "\(format)'s format", found: "another",
      remedy: "rename it without \(ending)")
  }
}
