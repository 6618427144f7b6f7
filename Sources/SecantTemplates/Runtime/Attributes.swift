import SecantCheckpoints

// What `value.name`, `value[key]` and `value[from:to]` are, as in Jinja's immutable sandbox.

extension Renderer {
  /// The value of `object.name`: a type's own methods come before the keys of a mapping.
  func attribute(_ name: String, of object: Value) throws(InputError) -> Value {
    if let own = try ownAttribute(name, of: object) { return own }
    if case .mapping(let mapping) = object {
      try pay(steps: mapping.members.count)
      if let value = mapping[name] { return value }
    }
    return .undefined(reason: "\(object.typeName) has no attribute \(name)")
  }

  /// The value of `object[key]`: the keys of a mapping come before a type's own methods.
  func item(_ key: Value, of object: Value) throws(InputError) -> Value {
    switch object {
    case .mapping(let mapping):
      try pay(steps: mapping.members.count)
      if let value = mapping[key] { return value }
    case .sequence(let list) where list.kind != .view:
      if let index = key.integer, let position = position(index, in: list.elements.count) {
        return list.elements[position]
      }
    case .string(let text), .markup(let text):
      if let index = key.integer {
        try pay(reading: text.utf8.count)
        let scalars = text.unicodeScalars
        if let position = position(index, in: scalars.count) {
          return .string(String(scalars[scalars.index(scalars.startIndex, offsetBy: position)]))
        }
      }
    default: break
    }
    if let name = key.text, let own = try ownAttribute(name, of: object) { return own }
    if case .undefined(let reason) = object {
      throw fail(.malformed, "a value with items", found: reason)
    }
    let name = key.text ?? key.integer.map(String.init) ?? key.typeName
    return .undefined(reason: "\(object.typeName) has no item \(name)")
  }

  private func position(_ index: Int, in count: Int) -> Int? {
    let position = index < 0 ? index + count : index
    return (0..<count).contains(position) ? position : nil
  }

  /// A member that a value has by its type, such as a method; nil if there is none.
  private func ownAttribute(_ name: String, of object: Value) throws(InputError) -> Value? {
    switch object {
    case .undefined(let reason):
      throw fail(.malformed, "a value with attributes", found: reason)
    case _ where name.hasPrefix("__"):
      if case .mapping = object { return nil }
      return .undefined(reason: "the sandbox has no \(name)")
    case .mapping:
      if Self.changingMappingMethods.contains(name) { return unsafe(name, object) }
      return Self.mappingMethods.contains(name) ? .method(of: object, name: name) : nil
    case .sequence(let list) where list.kind == .list:
      if Self.changingListMethods.contains(name) { return unsafe(name, object) }
      return Self.listMethods.contains(name) ? .method(of: object, name: name) : nil
    case .sequence(let list) where list.kind == .tuple:
      return ["count", "index"].contains(name) ? .method(of: object, name: name) : nil
    case .string, .markup:
      return Self.stringMethods.contains(name) ? .method(of: object, name: name) : nil
    case .namespace(let index):
      try pay(steps: namespaces[index].members.count)
      return namespaces[index][name]
    case .loop(let loop):
      if let value = loop[name] { return value }
      guard ["cycle", "changed"].contains(name) else { return nil }
      throw fail(.unsupported, "an attribute of the loop that is known", found: name)
    case .macro(let index):
      return name == "name" ? .string(macros[index].definition.name) : nil
    default: return nil
    }
  }

  /// The methods that would change a list or a mapping; the sandbox withholds them.
  private func unsafe(_ name: String, _ object: Value) -> Value {
    .undefined(reason: "\(name) would change \(object.typeName), which templates may not")
  }

  private static let changingMappingMethods: Set = [
    "clear", "pop", "popitem", "setdefault", "update",
  ]
  private static let mappingMethods: Set = ["copy", "fromkeys", "get", "items", "keys", "values"]
  private static let changingListMethods: Set = [
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
  ]
  private static let listMethods: Set = ["copy", "count", "index"]
  /// All members of a Python string: such a name does not mean a mapping's key.
  private static let stringMethods: Set = [
    "capitalize", "casefold", "center", "count", "encode", "endswith", "expandtabs", "find",
    "format", "format_map", "index", "isalnum", "isalpha", "isascii", "isdecimal", "isdigit",
    "isidentifier", "islower", "isnumeric", "isprintable", "isspace", "istitle", "isupper",
    "join", "ljust", "lower", "lstrip", "maketrans", "partition", "removeprefix",
    "removesuffix", "replace", "rfind", "rindex", "rjust", "rpartition", "rsplit", "rstrip",
    "split", "splitlines", "startswith", "strip", "swapcase", "title", "translate", "upper",
    "zfill",
  ]

  /// The part of a list or text between two places; a negative step goes backwards.
  func slice(_ object: Value, start: Int?, stop: Int?, step: Int) throws(InputError) -> Value {
    guard step != 0 else { throw fail(.malformed, "a step other than 0", found: "0") }
    switch object {
    case .sequence(let list) where list.kind != .view:
      let places = try places(start, stop, step, count: list.elements.count)
      return try self.list(places.map { list.elements[$0] }, list.kind)
    case .string(let text), .markup(let text):
      try pay(bytes: text.utf8.count * 4)
      let scalars = Array(text.unicodeScalars)
      var result = String.UnicodeScalarView()
      result.append(
        contentsOf: try places(start, stop, step, count: scalars.count).map { scalars[$0] })
      return .string(String(result))
    case .undefined(let reason): throw fail(.malformed, "a list or a string", found: reason)
    default: throw fail(.malformed, "a list or a string", found: object.typeName)
    }
  }

  /// The places that a slice takes, as Python counts them.
  private func places(
    _ start: Int?, _ stop: Int?, _ step: Int, count: Int
  ) throws(InputError) -> [Int] {
    func clamped(_ bound: Int, _ range: ClosedRange<Int>) -> Int {
      let place = bound < 0 ? max(bound, -count - 1) + count : bound
      return min(max(place, range.lowerBound), range.upperBound)
    }
    // A step beyond the length takes one element, as does the length itself.
    let stride = min(max(step, -count - 1), count + 1)
    let places =
      step > 0
      ? Array(
        Swift.stride(
          from: start.map { clamped($0, 0...count) } ?? 0,
          to: stop.map { clamped($0, 0...count) } ?? count, by: stride))
      : Array(
        Swift.stride(
          from: start.map { clamped($0, -1...(count - 1)) } ?? count - 1,
          to: stop.map { clamped($0, -1...(count - 1)) } ?? -1, by: stride))
    try pay(elements: places.count)
    return places
  }
}
