public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

/// How the laws are checked.
public struct VerificationOptions: Hashable, Sendable {
  /// The seed of random tokens and directions.
  public var seed: UInt64 = 0
  /// The prompt; nil for eight random tokens.
  public var prompt: PromptInput?
  /// The memory for the work besides the weights, in bytes.
  ///
  /// Laws that need more are skipped.
  public var memory = 4 << 30

  /// Seed 0, random tokens and 4 GiB.
  public init() {}
}

extension Model {
  /// Checks the method's laws on this model, in both precisions.
  ///
  /// - Parameters:
  ///   - options: The seed and the prompt.
  ///   - progress: Called as the work goes on.
  /// - Returns: Every law with its measured value and its bound.
  /// - Throws: Why the prompt cannot be used.
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

  /// Eight tokens, or fewer if the context is shorter.
  private func randomTokens(_ seed: UInt64) -> [Int] {
    var generator = SplitMix64(seed: seed)
    let vocabulary = decoder.configuration.vocabularySize
    return (0..<min(8, decoder.configuration.contextLength)).map { _ in
      Int.random(in: 0..<vocabulary, using: &generator)
    }
  }
}
