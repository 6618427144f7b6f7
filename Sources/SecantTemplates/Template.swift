public import Foundation
public import SecantCheckpoints

/// A text with gaps and rules for filling them, in the part of the Jinja language that chat templates use.
///
///     let template = try Template("Hello {{ name | upper }}!")
///     try template.render(["name": .string("you")])
///
/// Understood are `set`, `if`, `for`, `macro`, `filter`, `raw`, `generation`, `break` and `continue`, and the
/// filters, tests, methods and functions that chat templates are known to use, with the whitespace rules and
/// the immutable sandbox that Hugging Face sets Jinja up with. Everything else is refused by name.
/// A value: it may be shared between tasks.
public struct Template: Sendable {
  /// The name that errors give.
  public let file: String
  private let statements: [Statement]

  /// Reads a template.
  ///
  /// - Parameters:
  ///   - source: The text, at most 1 MiB.
  ///   - file: The name that errors give.
  /// - Throws: `InputError` with the line if the template is malformed or not understood.
  public init(_ source: String, file: String = "chat template") throws(InputError) {
    self.file = file
    var lexer = try Lexer(source, file: file)
    var parser = Parser(try lexer.tokenize(), file: file)
    statements = try parser.template()
  }

  /// Fills the gaps.
  ///
  /// Ends on every template: at 5 million steps, a text of 16 MiB, 256 MiB of texts and lists made, or 300 levels.
  ///
  /// - Parameters:
  ///   - variables: The template's variables. Any other name is undefined.
  ///   - date: The time for the template's `strftime_now`.
  ///   - timeZone: The time zone for `strftime_now`.
  /// - Returns: The same text for the same arguments.
  /// - Throws: `InputError` with the line if rendering fails or the template raises an error.
  public func render(
    _ variables: [String: JSON], date: Date = Date(), timeZone: TimeZone = .current
  ) throws(InputError) -> String {
    var values = Mapping()
    for (name, value) in variables { values.set(.string(name), try Value(value)) }
    return try render(values, date: date, timeZone: timeZone)
  }

  func render(
    _ variables: Mapping, date: Date, timeZone: TimeZone
  ) throws(InputError) -> String {
    let renderer = Renderer(variables, file: file, date: date, timeZone: timeZone)
    return try renderer.render(statements)
  }
}

extension Value {
  /// The value that Python's `json.loads` makes of JSON.
  init(_ json: JSON) throws(InputError) {
    switch json {
    case .null: self = .none
    case .bool(let bool): self = .bool(bool)
    case .string(let text): self = .string(text)
    case .number(let number):
      if let int = Int(number.literal) {
        self = .int(int)
      } else if let double = number.double {
        self = .float(double)
      } else {
        throw InputError(
          .unsupported, subject: "a template's variable", expected: "a number of 64 bits",
          found: number.literal, remedy: "give a smaller number")
      }
    case .array(let elements):
      var values: [Value] = []
      for element in elements { values.append(try Value(element)) }
      self = .sequence(ElementList(values))
    case .object(let object):
      var mapping = Mapping()
      for member in object.members { mapping.set(.string(member.key), try Value(member.value)) }
      self = .mapping(mapping)
    }
  }
}
