import SecantCheckpoints

// The methods of Python's strings, mappings and lists, as far as chat templates call them.

extension Renderer {
  func call(
    _ name: String, of receiver: Value, _ arguments: Arguments
  ) throws(InputError) -> Value {
    switch receiver {
    case .string(let text): return try call(name, of: text, arguments)
    case .markup: throw fail(.unsupported, "a string not marked as safe", found: name)
    case .mapping(let mapping): return try call(name, of: mapping, arguments)
    case .sequence(let list):
      let given = try arguments.bound(to: ["value"], of: name, self)
      guard ["count", "index"].contains(name), let value = given[0] else { break }
      var places: [Int] = []
      for (index, element) in list.elements.enumerated() where try isEqual(element, value) {
        places.append(index)
      }
      if name == "count" { return .int(places.count) }
      guard let first = places.first else {
        throw fail(.malformed, "a value of the list", found: value.typeName)
      }
      return .int(first)
    default: break
    }
    throw fail(.unsupported, "a method that is known", found: name)
  }

  private func call(
    _ name: String, of mapping: Mapping, _ arguments: Arguments
  ) throws(InputError) -> Value {
    switch name {
    case "get":
      let given = try arguments.bound(to: ["key", "default"], of: name, self)
      guard let key = given[0], key.isHashable else {
        throw fail(.malformed, "a key", found: given[0]?.typeName ?? "none")
      }
      try pay(steps: mapping.members.count)
      return mapping[key] ?? given[1] ?? .none
    case "items":
      _ = try arguments.bound(to: [], of: name, self)
      return try list(pairs(of: .mapping(mapping)), .view)
    case "keys":
      _ = try arguments.bound(to: [], of: name, self)
      return try list(mapping.members.map(\.key), .view)
    case "values":
      _ = try arguments.bound(to: [], of: name, self)
      return try list(mapping.members.map(\.value), .view)
    case "copy":
      _ = try arguments.bound(to: [], of: name, self)
      return .mapping(mapping)
    default: throw fail(.unsupported, "a method that is known", found: name)
    }
  }

  private func call(
    _ name: String, of text: String, _ arguments: Arguments
  ) throws(InputError) -> Value {
    try pay(reading: text.utf8.count)
    switch name {
    case "strip", "lstrip", "rstrip":
      let given = try arguments.bound(to: ["chars"], of: name, self)
      let ends: String.Ends =
        switch name {
        case "lstrip": .leading
        case "rstrip": .trailing
        default: [.leading, .trailing]
        }
      return try string(trimmed(text, ends, given[0]))
    case "startswith", "endswith":
      let given = try arguments.bound(to: ["prefix"], of: name, self)
      return .bool(try hasEnd(text, given[0], isStart: name == "startswith"))
    case "split": return try split(text, arguments)
    case "replace":
      let given = try arguments.bound(to: ["old", "new", "count"], of: name, self)
      guard let old = given[0]?.text, let new = given[1]?.text else {
        throw fail(.malformed, "the strings to replace", found: "other values")
      }
      return try replaced(text, old, new, given[2])
    case "removeprefix", "removesuffix":
      let given = try arguments.bound(to: ["part"], of: name, self)
      let isStart = name == "removeprefix"
      guard let part = given[0]?.text, try hasEnd(text, given[0], isStart: isStart) else {
        return .string(text)
      }
      let scalars = text.unicodeScalars
      let count = part.unicodeScalars.count
      return try string(String(isStart ? scalars.dropFirst(count) : scalars.dropLast(count)))
    case "find", "count":
      let given = try arguments.bound(to: ["part"], of: name, self)
      guard let part = given[0]?.text, !part.isEmpty else {
        throw fail(.unsupported, "a part to look for", found: "none")
      }
      if name == "count" { return .int(text.parts(separatedBy: part).count - 1) }
      let place = text.firstRange(of: part).map {
        text.unicodeScalars.distance(from: text.startIndex, to: $0.lowerBound)
      }
      return .int(place ?? -1)
    case "join":
      let given = try arguments.bound(to: ["elements"], of: name, self)
      return try join(given[0] ?? .undefined(reason: "there is nothing to join"), by: text)
    default: break
    }
    _ = try arguments.bound(to: [], of: name, self)
    switch name {
    case "lower": return try string(text.lowercased())
    case "upper": return try string(text.uppercased())
    case "capitalize": return try string(capitalized(text))
    case "isdigit":
      return .bool(
        !text.isEmpty
          && text.unicodeScalars.allSatisfy {
            $0.properties.numericType == .decimal || $0.properties.numericType == .digit
          })
    case "isspace":
      return .bool(!text.isEmpty && text.unicodeScalars.allSatisfy(\.isPythonWhitespace))
    case "splitlines":
      let lines = text.pythonLines
      return try list(lines.map { .string($0) })
    default: throw fail(.unsupported, "a method that is known", found: name)
    }
  }

  private func hasEnd(_ text: String, _ part: Value?, isStart: Bool) throws(InputError) -> Bool {
    func matches(_ part: String) -> Bool {
      isStart
        ? text.utf8.starts(with: part.utf8)
        : text.utf8.count >= part.utf8.count
          && text.utf8.suffix(part.utf8.count).elementsEqual(part.utf8)
    }
    if let part = part?.text { return matches(part) }
    guard case .sequence(let list)? = part, list.kind == .tuple else {
      throw fail(.malformed, "a string to begin or end with", found: part?.typeName ?? "none")
    }
    for element in list.elements {
      guard let part = element.text else {
        throw fail(.malformed, "a string to begin or end with", found: element.typeName)
      }
      try pay(steps: 1)
      if matches(part) { return true }
    }
    return false
  }

  private func split(_ text: String, _ arguments: Arguments) throws(InputError) -> Value {
    let given = try arguments.bound(to: ["sep", "maxsplit"], of: "split", self)
    let limit = given[1]?.integer ?? -1
    let maximum = limit < 0 ? Int.max : limit
    switch given[0] {
    case .none?, nil:
      guard maximum == .max else {
        throw fail(.unsupported, "a separator beside maxsplit", found: "none")
      }
      let words = text.unicodeScalars.split(whereSeparator: \.isPythonWhitespace)
      return try list(words.map { .string(String($0)) })
    case .string(let separator)?, .markup(let separator)?:
      guard !separator.isEmpty else {
        throw fail(.malformed, "a separator", found: "an empty string")
      }
      return try list(
        text.parts(separatedBy: separator, maximum: maximum).map { .string($0) })
    case let other?: throw fail(.malformed, "a separator", found: other.typeName)
    }
  }

  private func join(_ value: Value, by separator: String) throws(InputError) -> Value {
    var parts: [String] = []
    var length = 0
    for element in try elements(of: value) {
      guard let part = element.text else {
        throw fail(.malformed, "strings to join", found: element.typeName)
      }
      parts.append(part)
      let added = separator.utf8.count + part.utf8.count
      try pay(bytes: added, after: length)
      length += added
    }
    return .string(parts.joined(separator: separator))
  }
}
