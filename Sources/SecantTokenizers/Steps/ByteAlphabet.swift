/// GPT-2's way to write bytes as visible characters, in which byte-level vocabularies are stored.
///
/// The printable bytes of Latin-1 represent themselves; the 68 others, in ascending order, the
/// scalars from U+0100 on. So a space is "Ġ" and a line feed "Ċ".
enum ByteAlphabet {
  /// The scalar values of the 256 bytes.
  static let scalars: [UInt32] = {
    var next: UInt32 = 0x100
    return (UInt32(0)..<256).map { byte in
      if (0x21...0x7e).contains(byte) || (0xa1...0xac).contains(byte) || byte >= 0xae {
        return byte
      }
      defer { next += 1 }
      return next
    }
  }()

  private static let bytes: [UInt8?] = {
    var bytes = [UInt8?](repeating: nil, count: 0x144)
    for (byte, scalar) in scalars.enumerated() { bytes[Int(scalar)] = UInt8(byte) }
    return bytes
  }()

  /// The bytes that a text of this alphabet represents; nil if it holds any other scalar.
  static func bytes(of text: String) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      guard scalar.value < 0x144, let byte = bytes[Int(scalar.value)] else { return nil }
      result.append(byte)
    }
    return result
  }
}
