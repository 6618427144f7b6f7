public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

/// How the laws are tried.
public struct VerificationOptions: Hashable, Sendable {
  /// What random tokens and directions are drawn from.
  public var seed: UInt64 = 0
  /// The prompt; eight random tokens drawn from `seed` where nil.
  public var prompt: PromptInput?
  /// Bytes that the work may take beside the weights; what needs more is skipped.
  public var memory = 4 << 30

  /// Seed 0, random tokens and 4 GiB.
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
    let tokens =
      if let prompt = options.prompt { try tokens(of: prompt) } else { randomTokens(options.seed) }
    let single =
      if let known = decoder as? Decoder<Float> { known } else { try Decoder<Float>(checkpoint) }
    let double =
      if let known = decoder as? Decoder<Double> { known } else { try Decoder<Double>(checkpoint) }
    var trials = LawSuite(report: progress)
    let inSingle = try trials.run(single, tokens, options)
    let inDouble = try trials.run(double, tokens, options)
    try trials.tryRules(double, tokens, options)
    trials.compare(inSingle, inDouble)
    return VerificationReport(
      secantVersion: SecantVersion.current, model: identity, seed: options.seed, laws: trials.laws)
  }

  /// Eight tokens, fewer where the context is shorter.
  private func randomTokens(_ seed: UInt64) -> [Int] {
    var generator = SplitMix64(seed: seed)
    let vocabulary = decoder.configuration.vocabularySize
    return (0..<min(8, decoder.configuration.contextLength)).map { _ in
      Int.random(in: 0..<vocabulary, using: &generator)
    }
  }
}
