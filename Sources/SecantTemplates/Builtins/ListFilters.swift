import SecantCheckpoints

// The filters of lists and mappings.

extension Renderer {
  func listFilter(
    _ value: Value, _ name: String, _ arguments: Arguments
  ) throws(InputError) -> Value {
    switch name {
    case "length", "count":
      _ = try arguments.bound(to: [], of: name, self)
      return .int(try length(of: value))
    case "join": return try joined(value, arguments)
    case "sort", "unique", "dictsort": return try ordered(value, name, arguments)
    default: break
    }
    _ = try arguments.bound(to: [], of: name, self)
    switch name {
    case "items":
      if value.isUndefined { return try iterator([]) }
      return try iterator(pairs(of: value))
    case "list": return try list(elements(of: value))
    case "reverse":
      if let text = value.text {
        return try string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
      }
      return try iterator(elements(of: value).reversed())
    case "first":
      return try elements(of: value).first ?? .undefined(reason: "there is no first element")
    default:
      if case .iterator = value { throw fail(.malformed, "a list", found: value.typeName) }
      return try elements(of: value).last ?? .undefined(reason: "there is no last element")
    }
  }

  private func length(of value: Value) throws(InputError) -> Int {
    switch value {
    case .undefined: return 0
    case .sequence(let list): return list.elements.count
    case .mapping(let mapping): return mapping.members.count
    case .string(let text), .markup(let text):
      try pay(reading: text.utf8.count)
      return text.unicodeScalars.count
    case .loop(let loop): return loop.elements.count
    default: throw fail(.malformed, "a value with a length", found: value.typeName)
    }
  }

  /// A mapping's keys with their values, as tuples.
  func pairs(of value: Value) throws(InputError) -> [Value] {
    guard case .mapping(let mapping) = value else {
      throw fail(.malformed, "a mapping", found: value.typeName)
    }
    try pay(elements: 3 * mapping.members.count)
    return mapping.members.map { .sequence(ElementList([$0.key, $0.value], kind: .tuple)) }
  }

  private func joined(_ value: Value, _ arguments: Arguments) throws(InputError) -> Value {
    let given = try arguments.bound(to: ["d", "attribute"], of: "join", self)
    let separator = try given[0].map { value throws(InputError) in try text(of: value) } ?? ""
    var parts: [String] = []
    var length = 0
    for element in try elements(of: value) {
      let part = try given[1].map { path throws(InputError) in try self.part(path, of: element) }
      let text = try text(of: part ?? element)
      parts.append(text)
      let added = separator.utf8.count + text.utf8.count
      try pay(bytes: added, after: length)
      length += added
    }
    return try string(parts.joined(separator: separator))
  }

  /// The value at a path such as `function.name` of an element, as `map(attribute=…)` takes it.
  ///
  /// If a part of the path is missing, the result is the default value.
  private func part(
    _ path: Value, of element: Value, standard: Value? = nil
  ) throws(InputError) -> Value {
    guard let path = path.text else {
      guard path.integer != nil else {
        throw fail(.malformed, "an attribute's name", found: path.typeName)
      }
      return try item(path, of: element)
    }
    var value = element
    for name in path.parts(separatedBy: ".") {
      let isIndex = !name.isEmpty && name.utf8.allSatisfy { (0x30...0x39).contains($0) }
      try pay(steps: 1)
      value = try item(isIndex ? .int(Int(name) ?? .max) : .string(name), of: value)
      if value.isUndefined, let standard { value = standard }
    }
    return value
  }

  // MARK: - Order

  private func ordered(
    _ value: Value, _ name: String, _ arguments: Arguments
  ) throws(InputError) -> Value {
    let names =
      switch name {
      case "sort": ["reverse", "case_sensitive", "attribute"]
      case "unique": ["case_sensitive", "attribute"]
      default: ["case_sensitive", "by", "reverse"]
      }
    let given = try arguments.bound(to: names, of: name, self)
    func argument(_ name: String) -> Value? { names.firstIndex(of: name).flatMap { given[$0] } }
    let isExact = argument("case_sensitive")?.isTrue ?? false
    let elements = try name == "dictsort" ? pairs(of: value) : elements(of: value)
    var keyed: [(key: Value, element: Value)] = []
    for element in elements {
      var key = element
      if name == "dictsort" {
        key = try item(.int(argument("by")?.text == "value" ? 1 : 0), of: element)
      } else if let path = argument("attribute") {
        key = try part(path, of: element)
      }
      if !isExact, let text = key.text { key = try string(text.lowercased()) }
      keyed.append((key, element))
    }
    if name == "unique" { return try unique(keyed) }
    let sorted = try merged(keyed, isReversed: argument("reverse")?.isTrue ?? false)
    return try list(sorted.map(\.element))
  }

  private func unique(_ keyed: [(key: Value, element: Value)]) throws(InputError) -> Value {
    var kept: [(key: Value, element: Value)] = []
    for candidate in keyed {
      guard candidate.key.isHashable else {
        throw fail(.malformed, "values that can be keys", found: candidate.key.typeName)
      }
      var isNew = true
      for other in kept where try isEqual(candidate.key, other.key) { isNew = false }
      if isNew { kept.append(candidate) }
    }
    return try iterator(kept.map(\.element))
  }

  /// Merge sort: stable, and free to fail where two values have no order.
  private func merged(
    _ elements: [(key: Value, element: Value)], isReversed: Bool
  ) throws(InputError) -> [(key: Value, element: Value)] {
    guard elements.count > 1 else { return elements }
    let middle = elements.count / 2
    let left = try merged(Array(elements[..<middle]), isReversed: isReversed)
    let right = try merged(Array(elements[middle...]), isReversed: isReversed)
    var result: [(key: Value, element: Value)] = []
    var (i, j) = (0, 0)
    while i < left.count, j < right.count {
      // The right one goes first only where it must, so that equal ones keep their order.
      let goesFirst =
        try isReversed
        ? precedes(left[i].key, right[j].key) : precedes(right[j].key, left[i].key)
      if goesFirst {
        result.append(right[j])
        j += 1
      } else {
        result.append(left[i])
        i += 1
      }
    }
    return result + left[i...] + right[j...]
  }

  // MARK: - Choices

  /// `map`, and the filters that select or reject elements by a test.
  func choice(
    _ value: Value, _ name: String, _ arguments: Arguments
  ) throws(InputError) -> Value {
    // A false value, such as none, has no elements.
    let elements = try value.isTrue ? elements(of: value) : []
    if name == "map" { return try mapped(elements, arguments) }
    guard arguments.named.isEmpty else {
      throw fail(.unsupported, "arguments of \(name) without names", found: "names")
    }
    var rest = arguments.positional[...]
    var path: Value?
    if name.hasSuffix("attr") {
      guard let first = rest.popFirst() else {
        throw fail(.malformed, "an attribute's name", found: "no argument of \(name)")
      }
      path = first
    }
    let test = rest.popFirst()
    guard test == nil || test?.text != nil else {
      throw fail(.malformed, "a test's name", found: test?.typeName ?? "none")
    }
    let isKept = name.hasPrefix("select")
    var chosen: [Value] = []
    for element in elements {
      let subject = try path.map { path throws(InputError) in try part(path, of: element) }
      let holds =
        try test?.text.map { test throws(InputError) in
          try self.test(subject ?? element, test, Array(rest))
        } ?? (subject ?? element).isTrue
      if holds == isKept { chosen.append(element) }
    }
    return try iterator(chosen)
  }

  private func mapped(_ elements: [Value], _ arguments: Arguments) throws(InputError) -> Value {
    var results: [Value] = []
    if arguments.positional.isEmpty {
      let given = try arguments.bound(to: ["attribute", "default"], of: "map", self)
      guard let path = given[0] else {
        throw fail(.malformed, "an attribute or a filter", found: "no argument of map")
      }
      for element in elements {
        results.append(try part(path, of: element, standard: given[1]))
      }
      return try iterator(results)
    }
    var rest = arguments
    guard let name = rest.positional.removeFirst().text else {
      throw fail(.malformed, "a filter's name", found: "another value")
    }
    try descend()
    defer { ascend() }
    for element in elements { results.append(try filter(element, name, rest)) }
    return try iterator(results)
  }
}
