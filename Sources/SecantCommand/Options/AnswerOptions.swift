import ArgumentParser
import Secant

/// A model and a prompt, with the progress line and the outputs.
struct Inquiry<S: Scalar> {
  let model: Model<S>
  let prompt: PromptInput
  /// The progress line.
  let line: ProgressLine
  /// The files that the command writes.
  let outputs: Outputs
}

/// Whether a question is answered or only planned, and how the answer is shown.
struct PlainAnswerOptions: ParsableArguments {
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
  @OptionGroup var dryRun: DryRunOptions
  @OptionGroup var progress: ProgressOptions

  /// Opens a model, asks the question and writes the answer; or prints a plan.
  ///
  /// - Parameters:
  ///   - options: The model.
  ///   - prompt: The prompt.
  ///   - plan: The plan of the answer.
  ///   - ask: The question.
  ///   - text: The answer as text for a terminal.
  ///   - files: Prepares the answer's other files before the work, and returns a function that
  ///     writes them.
  /// - Throws: Why there is no answer, or `Failure` if it cannot be written.
  func obtain<S: Scalar, R: IllustratedReport>(
    from options: ModelOptions, _ prompt: PromptOptions,
    plan: (Inquiry<S>) throws -> PlanReport, ask: (Inquiry<S>) throws -> R,
    text: (R, TerminalStyle) -> String,
    files: (Outputs) throws -> (R) throws -> Void = { _ in { _ in } }
  ) throws {
    try Outputs.written { outputs in
      let documents = try documents.prepared(in: outputs)
      let write = try files(outputs)
      let asked = try Asked<S>(options, prompt, progress, outputs)
      if try asked.planned(by: dryRun, report.json, plan) { return }
      let answer = try ask(asked.inquiry)
      asked.inquiry.line.end()
      try documents.write(answer)
      try write(answer)
      try report.print(answer, text: text)
    }
  }
}

/// An open model with a prompt.
struct Asked<S: Scalar> {
  let inquiry: Inquiry<S>
  /// How long it took to open the model.
  private let loading: Duration

  /// Opens a model.
  ///
  /// - Throws: Why there is no such model or no such prompt.
  init(
    _ model: ModelOptions, _ prompt: PromptOptions, _ progress: ProgressOptions,
    _ outputs: Outputs
  ) throws {
    let prompt = try prompt.read(sparing: outputs)
    let line = ProgressLine("reading the model", isQuiet: progress.quiet)
    let start = ContinuousClock.now
    let model = try model.open(S.self, line, sparing: outputs)
    loading = ContinuousClock.now - start
    inquiry = Inquiry(model: model, prompt: prompt, line: line, outputs: outputs)
  }

  /// Prints the plan, with `--dry-run`.
  ///
  /// - Returns: Whether it printed a plan.
  /// - Throws: Why the question cannot be answered.
  func planned(
    by dryRun: DryRunOptions, _ asJSON: Bool, _ plan: (Inquiry<S>) throws -> PlanReport
  ) throws -> Bool {
    guard dryRun.dryRun else { return false }
    let plan = try plan(inquiry).loading(for: loading / .seconds(1))
    inquiry.line.end()
    try StandardOutput.write(plan, asJSON: asJSON) { $0.terminalText($1) }
    return true
  }
}

/// Whether a question is answered or only planned, how the answer is shown, and the files of its
/// numbers.
struct AnswerOptions: ParsableArguments {
  @OptionGroup var numbers: NumberFileOptions
  @OptionGroup var plain: PlainAnswerOptions

  /// As ``PlainAnswerOptions/obtain(from:_:plan:ask:text:files:)``, and writes the answer's numbers.
  ///
  /// - Throws: Why there is no answer, or `Failure` if it cannot be written.
  func obtain<S: Scalar, R: TabularReport & IllustratedReport>(
    from options: ModelOptions, _ prompt: PromptOptions,
    plan: (Inquiry<S>) throws -> PlanReport, ask: (Inquiry<S>) throws -> R,
    text: (R, TerminalStyle) -> String
  ) throws {
    try plain.obtain(from: options, prompt, plan: plan, ask: ask, text: text) { outputs in
      let files = try numbers.prepared(in: outputs)
      return { try files.write($0) }
    }
  }
}
