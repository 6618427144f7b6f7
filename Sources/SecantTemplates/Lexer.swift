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

  /// How messages name it.
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

/// Splits a template into tokens, and does what it says about whitespace.
///
/// As Hugging Face sets Jinja up: the first line break after a block goes (`trim_blocks`), and so does
/// whitespace between the beginning of a line and a block (`lstrip_blocks`).
struct Lexer {
  private let bytes: [UInt8]
  private let file: String
  private var position = 0
  private var line = 1
  private var tokens: [(token: Token, line: Int)] = []
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
      if byte == newline, bytes.last == carriageReturn { bytes.removeLast() }
      if bytes.last == carriageReturn { bytes[bytes.count - 1] = newline }
      bytes.append(byte)
    }
    if bytes.last == carriageReturn { bytes[bytes.count - 1] = newline }
    if bytes.last == newline { bytes.removeLast() }
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
      if sign == minus || sign == plus { position += 1 }
      let end = endOfText(start..<tag.position, kind: tag.kind, sign: sign)
      emitText(start..<end)
      line += bytes[end..<tag.position].count { $0 == newline }
      switch tag.kind {
      case comment: try skipComment()
      case percent:
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
      if bytes[index] == openBrace {
        let kind = bytes[index + 1]
        if kind == openBrace || kind == percent || kind == comment { return (index, kind) }
      }
      index += 1
    }
    return nil
  }

  /// Where a text ends once the whitespace that the tag after it takes away is gone.
  private func endOfText(_ range: Range<Int>, kind: UInt8, sign: UInt8) -> Int {
    if sign == minus {
      let text = String(decoding: bytes[range], as: UTF8.self)
      return range.lowerBound + String(text.trimmed(.trailing, isTrimmed)).utf8.count
    }
    guard sign != plus, kind != openBrace else { return range.upperBound }
    let lastBreak = bytes[range].lastIndex(of: newline)
    let lineBegin = lastBreak.map { $0 + 1 } ?? range.lowerBound
    guard lastBreak != nil || isLineStart else { return range.upperBound }
    let rest = String(decoding: bytes[lineBegin..<range.upperBound], as: UTF8.self)
    return rest.unicodeScalars.allSatisfy(isTrimmed) ? lineBegin : range.upperBound
  }

  private func isTrimmed(_ scalar: Unicode.Scalar) -> Bool { scalar.isPythonWhitespace }

  private mutating func emitText(_ range: Range<Int>) {
    guard !range.isEmpty else { return }
    tokens.append((.text(String(decoding: bytes[range], as: UTF8.self)), line))
    line += bytes[range].count { $0 == newline }
  }

  private mutating func skipComment() throws(InputError) {
    let start = position
    while position + 1 < bytes.count {
      if bytes[position] == comment, bytes[position + 1] == closeBrace {
        let sign = position > start ? bytes[position - 1] : 0
        line += bytes[start..<position].count { $0 == newline }
        position += 2
        skipAfterTag(sign: sign, isBlock: true)
        return
      }
      position += 1
    }
    throw malformed("#}", found: "the end of the template")
  }

  /// Skips the whitespace that a tag's end takes away.
  private mutating func skipAfterTag(sign: UInt8, isBlock: Bool) {
    let start = position
    if sign == minus {
      let rest = String(decoding: bytes[position...].prefix(whitespaceLength), as: UTF8.self)
      position += rest.utf8.count
    } else if isBlock, sign != plus, position < bytes.count, bytes[position] == newline {
      position += 1
    }
    line += bytes[start..<position].count { $0 == newline }
    isLineStart = position > start && bytes[position - 1] == newline
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
    line += bytes[position..<end].count { $0 == newline }
    position = end
  }

  /// Where the text of `{% raw %}` begins; nil where this block is another.
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
    line += bytes[position..<start].count { $0 == newline }
    position = start
    isLineStart = false
    while let tag = nextTag() {
      position = tag.position + 2
      guard tag.kind == percent else { continue }
      let sign = position < bytes.count ? bytes[position] : 0
      if sign == minus || sign == plus { position += 1 }
      var copy = self
      copy.skipWhitespace()
      guard copy.starts(with: "endraw") else { continue }
      copy.position += 6
      copy.skipWhitespace()
      let endSign = copy.position < bytes.count ? bytes[copy.position] : 0
      if endSign == minus || endSign == plus { copy.position += 1 }
      guard copy.starts(with: "%}") else { continue }
      let end = endOfText(start..<tag.position, kind: percent, sign: sign)
      emitText(start..<end)
      line += bytes[end..<copy.position].count { $0 == newline }
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
        let sign = byte == minus || (isBlock && byte == plus) ? byte : 0
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
      case openBrace: brackets.append(closeBrace)
      case UInt8(ascii: ")"), UInt8(ascii: "]"), closeBrace:
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

  private func isDigit(at index: Int) -> Bool { index < bytes.count && bytes[index].isDigit }

  private mutating func skipDigits() { while isDigit(at: position) { position += 1 } }

  private mutating func readNumber() throws(InputError) {
    let start = position
    skipDigits()
    var isFloat = false
    if position < bytes.count, bytes[position] == UInt8(ascii: "."), isDigit(at: position + 1) {
      isFloat = true
      position += 1
      skipDigits()
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      let isSigned =
        position + 1 < bytes.count && (bytes[position + 1] == plus || bytes[position + 1] == minus)
      if isDigit(at: position + (isSigned ? 2 : 1)) {
        isFloat = true
        position += isSigned ? 2 : 1
        skipDigits()
      }
    }
    let literal = String(decoding: bytes[start..<position], as: UTF8.self)
    guard position == bytes.count || !bytes[position].continuesName else {
      throw malformed("a decimal number", found: "\(literal) and a letter")
    }
    if isFloat, let number = Double(literal) {
      tokens.append((.float(number), line))
    } else if let number = Int(literal) {
      tokens.append((.integer(number), line))
    } else {
      throw malformed("a number of 64 bits", found: literal)
    }
  }

  private mutating func readString(quote: UInt8) throws(InputError) {
    let start = line
    var content: [UInt8] = []
    position += 1
    while position < bytes.count, bytes[position] != quote {
      if bytes[position] == UInt8(ascii: "\\") {
        try readEscape(into: &content)
      } else {
        if bytes[position] == newline { line += 1 }
        content.append(bytes[position])
        position += 1
      }
    }
    guard position < bytes.count else {
      throw malformed("the end of the string that begins on line \(start)", found: "none")
    }
    position += 1
    tokens.append((.string(String(decoding: content, as: UTF8.self)), start))
  }

  /// Reads an escape as Python's string literals have it; unknown ones stand for themselves.
  private mutating func readEscape(into content: inout [UInt8]) throws(InputError) {
    guard position + 1 < bytes.count else {
      position += 1
      return
    }
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case newline: line += 1
    case UInt8(ascii: "n"): content.append(newline)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "r"): content.append(carriageReturn)
    case UInt8(ascii: "a"): content.append(0x07)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0c)
    case UInt8(ascii: "v"): content.append(0x0b)
    case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): content.append(letter)
    case UInt8(ascii: "x"): try readScalar(digits: 2, radix: 16, into: &content)
    case UInt8(ascii: "u"): try readScalar(digits: 4, radix: 16, into: &content)
    case UInt8(ascii: "U"): try readScalar(digits: 8, radix: 16, into: &content)
    case UInt8(ascii: "0")...UInt8(ascii: "7"):
      position -= 1
      let count = bytes[position...].prefix(3).prefix { (0x30...0x37).contains($0) }.count
      try readScalar(digits: count, radix: 8, into: &content)
    case UInt8(ascii: "N"): throw malformed("an escape of a number", found: "\\N")
    default: content += [UInt8(ascii: "\\"), letter]
    }
  }

  private mutating func readScalar(
    digits: Int, radix: Int, into content: inout [UInt8]
  ) throws(InputError) {
    let end = min(position + digits, bytes.count)
    let literal = String(decoding: bytes[position..<end], as: UTF8.self)
    guard literal.utf8.count == digits, literal.utf8.allSatisfy({ $0.continuesName }),
      let value = UInt32(literal, radix: radix), let scalar = Unicode.Scalar(value)
    else { throw malformed("an escape of \(digits) digits", found: literal) }
    position = end
    content += Array(String(scalar).utf8)
  }

  private func malformed(_ expected: String, found: String) -> InputError {
    .template(.malformed, file: file, line: line, expected: expected, found: found)
  }
}

private let newline = UInt8(ascii: "\n")
private let carriageReturn = UInt8(ascii: "\r")
private let openBrace = UInt8(ascii: "{")
private let closeBrace = UInt8(ascii: "}")
private let percent = UInt8(ascii: "%")
private let comment = UInt8(ascii: "#")
private let minus = UInt8(ascii: "-")
private let plus = UInt8(ascii: "+")

extension UInt8 {
  fileprivate var isDigit: Bool { (0x30...0x39).contains(self) }
  fileprivate var beginsName: Bool {
    self == 0x5f || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
  }
  fileprivate var continuesName: Bool { beginsName || isDigit }
}
