import Foundation
import SecantCheckpoints

#if canImport(CZstandard)
  import CZstandard

  // Unsafe code: Zstandard's reader, a C pointer that this class alone holds, makes and frees; it reads and
  // fills buffers of the lengths that it is told.

  /// The bytes of a file of Zstandard, decompressed.
  ///
  /// Source: RFC 8878.
  @safe
  final class ZstandardStream: ByteStream {
    private let name: String
    private let file: FileHandle
    private let reader: OpaquePointer
    /// Compressed bytes, and how many of them were read.
    private var input: [UInt8] = []
    private var place = 0
    /// Whether a frame was begun and has not ended.
    private var isWithinFrame = false

    /// Opens a file.
    ///
    /// - Throws: `InputError` where it cannot be opened.
    init(at url: URL) throws(InputError) {
      name = url.lastPathComponent
      do { file = try FileHandle(forReadingFrom: url) } catch {
        throw CompressedFile.unreadable(url)
      }
      guard let reader = unsafe ZSTD_createDStream() else { fatalError("no memory is left") }
      unsafe self.reader = reader
    }

    deinit {
      unsafe ZSTD_freeDStream(reader)
      try? file.close()
    }

    func read(upTo count: Int) throws(InputError) -> [UInt8] {
      while true {
        if place == input.count {
          input = try next()
          place = 0
          if input.isEmpty {
            guard !isWithinFrame else { throw CompressedFile.damaged(name, "an early end") }
            return []
          }
        }
        // Some input gives nothing yet.
        let bytes = try decompressed(upTo: count)
        if !bytes.isEmpty { return bytes }
      }
    }

    /// The next compressed bytes; none at the end.
    private func next() throws(InputError) -> [UInt8] {
      do { return try file.read(upToCount: 1 << 18).map(Array.init) ?? [] } catch {
        throw CompressedFile.damaged(name, "a failure of reading")
      }
    }

    /// What the compressed bytes at hand give.
    private func decompressed(upTo count: Int) throws(InputError) -> [UInt8] {
      let (reader, start) = (unsafe reader, place)
      var status = 0
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
        unsafe input.withUnsafeBytes { bytes in
          var taken = unsafe ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: start)
          var given = unsafe ZSTD_outBuffer(dst: buffer.baseAddress, size: count, pos: 0)
          status = unsafe ZSTD_decompressStream(reader, &given, &taken)
          (place, filled) = unsafe (taken.pos, given.pos)
        }
      }
      guard ZSTD_isError(status) == 0 else {
        let isLarge = ZSTD_getErrorCode(status) == ZSTD_error_frameParameter_windowTooLarge
        throw CompressedFile.damaged(
          name, unsafe String(cString: ZSTD_getErrorName(status)),
          remedy: isLarge
            ? "make it again without --long, or decompress it on the way: "
              + "zstd -dc --long=31 \(name) | secant scan -"
            : "make or download it again")
      }
      isWithinFrame = status != 0
      return bytes
    }
  }
#else
  /// Files of Zstandard where its library is not there: they are refused.
  struct ZstandardStream: ByteStream {
    init(at url: URL) throws(InputError) {
      let name = url.lastPathComponent
      throw InputError(
        .unsupported, file: name, subject: "data",
        expected: "a file that is plain or compressed by gzip", found: "one of Zstandard",
        remedy: "decompress it on the way: zstd -dc \(name) | secant scan -")
    }

    func read(upTo count: Int) throws(InputError) -> [UInt8] { [] }
  }
#endif
