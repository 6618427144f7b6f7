import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

extension Model {
  /// The costs of a question at a prompt.
  func cost(_ scope: ExplanationScope, memory: Int) -> CostModel {
    CostModel(
      decoder.configuration, scope, precision: S.self, memory: memory,
      batch: decoder.blocks.first?.feedForward.batchCost ?? FamilyCosts.usualBatch,
      isAdapted: decoder.isAdapted)
  }

  /// A prompt as the model reads it, once the decoder has accepted its ids.
  ///
  /// - Throws: `InputError` if there is no text, an id is out of range, or the context is exceeded.
  func validated(_ prompt: PromptInput) throws(InputError) -> EncodedPrompt {
    let input = try read(prompt)
    try decoder.validate(input.tokens)
    return input
  }

  /// The token ids of a prompt that the decoder has accepted.
  ///
  /// - Throws: As ``validated(_:)`` does.
  func validTokens(of prompt: PromptInput) throws(InputError) -> [Int] {
    try validated(prompt).tokens
  }

  /// Refuses the method sketch for a question that it cannot answer.
  ///
  /// - Throws: `InputError` if the method is `sketch`.
  func refuseSketch(_ method: ExplanationOptions.Method) throws(InputError) {
    if method != .sketch { return }
    throw InputError(
      .invalid, subject: "the method sketch",
      expected: "auto, dense or krylov: a sketch serves the maps of tokens to one place",
      found: "sketch", remedy: "use another method, or explain, gate-rules or compare")
  }

  /// A plan of some work, with the chosen method first, then with others.
  ///
  /// - Parameters:
  ///   - ways: The steps with each method.
  ///   - tokens: Number of tokens.
  ///   - rank: The number of triplets of each map; 0 for work without triplets.
  ///   - counted: Sentences that say what the estimates count.
  /// - Returns: The plan, at this machine's current speed.
  func plan(
    _ ways: [(method: String, steps: Steps)], tokens: Int, rank: Int, counted: [String] = []
  ) -> PlanReport {
    let rate = multiplicationRate(S.self, for: .milliseconds(50))
    return PlanReport(
      secantVersion: SecantVersion.current, model: identity, tokenCount: tokens, rank: rank,
      precision: S.precisionName, method: ways[0].method,
      estimates: ways.map { $0.steps.reported($0.method, rate: rate) },
      notes: counted + [
        "Times assume \(Int((rate / 1e9).rounded())) billion operations a second, as a matrix product "
          + "just reached on this machine in \(S.precisionName).",
        "Memory is the work's own, without the weights, which stay in their file's pages.",
      ])
  }

  /// A plan of a question that several methods could answer, the chosen one first.
  func plan(
    _ chosen: SettledMethod, _ cost: CostModel, counted: [String],
    _ steps: (SettledMethod) -> Steps
  ) -> PlanReport {
    let methods = [chosen] + SettledMethod.measuring.filter { $0 != chosen }
    return plan(
      methods.map { (method: $0.rawValue, steps: steps($0)) }, tokens: cost.scope.tokens,
      rank: cost.scope.rank, counted: counted)
  }
}

/// Operations a second of a matrix product of `[256, 512]` and `[512, 512]`: the best rate within a
/// duration.
private func multiplicationRate<S: Scalar>(_: S.Type, for duration: Duration) -> Double {
  let (rows, width) = (256, 512)
  let left = Matrix<S>(rows: rows, columns: width) { S(($0 + 3 * $1) % 7) - 3 }
  let right = Matrix<S>(rows: width, columns: width) { S((2 * $0 + $1) % 5) - 2 }
  let clock = ContinuousClock()
  let start = clock.now
  var best = Duration.seconds(1)
  repeat {
    best = min(best, clock.measure { _ = left.times(right) })
  } while clock.now - start < duration
  return 2 * Double(rows * width * width) / max(1e-9, best / .seconds(1))
}
