import ArgumentParser
import Secant

/// `secant jacobians`: what the detached and the ordinary Jacobian make of the output.
struct JacobiansCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jacobians",
    abstract: "Rebuilds the output from the detached and from the ordinary Jacobians.",
    usage: """
      secant jacobians [<options>] <prompt>
      secant jacobians [<options>] --tokens <1,2,3>
      """,
    discussion: """
      The detached Jacobians, applied to the input vectors, give exactly the output. The ordinary Jacobians \
      (derivatives) give it only as far as the decoder is linear. Prints the error of both, and each token's \
      part of the target by both, in single and double precision and with weights rounded to 16 bits. --json \
      and --output also give every component of the output and of both reconstructions.

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
      The precisions to compare: f32, f64, and f16 or bf16 (weights rounded to these, computed in f32). \
      (default: f32,f64,f16,bf16)
      """, valueName: "list"),
    transform: PrecisionList.init)
  var precisions = PrecisionList(precisions: ComparedPrecision.allCases)

  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

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
