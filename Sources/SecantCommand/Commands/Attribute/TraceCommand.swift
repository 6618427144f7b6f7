import ArgumentParser
import Secant

/// `secant trace`: which part of a long prompt made the model say this answer.
struct TraceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "trace",
    abstract: "Traces an answer of many tokens back to the parts of a long prompt, exactly.",
    usage: """
      secant trace [<options>] <prompt>
      secant trace [<options>] --answer <text> --file <file>
      """,
    discussion: """
      Takes the model's own continuation (-n) or a given answer (--answer), and adds up over its tokens how far \
      each one's logit lies above that of its runner-up (or --over). Prints this sum as an exact sum over the \
      prompt's spans, over who wrote them (system, user, named documents, the answer's own earlier words), and \
      over attention heads and feed-forward layers: for a few passes, however long the answer is.

      A share says what was written from a span. --check says what removing the span really does. --matrix \
      divides each token of the answer separately; --through passes what the answer's own words gave on to the \
      prompt, which is a definition and no measurement.

        secant trace --chat --file letter.txt --by sentence
        secant trace --file documents.txt --answer 4821 --spans documents.json
        secant trace --file documents.txt --answer 4821 --over 7306 --check mask
        secant trace --chat --file letter.txt --matrix --html letter.html
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var traced: TracedAnswerOptions
  @OptionGroup var spans: SpanOptions

  @Flag(help: "Divide each token of the answer separately too: an adjoint pass for each.")
  var matrix = false

  @Flag(
    help: """
      Pass what the answer's own words gave on to the prompt, over all hops: a definition, not a measurement. \
      Needs the matrix.
      """)
  var through = false

  @Option(
    help: ArgumentHelp(
      """
      Measure what removing each span really does, a forward pass for each: mask (no later position attends to \
      it) or replace (a text that says nothing, of as many tokens, in its place).
      """, valueName: "removal"))
  var check: TraceOptions.Removal?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Begin no further row of the matrix, and no further removal, after so many seconds.",
      valueName: "seconds"))
  var maxSeconds: Double?

  @OptionGroup var rule: GateOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

  /// - Throws: That the time is negative.
  func validate() throws {
    if let maxSeconds, !(maxSeconds >= 0) {
      throw ValidationError("--max-seconds: expected 0 or more, found \(maxSeconds)")
    }
  }

  /// - Throws: Why there is no trace.
  func run() throws { try run(arithmetic.precision.scalar) }

  private func run<S: Scalar>(_: S.Type) throws {
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<S>) in
      try inquiry.model.planTrace(
        inquiry.prompt, answer: traced.asked, options(sparing: inquiry.outputs))
    } ask: { inquiry in
      try inquiry.model.trace(
        inquiry.prompt, answer: traced.asked, options(sparing: inquiry.outputs)
      ) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }

  /// - Throws: Why the file of spans cannot be read.
  private func options(sparing outputs: Outputs) throws -> TraceOptions {
    var options = TraceOptions()
    options.reference = traced.reference
    options.grouping = try spans.grouping(sparing: outputs)
    options.marksBaseline = !spans.noBaseline
    options.hasMatrix = matrix
    options.passesOnOwnWords = through
    options.check = check
    options.gate = rule.gate
    options.maximumSeconds = maxSeconds
    options.memory = memory.memory.bytes
    options.commandLine = Invocation.current.commandLine
    return options
  }
}

/// The answer that is traced, and what it is held against.
struct TracedAnswerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      The answer, in place of the model's own: a text, with or without a space before it as is likelier after the \
      prompt; between quotes ('" 4821"') it is taken exactly.
      """, valueName: "text"))
  var answer: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The answer by its token ids.", valueName: "1,2,3"),
    transform: TokenList.init)
  var answerTokens: TokenList?

  @Option(
    name: .tokenCount, parsing: .unconditional,
    help: ArgumentHelp(
      "How many tokens the model's own answer has at most. (default: 60)", valueName: "number"))
  var count: Int?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      """
      What each token of the answer is held against: runner-up (the likeliest other token there), mean (of the \
      whole vocabulary), none, or another answer of as many tokens. (default: runner-up)
      """, valueName: "text"),
    transform: { .init($0) })
  var over = TraceOptions.Reference.runnerUp

  /// - Throws: That two answers are given, or an empty one.
  func validate() throws {
    try checkGiven(answer, by: "--answer", "a text")
    if case .answer(.text("")) = over { try checkGiven("", by: "--over", "an answer") }
    let given =
      (answer == nil ? [] : ["--answer"]) + (answerTokens == nil ? [] : ["--answer-tokens"])
      + (count == nil ? [] : ["-n"])
    guard given.count < 2 else {
      throw ValidationError(
        "expected one answer, found \(given.joined(separator: " and ")); give one of them")
    }
    if let count { try checkTokenCount(count) }
  }

  /// The answer as the library takes it.
  var asked: TraceOptions.Answer {
    answerTokens.map { .tokens($0.ids) } ?? answer.map { .init($0) } ?? .continuation(count ?? 60)
  }

  /// What it is held against.
  var reference: TraceOptions.Reference { over }
}

/// Which tokens of a prompt are counted together.
struct SpanOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Count the tokens of each unit together. (default: line; sentence or word where there are fewer than three)
      """, valueName: "unit"))
  var by: GroupingOptions.Unit?

  @Option(
    help: ArgumentHelp(
      """
      Count the tokens of the spans together that a JSON file lists: objects of name and text, or of name, start \
      and end in characters of the prompt. They are the documents.
      """, valueName: "file"),
    completion: .file(extensions: ["json"]))
  var spans: String?

  @Flag(
    help: """
      Count the first token among the others where it is an attention sink, instead of setting it apart as \
      baseline.
      """)
  var noBaseline = false

  /// - Throws: That both options say what is counted together.
  func validate() throws {
    try checkGiven(spans, by: "--spans", "the path of a file")
    if spans != nil, let by {
      throw ValidationError(
        "--spans: expected no --by with it, found \(by.rawValue); give one of them")
    }
  }

  /// The grouping as the library takes it; reads the file of spans.
  ///
  /// - Throws: `InputError` where the file is not understood.
  func grouping(sparing outputs: Outputs) throws -> ExplanationOptions.Grouping? {
    try spans.map { try GroupingOptions.spans(in: $0, sparing: outputs) } ?? by?.grouping
  }
}
