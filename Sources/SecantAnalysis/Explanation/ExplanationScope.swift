import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// What is to be explained, with every default settled.
package struct ExplanationScope: Hashable, Sendable {
  /// T: number of tokens.
  let tokens: Int
  /// p: the position that is explained; only the tokens up to it have a map.
  let position: Int
  /// The last block that takes part.
  let lastBlock: Int
  /// Singular triplets per token, at most the width.
  let rank: Int
  /// The largest residual, relative to σ₁, that a triplet shall have.
  let tolerance: Double

  package init(tokens: Int, position: Int, lastBlock: Int, rank: Int, tolerance: Double) {
    (self.tokens, self.position, self.lastBlock) = (tokens, position, lastBlock)
    (self.rank, self.tolerance) = (rank, tolerance)
  }
}

extension Model {
  /// Refuses a gate rule that would have no effect.
  ///
  /// - Throws: That it is not the default although the model has no gated products.
  func require(_ rule: GateRule) throws(InputError) {
    if decoder.configuration.gateRules.contains(rule) { return }
    throw InputError(
      .invalid, subject: "the gate rule \(rule.rawValue)",
      expected: "a model whose feed-forward layers have a gate", found: "one without gates",
      remedy: "leave the rule out: this model's map is the same by every rule")
  }

  /// Settles what is to be explained.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The options as they are meant for this model and prompt.
  /// - Throws: The option that cannot be satisfied.
  func scope(tokens: Int, _ options: ExplanationOptions) throws(InputError) -> ExplanationScope {
    let configuration = decoder.configuration
    try require(options.gate)
    let position = options.position < 0 ? tokens + options.position : options.position
    guard (0..<tokens).contains(position) else {
      throw InputError(
        .invalid, subject: "position \(options.position)",
        expected: "one of the prompt's \(tokens) tokens, 0...\(tokens - 1) or -\(tokens)...-1",
        found: "\(options.position)", remedy: "choose a token of the prompt")
    }
    let lastBlock: Int
    switch options.site {
    case .output: lastBlock = configuration.blockCount - 1
    case .block(let n, _) where (0..<configuration.blockCount).contains(n): lastBlock = n
    case .block(let n, _):
      throw InputError(
        .invalid, subject: "site \(options.site)",
        expected: "a block in 0...\(configuration.blockCount - 1)", found: "\(n)",
        remedy: "blocks are counted from 0")
    case .input:
      throw InputError(
        .invalid, subject: "site \(options.site)", expected: "output or a place in a block",
        found: "an input", remedy: "inputs are where maps start")
    }
    if let circuit = options.circuit, !(circuit > 0 && circuit <= 1) {
      throw InputError(
        .invalid, subject: "the circuit's fraction", expected: "a number above 0 and at most 1",
        found: "\(circuit)", remedy: "use 0.9 if in doubt")
    }
    guard options.rank >= 0 else {
      throw InputError(
        .invalid, subject: "rank", expected: "0 or more", found: "\(options.rank)",
        remedy: "use 0 for no singular vectors")
    }
    try requirePositive(options.predictionCount, "the number of predictions")
    try requirePositive(options.memory, "memory")
    guard options.decodedCount >= 0, options.decodedTriplets >= 0 else {
      throw InputError(
        .invalid, subject: "the number of decoded tokens", expected: "0 or more",
        found: "\(min(options.decodedCount, options.decodedTriplets))", remedy: "raise it")
    }
    guard options.tolerance > 0, options.tolerance < 1 else {
      throw InputError(
        .invalid, subject: "tolerance", expected: "a number above 0 and below 1",
        found: "\(options.tolerance)", remedy: "use 1e-3 if in doubt")
    }
    return ExplanationScope(
      tokens: tokens, position: position, lastBlock: lastBlock,
      rank: min(options.rank, configuration.width), tolerance: options.tolerance)
  }

  private func requirePositive(_ value: Int, _ subject: String) throws(InputError) {
    guard value > 0 else {
      throw InputError(
        .invalid, subject: subject, expected: "at least 1", found: "\(value)",
        remedy: "give a positive number")
    }
  }
}
