/// The bytes of a GGUF file, written by the letter of its specification.
public struct GGUFBytes {
  /// The version that the file says it has.
  public var version: UInt32 = 3
  /// What the offsets of tensors are multiples of.
  public var alignment = 32
  private var keyCount = 0
  private var keys: [UInt8] = []
  private var tensorCount = 0
  private var tensors: [UInt8] = []
  private var data: [UInt8] = []

  /// A file without keys and tensors.
  public init() {}

  /// The bytes of an integer, little-endian.
  public static func bytes(_ value: some FixedWidthInteger) -> [UInt8] {
    (0..<value.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// The bytes of a text with its length.
  public static func bytes(_ text: String) -> [UInt8] {
    bytes(UInt64(text.utf8.count)) + text.utf8
  }

  /// Adds a key with a value whose bytes are given.
  public mutating func add(_ key: String, type: UInt32, _ value: [UInt8]) {
    keyCount += 1
    keys += Self.bytes(key) + Self.bytes(type) + value
  }

  /// Adds a key with an integer of 32 bits.
  public mutating func add(_ key: String, _ value: UInt32) { add(key, type: 4, Self.bytes(value)) }

  /// Adds a key with a number of 32 bits.
  public mutating func add(_ key: String, _ value: Float) {
    add(key, type: 6, Self.bytes(value.bitPattern))
  }

  /// Adds a key with a text.
  public mutating func add(_ key: String, _ value: String) {
    add(key, type: 8, Self.bytes(value))
  }

  /// Adds a key with an array whose elements' bytes are given.
  public mutating func add(_ key: String, type: UInt32, count: Int, _ elements: [UInt8]) {
    add(key, type: 9, Self.bytes(type) + Self.bytes(UInt64(count)) + elements)
  }

  /// Adds a key with an array of texts.
  public mutating func add(_ key: String, _ texts: [String]) {
    add(key, type: 8, count: texts.count, texts.flatMap(Self.bytes))
  }

  /// The offset of the data that is added next.
  public var end: UInt64 { UInt64(data.count) }

  /// Adds a tensor whose data comes after all that there is, or lies at an offset of one's choice.
  public mutating func add(
    tensor name: String, type: UInt32, _ shape: [Int], _ bytes: [UInt8], at offset: UInt64? = nil
  ) {
    tensorCount += 1
    tensors += Self.bytes(name) + Self.bytes(UInt32(shape.count))
    for extent in shape.reversed() { tensors += Self.bytes(UInt64(extent)) }
    tensors += Self.bytes(type) + Self.bytes(offset ?? end)
    data += bytes
    pad(&data)
  }

  private func pad(_ bytes: inout [UInt8]) {
    bytes += [UInt8](repeating: 0, count: (alignment - bytes.count % alignment) % alignment)
  }

  /// The whole file.
  public var file: [UInt8] {
    var header =
      Array("GGUF".utf8) + Self.bytes(version) + Self.bytes(UInt64(tensorCount))
      + Self.bytes(UInt64(keyCount)) + keys + tensors
    pad(&header)
    return header + data
  }
}
