import ArgumentParser
import Secant

/// `secant jacobians`: what the detached and the ordinary Jacobian make of the output.
struct JacobiansCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jacobians",
    abstract: "Rebuilds the output by the detached and by the ordinary Jacobian.",
    usage: """
      secant jacobians [<options>] <prompt>
      secant jacobians [<options>] --tokens <1,2,3>
      """,
    discussion: """
      The detached Jacobians, times the vectors that enter, give the output itself; the ordinary ones, \
      the derivatives, give it as far as the decoder is linear. Prints the error of both and each token's \
      part of a logit by both, in single and double precision and with weights rounded to 16 bits. With \
      --json, also every component of the output and of both that rebuild it.

        secant jacobians "The bridge out of Marin is the"
        secant jacobians "The capital of France is" --precisions f64,bf16
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var target: DivisionOptions
  @OptionGroup var map: MapOptions

  @Option(
    help: ArgumentHelp(
      """
      The numbers that are computed with: f32, f64, or f16 and bf16, weights rounded to these and \
      computed with in f32. (default: f32,f64,f16,bf16)
      """, valueName: "list"),
    transform: PrecisionList.init)
  var precisions = PrecisionList(precisions: ComparedPrecision.allCases)

  @OptionGroup var memory: MemoryOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: Why there is no comparison.
  func run() throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let prompt = try prompt.read(sparing: outputs)
      let line = ProgressLine("reading the model", isQuiet: progress.quiet)
      let model = try model.open(Float.self, line, sparing: outputs)
      let comparison = try model.compareJacobians(
        prompt, ExplanationOptions(target, map, nil, memory),
        precisions: precisions.precisions
      ) { line.show($0) }
      line.end()
      try documents.write(comparison)
      try report.print(comparison) { $0.terminalText($1) }
    }
  }
}
