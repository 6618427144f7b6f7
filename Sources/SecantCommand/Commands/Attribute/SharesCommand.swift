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
      Divides the difference of two logits (or one logit) exactly: once among the prompt's tokens, and once among the \
      outputs of all attention heads and feed-forward layers. For each head it also prints the positions that the head \
      read, and for each token the components through which most of its share passes. It costs a few forward \
      passes at any length. --sources divides each component among source tokens. With --adapter it also divides the \
      answer among the adapter's modules. --site must be the output or the stream after a block.

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
