import ArgumentParser
import Secant

/// `secant vocabulary`: which tokens a model has.
struct VocabularyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "vocabulary",
    abstract: "Finds the tokens of a model that have a text in them, with their ids.",
    usage: "secant vocabulary [<options>] <text>",
    discussion: """
      The closest tokens come first: the text itself, with or without a space before it; then those that begin \
      with it; then those that have it inside. Small and capital letters match each other. An id names exactly \
      one token for --target, --over and --token, as #312. Reads no weights.

        secant vocabulary Gold
        secant vocabulary " Par" --model ~/models/tiny -n 10
      """)

  @Argument(help: "The text to find.")
  var text: String

  @OptionGroup var model: ModelOptions

  @Option(
    name: .tokenCount, parsing: .unconditional,
    help: ArgumentHelp("The largest number of tokens to list.", valueName: "number"))
  var count = 50

  @OptionGroup var report: ReportOptions

  /// - Throws: That the text is empty or the number is not positive.
  func validate() throws {
    try checkGiven(text, by: "<text>", "a text")
    try checkTokenCount(count)
  }

  /// - Throws: Why the files cannot be read.
  func run() throws {
    let line = ProgressLine("reading the tokenizer", isQuiet: false)
    let tokenizer = try model.tokenizer(line)
    line.end()
    try report.print(
      VocabularyReport(of: text, in: tokenizer, model: model.name, limit: count)
    ) { $0.terminalText($1) }
  }
}
