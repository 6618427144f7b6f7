import Foundation

/// A grid of signed values as a picture: blue above zero, orange below, transparent at zero.
///
/// Small values let the ground show through, so one image serves light and dark pages.
struct PixelImage {
  let rows: Int
  let columns: Int
  /// One byte per pixel, row by row: 128 is zero, 255 the largest positive magnitude, 1 the largest
  /// negative one.
  private let pixels: [UInt8]

  /// The image of levels from −127 to 127, row by row; levels beyond them have the full colour.
  init(levels: [Int], columns: Int) {
    precondition(columns > 0 && levels.count.isMultiple(of: columns), "rows of equal length")
    self.columns = columns
    rows = levels.count / columns
    pixels = levels.map { UInt8(128 + max(-127, min(127, $0))) }
  }

  /// The image as a `data:` address of a PNG file with a palette of 256 colours.
  var address: String { "data:image/png;base64," + png.base64EncodedString() }

  /// The PNG file; its pixels are stored uncompressed.
  ///
  /// Source: Portable Network Graphics (Third Edition), W3C; RFC 1950 and 1951 for stored blocks.
  var png: Data {
    var header = Data()
    header.append(bigEndian: UInt32(columns))
    header.append(bigEndian: UInt32(rows))
    header.append(contentsOf: [8, 3, 0, 0, 0])  // 8 bits, palette, no interlacing.
    var lines = Data(capacity: rows * (columns + 1))
    for row in 0..<rows {
      lines.append(0)  // No filter.
      lines.append(contentsOf: pixels[row * columns..<(row + 1) * columns])
    }
    var file = Data([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
    file.append(chunk: "IHDR", header)
    file.append(
      chunk: "PLTE",
      Data((0..<256).flatMap { $0 < 128 ? Self.below : Self.above }))
    file.append(chunk: "tRNS", Data((0..<256).map { UInt8(min(255, 2 * abs($0 - 128))) }))
    file.append(chunk: "IDAT", lines.stored)
    file.append(chunk: "IEND", Data())
    return file
  }

  /// Colours that stand out from white and from near-black.
  private static let above: [UInt8] = [0x3a, 0x7f, 0xd0]
  private static let below: [UInt8] = [0xd0, 0x6a, 0x1e]
}

extension Data {
  fileprivate mutating func append(bigEndian number: UInt32) {
    append(contentsOf: (0..<4).map { UInt8(truncatingIfNeeded: number >> (24 - 8 * $0)) })
  }

  fileprivate mutating func append(chunk name: String, _ content: Data) {
    append(bigEndian: UInt32(content.count))
    let body = Data(name.utf8) + content
    append(body)
    append(bigEndian: body.cyclicRedundancyCheck)
  }

  /// The bytes as a zlib stream of stored blocks.
  fileprivate var stored: Data {
    var stream = Data([0x78, 0x01])
    var start = startIndex
    repeat {
      let end = index(start, offsetBy: 65_535, limitedBy: endIndex) ?? endIndex
      let length = UInt16(end - start)
      stream.append(end == endIndex ? 1 : 0)
      for half in [length, ~length] {
        stream.append(contentsOf: [UInt8(truncatingIfNeeded: half), UInt8(half >> 8)])
      }
      stream.append(self[start..<end])
      start = end
    } while start < endIndex
    stream.append(bigEndian: adler32)
    return stream
  }

  private var adler32: UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in self {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return b << 16 | a
  }

  private var cyclicRedundancyCheck: UInt32 {
    ~reduce(UInt32.max) { remainder, byte in
      (0..<8).reduce(remainder ^ UInt32(byte)) { bits, _ in
        bits & 1 == 1 ? 0xedb8_8320 ^ bits >> 1 : bits >> 1
      }
    }
  }
}
