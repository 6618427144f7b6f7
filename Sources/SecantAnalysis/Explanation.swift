public import SecantCheckpoints
public import SecantReports

extension Model {
  /// What the model computed for a prompt, as the sum of what each token's linear map gave to it.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the explanation should contain, and how it is computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func explain(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions(),
    progress: AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> ExplanationReport {
    throw InputError(
      .unsupported, subject: "explain", expected: "an implementation", found: "none",
      remedy: "wait for the next commit")
  }
}
