import SecantCheckpoints

/// Writes values as JSON as Python's `json.dumps` does, with the options of Hugging Face's `tojson`.
struct JSONText {
  /// Whether scalars beyond ASCII are escaped.
  var escapesUnicode = false
  /// The indentation of a level; nil for one line.
  var indentation: String?
  var itemSeparator = ", "
  var keySeparator = ": "
  var sortsKeys = false

  /// The JSON of a value.
  ///
  /// - Throws: `InputError` if JSON has no such value.
  func text(of value: Value, _ renderer: Renderer, level: Int = 0) throws(InputError) -> String {
    try renderer.pay(elements: 1)
    try renderer.pay(bytes: level * (indentation?.utf8.count ?? 0))
    switch value {
    case .none: return "null"
    case .bool(let bool): return bool ? "true" : "false"
    case .int(let number): return "\(number)"
    case .float(let number): return Self.text(of: number)
    case .string(let text), .markup(let text):
      try renderer.pay(bytes: text.utf8.count)
      return quoted(text)
    case .sequence(let list) where list.kind != .view:
      var parts: [String] = []
      for element in list.elements {
        parts.append(try self.text(of: element, renderer, level: level + 1))
      }
      return joined(parts, "[", "]", level: level)
    case .mapping(let mapping):
      var parts: [(key: String, text: String)] = []
      for (key, value) in mapping.members {
        parts.append((try self.key(key), try self.text(of: value, renderer, level: level + 1)))
      }
      if sortsKeys { parts.sort { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) } }
      return joined(
        parts.map { quoted($0.key) + keySeparator + $0.text }, "{", "}", level: level)
    default:
      throw renderer.fail(.malformed, "a value that JSON can hold", found: value.typeName)
    }
  }

  private func joined(
    _ parts: [String], _ begin: String, _ end: String, level: Int
  ) -> String {
    guard let indentation, !parts.isEmpty else {
      return begin + parts.joined(separator: itemSeparator) + end
    }
    let outer = "\n" + String(repeating: indentation, count: level)
    let inner = outer + indentation
    return begin + inner + parts.joined(separator: itemSeparator + inner) + outer + end
  }

  private func key(_ key: Value) throws(InputError) -> String {
    switch key {
    case .string(let text), .markup(let text): text
    case .none: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .int(let number): "\(number)"
    case .float(let number): Self.text(of: number)
    default: preconditionFailure("a mapping has no other keys")
    }
  }

  private static func text(of number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    return "\(number)"
  }

  private func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      default:
        if scalar.value < 0x20 || (escapesUnicode && scalar.value > 0x7e) {
          for unit in UTF16.encode(scalar) ?? .init() { result += Self.escape(unit) }
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  private static func escape(_ unit: UInt16) -> String {
    let digits = String(unit, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
  }
}
