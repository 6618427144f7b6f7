public import SecantCheckpoints
public import SecantReports

/// How the laws are tried.
public struct VerificationOptions: Hashable, Sendable {
  /// What random directions are drawn from.
  public var seed: UInt64 = 0
  /// The prompt; random token ids drawn from `seed` where nil.
  public var prompt: PromptInput?
  /// Bytes that the work may take beside the weights; what needs more is skipped.
  public var memory = 4 << 30

  /// Seed 0 and a random prompt.
  public init() {}
}

extension Model {
  /// Tries the method's laws on this model, in both precisions.
  ///
  /// - Parameters:
  ///   - options: The seed and the prompt.
  ///   - progress: Called as the work goes on.
  /// - Returns: Every law with what was measured and what it allows.
  /// - Throws: What in the prompt cannot be satisfied.
  public func verify(
    _ options: VerificationOptions = VerificationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> VerificationReport {
    throw InputError(
      .unsupported, subject: "verify", expected: "an implementation", found: "none",
      remedy: "wait for the next commit")
  }
}
