import ArgumentParser
import Foundation
import Secant

/// The target of a question: a logit or a difference of logits.
struct TargetOptions: ParsableArguments {
  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      """
      The token whose logit is explained: a word, an exact text in quotes ('" Paris"'), or an id such as #312. \
      Repeat it for the mean of several tokens. "A - B" means A over B. (default: the likeliest next token)
      """, valueName: "token"))
  var target: [String] = []

  @Option(
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp(
      """
      The token whose logit is subtracted from the target's; repeat it for the mean of several tokens. Or mean (of \
      the whole vocabulary), none, or runner-up (the likeliest other token). (default: runner-up)
      """, valueName: "token"))
  var over: [String] = []

  /// - Throws: That a token is empty, that both options name a reference, or that a word is among
  ///   tokens.
  func validate() throws {
    for name in target { try checkGiven(name, by: "--target", "a token") }
    for name in over { try checkGiven(name, by: "--over", "a token") }
    if !over.isEmpty, target.count == 1, isDifference(target[0]) {
      throw ValidationError(
        "--over: expected one thing to subtract, found it in --target \"\(target[0])\" too; "
          + "give one of them")
    }
    let words = ["runner-up", "mean", "none"]
    if over.count > 1, let word = over.first(where: words.contains) {
      throw ValidationError(
        "--over: expected tokens or the word \(word), found both; a token of that text stands "
          + "between quotes, as '\"\(word)\"'")
    }
  }

  private func isDifference(_ spelling: String) -> Bool {
    if case .logits(_, .tokens) = ExplanationOptions.Target(spelling) { true } else { false }
  }

  /// The target as the library takes it.
  var value: ExplanationOptions.Target {
    if target.count == 1, over.isEmpty { return .init(target[0]) }
    return .logits(
      of: target.isEmpty ? .prediction : .tokens(target.map { .init($0) }), over: .init(over))
  }
}

/// The target, and whether a baseline is set apart.
struct DivisionOptions: ParsableArguments {
  @OptionGroup var target: TargetOptions

  @Flag(
    help: """
      Treat the first token like the others even if it is an attention sink. By default such a token is set apart \
      as the baseline.
      """)
  var noBaseline = false
}

/// The spans whose tokens are counted together.
struct GroupingOptions: ParsableArguments {
  /// A unit of text.
  enum Unit: String, ExpressibleByArgument, CaseIterable {
    case token, word, sentence, line, turn

    /// The unit as the library takes it.
    var grouping: ExplanationOptions.Grouping {
      switch self {
      case .token: .token
      case .word: .word
      case .sentence: .sentence
      case .line: .line
      case .turn: .turn
      }
    }
  }

  @Option(help: ArgumentHelp("Sum the shares over each unit of the text.", valueName: "unit"))
  var by = Unit.token

  @Option(
    help: ArgumentHelp(
      """
      Sum the shares over the spans listed in a JSON file: objects with name and text, or with name, start and end \
      in characters of the prompt.
      """, valueName: "file"),
    completion: .file(extensions: ["json"]))
  var spans: String?

  /// - Throws: That both options are given.
  func validate() throws {
    try checkGiven(spans, by: "--spans", "the path of a file")
    if spans != nil, by != .token {
      throw ValidationError(
        "--spans: expected no --by with it, found \(by.rawValue); give one of them")
    }
  }

  /// The grouping as the library takes it; reads the file of spans.
  ///
  /// - Parameter outputs: The outputs, which must not replace the file.
  /// - Returns: The grouping.
  /// - Throws: `InputError` if the file is not understood.
  func grouping(sparing outputs: Outputs) throws -> ExplanationOptions.Grouping {
    try spans.map { try Self.spans(in: $0, sparing: outputs) } ?? by.grouping
  }

  /// The spans that a file lists.
  ///
  /// - Parameters:
  ///   - path: The file, which may begin with `~`.
  ///   - outputs: What must not replace it.
  /// - Returns: What is counted together.
  /// - Throws: `InputError` where the file is not understood.
  static func spans(
    in path: String, sparing outputs: Outputs
  ) throws -> ExplanationOptions.Grouping {
    let url = URL(filePath: NSString(string: path).expandingTildeInPath)
    try outputs.spare([url], "the spans")
    return .spans(try JSONField(contentsOf: url).array().map(ExplanationOptions.NamedSpan.init))
  }
}

extension ExplanationOptions.NamedSpan {
  /// A span, as a file describes it.
  ///
  /// - Throws: `InputError` that says which field is missing or contradicts another.
  fileprivate init(_ field: JSONField) throws {
    let known = ["name", "text", "start", "end"]
    if let other = try field.object().members.first(where: { !known.contains($0.key) }) {
      throw field[other.key].mismatch("one of the fields name, text, start and end")
    }
    let name = try field["name"].string()
    if field["text"].present != nil {
      guard field["start"].present == nil, field["end"].present == nil else {
        throw field.mismatch("text, or start and end, not both")
      }
      self.init(name: name, place: .text(try field["text"].string()))
      return
    }
    let (start, end) = (try field["start"].int(), try field["end"].int())
    guard start < end else { throw field["end"].mismatch("a number above start, \(start)") }
    self.init(name: name, place: .characters(start..<end))
  }
}
