import SecantCheckpoints

// Jinja's filters (after `|`), as far as chat templates use them.

extension Renderer {
  /// The value of `value | name(arguments)`.
  func filter(
    _ value: Value, _ name: String, _ arguments: Arguments
  ) throws(InputError) -> Value {
    try pay(steps: 1)
    switch name {
    case "trim", "lower", "upper", "capitalize", "string", "safe", "replace", "indent", "tojson":
      return try textFilter(value, name, arguments)
    case "length", "count", "first", "last", "join", "list", "reverse", "sort", "unique",
      "dictsort",
      "items":
      return try listFilter(value, name, arguments)
    case "map", "select", "reject", "selectattr", "rejectattr":
      return try choice(value, name, arguments)
    case "default", "d":
      let given = try arguments.bound(to: ["default_value", "boolean"], of: name, self)
      let isReplaced = value.isUndefined || (given[1]?.isTrue == true && !value.isTrue)
      return isReplaced ? given[0] ?? .string("") : value
    case "int": return try integer(value, arguments)
    case "float":
      let given = try arguments.bound(to: ["default"], of: name, self)
      if let text = value.text {
        return Self.number(text).map(Value.float) ?? given[0] ?? .float(0)
      }
      return value.number.map(Value.float) ?? given[0] ?? .float(0)
    case "abs":
      if let number = value.integer {
        guard number != .min else { throw fail(.unsupported, "a smaller integer", found: name) }
        return .int(Swift.abs(number))
      }
      guard let number = value.number else {
        throw fail(.malformed, "a number to filter by abs", found: value.typeName)
      }
      return .float(Swift.abs(number))
    default: throw fail(.unsupported, "a filter that is known", found: name)
    }
  }

  // MARK: - Texts

  private func textFilter(
    _ value: Value, _ name: String, _ arguments: Arguments
  ) throws(InputError) -> Value {
    if name == "tojson" { return try json(value, arguments) }
    if case .markup = value, name != "safe", name != "string" {
      throw fail(.unsupported, "a string not marked as safe", found: "it before \(name)")
    }
    if case .string = value, name == "string" { return value }
    let text = try text(of: value)
    try pay(reading: text.utf8.count)
    switch name {
    case "safe": return .markup(text)
    case "trim":
      let given = try arguments.bound(to: ["chars"], of: name, self)
      return try string(trimmed(text, [.leading, .trailing], given[0]))
    case "replace":
      let given = try arguments.bound(to: ["old", "new", "count"], of: name, self)
      guard let old = given[0], let new = given[1] else {
        throw fail(.malformed, "what replaces what", found: "fewer arguments")
      }
      return try replaced(text, self.text(of: old), self.text(of: new), given[2])
    case "indent":
      let given = try arguments.bound(to: ["width", "first", "blank"], of: name, self)
      return try indented(
        text, by: given[0] ?? .int(4), first: given[1]?.isTrue ?? false,
        blank: given[2]?.isTrue ?? false)
    default: break
    }
    _ = try arguments.bound(to: [], of: name, self)
    switch name {
    case "lower": return try string(text.lowercased())
    case "upper": return try string(text.uppercased())
    case "capitalize": return try string(capitalized(text))
    default: return try string(text)
    }
  }

  func capitalized(_ text: String) -> String {
    guard let first = text.unicodeScalars.first else { return "" }
    return first.properties.titlecaseMapping + String(text.unicodeScalars.dropFirst()).lowercased()
  }

  /// A text without the scalars of another at its ends, or by default without whitespace.
  func trimmed(
    _ text: String, _ ends: String.Ends, _ scalars: Value?
  ) throws(InputError) -> String {
    switch scalars {
    case .none?, nil: return text.trimmed(ends, \.isPythonWhitespace)
    case .string(let chosen)?, .markup(let chosen)?:
      let chosen = Set(chosen.unicodeScalars)
      return text.trimmed(ends) { chosen.contains($0) }
    case let other?: throw fail(.malformed, "a string of what is trimmed", found: other.typeName)
    }
  }

  /// A text in which a part is replaced, everywhere or a number of times.
  func replaced(
    _ text: String, _ old: String, _ new: String, _ count: Value?
  ) throws(InputError) -> Value {
    var maximum = Int.max
    if let count {
      if case .none = count {
      } else {
        guard let number = count.integer else {
          throw fail(.malformed, "how many times to replace", found: count.typeName)
        }
        maximum = number < 0 ? .max : number
      }
    }
    guard !old.isEmpty else {
      throw fail(.unsupported, "a part that is replaced", found: "an empty one")
    }
    try pay(reading: text.utf8.count)
    let parts = text.parts(separatedBy: old, maximum: maximum)
    // Paid before it is made: the new part may be long.
    let (added, overflow) = new.utf8.count.multipliedReportingOverflow(by: parts.count)
    try pay(elements: parts.count)
    try pay(bytes: overflow ? .max : added)
    return try string(parts.joined(separator: new))
  }

  private func indented(
    _ text: String, by width: Value, first: Bool, blank: Bool
  ) throws(InputError) -> Value {
    guard let indentation = width.text ?? width.integer.map({ spaces($0) }) else {
      throw fail(.malformed, "a width to indent by", found: width.typeName)
    }
    var lines = (text + "\n").pythonLines
    let (added, overflow) = indentation.utf8.count.multipliedReportingOverflow(by: lines.count + 1)
    try pay(elements: lines.count)
    try pay(bytes: overflow ? .max : added)
    for index in lines.indices.dropFirst() where blank || !lines[index].isEmpty {
      lines[index] = indentation + lines[index]
    }
    return try string((first ? indentation : "") + lines.joined(separator: "\n"))
  }

  /// More than a line of 4,096 is no indentation.
  private func spaces(_ count: Int) -> String {
    String(repeating: " ", count: min(max(0, count), 4096))
  }

  private func json(_ value: Value, _ arguments: Arguments) throws(InputError) -> Value {
    let given = try arguments.bound(
      to: ["ensure_ascii", "indent", "separators", "sort_keys"], of: "tojson", self)
    var json = JSONText()
    json.escapesUnicode = given[0]?.isTrue ?? false
    json.sortsKeys = given[3]?.isTrue ?? false
    switch given[1] {
    case .none?, nil: break
    case let width?:
      guard let indentation = width.text ?? width.integer.map({ spaces($0) }) else {
        throw fail(.malformed, "a width to indent by", found: width.typeName)
      }
      json.indentation = indentation
      json.itemSeparator = ","
    }
    switch given[2] {
    case .none?, nil: break
    case .sequence(let list)?:
      guard list.elements.count == 2, let item = list.elements[0].text,
        let key = list.elements[1].text
      else { throw fail(.malformed, "two separators", found: "others") }
      (json.itemSeparator, json.keySeparator) = (item, key)
    case let other?: throw fail(.malformed, "two separators", found: other.typeName)
    }
    return try string(json.text(of: value, self))
  }

  // MARK: - Numbers

  private func integer(_ value: Value, _ arguments: Arguments) throws(InputError) -> Value {
    let given = try arguments.bound(to: ["default"], of: "int", self)
    if case .undefined(let reason) = value {
      throw fail(.malformed, "a value to make an integer of", found: reason)
    }
    let standard = given[0] ?? .int(0)
    if let number = value.integer { return .int(number) }
    if let text = value.text {
      let digits = text.trimmed([.leading, .trailing], \.isPythonWhitespace)
      if let number = Int(digits) { return .int(number) }
    }
    guard let number = value.number ?? value.text.flatMap(Self.number), number.isFinite else {
      return standard
    }
    guard let whole = Int(exactly: number.rounded(.towardZero)) else {
      throw fail(.unsupported, "integers of 64 bits", found: "a larger one")
    }
    return .int(whole)
  }

  /// The number that a text spells in decimal digits.
  private static func number(_ text: String) -> Double? {
    Double(text.trimmed([.leading, .trailing], \.isPythonWhitespace))
  }
}
