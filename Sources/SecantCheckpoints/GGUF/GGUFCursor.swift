import Foundation

/// A place in a GGUF file from which the next value is read.
///
/// Lengths and counts are untrusted: each is checked against the bytes that are left before
/// anything is allocated or skipped.
struct GGUFCursor {
  private let file: MappedFile
  /// The offset of the next byte.
  private(set) var offset: Int

  /// The longest header that is read, in bytes: a hundred times that of the largest vocabularies.
  static let maximumHeader = 1 << 28

  /// The deepest nesting of arrays that is read.
  private static let maximumDepth = 4

  /// A place in a file.
  init(_ file: MappedFile, at offset: Int = 0) {
    self.file = file
    self.offset = offset
  }

  /// The offsets of the next `count` bytes, which are passed.
  mutating func skip(_ count: Int) throws(InputError) -> Range<Int> {
    guard count <= file.count - offset else {
      throw malformed(
        "\(count) bytes at byte \(offset)", found: "\(file.count - offset)",
        remedy: "the file is truncated or damaged: download it again")
    }
    guard offset + count <= Self.maximumHeader else {
      throw malformed(
        "at most \(Self.maximumHeader) bytes of metadata", found: "more",
        remedy: "the file is damaged: download it again")
    }
    defer { offset += count }
    return offset..<offset + count
  }

  /// The next integer of a type that has no more than 8 bytes, little-endian.
  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ type: Integer.Type = Integer.self
  ) throws(InputError) -> Integer {
    let range = try skip(MemoryLayout<Integer>.size)
    return file.withBytes(in: range) { bytes in
      var value: UInt64 = 0
      for index in bytes.indices { value |= UInt64(bytes[index]) &<< UInt64(8 * index) }
      return Integer(truncatingIfNeeded: value)
    }
  }

  /// The next count, such as that of an array's elements, of which each takes at least so many bytes.
  mutating func count(ofAtLeast width: Int) throws(InputError) -> Int {
    let count = try integer(UInt64.self)
    guard count <= UInt64((file.count - offset) / width) else {
      throw malformed(
        "at most \((file.count - offset) / width) of the elements that byte \(offset) announces",
        found: "\(count)", remedy: "the file is truncated or damaged: download it again")
    }
    return Int(count)
  }

  /// The bytes of the next text.
  mutating func string() throws(InputError) -> [UInt8] {
    let range = try skip(try count(ofAtLeast: 1))
    return file.withBytes(in: range) { bytes in
      bytes.indices.map { bytes[$0] }
    }
  }

  /// The next text, which must be UTF-8: the name of a tensor or of a key.
  mutating func name() throws(InputError) -> String {
    let start = offset
    let bytes = try string()
    guard bytes.count < 1 << 16, let name = String(validating: bytes, as: UTF8.self) else {
      throw malformed("a name in UTF-8 at byte \(start)", found: "other bytes")
    }
    return name
  }

  /// The number of the next value's type.
  mutating func kind() throws(InputError) -> GGUFValue.Kind {
    let start = offset
    let number = try integer(UInt32.self)
    guard let kind = GGUFValue.Kind(rawValue: number) else {
      throw malformed("a value's type, 0 to 12, at byte \(start)", found: "\(number)")
    }
    return kind
  }

  /// The next value, of a type.
  mutating func value(of kind: GGUFValue.Kind, depth: Int = 0) throws(InputError) -> GGUFValue {
    switch kind {
    case .u8: .unsigned(UInt64(try integer(UInt8.self)))
    case .u16: .unsigned(UInt64(try integer(UInt16.self)))
    case .u32: .unsigned(UInt64(try integer(UInt32.self)))
    case .u64: .unsigned(try integer(UInt64.self))
    case .i8: .signed(Int64(try integer(Int8.self)))
    case .i16: .signed(Int64(try integer(Int16.self)))
    case .i32: .signed(Int64(try integer(Int32.self)))
    case .i64: .signed(try integer(Int64.self))
    case .f32: .float(Float(bitPattern: try integer(UInt32.self)))
    case .f64: .double(Double(bitPattern: try integer(UInt64.self)))
    case .bool: .bool(try integer(UInt8.self) != 0)
    case .string: .string(try string())
    case .array: .array(try array(depth: depth))
    }
  }

  /// The next array; its elements are passed, not kept.
  private mutating func array(depth: Int) throws(InputError) -> GGUFArray {
    guard depth < Self.maximumDepth else {
      throw malformed("arrays nested \(Self.maximumDepth) deep at most", found: "deeper ones")
    }
    let kind = try kind()
    let count = try count(ofAtLeast: kind.width ?? 8)
    let start = offset
    if let width = kind.width {
      _ = try skip(count * width)
    } else if kind == .string {
      for _ in 0..<count { _ = try skip(try self.count(ofAtLeast: 1)) }
    } else {
      for _ in 0..<count { _ = try array(depth: depth + 1) }
    }
    return GGUFArray(kind: kind, count: count, file: file, byteRange: start..<offset)
  }

  /// The file's path, for messages.
  var path: String { file.path }

  /// The error that the file breaks a rule of the format.
  func malformed(
    _ expected: String, found: String,
    remedy: String = "this is no GGUF file, or a damaged one: download it again"
  ) -> InputError {
    InputError(
      .malformed, file: path, subject: "header", expected: expected, found: found, remedy: remedy)
  }
}
