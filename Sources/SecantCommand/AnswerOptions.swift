import ArgumentParser
import Secant

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
  ///   - plan: What the answer would cost.
  ///   - ask: The question, and the line on which its progress is shown.
  ///   - text: The answer as a text for a terminal.
  /// - Throws: Why there is no answer, or `Failure` where it cannot be written.
  func obtain<S: Scalar, R: TabularReport & IllustratedReport>(
    from options: ModelOptions, plan: (Model<S>) throws -> PlanReport,
    ask: (Model<S>, ProgressLine) throws -> R,
    text: (R, TerminalStyle) -> String
  ) throws {
    let documents = try documents.prepared()
    let files = try numbers.files()
    let line = ProgressLine("reading the model", isQuiet: progress.quiet)
    let model = try options.open(S.self, line)
    if dryRun.dryRun {
      line.end()
      try report.print(plan(model)) { $0.terminalText($1) }
      return
    }
    let answer = try ask(model, line)
    line.end()
    try documents.write(answer)
    try files.write(answer)
    try report.print(answer, text: text)
  }
}
