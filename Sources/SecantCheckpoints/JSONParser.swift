extension JSON {
  /// The deepest nesting of arrays and objects that is read; no checkpoint's file comes near.
  public static let maximumDepth = 128

  /// Parses one JSON text (RFC 8259), in time linear in its length.
  ///
  /// Stricter than the standard where it leaves a choice, as serde is: invalid UTF-8, a surrogate
  /// escape without its partner, a repeated key and nesting deeper than ``maximumDepth`` are errors.
  ///
  /// - Parameters:
  ///   - bytes: The text, UTF-8, without a byte order mark.
  ///   - file: The name that errors give.
  /// - Throws: What is wrong at which line and byte.
  public init(parsing bytes: [UInt8], file: String) throws(InputError) {
    var parser = JSONParser(bytes: bytes, file: file)
    self = try parser.document()
  }
}

/// Recursive descent over bytes.
struct JSONParser {
  private let bytes: [UInt8]
  private let file: String
  private var position = 0
  private var depth = 0

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func document() throws(InputError) -> JSON {
    let value = try value()
    skipWhitespace()
    guard position == bytes.count else { throw unexpected("the end of the file") }
    return value
  }

  private mutating func value() throws(InputError) -> JSON {
    skipWhitespace()
    guard position < bytes.count else { throw unexpected("a value") }
    switch bytes[position] {
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "{"): return try nested { parser throws(InputError) in try parser.object() }
    case UInt8(ascii: "["): return try nested { parser throws(InputError) in try parser.array() }
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    default: throw unexpected("a value")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(InputError) -> JSON
  ) throws(InputError) -> JSON {
    guard depth < JSON.maximumDepth else {
      throw unexpected("at most \(JSON.maximumDepth) levels of nesting", found: "one more")
    }
    depth += 1
    position += 1
    let result = try body(&self)
    depth -= 1
    return result
  }

  private mutating func object() throws(InputError) -> JSON {
    var members: [JSON.Object.Member] = []
    let start = position
    skipWhitespace()
    if !skip(UInt8(ascii: "}")) {
      repeat {
        skipWhitespace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
          throw unexpected("a key in quotation marks")
        }
        let key = try string()
        skipWhitespace()
        guard skip(UInt8(ascii: ":")) else { throw unexpected("a colon") }
        members.append(JSON.Object.Member(key: key, value: try value()))
        skipWhitespace()
      } while skip(UInt8(ascii: ","))
      guard skip(UInt8(ascii: "}")) else { throw unexpected("a comma or a closing brace") }
    }
    var duplicate = 0
    guard let object = JSON.Object(members: members, duplicate: &duplicate) else {
      position = start
      throw unexpected(
        "every key once in the object that begins here",
        found: "a second \"\(JSON.abridged(members[duplicate].key))\"")
    }
    return .object(object)
  }

  private mutating func array() throws(InputError) -> JSON {
    var elements: [JSON] = []
    skipWhitespace()
    if skip(UInt8(ascii: "]")) { return .array(elements) }
    repeat {
      elements.append(try value())
      skipWhitespace()
    } while skip(UInt8(ascii: ","))
    guard skip(UInt8(ascii: "]")) else { throw unexpected("a comma or a closing bracket") }
    return .array(elements)
  }

  private mutating func literal(
    _ text: StaticString, _ value: JSON
  ) throws(InputError) -> JSON {
    let text = text.description
    guard bytes[position...].starts(with: text.utf8) else { throw unexpected("a value") }
    position += text.utf8.count
    return value
  }

  private mutating func number() throws(InputError) -> JSON.Number {
    let start = position
    _ = skip(UInt8(ascii: "-"))
    if !skip(UInt8(ascii: "0")) { try digits() }
    if skip(UInt8(ascii: ".")) { try digits() }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
      try digits()
    }
    return JSON.Number(literal: String(decoding: bytes[start..<position], as: UTF8.self))
  }

  private mutating func digits() throws(InputError) {
    let start = position
    while position < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[position] {
      position += 1
    }
    guard position > start else { throw unexpected("a digit") }
  }

  private mutating func string() throws(InputError) -> String {
    position += 1
    let start = position
    let isPlain = scanPlain()
    if isPlain {
      let text = try validated(bytes[start..<position], at: start)
      position += 1
      return text
    }
    var unescaped = [UInt8](bytes[start..<position])
    while position < bytes.count, bytes[position] == UInt8(ascii: "\\") {
      try escape(into: &unescaped)
      let run = position
      let isDone = scanPlain()
      unescaped += bytes[run..<position]
      if isDone {
        position += 1
        return try validated(unescaped[...], at: start)
      }
    }
    throw unexpected("a closing quotation mark")
  }

  /// Moves to the next quotation mark (true), or to what a plain string cannot hold (false).
  private mutating func scanPlain() -> Bool {
    var next = position
    while next < bytes.count, bytes[next] >= 0x20, bytes[next] != UInt8(ascii: "\\") {
      if bytes[next] == UInt8(ascii: "\"") {
        position = next
        return true
      }
      next += 1
    }
    position = next
    return false
  }

  private func validated(_ text: ArraySlice<UInt8>, at start: Int) throws(InputError) -> String {
    guard let string = String(validating: text, as: UTF8.self) else {
      var here = self
      here.position = start
      throw here.unexpected("UTF-8", found: "a string with other bytes")
    }
    return string
  }

  private mutating func escape(into text: inout [UInt8]) throws(InputError) {
    let start = position
    position += 1
    guard position < bytes.count else { throw unexpected("an escape") }
    let kind = bytes[position]
    position += 1
    switch kind {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(kind)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "u"):
      var value = try hexadecimal()
      if 0xd800...0xdbff ~= value, skip(UInt8(ascii: "\\")), skip(UInt8(ascii: "u")) {
        let low = try hexadecimal()
        value = 0xdc00...0xdfff ~= low ? 0x10000 + (value - 0xd800) << 10 + (low - 0xdc00) : 0xd800
      }
      guard let scalar = Unicode.Scalar(value) else {
        position = start
        throw unexpected("a pair of surrogates", found: "one alone")
      }
      text += UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
    default:
      position = start
      throw unexpected("one of the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u")
    }
  }

  private mutating func hexadecimal() throws(InputError) -> UInt32 {
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard position < bytes.count,
        let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue
      else { throw unexpected("four hexadecimal digits") }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  private mutating func skip(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }

  private mutating func skipWhitespace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x0a, 0x0d, 0x09: position += 1
      default: return
      }
    }
  }

  private func unexpected(_ expected: String, found: String? = nil) -> InputError {
    let line = bytes[..<position].count { $0 == 0x0a } + 1
    let found =
      found
      ?? (position == bytes.count
        ? "the end of the file"
        : bytes[position] > 0x20 && bytes[position] < 0x7f
          ? "\"\(Character(Unicode.Scalar(bytes[position])))\""
          : "the byte \(bytes[position])")
    return InputError(
      .malformed, file: file, subject: "line \(line) (byte \(position))", expected: expected,
      found: found, remedy: "download or write the file again")
  }
}
