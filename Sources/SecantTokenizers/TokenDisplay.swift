extension Tokenizer {
  /// The display form of one token.
  ///
  /// Text is shown as it is, a leading space included. What could not be seen is spelled out:
  /// control and format characters as `\n` or `\u{200B}`, bytes that are no characters of their own
  /// as `\xF0\x9F`, a backslash as `\\`. An id without a token, as in the padding of a vocabulary,
  /// is shown as `[151700]`.
  public func displayText(of token: Int) -> String {
    guard contains(token) else { return "[\(token)]" }
    let bytes = Array(pieces[token])
    var result = ""
    var position = 0
    while position < bytes.count {
      let length = Swift.min(UTF8Scalar.length(atLead: bytes[position]), bytes.count - position)
      let candidate = bytes[position..<position + length]
      if let scalar = String(validating: candidate, as: UTF8.self)?.unicodeScalars.first {
        result += Self.visible(scalar)
        position += length
      } else {
        let digits = String(bytes[position], radix: 16, uppercase: true)
        result += digits.utf8.count == 1 ? "\\x0\(digits)" : "\\x\(digits)"
        position += 1
      }
    }
    return result
  }

  private static func visible(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": return "\\n"
    case "\r": return "\\r"
    case "\t": return "\\t"
    case "\\": return "\\\\"
    case " ": return " "
    default: break
    }
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator, .surrogate,
      .privateUse, .unassigned:
      return "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    default: return String(scalar)
    }
  }
}
