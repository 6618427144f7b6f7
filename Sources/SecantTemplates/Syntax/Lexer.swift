import SecantCheckpoints

/// The smallest parts of a template.
enum Token: Sendable {
  case text(String)
  case outputBegin, outputEnd
  case blockBegin, blockEnd
  case name(String)
  case string(String)
  case integer(Int)
  case float(Double)
  case symbol(String)
  case end

  /// The name in messages.
  var description: String {
    switch self {
    case .text: "text"
    case .outputBegin: "{{"
    case .outputEnd: "}}"
    case .blockBegin: "{%"
    case .blockEnd: "%}"
    case .name(let name): name
    case .string: "a string"
    case .integer(let number): "\(number)"
    case .float(let number): "\(number)"
    case .symbol(let symbol): symbol
    case .end: "the end of the template"
    }
  }
}

/// Splits a template into tokens, and applies its whitespace control.
///
/// As Hugging Face sets Jinja up: the first line break after a block goes (`trim_blocks`), and so does
/// whitespace between the beginning of a line and a block (`lstrip_blocks`).
struct Lexer {
  let bytes: [UInt8]
  private let file: String
  var position = 0
  var line = 1
  var tokens: [(token: Token, line: Int)] = []
  /// Whether the tag before ended with a line break.
  private var isLineStart = true

  /// The longest template that is read; the longest known has 17,000 bytes.
  static let maximumBytes = 1 << 20

  init(_ source: String, file: String) throws(InputError) {
    guard source.utf8.count <= Self.maximumBytes else {
      throw InputError(
        .unsupported, file: file, subject: "the template",
        expected: "at most \(Self.maximumBytes) bytes", found: "\(source.utf8.count)",
        remedy: "give a shorter template")
    }
    self.file = file
    var bytes: [UInt8] = []
    bytes.reserveCapacity(source.utf8.count)
    for byte in source.utf8 {
      if byte == .newline, bytes.last == .carriageReturn { bytes.removeLast() }
      if bytes.last == .carriageReturn { bytes[bytes.count - 1] = .newline }
      bytes.append(byte)
    }
    if bytes.last == .carriageReturn { bytes[bytes.count - 1] = .newline }
    if bytes.last == .newline { bytes.removeLast() }
    self.bytes = bytes
  }

  /// All tokens, ended by `Token.end`.
  mutating func tokenize() throws(InputError) -> [(token: Token, line: Int)] {
    while position < bytes.count {
      guard let tag = nextTag() else {
        emitText(position..<bytes.count)
        position = bytes.count
        break
      }
      let start = position
      position = tag.position + 2
      let sign = position < bytes.count ? bytes[position] : 0
      if sign == .minus || sign == .plus { position += 1 }
      let end = endOfText(start..<tag.position, kind: tag.kind, sign: sign)
      emitText(start..<end)
      line += bytes[end..<tag.position].count { $0 == .newline }
      switch tag.kind {
      case .comment: try skipComment()
      case .percent:
        if let raw = rawBegin() {
          try readRaw(from: raw)
        } else {
          try readExpression(isBlock: true)
        }
      default: try readExpression(isBlock: false)
      }
    }
    tokens.append((.end, line))
    return tokens
  }

  /// The next `{{`, `{%` or `{#`.
  private func nextTag() -> (position: Int, kind: UInt8)? {
    var index = position
    while index + 1 < bytes.count {
      if bytes[index] == .openBrace {
        let kind = bytes[index + 1]
        if kind == .openBrace || kind == .percent || kind == .comment { return (index, kind) }
      }
      index += 1
    }
    return nil
  }

  /// The end of a text without the whitespace that the following tag removes.
  private func endOfText(_ range: Range<Int>, kind: UInt8, sign: UInt8) -> Int {
    if sign == .minus {
      let text = String(decoding: bytes[range], as: UTF8.self)
      return range.lowerBound + String(text.trimmed(.trailing, isTrimmed)).utf8.count
    }
    guard sign != .plus, kind != .openBrace else { return range.upperBound }
    let lastBreak = bytes[range].lastIndex(of: .newline)
    let lineBegin = lastBreak.map { $0 + 1 } ?? range.lowerBound
    guard lastBreak != nil || isLineStart else { return range.upperBound }
    let rest = String(decoding: bytes[lineBegin..<range.upperBound], as: UTF8.self)
    return rest.unicodeScalars.allSatisfy(isTrimmed) ? lineBegin : range.upperBound
  }

  private func isTrimmed(_ scalar: Unicode.Scalar) -> Bool { scalar.isPythonWhitespace }

  private mutating func emitText(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    tokens.append((.text(String(decoding: bytes[range], as: UTF8.self)), line))
    line += bytes[range].count { $0 == .newline }
  }

  private mutating func skipComment() throws(InputError) {
    let start = position
    while position + 1 < bytes.count {
      if bytes[position] == .comment, bytes[position + 1] == .closeBrace {
        let sign = position > start ? bytes[position - 1] : 0
        line += bytes[start..<position].count { $0 == .newline }
        position += 2
        skipAfterTag(sign: sign, isBlock: true)
        return
      }
      position += 1
    }
    throw malformed("#}", found: "the end of the template")
  }

  /// Skips the whitespace that a tag's end removes.
  private mutating func skipAfterTag(sign: UInt8, isBlock: Bool) {
    let start = position
    if sign == .minus {
      let rest = String(decoding: bytes[position...].prefix(whitespaceLength), as: UTF8.self)
      position += rest.utf8.count
    } else if isBlock, sign != .plus, position < bytes.count, bytes[position] == .newline {
      position += 1
    }
    line += bytes[start..<position].count { $0 == .newline }
    isLineStart = position > start && bytes[position - 1] == .newline
  }

  /// The bytes of whitespace that follow.
  private var whitespaceLength: Int {
    var end = position
    while end < bytes.count {
      // The widest scalar has four bytes.
      let head = String(decoding: bytes[end..<min(end + 4, bytes.count)], as: UTF8.self)
      guard let scalar = head.unicodeScalars.first, scalar.isPythonWhitespace else { break }
      end += UTF8.width(scalar)
    }
    return end - position
  }

  private mutating func skipWhitespace() {
    let end = position + whitespaceLength
    line += bytes[position..<end].count { $0 == .newline }
    position = end
  }

  /// Where the text of `{% raw %}` begins; nil if this block is another.
  private func rawBegin() -> Int? {
    var copy = self
    copy.skipWhitespace()
    guard copy.starts(with: "raw") else { return nil }
    copy.position += 3
    copy.skipWhitespace()
    if copy.starts(with: "-%}") {
      copy.position += 3
      copy.skipWhitespace()
      return copy.position
    }
    return copy.starts(with: "%}") ? copy.position + 2 : nil
  }

  private mutating func readRaw(from start: Int) throws(InputError) {
    line += bytes[position..<start].count { $0 == .newline }
    position = start
    isLineStart = false
    while let tag = nextTag() {
      position = tag.position + 2
      guard tag.kind == .percent else { continue }
      let sign = position < bytes.count ? bytes[position] : 0
      if sign == .minus || sign == .plus { position += 1 }
      var copy = self
      copy.skipWhitespace()
      guard copy.starts(with: "endraw") else { continue }
      copy.position += 6
      copy.skipWhitespace()
      let endSign = copy.position < bytes.count ? bytes[copy.position] : 0
      if endSign == .minus || endSign == .plus { copy.position += 1 }
      guard copy.starts(with: "%}") else { continue }
      let end = endOfText(start..<tag.position, kind: .percent, sign: sign)
      emitText(start..<end)
      line += bytes[end..<copy.position].count { $0 == .newline }
      position = copy.position + 2
      skipAfterTag(sign: endSign, isBlock: true)
      return
    }
    throw malformed("{% endraw %}", found: "the end of the template")
  }

  private func starts(with text: String) -> Bool {
    position < bytes.count && bytes[position...].starts(with: text.utf8)
  }

  private mutating func readExpression(isBlock: Bool) throws(InputError) {
    let begin: Token = isBlock ? .blockBegin : .outputBegin
    tokens.append((begin, line))
    let end = isBlock ? "%}" : "}}"
    var brackets: [UInt8] = []
    while position < bytes.count {
      if brackets.isEmpty {
        let byte = bytes[position]
        let sign = byte == .minus || (isBlock && byte == .plus) ? byte : 0
        if starts(with: (sign == 0 ? "" : String(UnicodeScalar(sign))) + end) {
          let token: Token = isBlock ? .blockEnd : .outputEnd
          tokens.append((token, line))
          position += sign == 0 ? 2 : 3
          skipAfterTag(sign: sign, isBlock: isBlock)
          return
        }
      }
      try readToken(&brackets)
    }
    throw malformed(end, found: "the end of the template")
  }

  private mutating func readToken(_ brackets: inout [UInt8]) throws(InputError) {
    let byte = bytes[position]
    if whitespaceLength > 0 {
      skipWhitespace()
    } else if byte.isDigit {
      try readNumber()
    } else if byte.beginsName {
      let start = position
      while position < bytes.count, bytes[position].continuesName { position += 1 }
      tokens.append((.name(String(decoding: bytes[start..<position], as: UTF8.self)), line))
    } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
      try readString(quote: byte)
    } else {
      let symbol = try symbol()
      switch byte {
      case UInt8(ascii: "("): brackets.append(UInt8(ascii: ")"))
      case UInt8(ascii: "["): brackets.append(UInt8(ascii: "]"))
      case .openBrace: brackets.append(.closeBrace)
      case UInt8(ascii: ")"), UInt8(ascii: "]"), .closeBrace:
        guard brackets.popLast() == byte else {
          throw malformed("a bracket's own end", found: symbol)
        }
      default: break
      }
      tokens.append((.symbol(symbol), line))
      position += symbol.utf8.count
    }
  }

  private func symbol() throws(InputError) -> String {
    let symbols = [
      "**", "//", "==", "!=", "<=", ">=", "+", "-", "/", "*", "%", "~", "[", "]", "(", ")", "{",
      "}", ">", "<", "=", ".", ":", "|", ",",
    ]
    guard let symbol = symbols.first(where: { starts(with: $0) }) else {
      let head = String(decoding: bytes[position..<min(position + 4, bytes.count)], as: UTF8.self)
      throw malformed("an expression", found: String(head.unicodeScalars.prefix(1)))
    }
    return symbol
  }

  func malformed(_ expected: String, found: String) -> InputError {
    .template(.malformed, file: file, line: line, expected: expected, found: found)
  }
}

extension UInt8 {
  static let newline = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let openBrace = UInt8(ascii: "{")
  static let closeBrace = UInt8(ascii: "}")
  static let percent = UInt8(ascii: "%")
  static let comment = UInt8(ascii: "#")
  static let minus = UInt8(ascii: "-")
  static let plus = UInt8(ascii: "+")

  var isDigit: Bool { (0x30...0x39).contains(self) }
  var beginsName: Bool {
    self == 0x5f || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
  }
  var continuesName: Bool { beginsName || isDigit }
}
