import SecantCheckpoints

/// A pattern of a tokenizer's configuration: a text or a regular expression.
enum TextPattern: Sendable {
  case text([UInt8])
  case expression(RegularExpression, source: String)

  /// Reads `{"String": …}` or `{"Regex": …}`.
  init(_ field: JSONField) throws(InputError) {
    let members = try field.object().members
    guard members.count == 1 else { throw field.mismatch("one of String and Regex") }
    switch members[0].key {
    case "String":
      let text = try field["String"].string()
      guard !text.isEmpty else { throw field["String"].mismatch("a text to search for") }
      self = .text(Array(text.utf8))
    case "Regex":
      self = try .init(expression: field["Regex"].string(), at: field["Regex"])
    default: throw field.mismatch("one of String and Regex", kind: .unsupported)
    }
  }

  /// Compiles an expression that a field asks for.
  init(expression source: String, at field: JSONField) throws(InputError) {
    do {
      self = .expression(try RegularExpression(source), source: source)
    } catch {
      throw InputError(
        .unsupported, file: field.file, subject: "field \(field.path)",
        expected: "the subset of regular expressions that tokenizers use", found: error.part,
        remedy: "report the model so that support can be added")
    }
  }

  /// Calls `body` with every match in the range, from left to right, none overlapping.
  ///
  /// - Throws: `InputError` if a regular expression backtracks too much on this text.
  func forEachMatch(
    in bytes: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void
  ) throws(InputError) {
    switch self {
    case .text(let needle):
      var position = range.lowerBound
      while position + needle.count <= range.upperBound {
        if bytes[position] == needle[0],
          bytes[position..<position + needle.count].elementsEqual(needle)
        {
          body(position..<position + needle.count)
          position += needle.count
        } else {
          position += 1
        }
      }
    case .expression(let expression, let source):
      guard expression.forEachMatch(in: bytes.span, range, body) else {
        throw InputError(
          .unsupported, subject: "the tokenizer's regular expression \(source)",
          expected: "an expression that splits text in linear time",
          found: "one that backtracks too much on this text", remedy: "use another tokenizer")
      }
    }
  }

  /// The bytes with every match replaced.
  ///
  /// - Throws: `InputError` if an expression backtracks too much, or the result is too long.
  func replacing(
    in bytes: [UInt8], with replacement: [UInt8], maximumBytes: Int
  ) throws(InputError) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var copied = 0
    try forEachMatch(in: bytes, 0..<bytes.count) { match in
      guard result.count <= maximumBytes else { return }
      result += bytes[copied..<match.lowerBound]
      result += replacement
      copied = match.upperBound
    }
    guard result.count <= maximumBytes else { throw Self.inflation }
    result += bytes[copied...]
    return result
  }

  /// The limit on a text's growth; the largest real factor, eleven, is that of NFKD on one ligature.
  static func maximumBytes(from count: Int) -> Int { 64 * Swift.max(count, 16) }

  static var inflation: InputError {
    InputError(
      .unsupported, subject: "the tokenizer's replacements",
      expected: "a text at most 64 times as long", found: "a longer one",
      remedy: "use another tokenizer")
  }
}
