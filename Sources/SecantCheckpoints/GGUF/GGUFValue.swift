/// A value in the metadata of a GGUF file, in the type in which it is written.
public enum GGUFValue: Sendable {
  /// An unsigned integer of 8, 16, 32 or 64 bits.
  case unsigned(UInt64)
  /// A signed integer of 8, 16, 32 or 64 bits.
  case signed(Int64)
  /// A number of 32 bits.
  case float(Float)
  /// A number of 64 bits.
  case double(Double)
  /// A truth value.
  case bool(Bool)
  /// The bytes of a text: UTF-8 by specification, which files do not always keep.
  case string([UInt8])
  /// An array, whose elements stay in the file.
  case array(GGUFArray)

  /// The type of a value; the raw value is its number in the file.
  public enum Kind: UInt32, Hashable, Sendable {
    /// An unsigned integer of 8 bits.
    case u8 = 0
    /// A signed integer of 8 bits.
    case i8
    /// An unsigned integer of 16 bits.
    case u16
    /// A signed integer of 16 bits.
    case i16
    /// An unsigned integer of 32 bits.
    case u32
    /// A signed integer of 32 bits.
    case i32
    /// An IEEE 754 binary32 number.
    case f32
    /// One byte, 0 or 1.
    case bool
    /// A length and as many bytes.
    case string
    /// The type of the elements, their number, and the elements.
    case array
    /// An unsigned integer of 64 bits.
    case u64
    /// A signed integer of 64 bits.
    case i64
    /// An IEEE 754 binary64 number.
    case f64

    /// The bytes of a value; nil if they vary.
    var width: Int? {
      switch self {
      case .u8, .i8, .bool: 1
      case .u16, .i16: 2
      case .u32, .i32, .f32: 4
      case .u64, .i64, .f64: 8
      case .string, .array: nil
      }
    }
  }

  /// A few words that say what this is, for messages.
  public var summary: String {
    switch self {
    case .unsigned(let value): "\(value)"
    case .signed(let value): "\(value)"
    case .float(let value): "\(value)"
    case .double(let value): "\(value)"
    case .bool(let value): "\(value)"
    case .string(let bytes): "\"\(String(decoding: bytes.prefix(80), as: UTF8.self))\""
    case .array(let array): "an array of \(array.count) values of type \(array.kind)"
    }
  }
}

/// An array in the metadata of a GGUF file: vocabularies have hundreds of thousands of elements.
///
/// All elements are known to be within the file; they are read on request.
public struct GGUFArray: Sendable {
  /// The type of every element.
  public let kind: GGUFValue.Kind
  /// The number of elements.
  public let count: Int
  /// The file and the offsets in it of the elements' bytes.
  let file: MappedFile
  let byteRange: Range<Int>

  /// All elements, in order, at about 24 bytes each beside the texts.
  ///
  /// - Throws: `InputError` if an element breaks a rule of its type.
  public func values() throws(InputError) -> [GGUFValue] {
    var cursor = GGUFCursor(file, at: byteRange.lowerBound)
    var result: [GGUFValue] = []
    for _ in 0..<count { result.append(try cursor.value(of: kind)) }
    return result
  }
}

/// A place in the metadata of a GGUF file, which knows its key.
///
///     let width = try file["llama.embedding_length"].int()
///     let window = try file["gemma3.attention.sliding_window"].present?.int()
///
/// A key that is absent has a place too, whose getters throw: "model.gguf: key llama.block_count:
/// expected an integer, found nothing; …".
public struct GGUFField: Sendable {
  /// The file's path, for messages.
  public let file: String
  /// The key, such as `llama.block_count`.
  public let key: String
  /// The value; nil if the file has no such key.
  public let value: GGUFValue?

  /// This field if the file has the key, and otherwise nil.
  public var present: GGUFField? { value == nil ? nil : self }

  /// The value as an integer.
  ///
  /// - Throws: `InputError` if the value is absent, of another type or longer than 63 bits.
  public func int() throws(InputError) -> Int {
    switch value {
    case .unsigned(let value):
      if let int = Int(exactly: value) { return int }
    case .signed(let value):
      return Int(value)
    default: break
    }
    throw mismatch("an integer")
  }

  /// The value as a number.
  ///
  /// A number of 32 bits is taken for the shortest decimal that denotes it: 1e-5 where its writer meant
  /// that, and not the 9.99999974e-6 that 32 bits made of it.
  ///
  /// - Throws: `InputError` if the value is absent, of another type, infinite or NaN.
  public func double() throws(InputError) -> Double {
    switch value {
    case .float(let value):
      if value.isFinite, let double = Double("\(value)") { return double }
    case .double(let value):
      if value.isFinite { return value }
    case .unsigned(let value):
      return Double(value)
    case .signed(let value):
      return Double(value)
    default: break
    }
    throw mismatch("a finite number")
  }

  /// The value as a number; false counts as 0, and true as 1.
  ///
  /// - Throws: As ``double()`` does.
  func number() throws(InputError) -> Double {
    if case .bool(let bool) = value { return bool ? 1 : 0 }
    return try double()
  }

  /// This field, or one element if it is an array of equal numbers or Booleans, as for settings that a model
  /// repeats for each block.
  ///
  /// - Throws: `InputError` if an element breaks a rule of its type.
  func uniform() throws(InputError) -> GGUFField {
    guard case .array(let array) = value, (1...1 << 14).contains(array.count),
      array.kind.width != nil
    else { return self }
    let fields = try array.values().map { GGUFField(file: file, key: key, value: $0) }
    let first = try fields[0].number()
    for field in fields where try field.number() != first { return self }
    return fields[0]
  }

  /// The value as a Boolean.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func bool() throws(InputError) -> Bool {
    guard case .bool(let bool) = value else { throw mismatch("true or false") }
    return bool
  }

  /// The value as a text.
  ///
  /// - Throws: `InputError` if the value is absent, of another type or not UTF-8.
  public func string() throws(InputError) -> String {
    guard case .string(let bytes) = value, let text = String(validating: bytes, as: UTF8.self)
    else { throw mismatch("a text in UTF-8") }
    return text
  }

  /// The value as an array.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func array() throws(InputError) -> GGUFArray {
    guard case .array(let array) = value else { throw mismatch("an array") }
    return array
  }

  /// The value as an array of texts, each as its bytes.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func byteStrings() throws(InputError) -> [[UInt8]] {
    try elements("an array of texts") { if case .string(let bytes) = $0 { bytes } else { nil } }
  }

  /// The value as an array of integers.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func ints() throws(InputError) -> [Int] {
    try elements("an array of integers") {
      switch $0 {
      case .unsigned(let value): Int(exactly: value)
      case .signed(let value): Int(value)
      default: nil
      }
    }
  }

  /// The value as an array of numbers.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func floats() throws(InputError) -> [Float] {
    try elements("an array of numbers") {
      switch $0 {
      case .float(let value): value
      case .double(let value): Float(value)
      default: nil
      }
    }
  }

  /// The value as an array of Booleans.
  ///
  /// - Throws: `InputError` if the value is absent or of another type.
  public func bools() throws(InputError) -> [Bool] {
    try elements("an array of truth values") { if case .bool(let bool) = $0 { bool } else { nil } }
  }

  private func elements<Element>(
    _ expected: String, _ read: (GGUFValue) -> Element?
  ) throws(InputError) -> [Element] {
    guard case .array(let array) = value else { throw mismatch(expected) }
    var result: [Element] = []
    var cursor = GGUFCursor(array.file, at: array.byteRange.lowerBound)
    for _ in 0..<array.count {
      guard let element = read(try cursor.value(of: array.kind)) else { throw mismatch(expected) }
      result.append(element)
    }
    return result
  }

  /// The error for a value other than the expected one.
  ///
  /// - Parameters:
  ///   - expected: The expected value, such as "a number above 0".
  ///   - kind: `malformed` if the value cannot be right, `unsupported` if Secant does not
  ///     understand it. If there is no value, the kind is `missing`.
  ///   - remedy: What the user can do about it.
  /// - Returns: An error that names the file, the key, and what was found.
  public func mismatch(
    _ expected: String, kind: InputError.Kind = .malformed,
    remedy: String = "check that the file is complete, or convert the model again"
  ) -> InputError {
    InputError(
      value == nil ? .missing : kind, file: file, subject: "key \(key)", expected: expected,
      found: value?.summary ?? "nothing", remedy: remedy)
  }
}
