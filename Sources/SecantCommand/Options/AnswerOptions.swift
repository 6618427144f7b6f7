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

/// Whether a question is asked or only planned, and how the answer is shown.
struct PlainAnswerOptions: ParsableArguments {
  @OptionGroup var report: ReportOptions
  @OptionGroup var documents: DocumentOptions
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
  ///   - files: Prepares other files of the answer before the work, and gives what writes them.
  /// - Throws: Why there is no answer, or `Failure` where it cannot be written.
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

/// A model that is open, with what it is asked about.
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

  /// Prints what the answer would cost, where that is what is wanted.
  ///
  /// - Returns: Whether it did.
  /// - Throws: What in the question cannot be satisfied.
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

/// Whether a question is asked or only planned, how the answer is shown, and where its numbers go.
struct AnswerOptions: ParsableArguments {
  @OptionGroup var numbers: NumberFileOptions
  @OptionGroup var plain: PlainAnswerOptions

  /// As ``PlainAnswerOptions/obtain(from:_:plan:ask:text:files:)``, and writes the answer's numbers.
  ///
  /// - Throws: Why there is no answer, or `Failure` where it cannot be written.
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
