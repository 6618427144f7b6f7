import SecantCheckpoints

/// Reads expressions, in Jinja's order of precedence: conditional, or, and, not, comparisons, `+ -`, `~`,
/// `* / // %`, `**`, signs; attributes, calls, filters and tests bind closest.
struct ExpressionParser {
  private let tokens: [(token: Token, line: Int)]
  private let file: String
  private var position = 0
  private var depth = 0

  /// How deep expressions and statements may nest, all together: real templates stay below 30.
  private static let maximumDepth = 100

  init(_ tokens: [(token: Token, line: Int)], file: String) {
    self.tokens = tokens
    self.file = file
  }

  var token: Token { tokens[min(position, tokens.count - 1)].token }
  var nextToken: Token { tokens[min(position + 1, tokens.count - 1)].token }
  var line: Int { tokens[min(position, tokens.count - 1)].line }

  mutating func advance() { position += 1 }

  /// Skips a symbol; false where another token stands.
  mutating func skip(_ symbol: String) -> Bool {
    guard case .symbol(symbol) = token else { return false }
    position += 1
    return true
  }

  /// Skips a word; false where another token stands.
  mutating func skip(name: String) -> Bool {
    guard case .name(name) = token else { return false }
    position += 1
    return true
  }

  mutating func descend() throws(InputError) {
    depth += 1
    guard depth <= Self.maximumDepth else {
      throw unsupported("at most \(Self.maximumDepth) levels of nesting", found: "more")
    }
  }

  mutating func ascend() { depth -= 1 }

  func unexpected(_ expected: String) -> InputError {
    malformed(expected, found: token.description)
  }

  func malformed(_ expected: String, found: String) -> InputError {
    .template(.malformed, file: file, line: line, expected: expected, found: found)
  }

  func unsupported(_ expected: String, found: String) -> InputError {
    .template(.unsupported, file: file, line: line, expected: expected, found: found)
  }

  mutating func anyName() throws(InputError) -> String {
    guard case .name(let name) = token else { throw unexpected("a name") }
    position += 1
    return name
  }

  /// A name that can be given a value.
  mutating func assignedName() throws(InputError) -> String {
    guard case .name(let name) = token, !Self.reserved.contains(name) else {
      throw unexpected("a name")
    }
    position += 1
    return name
  }

  private static let reserved: Set = [
    "true", "false", "none", "True", "False", "None", "and", "or", "not", "in", "is", "if", "else",
  ]

  /// One expression, or several between commas: a tuple.
  mutating func tuple(allowingCondition: Bool = true) throws(InputError) -> Expression {
    let start = line
    let first = try allowingCondition ? expression() : disjunction()
    guard case .symbol(",") = token else { return first }
    var elements = [first]
    while skip(",") {
      if endsTuple { break }
      elements.append(try allowingCondition ? expression() : disjunction())
    }
    return Expression(line: start, form: .list(elements, .tuple))
  }

  private var endsTuple: Bool {
    switch token {
    case .outputEnd, .blockEnd, .symbol(")"): true
    default: false
    }
  }

  mutating func expression() throws(InputError) -> Expression {
    try descend()
    defer { ascend() }
    let start = line
    var value = try disjunction()
    var operands = 0
    while skip(name: "if") {
      try deepen(&operands)
      let condition = try disjunction()
      let otherwise = skip(name: "else") ? try expression() : nil
      value = Expression(
        line: start, form: .conditional(condition, then: value, otherwise: otherwise))
    }
    depth -= operands
    return value
  }

  private mutating func disjunction() throws(InputError) -> Expression {
    var left = try conjunction()
    var operands = 0
    while skip(name: "or") {
      try deepen(&operands)
      left = Expression(line: left.line, form: .or(left, try conjunction()))
    }
    depth -= operands
    return left
  }

  private mutating func conjunction() throws(InputError) -> Expression {
    var left = try negation()
    var operands = 0
    while skip(name: "and") {
      try deepen(&operands)
      left = Expression(line: left.line, form: .and(left, try negation()))
    }
    depth -= operands
    return left
  }

  /// Counts a chain of operators, whose tree is as deep as it is long.
  private mutating func deepen(_ operands: inout Int) throws(InputError) {
    operands += 1
    try descend()
  }

  private mutating func negation() throws(InputError) -> Expression {
    let start = line
    guard skip(name: "not") else { return try comparison() }
    try descend()
    defer { ascend() }
    return Expression(line: start, form: .not(try negation()))
  }

  private mutating func comparison() throws(InputError) -> Expression {
    let left = try sum()
    var rest: [(Expression.Comparison, Expression)] = []
    while let comparison = comparisonSign() { rest.append((comparison, try sum())) }
    return rest.isEmpty ? left : Expression(line: left.line, form: .comparison(left, rest))
  }

  private mutating func comparisonSign() -> Expression.Comparison? {
    switch token {
    case .symbol(let symbol):
      guard let comparison = Expression.Comparison(rawValue: symbol) else { return nil }
      position += 1
      return comparison
    case .name("in"):
      position += 1
      return .contained
    case .name("not"):
      guard case .name("in") = nextToken else { return nil }
      position += 2
      return .notContained
    default: return nil
    }
  }

  private mutating func sum() throws(InputError) -> Expression {
    var left = try concatenation()
    var operands = 0
    while let sign = arithmeticSign(among: ["+", "-"]) {
      try deepen(&operands)
      left = Expression(line: left.line, form: .arithmetic(sign, left, try concatenation()))
    }
    depth -= operands
    return left
  }

  private mutating func arithmeticSign(among signs: [String]) -> Expression.Arithmetic? {
    guard case .symbol(let symbol) = token, signs.contains(symbol) else { return nil }
    position += 1
    return Expression.Arithmetic(rawValue: symbol)
  }

  private mutating func concatenation() throws(InputError) -> Expression {
    let first = try product()
    var parts = [first]
    while skip("~") { parts.append(try product()) }
    return parts.count == 1 ? first : Expression(line: first.line, form: .concatenation(parts))
  }

  private mutating func product() throws(InputError) -> Expression {
    var left = try power()
    var operands = 0
    while let sign = arithmeticSign(among: ["*", "/", "//", "%"]) {
      try deepen(&operands)
      left = Expression(line: left.line, form: .arithmetic(sign, left, try power()))
    }
    depth -= operands
    return left
  }

  private mutating func power() throws(InputError) -> Expression {
    var left = try signed()
    var operands = 0
    while skip("**") {
      try deepen(&operands)
      left = Expression(line: left.line, form: .arithmetic(.power, left, try signed()))
    }
    depth -= operands
    return left
  }

  private mutating func signed(allowingFilters: Bool = true) throws(InputError) -> Expression {
    let start = line
    var value: Expression
    if skip("-") {
      try descend()
      value = Expression(line: start, form: .negative(try signed(allowingFilters: false)))
      ascend()
    } else if skip("+") {
      try descend()
      value = Expression(line: start, form: .positive(try signed(allowingFilters: false)))
      ascend()
    } else {
      value = try primary()
    }
    var links = 0
    value = try postfix(value, &links)
    if allowingFilters { value = try filtersAndTests(value, &links) }
    depth -= links
    return value
  }

  private mutating func primary() throws(InputError) -> Expression {
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
  private mutating func postfix(
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
      if case .symbol("*") = token { throw unsupported("arguments one by one", found: "*") }
      if case .symbol("**") = token { throw unsupported("arguments one by one", found: "**") }
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
  private mutating func filtersAndTests(
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

  /// What a test is given: arguments in brackets, or one value without any.
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
