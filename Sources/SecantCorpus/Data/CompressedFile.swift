import CZLib
import Foundation
import SecantCheckpoints

// Unsafe code: zlib's reader, a C pointer that this class alone holds, opens and closes; it fills a buffer of
// the length that it is told.

/// A file that is read from its beginning to its end, decompressed where it is gzip's.
@safe
final class CompressedFile {
  /// The file's name, for messages.
  let name: String
  private let file: gzFile
  private let mustBeCompressed: Bool

  /// Opens a file.
  ///
  /// - Throws: `InputError` where it cannot be opened.
  init(at url: URL) throws(InputError) {
    name = url.lastPathComponent
    let path = url.path(percentEncoded: false)
    guard let file = unsafe gzopen(path, "rb") else {
      let isThere = FileManager.default.fileExists(atPath: path)
      throw InputError(
        isThere ? .unreadable : .missing, file: path, subject: "data",
        expected: "a file that can be read", found: isThere ? "no permission" : "none",
        remedy: "correct the path or the file's permissions")
    }
    unsafe self.file = file
    mustBeCompressed = name.hasSuffix(".gz")
    unsafe gzbuffer(file, 1 << 18)
  }

  deinit { unsafe gzclose_r(file) }

  /// The next bytes, at most so many; none at the end.
  ///
  /// - Throws: `InputError` where reading fails, or the compressed data are damaged or end early.
  func read(upTo count: Int) throws(InputError) -> [UInt8] {
    let file = unsafe file
    var failed = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let read = unsafe gzread(file, buffer.baseAddress, UInt32(count))
      failed = read < 0
      filled = max(0, Int(read))
    }
    var code = Z_OK
    let text = unsafe gzerror(file, &code)
    // Data that end early are no failure of the reading itself, only of what comes after it.
    guard !failed, code >= Z_OK || code == Z_BUF_ERROR && !bytes.isEmpty else {
      throw InputError(
        .malformed, file: name, subject: "data", expected: "a whole file",
        found: unsafe text.map { unsafe String(cString: $0) } ?? "a failure of reading",
        remedy: "make or download it again")
    }
    if mustBeCompressed, !bytes.isEmpty, unsafe gzdirect(file) == 1 {
      throw InputError(
        .malformed, file: name, subject: "data", expected: "gzip's format", found: "another",
        remedy: "rename it without .gz")
    }
    return bytes
  }
}
