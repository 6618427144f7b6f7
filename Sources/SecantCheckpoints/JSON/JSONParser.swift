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
  /// - Throws: `InputError` with the line and byte if the text is not JSON.
  public init(parsing bytes: [UInt8], file: String) throws(InputError) {
    var parser = JSONParser(bytes: bytes, file: file)
    self = try parser.document()
  }
}

/// Recursive descent over bytes.
struct JSONParser {
  private typealias Node = JSONText.Node

  private let bytes: [UInt8]
  private let file: String
  private var position = 0
  private var depth = 0
  private var nodes: [JSONText.Node] = []
  private var indices: [Int: KeyIndex] = [:]

  init(bytes: [UInt8], file: String) {
    self.bytes = bytes
    self.file = file
  }

  mutating func document() throws(InputError) -> JSON {
    guard bytes.count <= Node.maximumBytes else {
      throw InputError(
        .unsupported, file: file, subject: "the file",
        expected: "at most \(Node.maximumBytes) bytes", found: "\(bytes.count)",
        remedy: "check that it is the right file")
    }
    // As many as there are at most, so that the array never grows and moves: what is not used takes no memory.
    nodes.reserveCapacity(bytes.reduce(1) { $0 + (Self.begins[Int($1)] ? 1 : 0) })
    try value()
    skipWhitespace()
    guard position == bytes.count else { throw unexpected("the end of the file") }
    return JSONText(bytes: bytes, nodes: nodes, indices: indices).value(at: 0)
  }

  /// The bytes after which another value or key may follow, apart from the first.
  private static let begins = (0..<256).map { "[{:,".utf8.contains(UInt8($0)) }

  private mutating func value() throws(InputError) {
    skipWhitespace()
    guard position < bytes.count else { throw unexpected("a value") }
    switch bytes[position] {
    case UInt8(ascii: "\""): try string()
    case UInt8(ascii: "{"): try nested { parser throws(InputError) in try parser.object() }
    case UInt8(ascii: "["): try nested { parser throws(InputError) in try parser.array() }
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try number()
    case UInt8(ascii: "t"): try literal("true", .true)
    case UInt8(ascii: "f"): try literal("false", .false)
    case UInt8(ascii: "n"): try literal("null", .null)
    default: throw unexpected("a value")
    }
  }

  private mutating func nested(
    _ body: (inout JSONParser) throws(InputError) -> Void
  ) throws(InputError) {
    guard depth < JSON.maximumDepth else {
      throw unexpected("at most \(JSON.maximumDepth) levels of nesting", found: "one more")
    }
    depth += 1
    position += 1
    try body(&self)
    depth -= 1
  }

  private mutating func object() throws(InputError) {
    let node = nodes.count
    nodes.append(Node(.object))
    var count = 0
    let start = position
    skipWhitespace()
    if !skip(UInt8(ascii: "}")) {
      repeat {
        skipWhitespace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
          throw unexpected("a key in quotation marks")
        }
        try string()
        skipWhitespace()
        guard skip(UInt8(ascii: ":")) else { throw unexpected("a colon") }
        try value()
        count += 1
        skipWhitespace()
      } while skip(UInt8(ascii: ","))
      guard skip(UInt8(ascii: "}")) else { throw unexpected("a comma or a closing brace") }
    }
    nodes[node] = Node(.object, count: count, nodes.count)
    if let key = repeatedKey(ofObjectAt: node, count: count) {
      position = start
      throw unexpected(
        "every key once in the object that begins here",
        found: "a second \"\(JSON.abridged(key))\"")
    }
  }

  /// Stores the places of an object's keys; returns a duplicate key, if there is one.
  private mutating func repeatedKey(ofObjectAt node: Int, count: Int) -> String? {
    var index = count > KeyIndex.scanLimit ? KeyIndex(count: count) : nil
    var next = node + 1
    for _ in 0..<count {
      let key = key(at: next)
      if index != nil {
        let isNew = index?.insert(key, at: next) { self.key(at: $0).hasSameBytes(as: key) }
        if isNew != true { return key }
      } else {
        var other = node + 1
        while other < next {
          if self.key(at: other).hasSameBytes(as: key) { return key }
          other = JSONText.end(of: other + 1, in: nodes)
        }
      }
      next = JSONText.end(of: next + 1, in: nodes)
    }
    indices[node] = index
    return nil
  }

  private func key(at node: Int) -> String {
    let place = nodes[node]
    if place.kind == .escapedString { return Self.unescaped(bytes, at: place.place) }
    return String(decoding: bytes[place.place..<place.place + place.count], as: UTF8.self)
  }

  private mutating func array() throws(InputError) {
    let node = nodes.count
    nodes.append(Node(.array))
    var count = 0
    skipWhitespace()
    if !skip(UInt8(ascii: "]")) {
      repeat {
        try value()
        count += 1
        skipWhitespace()
      } while skip(UInt8(ascii: ","))
      guard skip(UInt8(ascii: "]")) else { throw unexpected("a comma or a closing bracket") }
    }
    nodes[node] = Node(.array, count: count, nodes.count)
  }

  private mutating func literal(_ text: StaticString, _ kind: Node.Kind) throws(InputError) {
    let text = text.description
    guard bytes[position...].starts(with: text.utf8) else { throw unexpected("a value") }
    position += text.utf8.count
    nodes.append(Node(kind))
  }

  private mutating func number() throws(InputError) {
    let start = position
    _ = skip(UInt8(ascii: "-"))
    if !skip(UInt8(ascii: "0")) { try digits() }
    if skip(UInt8(ascii: ".")) { try digits() }
    if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
      if !skip(UInt8(ascii: "+")) { _ = skip(UInt8(ascii: "-")) }
      try digits()
    }
    nodes.append(Node(.number, count: position - start, start))
  }

  private mutating func digits() throws(InputError) {
    let start = position
    while position < bytes.count, case UInt8(ascii: "0")...UInt8(ascii: "9") = bytes[position] {
      position += 1
    }
    guard position > start else { throw unexpected("a digit") }
  }

  /// The string whose first byte after the quotation mark is at an offset of a text that has been read.
  static func unescaped(_ bytes: [UInt8], at start: Int) -> String {
    var parser = JSONParser(bytes: bytes, file: "")
    parser.position = start
    // The first pass read it without an error.
    return (try? parser.unescaped()) ?? ""
  }

  private mutating func string() throws(InputError) {
    position += 1
    let start = position
    if scanPlain() {
      try requireUTF8(bytes[start..<position], at: start)
      nodes.append(Node(.plainString, count: position - start, start))
      position += 1
    } else {
      position = start
      _ = try unescaped()
      nodes.append(Node(.escapedString, count: position - 1 - start, start))
    }
  }

  /// Reads a string from its first byte after the quotation mark to the one that ends it.
  private mutating func unescaped() throws(InputError) -> String {
    let start = position
    _ = scanPlain()
    var unescaped = [UInt8](bytes[start..<position])
    while position < bytes.count, bytes[position] == UInt8(ascii: "\\") {
      try escape(into: &unescaped)
      let run = position
      let isDone = scanPlain()
      unescaped += bytes[run..<position]
      if isDone {
        position += 1
        try requireUTF8(unescaped[...], at: start)
        return String(decoding: unescaped, as: UTF8.self)
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

  private func requireUTF8(_ text: ArraySlice<UInt8>, at start: Int) throws(InputError) {
    // Most strings are pure ASCII and need no second look.
    guard text.contains(where: { $0 >= 0x80 }), String(validating: text, as: UTF8.self) == nil
    else { return }
    var here = self
    here.position = start
    throw here.unexpected("UTF-8", found: "a string with other bytes")
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
