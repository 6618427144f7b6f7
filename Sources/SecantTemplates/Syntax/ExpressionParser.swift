import SecantCheckpoints

/// Reads expressions, in Jinja's order of precedence: conditional, or, and, not, comparisons, `+ -`, `~`,
/// `* / // %`, `**`, signs; attributes, calls, filters and tests bind closest.
struct ExpressionParser {
  private let tokens: [(token: Token, line: Int)]
  private let file: String
  var position = 0
  var depth = 0

  /// The maximum nesting of expressions and statements together: real templates stay below 30.
  private static let maximumDepth = 100

  init(_ tokens: [(token: Token, line: Int)], file: String) {
    self.tokens = tokens
    self.file = file
  }

  var token: Token { tokens[min(position, tokens.count - 1)].token }
  var nextToken: Token { tokens[min(position + 1, tokens.count - 1)].token }
  var line: Int { tokens[min(position, tokens.count - 1)].line }

  mutating func advance() { position += 1 }

  /// Skips a symbol; false if the next token is another.
  mutating func skip(_ symbol: String) -> Bool {
    guard case .symbol(symbol) = token else { return false }
    position += 1
    return true
  }

  /// Skips a word; false if the next token is another.
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
  mutating func deepen(_ operands: inout Int) throws(InputError) {
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
}
