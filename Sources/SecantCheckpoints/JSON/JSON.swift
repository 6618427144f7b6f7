/// A JSON value that keeps the file's exact text.
///
/// Strings keep their exact UTF-8 bytes, object members their order, numbers their literal. Keys are
/// compared by bytes: "é" (U+00E9) and "e" followed by U+0301 are two keys, though Swift's `==` on
/// `String` takes them for one. Vocabularies contain such pairs.
///
/// A text stays as it is, with eight bytes beside it for each value and each key, and for those of large objects up to
/// sixteen more for the index of keys. Elements and members are made on request.
public enum JSON: Sendable {
  /// The literal `null`.
  case null
  /// The literals `true` and `false`.
  case bool(Bool)
  /// A number, as it is written.
  case number(Number)
  /// A string, escapes resolved.
  case string(String)
  /// An array.
  case array(List)
  /// An object.
  case object(Object)

  /// A number as it is written in the file.
  public struct Number: Sendable {
    /// The digits of the file, such as `1e-05`.
    public let literal: String

    /// The integer that the literal denotes exactly, such as 3 for `3`, `3.0` or `3e0`.
    ///
    /// Nil where the value is not an integer or is outside `Int`; a literal with a fraction or an
    /// exponent counts up to 2⁵³, below which `Double` holds every integer.
    public var int: Int? {
      if let value = Int(literal) { return value }
      guard literal.utf8.contains(where: { ".eE".utf8.contains($0) }),
        let value = Double(literal), value.magnitude <= 0x1p53
      else { return nil }
      return Int(exactly: value)
    }

    /// The nearest `Double`; nil if the literal overflows it.
    public var double: Double? {
      guard let value = Double(literal), value.isFinite else { return nil }
      return value
    }

    init(literal: String) { self.literal = literal }
  }

  /// The member of that name; nil if there is none or this is not an object.
  public subscript(key: String) -> JSON? {
    guard case .object(let object) = self else { return nil }
    return object[key]
  }

  /// The text for error messages: the kind, and the value if it is short.
  public var summary: String {
    switch self {
    case .null: return "null"
    case .bool(let value): return String(value)
    case .number(let number): return "the number \(Self.abridged(number.literal))"
    case .string(let string): return "the string \"\(Self.abridged(string))\""
    case .array(let elements): return "an array of \(elements.count)"
    case .object(let object): return "an object of \(object.members.count)"
    }
  }

  /// At most 60 scalars, with those that would spoil a line or a terminal escaped.
  static func abridged(_ string: String) -> String {
    var result = ""
    for (count, scalar) in string.unicodeScalars.enumerated() {
      if count == 60 { return result + "…" }
      if scalar.properties.isWhitespace && scalar != " "
        || scalar.properties.generalCategory == .control
      {
        result += scalar.escaped(asASCII: true)
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension String {
  func hasSameBytes(as other: String) -> Bool {
    utf8.count == other.utf8.count && utf8.elementsEqual(other.utf8)
  }
}

extension JSON {
  /// `text` as a JSON string: only what must be escaped is.
  package static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\u{8}": result += "\\b"
      case "\u{c}": result += "\\f"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case "\0"..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}

extension JSON {
  /// This object without the member at a path, such as `foo` or `rope_scaling.foo`; nil if it has none.
  ///
  /// A key may itself have full stops: the shortest that is there counts.
  func removing(_ path: String) -> JSON? {
    guard let text = written(without: path) else { return nil }
    return try? JSON(parsing: Array(text.utf8), file: "")
  }

  /// The text of this object without the member at a path; nil if it has none.
  private func written(without path: String) -> String? {
    guard case .object(let object) = self else { return nil }
    if object[path] != nil {
      return Self.written(object.members.filter { !$0.key.hasSameBytes(as: path) }) {
        $0.value.written
      }
    }
    for dot in path.indices where path[dot] == "." {
      let (key, rest) = (String(path[..<dot]), String(path[path.index(after: dot)...]))
      guard let inner = object[key]?.written(without: rest) else { continue }
      return Self.written(Array(object.members)) {
        $0.key.hasSameBytes(as: key) ? inner : $0.value.written
      }
    }
    return nil
  }

  /// The value as a text that is read as the same value.
  private var written: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .number(let number): number.literal
    case .string(let string): Self.quoted(string)
    case .array(let elements): "[" + elements.map(\.written).joined(separator: ",") + "]"
    case .object(let object): Self.written(Array(object.members)) { $0.value.written }
    }
  }

  private static func written(
    _ members: [Object.Member], value: (Object.Member) -> String
  ) -> String {
    "{" + members.map { "\(quoted($0.key)):\(value($0))" }.joined(separator: ",") + "}"
  }
}
