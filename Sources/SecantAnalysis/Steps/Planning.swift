public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// What `explain` would do and cost on this machine, whose speed is measured for about 50 ms.
  ///
  /// The method is chosen from counted operations alone, so that the measured speed has no influence
  /// on any result.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: As they would be given to `explain`.
  /// - Returns: The method that would be used, and every method's estimated cost.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func plan(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let (cost, chosen, expected) = try explanationCost(tokens: tokens.count, options)
    let methods = [chosen] + SettledMethod.allCases.filter { $0 != chosen }
    let check = cost.effects(options.check, options)
    return plan(
      methods.map {
        (
          method: $0.rawValue,
          work: (check?.work ?? WorkEstimate()).followed(
            by: cost.explanation($0, tokens: expected, decodedTriplets: options.decodedTriplets))
        )
      }, tokens: tokens.count, rank: cost.scope.rank,
      counted: [
        "Counted: four passes for the prediction, the shares and the reconstruction, and the spectra of "
          + "\(expected.count) of \(cost.scope.position + 1) tokens."
      ]
        + (check.map {
          [
            "Counted too: the effect of removing each token (\($0.removal.name)), in about half as many "
              + "forward passes"
              + ($0.isDivided ? ", and about four passes for each to divide it." : ".")
          ]
        } ?? []))
  }

  /// What an explanation costs, how its singular vectors are found, and of which tokens.
  ///
  /// Which tokens have the largest shares is not known yet: those that a choice by shares is expected to
  /// take are as many, counted from the last; for `top` from the first, which cost most.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The cost, the method that is meant, and the tokens that are counted.
  /// - Throws: The option that cannot be satisfied.
  func explanationCost(
    tokens: Int, _ options: ExplanationOptions
  ) throws(InputError) -> (cost: CostModel, method: SettledMethod, tokens: [Int]) {
    let expected = try expectedCost(tokens: tokens, options)
    try expected.cost.requireMemory(expected.method, tokens: expected.tokens)
    if case .removing = options.check, let check = expected.cost.effects(options.check, options) {
      try expected.cost.memory.require(check.work.peakBytes)
    }
    return expected
  }

  /// The same, whether it fits into the memory or not.
  func expectedCost(
    tokens: Int, _ options: ExplanationOptions
  ) throws(InputError) -> (cost: CostModel, method: SettledMethod, tokens: [Int]) {
    let cost = CostModel(
      decoder.configuration, try scope(tokens: tokens, options), precision: S.self,
      memory: options.memory)
    // As if shares grew with the position; a number of tokens may be those that cost most, the first.
    var shares = (0...cost.scope.position).map { Double($0 + 1) }
    if case .top = options.spectra { shares.reverse() }
    let expected = try selected(options, by: shares, cost)
    return (cost, cost.settled(options.method, of: expected), expected)
  }

  /// The token ids of a prompt that the decoder can read.
  ///
  /// - Throws: Why it cannot.
  func validTokens(of prompt: PromptInput) throws(InputError) -> [Int] {
    let tokens = try tokens(of: prompt)
    try decoder.validate(tokens)
    return tokens
  }

  /// A plan of some work: by the method that is meant, and then by others.
  ///
  /// - Parameters:
  ///   - works: What each method would take.
  ///   - tokens: Number of tokens.
  ///   - rank: Triplets of each map; 0 for work without any.
  ///   - counted: What the estimates count, in sentences.
  /// - Returns: The plan, at the speed that this machine has now.
  func plan(
    _ works: [(method: String, work: WorkEstimate)], tokens: Int, rank: Int,
    counted: [String] = []
  ) -> PlanReport {
    let rate = multiplicationRate(S.self, for: .milliseconds(50))
    return PlanReport(
      secantVersion: SecantVersion.current, model: identity, tokenCount: tokens, rank: rank,
      precision: S.precisionName, method: works[0].method,
      estimates: works.map { $0.work.reported($0.method, rate: rate) },
      notes: counted + [
        "Times assume \(Int((rate / 1e9).rounded())) billion operations a second, as a matrix product "
          + "just reached on this machine in \(S.precisionName).",
        "Memory is what the work takes beside the weights, which stay in their file's pages.",
      ])
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
