import ArgumentParser
import Secant

/// `secant shares`: which head, layer and token did what.
struct SharesCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shares",
    abstract: "Divides an answer among tokens, blocks, heads and feed-forward layers, exactly.",
    usage: """
      secant shares [<options>] <prompt>
      secant shares [<options>] --tokens <1,2,3>
      """,
    discussion: """
      Prints the difference of two logits (or a logit) as an exact sum over the prompt's tokens, and again over what every attention \
      head and every feed-forward layer wrote into the analysed token's stream; for a head also from \
      where it read, and for each token through which components most of the logit passes. The price is that of \
      a few forward passes at any length. --sources divides each component by the tokens that it \
      wrote because of. --site may be the output or the stream after a block.

        secant shares "The bridge out of Marin is the"
        secant shares "The capital of France is" --target Paris --over London
        secant shares "The capital of France is" --json > shares.json
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var target: DivisionOptions
  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var map: MapOptions
  @OptionGroup var sources: SourceOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var answer: AnswerOptions

  /// - Throws: Why there is no division.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    var options = ExplanationOptions(target, map, nil, memory)
    options.sources = sources.sources
    try answer.obtain(from: model, prompt) { (inquiry: Inquiry<S>) in
      try inquiry.model.planShares(inquiry.prompt, options)
    } ask: { inquiry in
      options.grouping = try grouping.grouping(sparing: inquiry.outputs)
      return try inquiry.model.shares(inquiry.prompt, options) { inquiry.line.show($0) }
    } text: {
      $0.terminalText($1)
    }
  }
}
