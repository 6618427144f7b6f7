import ArgumentParser
import Secant

/// `secant generate`: how the model goes on.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continues a prompt, with the likeliest tokens or by sampling.",
    usage: """
      secant generate [<options>] <prompt>
      secant generate [<options>] --tokens <1,2,3>
      """,
    discussion: """
      Prints the continuation as it is generated, or token ids if the model has no tokenizer. Stops at any \
      end-of-text or end-of-turn token that the model's files name. A terminal shows control characters as \
      escapes; a pipe gets them unchanged. With --json, the whole text comes at the end, with its tokens.

        secant generate "The bridge out of Marin is the" -n 20
        secant generate "The bridge out of Marin is the" --temperature 0.8 --top-k 40
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions

  @Option(
    name: .tokenCount, parsing: .unconditional,
    help: ArgumentHelp("The largest number of tokens to append.", valueName: "number"))
  var count = 20

  @OptionGroup var sampling: SamplingOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var report: ReportOptions

  /// - Throws: That the count is out of range.
  func validate() throws { try checkTokenCount(count) }

  /// - Throws: Why there is no continuation.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    let prompt = try prompt.read()
    let line = ProgressLine("reading the model", isQuiet: false)
    let model =
      report.json ? try model.open(S.self, line) : try model.openWithNotes(S.self, line)
    line.end()
    if report.json {
      let continuation = try model.continuation(
        of: prompt, count: count, sampling: sampling.sampling,
        commandLine: Invocation.current.commandLine)
      return try report.print(continuation) { continuation, _ in continuation.text }
    }
    let tokens = try model.tokens(of: prompt)
    try checkContext(model.decoder.configuration, promptCount: tokens.count)
    var printer = TokenPrinter(model.tokenizer)
    // The decoder asks whether to go on and cannot be thrown through: a failure waits here.
    var failure: (any Error)?
    _ = try model.decoder.generate(
      after: tokens, count: count, endOfText: model.endTokens(), sampling: sampling.sampling
    ) { token in
      do {
        try printer.print(token)
        return true
      } catch {
        failure = error
        return false
      }
    }
    if let failure { throw failure }
    try printer.finish()
  }

  /// - Throws: That the last token would lie beyond the context: better said before the first is printed.
  private func checkContext(
    _ configuration: DecoderConfiguration, promptCount: Int
  ) throws(InputError) {
    // The last token is only printed: the model never reads it.
    let room = configuration.contextLength - promptCount + 1
    guard count > room, room >= 1 else { return }
    throw InputError(
      .invalid, subject: "--count",
      expected: "at most \(room) tokens after a prompt of \(promptCount), as the context is "
        + "\(configuration.contextLength)",
      found: "\(count)", remedy: "ask for fewer tokens or shorten the prompt")
  }
}

/// Prints tokens as they come: as text where there is a tokenizer, or else their ids.
private struct TokenPrinter {
  private var stream: TextStream?
  private var isFirst = true

  init(_ tokenizer: Tokenizer?) { stream = tokenizer.map { TextStream($0) } }

  /// Prints what is certain of the text once a token has come; a character's last bytes may follow.
  ///
  /// - Throws: `Failure` where the text cannot be written.
  mutating func print(_ token: Int) throws {
    let text: String
    if stream == nil {
      text = isFirst ? "\(token)" : " \(token)"
    } else {
      // A model may have more ids than its tokenizer: rows that only make its matrices rounder.
      text = (try? stream?.append(token)) ?? "[\(token)]"
    }
    isFirst = false
    if !text.isEmpty { try StandardOutput.write(StandardOutput.shown(text)) }
  }

  /// Prints what is left and ends the line.
  ///
  /// - Throws: `Failure` where the text cannot be written.
  mutating func finish() throws {
    try StandardOutput.write(StandardOutput.shown(stream?.finish() ?? "") + "\n")
  }
}
