import ArgumentParser
import Secant

/// A model, what it is asked about, and what a question needs beside.
struct Inquiry<S: Scalar> {
  let model: Model<S>
  let prompt: PromptInput
  /// The line on which progress is shown.
  let line: ProgressLine
  /// The files that the command writes.
  let outputs: Outputs
}

/// Whether a question is asked or only planned, how the answer is shown, and where it goes.
struct AnswerOptions: ParsableArguments {
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var numbers: NumberFileOptions
  @OptionGroup var dryRun: DryRunOptions
  @OptionGroup var progress: ProgressOptions

  /// Opens a model, asks it, and brings the answer to wherever it is wanted; or prints what that would cost.
  ///
  /// - Parameters:
  ///   - options: Which model.
  ///   - prompt: What it reads.
  ///   - plan: What the answer would cost.
  ///   - ask: The question.
  ///   - text: The answer as a text for a terminal.
  /// - Throws: Why there is no answer, or `Failure` where it cannot be written.
  func obtain<S: Scalar, R: TabularReport & IllustratedReport>(
    from options: ModelOptions, _ prompt: PromptOptions,
    plan: (Inquiry<S>) throws -> PlanReport, ask: (Inquiry<S>) throws -> R,
    text: (R, TerminalStyle) -> String
  ) throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let files = try numbers.prepared(in: outputs)
      let prompt = try prompt.read(sparing: outputs)
      let line = ProgressLine("reading the model", isQuiet: progress.quiet)
      let model = try options.open(S.self, line, sparing: outputs)
      let inquiry = Inquiry(model: model, prompt: prompt, line: line, outputs: outputs)
      if dryRun.dryRun {
        let plan = try plan(inquiry)
        line.end()
        try report.print(plan) { $0.terminalText($1) }
        return
      }
      let answer = try ask(inquiry)
      line.end()
      try documents.write(answer)
      try files.write(answer)
      try report.print(answer, text: text)
    }
  }
}
