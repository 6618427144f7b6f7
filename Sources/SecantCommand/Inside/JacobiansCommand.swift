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
  @OptionGroup var answer: PlainAnswerOptions

  /// - Throws: Why there is no comparison.
  func run() throws {
    let options = ExplanationOptions(target, map, nil, memory)
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<Float>) in
      try inquiry.model.planJacobians(
        inquiry.prompt, options, precisions: precisions.precisions)
    } ask: { inquiry in
      try inquiry.model.compareJacobians(
        inquiry.prompt, options, precisions: precisions.precisions
      ) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }
}
