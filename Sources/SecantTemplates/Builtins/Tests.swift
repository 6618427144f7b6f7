import SecantCheckpoints

// Jinja's tests (after `is`).

extension Renderer {
  /// Whether `value is name(arguments)`.
  func test(_ value: Value, _ name: String, _ arguments: [Value]) throws(InputError) -> Bool {
    if let comparison = Self.comparisons[name] {
      guard arguments.count == 1 else {
        throw fail(.malformed, "one value beside \(name)", found: "\(arguments.count)")
      }
      return try holds(value, comparison, arguments[0])
    }
    if name == "divisibleby" {
      guard arguments.count == 1, let number = value.integer, let divisor = arguments[0].integer,
        divisor != 0
      else { throw fail(.malformed, "an integer and a divisor", found: value.typeName) }
      return divisor == -1 || number % divisor == 0
    }
    guard arguments.isEmpty else {
      throw fail(.malformed, "no value beside \(name)", found: "\(arguments.count)")
    }
    switch name {
    case "defined": return !value.isUndefined
    case "undefined": return value.isUndefined
    case "odd", "even":
      guard let number = value.integer else {
        throw fail(.malformed, "an integer", found: value.typeName)
      }
      return number.isMultiple(of: 2) == (name == "even")
    default: return try hasType(value, name)
    }
  }

  private static let comparisons: [String: Expression.Comparison] = [
    "==": .equal, "eq": .equal, "equalto": .equal, "!=": .notEqual, "ne": .notEqual,
    "<": .less, "lt": .less, "lessthan": .less, "<=": .lessOrEqual, "le": .lessOrEqual,
    ">": .greater, "gt": .greater, "greaterthan": .greater, ">=": .greaterOrEqual,
    "ge": .greaterOrEqual, "in": .contained,
  ]

  private func hasType(_ value: Value, _ name: String) throws(InputError) -> Bool {
    switch (name, value) {
    case ("none", .none): true
    case ("boolean", .bool): true
    case ("true", .bool(let bool)): bool
    case ("false", .bool(let bool)): !bool
    case ("integer", .int): true
    case ("float", .float): true
    case ("number", .int), ("number", .float), ("number", .bool): true
    case ("string", .string), ("string", .markup): true
    case ("mapping", .mapping): true
    case ("sequence", .sequence(let list)): list.kind != .view
    case ("sequence", .string), ("sequence", .markup), ("sequence", .mapping),
      ("sequence", .undefined):
      true
    case ("iterable", .string), ("iterable", .markup), ("iterable", .mapping),
      ("iterable", .sequence), ("iterable", .iterator), ("iterable", .undefined),
      ("iterable", .loop):
      true
    case ("callable", .macro), ("callable", .function), ("callable", .method),
      ("callable", .undefined):
      true
    case ("none", _), ("boolean", _), ("true", _), ("false", _), ("integer", _), ("float", _),
      ("number", _), ("string", _), ("mapping", _), ("sequence", _), ("iterable", _),
      ("callable", _):
      false
    default: throw fail(.unsupported, "a test that is known", found: name)
    }
  }
}
