/// An expression and its line.
struct Expression: Sendable {
  let line: Int
  let form: Form

  indirect enum Form: Sendable {
    case literal(Value)
    case name(String)
    case list([Expression], ElementList.Kind)
    case mapping([(key: Expression, value: Expression)])
    case attribute(Expression, String)
    case item(Expression, Expression)
    case slice(Expression, start: Expression?, stop: Expression?, step: Expression?)
    case call(Expression, Arguments)
    case filter(Expression, FilterCall)
    case test(Expression, String, [Expression])
    case negative(Expression)
    case positive(Expression)
    case not(Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case arithmetic(Arithmetic, Expression, Expression)
    /// `a ~ b ~ c`: the texts of all, joined.
    case concatenation([Expression])
    /// `a < b <= c`: every neighboring pair.
    case comparison(Expression, [(Comparison, Expression)])
    case conditional(Expression, then: Expression, otherwise: Expression?)
  }

  /// The arguments of a function, a filter or a test.
  struct Arguments: Sendable {
    var positional: [Expression] = []
    var named: [(name: String, value: Expression)] = []
  }

  /// A filter and its arguments.
  struct FilterCall: Sendable {
    let name: String
    let arguments: Arguments
    let line: Int
  }

  enum Arithmetic: String, Sendable {
    case add = "+"
    case subtract = "-"
    case multiply = "*"
    case divide = "/"
    case divideWhole = "//"
    case remainder = "%"
    case power = "**"
  }

  enum Comparison: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case contained = "in"
    case notContained = "not in"
  }
}

/// One part of a template.
indirect enum Statement: Sendable {
  case text(String)
  case output(Expression)
  case set(Target, Expression)
  /// `{% set x %}…{% endset %}`: the text of the body, through the filters.
  case capture(Target, [Expression.FilterCall], [Statement], line: Int)
  case conditional([(condition: Expression, body: [Statement])], otherwise: [Statement])
  case loop(Loop)
  case macro(Macro)
  case filtered([Expression.FilterCall], [Statement])
  /// `{% generation %}`: its body, in a scope of its own.
  case scoped([Statement])
  case breakLoop
  case continueLoop

  /// The target of an assignment.
  enum Target: Sendable {
    case name(String)
    case names([String])
    case attribute(namespace: String, String)
  }

  /// `{% for … %}`.
  struct Loop: Sendable {
    let target: Target
    let sequence: Expression
    let condition: Expression?
    let body: [Statement]
    let otherwise: [Statement]
    let line: Int
  }

  /// `{% macro … %}`.
  struct Macro: Sendable {
    let name: String
    let parameters: [(name: String, standard: Expression?)]
    let body: [Statement]
  }
}
