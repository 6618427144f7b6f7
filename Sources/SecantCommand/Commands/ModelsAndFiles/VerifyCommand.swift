import ArgumentParser
import Foundation
import Secant

/// `secant verify`: whether the method holds on this model.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks the method's laws on a model, and fails if one does not hold.",
    usage: """
      secant verify [<options>]
      secant verify [<options>] --against paper
      """,
    discussion: """
      Checks that the frozen map gives the model's own output, that its adjoint is correct, that it does not \
      depend on its argument, that f64 is more exact than f32, and that the residuals of singular triplets \
      are true. The exit status is \(ExitStatus.lawFailed.rawValue) if a law fails, and \
      \(ExitStatus.notVerified.rawValue) if none fails but one was skipped because it needs more memory.

        secant verify --model ~/models/tiny

      --against paper runs the prompts of the paper's figures for this model instead. It compares the next \
      token, each token's largest singular value, and the words of its left singular vector. The exit \
      status is \(ExitStatus.lawFailed.rawValue) if one differs.

        secant verify --model ~/models/Qwen3-8B --against paper

      --against ioi looks up the published heads of the indirect-object circuit of GPT-2 small in the \
      exact ledger of two prompts, as compare prints it. The exit status is \
      \(ExitStatus.lawFailed.rawValue) if a head has another sign, or is not among the \
      ten largest of its sign.

        secant verify --model ~/models/gpt2 --against ioi
      """)

  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      "The text on which the laws are checked; - for standard input. (default: random tokens)",
      valueName: "text"))
  var prompt: String?

  @OptionGroup var source: PromptFileOptions

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Token ids on which the laws are checked.", valueName: "1,2,3"),
    transform: TokenList.init)
  var tokens: TokenList?

  @Option(
    help: ArgumentHelp(
      """
      Compare with published figures instead: paper, or a JSON file in the same format; or ioi, the \
      indirect-object circuit of GPT-2 small.
      """,
      valueName: "figures"))
  var against: String?

  @Flag(help: "List all laws, including those that passed.")
  var verbose = false

  @OptionGroup var seed: SeedOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: That there are two prompts, or that the text is empty.
  func validate() throws {
    let given =
      (prompt == nil ? [] : ["--prompt"]) + (source.file == nil ? [] : ["--file"])
      + (tokens == nil ? [] : ["--tokens"])
    guard given.count < 2 else {
      throw ValidationError(
        "expected one prompt, found \(given.joined(separator: " and ")); give one of them")
    }
    if let prompt { try checkPrompt(prompt, by: "--prompt") }
    try checkGiven(against, by: "--against", "the word paper, the word ioi or a file")
    if against != nil, !given.isEmpty {
      throw ValidationError(
        "--against: expected no prompt with it, found one; the figures have their own")
    }
  }

  /// - Throws: Why the laws could not be tried, or that one failed.
  func run() throws {
    let text = source.file.map { PromptText(file: $0) } ?? prompt.map { PromptText($0) }
    let input: PromptInput? =
      try tokens.map { .tokens($0.ids) } ?? text.map { .text(try $0.read()) }
    let line = ProgressLine("reading the model", isQuiet: progress.quiet)
    let model = try model.openWithNotes(Float.self, line)
    var options = VerificationOptions()
    options.seed = seed.seed
    options.prompt = input
    options.memory = memory.memory.bytes
    if let against {
      let comparison =
        against == "ioi"
        ? try model.compare(with: .ofIndirectObjects(), options) { line.show($0) }
        : try model.compare(with: Self.figures(named: against), options) { line.show($0) }
      line.end()
      try report.print(comparison) { $0.terminalText($1) }
      if !comparison.isInAgreement { throw ExitStatus.lawFailed }
      return
    }
    let verification = try model.verify(options) { line.show($0) }
    line.end()
    try report.print(verification) { $0.terminalText($1, isVerbose: verbose) }
    if verification.laws.contains(where: { $0.outcome == .failed }) { throw ExitStatus.lawFailed }
    if !verification.isVerified { throw ExitStatus.notVerified }
  }

  /// The figures that the user names; a file called paper or ioi is `./paper` or `./ioi`.
  private static func figures(named name: String) throws(InputError) -> PaperFigures {
    guard name != "paper" else { return try .ofThePaper() }
    return try PaperFigures(
      contentsOf: URL(filePath: NSString(string: name).expandingTildeInPath))
  }
}
