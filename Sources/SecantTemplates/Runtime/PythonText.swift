import SecantCheckpoints

// Texts as Python's strings are: sequences of scalars, compared by scalars.

extension Unicode.Scalar {
  /// Python's whitespace, as in `str.isspace` and `str.strip`.
  var isPythonWhitespace: Bool {
    switch value {
    case 0x09...0x0d, 0x1c...0x20, 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f,
      0x205f, 0x3000:
      true
    default: false
    }
  }

  /// Python's printable scalars, as in `str.isprintable`.
  fileprivate var isPythonPrintable: Bool {
    switch properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator:
      false
    case .spaceSeparator: self == " "
    default: true
    }
  }
}

extension String {
  /// The ends at which a text is trimmed.
  struct Ends: OptionSet {
    let rawValue: Int
    static let leading = Ends(rawValue: 1)
    static let trailing = Ends(rawValue: 2)
  }

  /// The text without the scalars at its ends that a condition names.
  func trimmed(_ ends: Ends, _ isTrimmed: (Unicode.Scalar) -> Bool) -> String {
    var rest = unicodeScalars[...]
    if ends.contains(.leading) { rest = rest.drop(while: isTrimmed) }
    if ends.contains(.trailing) {
      while let last = rest.last, isTrimmed(last) { rest.removeLast() }
    }
    return String(rest)
  }

  /// The first occurrence of a text from an index on, byte for byte.
  func firstRange(of part: String, from start: String.Index? = nil) -> Range<String.Index>? {
    let (haystack, needle) = (utf8, Array(part.utf8))
    guard let first = needle.first else { return nil }
    var index = start ?? haystack.startIndex
    while let candidate = haystack[index...].firstIndex(of: first) {
      var position = candidate
      var matched = 0
      while matched < needle.count, position < haystack.endIndex,
        haystack[position] == needle[matched]
      {
        haystack.formIndex(after: &position)
        matched += 1
      }
      if matched == needle.count { return candidate..<position }
      if position == haystack.endIndex { return nil }
      index = haystack.index(after: candidate)
    }
    return nil
  }

  /// The parts between the occurrences of a text.
  func parts(separatedBy separator: String, maximum: Int = .max) -> [String] {
    var parts: [String] = []
    var start = startIndex
    while parts.count < maximum, let range = firstRange(of: separator, from: start) {
      parts.append(String(self[start..<range.lowerBound]))
      start = range.upperBound
    }
    parts.append(String(self[start...]))
    return parts
  }

  /// The lines, as `str.splitlines` has them: what ends the last one begins no further one.
  var pythonLines: [String] {
    var lines: [String] = []
    var line = String.UnicodeScalarView()
    var isOpen = false
    var lastWasReturn = false
    for scalar in unicodeScalars {
      if scalar == "\n", lastWasReturn {
        lastWasReturn = false
        continue
      }
      lastWasReturn = scalar == "\r"
      switch scalar.value {
      case 0x0a...0x0d, 0x1c...0x1e, 0x85, 0x2028, 0x2029:
        lines.append(String(line))
        line = String.UnicodeScalarView()
        isOpen = false
      default:
        line.append(scalar)
        isOpen = true
      }
    }
    if isOpen { lines.append(String(line)) }
    return lines
  }

  /// The text as a literal of Python.
  fileprivate var pythonLiteral: String {
    let scalars = unicodeScalars
    let quote: Unicode.Scalar =
      scalars.contains("'") && !scalars.contains("\"") ? "\"" : "'"
    var result = String(quote)
    for scalar in scalars {
      switch scalar {
      case quote, "\\": result += "\\" + String(scalar)
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.isPythonPrintable {
          result.unicodeScalars.append(scalar)
        } else {
          let digits = String(scalar.value, radix: 16)
          let (letter, width) =
            scalar.value < 0x100 ? ("x", 2) : scalar.value < 0x10000 ? ("u", 4) : ("U", 8)
          result +=
            "\\" + letter + String(repeating: "0", count: width - digits.utf8.count) + digits
        }
      }
    }
    return result + String(quote)
  }
}

extension Renderer {
  /// The printed form of a value: Python's `str`.
  func text(of value: Value) throws(InputError) -> String {
    switch value {
    case .string(let text), .markup(let text): return text
    case .undefined: return ""
    default:
      let text = try literal(of: value)
      try pay(bytes: text.utf8.count)
      return text
    }
  }

  /// The printed form of a value within another: Python's `repr`.
  private func literal(of value: Value) throws(InputError) -> String {
    try pay(elements: 1)
    switch value {
    case .none: return "None"
    case .bool(let bool): return bool ? "True" : "False"
    case .int(let number): return "\(number)"
    case .float(let number): return "\(number)"
    case .string(let text):
      try pay(bytes: text.utf8.count)
      return text.pythonLiteral
    case .undefined: return "Undefined"
    case .sequence(let list) where list.kind != .view:
      var parts: [String] = []
      for element in list.elements { parts.append(try literal(of: element)) }
      let content = parts.joined(separator: ", ")
      if list.kind == .list { return "[" + content + "]" }
      return "(" + content + (parts.count == 1 ? ",)" : ")")
    case .mapping(let mapping):
      var parts: [String] = []
      for (key, value) in mapping.members {
        parts.append(try literal(of: key) + ": " + literal(of: value))
      }
      return "{" + parts.joined(separator: ", ") + "}"
    default:
      throw fail(.unsupported, "a value that can be printed", found: value.typeName)
    }
  }
}
