import ArgumentParser
import Foundation
import Secant

/// `secant explain`: which token did what, and by which directions.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Explains the next token: each token's exact share, and what its map does.",
    usage: """
      secant explain [<options>] <prompt>
      secant explain [<options>] --tokens <1,2,3>
      """,
    discussion: """
      Prints the likeliest next tokens, how exactly the linear map gives the model's output, each \
      token's share of the target's logit, and the leading singular vectors of each token's map, \
      decoded into tokens.

        secant explain "The bridge out of Marin is the"
        secant explain "The capital of France is" --html paris.html
        secant explain "The capital of France is" --target "Paris - London"
        secant explain --tokens 1,393,12 --model ~/models/tiny --json > report.json
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions

  @Option(
    help: ArgumentHelp(
      """
      The logit that the shares divide: a token's text, its id as #312, or "A - B" for a difference; \
      by default the likeliest next token.
      """, valueName: "token"))
  var target: String?

  @OptionGroup var map: MapOptions

  @Option(help: "Singular triplets of each token's map.")
  var rank = 8

  @OptionGroup var method: MethodOptions

  @Option(
    help: ArgumentHelp(
      """
      The largest residual of a triplet that counts as converged, relative to the largest singular \
      value.
      """, valueName: "number"))
  var tolerance = 1e-3

  @OptionGroup var seed: SeedOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var report: ReportOptions

  @Option(
    help: ArgumentHelp(
      "Also write the result as a web page that needs no network.", valueName: "file"),
    completion: .file(extensions: ["html"]))
  var html: String?

  @Flag(help: "Print the estimated time and memory, and stop.")
  var dryRun = false

  @OptionGroup var progress: ProgressOptions

  /// - Throws: That a number is out of range.
  func validate() throws { try checkTriplets(rank: rank, tolerance: tolerance) }

  /// - Throws: Why there is no explanation.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    let page = try html.map { try OutputPath($0, option: "--html") }
    try page?.checkWritable()
    let line = ProgressLine("reading the model", isQuiet: progress.quiet)
    let model = try model.open(S.self, line)
    if dryRun {
      line.end()
      try report.print(model.plan(prompt.input, options)) { $0.terminalText($1) }
      return
    }
    let explanation = try model.explain(prompt.input, options) {
      line.update($0.stage.rawValue, fraction: $0.fraction)
    }
    line.end()
    if let page { try page.write(explanation.htmlPage()) }
    try report.print(explanation) { $0.terminalText($1) }
  }

  private var options: ExplanationOptions {
    var options = ExplanationOptions()
    options.rank = rank
    options.method = method.method
    options.tolerance = tolerance
    options.seed = seed.seed
    options.gate = map.gate
    options.position = map.position
    options.site = map.site
    options.target = target.map { .init($0) } ?? .prediction
    options.memory = memory.memory.bytes
    options.commandLine = ["secant"] + CommandLine.arguments.dropFirst()
    return options
  }
}
