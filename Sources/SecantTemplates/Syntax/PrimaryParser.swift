import SecantCheckpoints

// What binds closest: literals, names and brackets, and the attributes, items, calls, filters and tests that follow.

extension ExpressionParser {
  mutating func primary() throws(InputError) -> Expression {
    let start = line
    func literal(_ value: Value) -> Expression { Expression(line: start, form: .literal(value)) }
    switch token {
    case .name(let name):
      position += 1
      switch name {
      case "true", "True": return literal(.bool(true))
      case "false", "False": return literal(.bool(false))
      case "none", "None": return literal(.none)
      default: return Expression(line: start, form: .name(name))
      }
    case .string(var text):
      position += 1
      while case .string(let more) = token {
        text += more
        position += 1
      }
      return literal(.string(text))
    case .integer(let number):
      position += 1
      return literal(.int(number))
    case .float(let number):
      position += 1
      return literal(.float(number))
    case .symbol("("):
      position += 1
      if skip(")") { return Expression(line: start, form: .list([], .tuple)) }
      let value = try tuple()
      guard skip(")") else { throw unexpected(")") }
      return value
    case .symbol("["):
      position += 1
      let elements = try self.elements(until: "]")
      return Expression(line: start, form: .list(elements, .list))
    case .symbol("{"):
      position += 1
      return try mapping(line: start)
    default: throw unexpected("an expression")
    }
  }

  private mutating func elements(until end: String) throws(InputError) -> [Expression] {
    var elements: [Expression] = []
    while !skip(end) {
      if !elements.isEmpty {
        guard skip(",") else { throw unexpected(", or \(end)") }
        if skip(end) { break }
      }
      elements.append(try expression())
    }
    return elements
  }

  private mutating func mapping(line: Int) throws(InputError) -> Expression {
    var members: [(key: Expression, value: Expression)] = []
    while !skip("}") {
      if !members.isEmpty {
        guard skip(",") else { throw unexpected(", or }") }
        if skip("}") { break }
      }
      let key = try expression()
      guard skip(":") else { throw unexpected(":") }
      members.append((key, try expression()))
    }
    return Expression(line: line, form: .mapping(members))
  }

  /// Attributes, items and calls that follow a value; `links` counts them.
  mutating func postfix(
    _ value: Expression, _ links: inout Int
  ) throws(InputError) -> Expression {
    var value = value
    while case .symbol(let symbol) = token {
      let start = line
      switch symbol {
      case ".":
        position += 1
        if case .integer(let index) = token {
          position += 1
          let index = Expression(line: start, form: .literal(.int(index)))
          value = Expression(line: start, form: .item(value, index))
        } else {
          value = Expression(line: start, form: .attribute(value, try anyName()))
        }
      case "[":
        position += 1
        value = try item(of: value, line: start)
      case "(":
        value = Expression(line: start, form: .call(value, try arguments()))
      default: return value
      }
      try deepen(&links)
    }
    return value
  }

  private mutating func item(of value: Expression, line start: Int) throws(InputError) -> Expression
  {
    func endsPart(_ token: Token) -> Bool {
      switch token {
      case .symbol(":"), .symbol("]"): true
      default: false
      }
    }
    let first = endsPart(token) ? nil : try expression()
    guard skip(":") else {
      guard let first, skip("]") else { throw unexpected("]") }
      return Expression(line: start, form: .item(value, first))
    }
    let stop = endsPart(token) ? nil : try expression()
    var step: Expression?
    if skip(":"), !endsPart(token) { step = try expression() }
    guard skip("]") else { throw unexpected("]") }
    return Expression(line: start, form: .slice(value, start: first, stop: stop, step: step))
  }

  private mutating func arguments() throws(InputError) -> Expression.Arguments {
    var arguments = Expression.Arguments()
    guard skip("(") else { return arguments }
    var isFirst = true
    while !skip(")") {
      if !isFirst {
        guard skip(",") else { throw unexpected(", or )") }
        if skip(")") { break }
      }
      isFirst = false
      if case .symbol("*") = token { throw unsupported("separate arguments", found: "*") }
      if case .symbol("**") = token { throw unsupported("separate arguments", found: "**") }
      if case .name(let name) = token, case .symbol("=") = nextToken {
        position += 2
        arguments.named.append((name, try expression()))
      } else {
        guard arguments.named.isEmpty else { throw unexpected("an argument with a name") }
        arguments.positional.append(try expression())
      }
    }
    return arguments
  }

  /// Filters and tests that follow a value; `links` counts them.
  mutating func filtersAndTests(
    _ value: Expression, _ links: inout Int
  ) throws(InputError) -> Expression {
    var value = value
    while true {
      let start = line
      if case .symbol("|") = token {
        for filter in try filterCalls(first: false) {
          try deepen(&links)
          value = Expression(line: filter.line, form: .filter(value, filter))
        }
      } else if skip(name: "is") {
        let isNegated = skip(name: "not")
        let name = try anyName()
        value = Expression(line: start, form: .test(value, name, try testArguments()))
        if isNegated { value = Expression(line: start, form: .not(value)) }
      } else if case .symbol("(") = token {
        value = Expression(line: start, form: .call(value, try arguments()))
      } else {
        return value
      }
      try deepen(&links)
    }
  }

  /// Filters, each after a `|`, the first one's left out where `first` says so.
  mutating func filterCalls(first: Bool) throws(InputError) -> [Expression.FilterCall] {
    var calls: [Expression.FilterCall] = []
    var isFirst = first
    while isFirst || skip("|") {
      isFirst = false
      let start = line
      let name = try anyName()
      calls.append(.init(name: name, arguments: try arguments(), line: start))
    }
    return calls
  }

  /// The arguments of a test: in brackets, or one value without brackets.
  private mutating func testArguments() throws(InputError) -> [Expression] {
    switch token {
    case .symbol("("):
      let arguments = try arguments()
      guard arguments.named.isEmpty else {
        throw unsupported("a test's arguments without names", found: "names")
      }
      return arguments.positional
    case .symbol("["), .symbol("{"), .string, .integer, .float: break
    case .name(let name):
      if ["else", "or", "and", "is", "in", "not", "if"].contains(name) { return [] }
    default: return []
    }
    var links = 0
    let argument = try postfix(try primary(), &links)
    depth -= links
    return [argument]
  }
}
