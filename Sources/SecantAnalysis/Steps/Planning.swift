import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports

extension Model {
  /// The costs of a question at a prompt.
  func cost(_ scope: ExplanationScope, memory: Int) -> CostModel {
    CostModel(
      decoder.configuration, scope, precision: S.self, memory: memory,
      batch: decoder.blocks.first?.feedForward.batchCost ?? FamilyCosts.usualBatch)
  }

  /// The token ids of a prompt that the decoder can read.
  ///
  /// - Throws: Why it cannot.
  func validTokens(of prompt: PromptInput) throws(InputError) -> [Int] {
    let tokens = try tokens(of: prompt)
    try decoder.validate(tokens)
    return tokens
  }

  /// Refuses the method sketch, for a question that it does not serve.
  ///
  /// - Throws: Where it does serve.
  func refuseSketch(_ method: ExplanationOptions.Method) throws(InputError) {
    if method != .sketch { return }
    throw InputError(
      .invalid, subject: "the method sketch",
      expected: "auto, dense or krylov: a sketch serves the maps of tokens to one place",
      found: "sketch", remedy: "use another method, or explain, gate-rules or compare")
  }

  /// A plan of some work: by the method that is meant, and then by others.
  ///
  /// - Parameters:
  ///   - ways: The steps by each method.
  ///   - tokens: Number of tokens.
  ///   - rank: Triplets of each map; 0 for work without any.
  ///   - counted: What the estimates count, in sentences.
  /// - Returns: The plan, at the speed that this machine has now.
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
        "Memory is what the work takes beside the weights, which stay in their file's pages.",
      ])
  }

  /// A plan of a question that one method of several answers, the one that is meant first.
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

/// Operations a second of a matrix product of `[256, 512]` and `[512, 512]`: the best of what fits
/// into a duration.
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
