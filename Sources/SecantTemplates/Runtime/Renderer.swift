import Foundation
import SecantCheckpoints

/// Renders a template once: goes through its statements and gathers the text.
final class Renderer {
  /// The variables of a scope; a name that is not here is looked up in the outer scope.
  final class Scope {
    var values: [String: Value]
    let outer: Scope?

    init(_ values: [String: Value] = [:], in outer: Scope?) {
      self.values = values
      self.outer = outer
    }

    subscript(name: String) -> Value? {
      var scope: Scope? = self
      while let current = scope {
        if let value = current.values[name] { return value }
        scope = current.outer
      }
      return nil
    }
  }

  /// How a statement ended.
  enum Flow { case goesOn, breaksLoop, continuesLoop }

  let file: String
  let date: Date
  let timeZone: TimeZone
  var budget = Budget()
  /// The current line of the template, for messages.
  var line = 1
  var scope: Scope
  var namespaces: [Mapping] = []
  /// The remaining elements of iterators.
  var iterators: [[Value]] = []
  var macros: [(definition: Statement.Macro, scope: Scope)] = []
  private var output = ""

  init(_ variables: Mapping, file: String, date: Date, timeZone: TimeZone) {
    self.file = file
    self.date = date
    self.timeZone = timeZone
    let functions = Scope(in: nil)
    for function in Function.allCases { functions.values[function.rawValue] = .function(function) }
    scope = Scope(in: functions)
    for case (.string(let name), let value) in variables.members { scope.values[name] = value }
  }

  /// The text of a template.
  func render(_ statements: [Statement]) throws(InputError) -> String {
    _ = try run(statements)
    return output
  }

  func fail(_ kind: InputError.Kind, _ expected: String, found: String) -> InputError {
    .template(kind, file: file, line: line, expected: expected, found: found)
  }

  private func run(_ statements: [Statement]) throws(InputError) -> Flow {
    for statement in statements {
      let flow = try run(statement)
      if flow != .goesOn { return flow }
    }
    return .goesOn
  }

  private func run(_ statement: Statement) throws(InputError) -> Flow {
    try descend()
    defer { ascend() }
    switch statement {
    case .text(let text): try write(text)
    case .output(let expression):
      let value = try evaluate(expression)
      try write(text(of: value))
    case .set(let target, let expression):
      let value = try evaluate(expression)
      try assign(value, to: target)
    case .capture(let target, let filters, let body, let line):
      let text = try captured(in: Scope(in: scope), body)
      let value = try apply(filters, to: .string(text))
      self.line = line
      try assign(value, to: target)
    case .conditional(let branches, let otherwise):
      for (condition, body) in branches where try evaluate(condition).isTrue {
        return try run(body)
      }
      return try run(otherwise)
    case .loop(let loop): return try run(loop)
    case .macro(let definition):
      try pay(elements: 1)
      macros.append((definition, scope))
      scope.values[definition.name] = .macro(macros.count - 1)
    case .filtered(let filters, let body):
      let text = try captured(in: Scope(in: scope), body)
      try write(self.text(of: apply(filters, to: .string(text))))
    case .scoped(let body):
      let text = try captured(in: Scope(in: scope), body)
      try write(text)
    case .breakLoop: return .breaksLoop
    case .continueLoop: return .continuesLoop
    }
    return .goesOn
  }

  private func write(_ text: String) throws(InputError) {
    try pay(bytes: text.utf8.count, after: output.utf8.count)
    output += text
  }

  /// The text that a body writes, in a scope of its own.
  func captured(in inner: Scope, _ body: [Statement]) throws(InputError) -> String {
    let (outerScope, outerOutput) = (scope, output)
    (scope, output) = (inner, "")
    defer { (scope, output) = (outerScope, outerOutput) }
    _ = try run(body)
    return output
  }

  private func apply(
    _ filters: [Expression.FilterCall], to value: Value
  ) throws(InputError) -> Value {
    var value = value
    for filter in filters { value = try apply(filter, to: value) }
    return value
  }

  private func assign(_ value: Value, to target: Statement.Target) throws(InputError) {
    switch target {
    case .name(let name): scope.values[name] = value
    case .attribute(let name, let attribute):
      guard case .namespace(let index)? = scope[name] else {
        throw fail(
          .malformed, "a namespace to assign to",
          found: "\(name), which is \(scope[name]?.typeName ?? "undefined")")
      }
      guard !attribute.hasPrefix("_") else {
        throw fail(.unsupported, "a name that does not begin with _", found: attribute)
      }
      try pay(steps: namespaces[index].members.count)
      try pay(elements: 1)
      namespaces[index].set(.string(attribute), value)
    case .names(let names):
      let elements = try self.elements(of: value)
      guard elements.count == names.count else {
        throw fail(.malformed, "\(names.count) values", found: "\(elements.count)")
      }
      for (name, element) in zip(names, elements) { scope.values[name] = element }
    }
  }

  private func run(_ loop: Statement.Loop) throws(InputError) -> Flow {
    var elements = try elements(of: evaluate(loop.sequence))
    line = loop.line
    let outer = scope
    defer { scope = outer }
    if let condition = loop.condition {
      var chosen: [Value] = []
      for element in elements {
        scope = Scope(in: outer)
        try assign(element, to: loop.target)
        if try evaluate(condition).isTrue { chosen.append(element) }
      }
      elements = chosen
    }
    guard !elements.isEmpty else {
      scope = outer
      return try run(loop.otherwise)
    }
    let depth = elements.reduce(0) { max($0, $1.depth) }
    for index in elements.indices {
      try pay(steps: 1)
      scope = Scope(
        ["loop": .loop(LoopPosition(elements: elements, index: index, depth: depth))], in: outer)
      try assign(elements[index], to: loop.target)
      if try run(loop.body) == .breaksLoop { break }
    }
    return .goesOn
  }

  /// Calls a macro: its text.
  func call(_ macro: Int, _ arguments: Arguments) throws(InputError) -> Value {
    let (definition, outer) = macros[macro]
    let names = definition.parameters.map(\.name)
    let given = try arguments.bound(to: names, of: "macro \(definition.name)", self)
    try descend()
    defer { ascend() }
    let inner = Scope(in: outer)
    let caller = scope
    scope = inner
    defer { scope = caller }
    for (parameter, value) in zip(definition.parameters, given) {
      if let value {
        inner.values[parameter.name] = value
      } else if let standard = parameter.standard {
        inner.values[parameter.name] = try evaluate(standard)
      } else {
        inner.values[parameter.name] = .undefined(
          reason: "parameter \(parameter.name) was not given")
      }
    }
    return .string(try captured(in: inner, definition.body))
  }

  /// The elements of a loop: a list's elements, a text's characters, a mapping's keys.
  ///
  /// An iterator is then used up.
  func elements(of value: Value) throws(InputError) -> [Value] {
    let elements: [Value]
    switch value {
    case .sequence(let list): return list.elements
    case .iterator(let index):
      defer { iterators[index] = [] }
      return iterators[index]
    case .undefined: return []
    case .mapping(let mapping): elements = mapping.members.map(\.key)
    case .string(let text), .markup(let text):
      try pay(elements: text.unicodeScalars.count)
      return text.unicodeScalars.map { .string(String($0)) }
    default: throw fail(.malformed, "something to iterate", found: value.typeName)
    }
    try pay(elements: elements.count)
    return elements
  }

  /// A list, once it is paid for.
  func list(_ elements: [Value], _ kind: ElementList.Kind = .list) throws(InputError) -> Value {
    try pay(elements: elements.count)
    return try checked(.sequence(ElementList(elements, kind: kind)))
  }

  /// An iterator, once it is paid for.
  func iterator(_ elements: [Value]) throws(InputError) -> Value {
    try pay(elements: 1 + elements.count)
    for element in elements { _ = try checked(element) }
    iterators.append(elements)
    return .iterator(iterators.count - 1)
  }

  /// A text, once it is paid for.
  func string(_ text: String) throws(InputError) -> Value {
    try pay(bytes: text.utf8.count)
    return .string(text)
  }

  /// A value that does not nest too deep.
  func checked(_ value: Value) throws(InputError) -> Value {
    guard value.depth <= Budget.maximumValueDepth else {
      throw fail(
        .unsupported, "at most \(Budget.maximumValueDepth) levels of lists and mappings",
        found: "more")
    }
    return value
  }
}
