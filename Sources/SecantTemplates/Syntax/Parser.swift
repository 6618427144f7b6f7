import SecantCheckpoints

/// Reads the statements of a template: recursive descent over tokens.
///
/// ``ExpressionParser`` reads the expressions between them.
struct Parser {
  private var expressions: ExpressionParser
  /// How many loops enclose this place, within the same macro.
  private var loops = 0

  init(_ tokens: [(token: Token, line: Int)], file: String) {
    expressions = ExpressionParser(tokens, file: file)
  }

  /// The whole template.
  mutating func template() throws(InputError) -> [Statement] {
    let body = try body(until: [])
    guard case .end = expressions.token else { throw expressions.unexpected("a statement") }
    return body
  }

  /// Statements up to a block that begins with one of these names, which stays to be read.
  private mutating func body(until ends: [String]) throws(InputError) -> [Statement] {
    try expressions.descend()
    defer { expressions.ascend() }
    var statements: [Statement] = []
    while true {
      switch expressions.token {
      case .text(let text):
        expressions.advance()
        statements.append(.text(text))
      case .outputBegin:
        expressions.advance()
        statements.append(.output(try expressions.tuple()))
        guard case .outputEnd = expressions.token else { throw expressions.unexpected("}}") }
        expressions.advance()
      case .blockBegin:
        if case .name(let name) = expressions.nextToken, ends.contains(name) { return statements }
        expressions.advance()
        statements.append(try block())
      default:
        guard ends.isEmpty else {
          throw expressions.unexpected(ends.map { "{% \($0) %}" }.joined(separator: " or "))
        }
        return statements
      }
    }
  }

  /// A statement whose `{%` has been read.
  private mutating func block() throws(InputError) -> Statement {
    let line = expressions.line
    guard case .name(let name) = expressions.token else {
      throw expressions.unexpected("the name of a statement")
    }
    expressions.advance()
    switch name {
    case "set": return try set(line: line)
    case "if": return try conditional()
    case "for": return try loop(line: line)
    case "macro": return try macro()
    case "break", "continue":
      guard loops > 0 else { throw expressions.malformed("a loop around \(name)", found: "none") }
      try endBlock()
      return name == "break" ? .breakLoop : .continueLoop
    case "filter":
      let filters = try expressions.filterCalls(first: true)
      try endBlock()
      let body = try isolated("endfilter")
      return .filtered(filters, body)
    case "generation":
      try endBlock()
      return .scoped(try isolated("endgeneration"))
    default:
      throw expressions.unsupported(
        "set, if, for, macro, filter, generation, break or continue", found: "{% \(name) %}")
    }
  }

  private mutating func endBlock() throws(InputError) {
    guard case .blockEnd = expressions.token else { throw expressions.unexpected("%}") }
    expressions.advance()
  }

  /// Skips `{% name`, which is known to be there.
  private mutating func skipBlockName() {
    expressions.advance()
    expressions.advance()
  }

  /// A body that loops outside cannot be ended from, and the block that ends it.
  private mutating func isolated(_ end: String) throws(InputError) -> [Statement] {
    let outer = loops
    loops = 0
    let body = try body(until: [end])
    loops = outer
    skipBlockName()
    try endBlock()
    return body
  }

  private mutating func target() throws(InputError) -> Statement.Target {
    let first = try expressions.assignedName()
    if expressions.skip(".") {
      return .attribute(namespace: first, try expressions.anyName())
    }
    var names = [first]
    var isTuple = false
    while expressions.skip(",") {
      isTuple = true
      guard case .name(let name) = expressions.token, name != "in" else { break }
      names.append(try expressions.assignedName())
    }
    return isTuple ? .names(names) : .name(first)
  }

  /// A target of a loop or an assignment, in brackets or not.
  private mutating func bracketedTarget() throws(InputError) -> Statement.Target {
    guard expressions.skip("(") else { return try target() }
    let target = try target()
    guard expressions.skip(")") else { throw expressions.unexpected(")") }
    return target
  }

  private mutating func set(line: Int) throws(InputError) -> Statement {
    let target = try bracketedTarget()
    if expressions.skip("=") {
      let value = try expressions.tuple()
      try endBlock()
      return .set(target, value)
    }
    let filters = try expressions.filterCalls(first: false)
    try endBlock()
    return .capture(target, filters, try isolated("endset"), line: line)
  }

  private mutating func conditional() throws(InputError) -> Statement {
    var branches: [(Expression, [Statement])] = []
    var otherwise: [Statement] = []
    while true {
      let condition = try expressions.tuple(allowingCondition: false)
      try endBlock()
      branches.append((condition, try body(until: ["elif", "else", "endif"])))
      expressions.advance()
      guard case .name(let name) = expressions.token else { break }
      expressions.advance()
      if name == "elif" { continue }
      if name == "else" {
        try endBlock()
        otherwise = try body(until: ["endif"])
        skipBlockName()
      }
      break
    }
    try endBlock()
    return .conditional(branches, otherwise: otherwise)
  }

  private mutating func loop(line: Int) throws(InputError) -> Statement {
    let target = try bracketedTarget()
    if case .attribute = target { throw expressions.malformed("a name", found: "an attribute") }
    guard expressions.skip(name: "in") else { throw expressions.unexpected("in") }
    let sequence = try expressions.tuple(allowingCondition: false)
    let condition = expressions.skip(name: "if") ? try expressions.expression() : nil
    if case .name("recursive") = expressions.token {
      throw expressions.unsupported("a loop that is not recursive", found: "recursive")
    }
    try endBlock()
    loops += 1
    let body = try body(until: ["else", "endfor"])
    loops -= 1
    var otherwise: [Statement] = []
    expressions.advance()
    if expressions.skip(name: "else") {
      try endBlock()
      otherwise = try self.body(until: ["endfor"])
      skipBlockName()
    } else {
      expressions.advance()
    }
    try endBlock()
    return .loop(
      .init(
        target: target, sequence: sequence, condition: condition, body: body,
        otherwise: otherwise, line: line))
  }

  private mutating func macro() throws(InputError) -> Statement {
    let name = try expressions.assignedName()
    guard expressions.skip("(") else { throw expressions.unexpected("(") }
    var parameters: [(name: String, standard: Expression?)] = []
    while !expressions.skip(")") {
      if !parameters.isEmpty {
        guard expressions.skip(",") else { throw expressions.unexpected(", or )") }
        if expressions.skip(")") { break }
      }
      let parameter = try expressions.assignedName()
      if expressions.skip("=") {
        parameters.append((parameter, try expressions.expression()))
      } else {
        guard parameters.last?.standard == nil else {
          throw expressions.malformed(
            "a standard value, as parameters before have one", found: parameter)
        }
        parameters.append((parameter, nil))
      }
    }
    try endBlock()
    return .macro(.init(name: name, parameters: parameters, body: try isolated("endmacro")))
  }
}
