import ArgumentParser
import Secant

/// `secant shares`: which head, layer and token did what.
struct SharesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shares",
    abstract: "Divides a logit among tokens, blocks, heads and feed-forward layers, exactly.",
    usage: """
      secant shares [<options>] <prompt>
      secant shares [<options>] --tokens <1,2,3>
      """,
    discussion: """
      Every attention head and every feed-forward layer wrote something into the analysed token's \
      stream; each wrote it because of what the prompt's tokens brought there. Prints the logit as \
      the sum of all that, by block, by head and by token, and the error of the sum. --site may be the \
      output or the stream after a block.

        secant shares "The bridge out of Marin is the"
        secant shares "The capital of France is" --target "Paris - London"
        secant shares "The capital of France is" --json > shares.json
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var target: TargetOptions
  @OptionGroup var map: MapOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

  /// - Throws: Why there is no division.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    let options = ExplanationOptions(target, map, nil, memory)
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<S>) in
      try inquiry.model.planShares(inquiry.prompt, options)
    } ask: { inquiry in
      try inquiry.model.shares(inquiry.prompt, options) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }
}
