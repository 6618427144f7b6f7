import SecantCheckpoints

// Expressions become values.

extension Renderer {
  /// The value of an expression.
  func evaluate(_ expression: Expression) throws(InputError) -> Value {
    try pay(steps: 1)
    try descend()
    defer { ascend() }
    line = expression.line
    switch expression.form {
    case .literal(let value): return value
    case .name(let name):
      return scope[name] ?? .undefined(reason: "\(name) is undefined")
    case .list(let elements, let kind): return try list(evaluate(elements), kind)
    case .mapping(let members): return try mapping(members, line: expression.line)
    case .attribute(let object, let name):
      let value = try evaluate(object)
      line = expression.line
      return try attribute(name, of: value)
    case .item(let object, let key):
      let value = try evaluate(object)
      let key = try evaluate(key)
      line = expression.line
      return try item(key, of: value)
    case .slice(let object, let start, let stop, let step):
      let value = try evaluate(object)
      let bounds = try [start, stop, step].map { bound throws(InputError) in
        try sliceBound(bound, line: expression.line)
      }
      line = expression.line
      return try slice(value, start: bounds[0], stop: bounds[1], step: bounds[2] ?? 1)
    case .call(let function, let arguments):
      let function = try evaluate(function)
      let arguments = try evaluate(arguments)
      line = expression.line
      return try call(function, arguments)
    case .filter(let value, let filter): return try apply(filter, to: evaluate(value))
    case .test(let value, let name, let arguments):
      let value = try evaluate(value)
      let arguments = try evaluate(arguments)
      line = expression.line
      return .bool(try test(value, name, arguments))
    case .negative(let value), .positive(let value):
      let value = try evaluate(value)
      line = expression.line
      if case .negative = expression.form { return try arithmetic(.subtract, .int(0), value) }
      return try arithmetic(.add, .int(0), value)
    case .not(let value): return .bool(try !evaluate(value).isTrue)
    case .and(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? try evaluate(right) : value
    case .or(let left, let right):
      let value = try evaluate(left)
      return value.isTrue ? value : try evaluate(right)
    case .arithmetic(let operation, let left, let right):
      let left = try evaluate(left)
      let right = try evaluate(right)
      line = expression.line
      return try arithmetic(operation, left, right)
    case .concatenation(let parts):
      var text = ""
      for part in parts {
        text += try self.text(of: evaluate(part))
        // The budget is charged as the text grows, so that no single text can exceed it.
        try pay(reading: text.utf8.count)
      }
      return try string(text)
    case .comparison(let first, let rest):
      return try .bool(compare(first, rest, line: expression.line))
    case .conditional(let condition, let value, let otherwise):
      if try evaluate(condition).isTrue { return try evaluate(value) }
      guard let otherwise else {
        return .undefined(reason: "the condition was false, and there is no else")
      }
      return try evaluate(otherwise)
    }
  }

  func evaluate(_ expressions: [Expression]) throws(InputError) -> [Value] {
    var values: [Value] = []
    for expression in expressions { values.append(try evaluate(expression)) }
    return values
  }

  func evaluate(_ arguments: Expression.Arguments) throws(InputError) -> Arguments {
    var result = Arguments(positional: try evaluate(arguments.positional))
    for (name, value) in arguments.named {
      guard !result.named.contains(where: { $0.name == name }) else {
        throw fail(.malformed, "every argument once", found: "\(name) twice")
      }
      result.named.append((name, try evaluate(value)))
    }
    return result
  }

  func apply(_ filter: Expression.FilterCall, to value: Value) throws(InputError) -> Value {
    let arguments = try evaluate(filter.arguments)
    line = filter.line
    return try self.filter(value, filter.name, arguments)
  }

  private func mapping(
    _ members: [(key: Expression, value: Expression)], line: Int
  ) throws(InputError) -> Value {
    try pay(elements: members.count)
    var mapping = Mapping()
    for member in members {
      let key = try evaluate(member.key)
      let value = try evaluate(member.value)
      self.line = line
      guard key.isHashable else { throw fail(.malformed, "a key", found: key.typeName) }
      try pay(steps: mapping.members.count)
      mapping.set(key, value)
    }
    return try checked(.mapping(mapping))
  }

  private func sliceBound(_ bound: Expression?, line: Int) throws(InputError) -> Int? {
    guard let bound else { return nil }
    let value = try evaluate(bound)
    if case .none = value { return nil }
    self.line = line
    guard let number = value.integer else {
      throw fail(.malformed, "an integer as a slice's bound", found: value.typeName)
    }
    return number
  }

  private func compare(
    _ first: Expression, _ rest: [(Expression.Comparison, Expression)], line: Int
  ) throws(InputError) -> Bool {
    var left = try evaluate(first)
    for (comparison, operand) in rest {
      let right = try evaluate(operand)
      self.line = line
      guard try holds(left, comparison, right) else { return false }
      left = right
    }
    return true
  }

  /// Calls the function of a name or an attribute.
  private func call(_ function: Value, _ arguments: Arguments) throws(InputError) -> Value {
    switch function {
    case .macro(let index): return try call(index, arguments)
    case .function(let function): return try call(function, arguments)
    case .method(let receiver, let name): return try call(name, of: receiver, arguments)
    case .undefined(let reason): throw fail(.malformed, "a function", found: "none: \(reason)")
    default: throw fail(.malformed, "a function", found: function.typeName)
    }
  }
}

/// The evaluated arguments of a function, a macro or a filter.
struct Arguments {
  var positional: [Value] = []
  var named: [(name: String, value: Value)] = []

  /// The values in the order of the parameters' names; nil if one was not given.
  func bound(
    to names: [String], of function: String, _ renderer: Renderer
  ) throws(InputError) -> [Value?] {
    guard positional.count <= names.count else {
      throw renderer.fail(
        .malformed, "at most \(names.count) arguments of \(function)",
        found: "\(positional.count)")
    }
    var values = positional.map(Optional.some)
    values += [Value?](repeating: nil, count: names.count - positional.count)
    for (name, value) in named {
      guard let index = names.firstIndex(of: name) else {
        throw renderer.fail(
          .unsupported, "arguments of \(function) that are known", found: name)
      }
      guard values[index] == nil else {
        throw renderer.fail(.malformed, "every argument once", found: "\(name) twice")
      }
      values[index] = value
    }
    return values
  }
}
