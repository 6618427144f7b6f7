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
    let tokens = try tokens(of: prompt)
    try decoder.validate(tokens)
    let scope = try scope(tokens: tokens.count, options)
    let cost = CostModel(
      decoder.configuration, scope, precision: S.self, memory: options.memory)
    let chosen = cost.settled(options.method)
    try cost.requireMemory(chosen)
    let rate = multiplicationRate(S.self, for: .milliseconds(50))
    let others = SettledMethod.allCases.filter { $0 != chosen }
    return PlanReport(
      secantVersion: SecantVersion.current, model: identity, tokenCount: tokens.count,
      rank: scope.rank, precision: S.precisionName, method: chosen.rawValue,
      estimates: ([chosen] + others).map { method in
        let operations = cost.total(method) + cost.decoding(triplets: options.decodedTriplets)
        return .init(
          method: method.rawValue, operatorProducts: cost.products(method),
          floatingPointOperations: operations.rounded(),
          seconds: (operations + cost.overhead(method)) / rate,
          peakMemoryBytes: cost.peakMemory(method))
      },
      notes: [
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
