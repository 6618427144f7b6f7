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
      Says why the model prefers its likeliest next token to the runner-up (or --target to --over): prints \
      each token's exact share of the difference of their logits, for two passes at any length. A \
      share is not what happens without the token: --check removes each token and puts the measured effect \
      beside its share, with the kind of part (content, attention patterns, gates, norms) that carried \
      most of it. Then how exactly the linear map gives the model's output, and \
      the leading singular vectors of the maps that --spectra selects, decoded into tokens.

        secant explain "The bridge out of Marin is the"
        secant explain "The capital of France is" --html paris.html
        secant explain "The capital of France is" --target Paris --over London
        secant explain "The capital of France is" --check mask
        secant explain --file letter.txt --by sentence
        secant explain --tokens 1,393,12 --model ~/models/tiny --json > report.json
      """)

  @OptionGroup var prompt: PromptOptions
  @OptionGroup var model: ModelOptions

  @OptionGroup var target: DivisionOptions
  @OptionGroup var grouping: GroupingOptions
  @OptionGroup var map: MapOptions
  @OptionGroup var check: CheckOptions
  @OptionGroup var spectra: SpectraOptions
  @OptionGroup var vectors: VectorOptions
  @OptionGroup var arithmetic: PrecisionOptions
  @OptionGroup var memory: MemoryOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var dryRun: DryRunOptions
  @OptionGroup var progress: ProgressOptions

  /// - Throws: Why there is no explanation.
  func run() throws {
    try run(arithmetic.precision.scalar)
  }

  private func run<S: Scalar>(_: S.Type) throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      var options = options
      options.grouping = try grouping.grouping(sparing: outputs)
      let asked = try Asked<S>(model, prompt, progress, outputs)
      if try asked.planned(
        by: dryRun, report.json, { try $0.model.plan($0.prompt, options) })
      {
        return
      }
      let line = asked.inquiry.line
      // On a terminal each part is there as soon as it is known; a pipe gets everything at once.
      let isGradual = !report.json && TerminalDevice.output.isTerminal
      var isBegun = false
      var failure: (any Error)?
      let explanation = try asked.inquiry.model.explain(asked.inquiry.prompt, options) {
        line.show($0)
      } answer: { answer in
        guard isGradual else { return }
        line.clear()
        let style = TerminalDevice.output.style
        do {
          try StandardOutput.write(
            isBegun ? answer.terminalShares(style) : answer.terminalHead(style))
        } catch {
          failure = error
        }
        isBegun = true
      }
      if let failure { throw failure }
      line.end()
      try documents.write(explanation)
      try report.print(explanation) {
        isGradual ? $0.terminalDetails($1) : $0.terminalText($1)
      }
    }
  }

  private var options: ExplanationOptions {
    var options = ExplanationOptions(target, map, vectors, memory).decomposing(spectra)
    options.check = check.check
    return options
  }
}
