import CZLib
import Foundation
import SecantCheckpoints

// Unsafe code: zlib's reader, a C pointer that this class alone holds, opens and closes; it fills a buffer of
// the length that it is told.

/// The bytes of a file, decompressed where it is gzip's.
@safe
final class GzipStream: ByteStream {
  private let name: String
  private let file: gzFile
  private let mustBeCompressed: Bool

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - url: The file.
  ///   - mustBeCompressed: Whether a file that is not compressed is refused.
  /// - Throws: `InputError` where it cannot be opened.
  init(at url: URL, mustBeCompressed: Bool) throws(InputError) {
    name = url.lastPathComponent
    guard let file = unsafe gzopen(url.path(percentEncoded: false), "rb") else {
      throw CompressedFile.unreadable(url)
    }
    unsafe self.file = file
    self.mustBeCompressed = mustBeCompressed
    unsafe gzbuffer(file, 1 << 18)
  }

  deinit { unsafe gzclose_r(file) }

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
      throw CompressedFile.damaged(
        name, unsafe text.map { unsafe String(cString: $0) } ?? "a failure of reading")
    }
    if mustBeCompressed, !bytes.isEmpty, unsafe gzdirect(file) == 1 {
      throw CompressedFile.misnamed(name, "gzip", ".gz")
    }
    return bytes
  }
}
