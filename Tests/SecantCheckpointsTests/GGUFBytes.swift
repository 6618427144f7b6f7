import SecantCheckpoints

/// The bytes of a GGUF file, written by the letter of its specification.
struct GGUFBytes {
  var version: UInt32 = 3
  var alignment = 32
  private var keyCount = 0
  private var keys: [UInt8] = []
  private var tensorCount = 0
  private var tensors: [UInt8] = []
  private var data: [UInt8] = []

  /// The bytes of an integer, little-endian.
  static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// The bytes of a text with its length.
  static func bytes(_ text: String) -> [UInt8] { bytes(UInt64(text.utf8.count)) + text.utf8 }

  /// Adds a key with a value whose bytes are given.
  mutating func add(_ key: String, type: UInt32, _ value: [UInt8]) {
    keyCount += 1
    keys += Self.bytes(key) + Self.bytes(type) + value
  }

  mutating func add(_ key: String, _ value: UInt32) { add(key, type: 4, Self.bytes(value)) }
  mutating func add(_ key: String, _ value: Float) {
    add(key, type: 6, Self.bytes(value.bitPattern))
  }
  mutating func add(_ key: String, _ value: String) { add(key, type: 8, Self.bytes(value)) }
  mutating func add(_ key: String, type: UInt32, count: Int, _ elements: [UInt8]) {
    add(key, type: 9, Self.bytes(type) + Self.bytes(UInt64(count)) + elements)
  }

  /// Adds a tensor after the ones before it, or at an offset of one's choice.
  mutating func add(
    tensor name: String, type: UInt32, _ shape: [Int], _ bytes: [UInt8], at offset: UInt64? = nil
  ) {
    tensorCount += 1
    tensors += Self.bytes(name) + Self.bytes(UInt32(shape.count))
    for extent in shape.reversed() { tensors += Self.bytes(UInt64(extent)) }
    tensors += Self.bytes(type) + Self.bytes(offset ?? UInt64(data.count))
    data += bytes
    pad(&data)
  }

  private func pad(_ bytes: inout [UInt8]) {
    bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
  }

  /// The whole file.
  var file: [UInt8] {
    var header =
      Array("GGUF".utf8) + Self.bytes(version) + Self.bytes(UInt64(tensorCount))
      + Self.bytes(UInt64(keyCount)) + keys + tensors
    pad(&header)
    return header + data
  }
}
