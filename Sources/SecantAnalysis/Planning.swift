public import SecantCheckpoints
public import SecantReports

extension Model {
  /// What `explain` would do and cost on this machine, whose speed is measured for about 50 ms.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: As they would be given to `explain`.
  /// - Returns: The method that would be used, with every method's estimated cost.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func plan(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    throw InputError(
      .unsupported, subject: "plan", expected: "an implementation", found: "none",
      remedy: "wait for the next commit")
  }
}
