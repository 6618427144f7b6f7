import SecantCheckpoints

// Numbers and strings, as Python spells them.

extension Lexer {
  private func isDigit(at index: Int) -> Bool { index < bytes.count && bytes[index].isDigit }

  private mutating func skipDigits() { while isDigit(at: position) { position += 1 } }

  mutating func readNumber() throws(InputError) {
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
        position + 1 < bytes.count
        && (bytes[position + 1] == .plus || bytes[position + 1] == .minus)
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

  mutating func readString(quote: UInt8) throws(InputError) {
    let start = line
    var content: [UInt8] = []
    position += 1
    while position < bytes.count, bytes[position] != quote {
      if bytes[position] == UInt8(ascii: "\\") {
        try readEscape(into: &content)
      } else {
        if bytes[position] == .newline { line += 1 }
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

  /// Reads an escape as in Python's string literals; unknown ones stay as they are.
  private mutating func readEscape(into content: inout [UInt8]) throws(InputError) {
    guard position + 1 < bytes.count else {
      position += 1
      return
    }
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case .newline: line += 1
    case UInt8(ascii: "n"): content.append(.newline)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "r"): content.append(.carriageReturn)
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
}
