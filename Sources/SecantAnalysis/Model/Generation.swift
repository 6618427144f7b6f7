import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports
import SecantTokenizers

extension Model {
  /// The first token of a generation; nil if none is requested.
  ///
  /// It is the begin-of-text token, or the prompt's first token if the tokenizer has none.
  ///
  /// - Parameters:
  ///   - tokens: The prompt, at least one token.
  ///   - options: The number of tokens to generate.
  /// - Returns: The first token.
  /// - Throws: That the context is too short.
  func generationStart(_ tokens: [Int], _ options: MapsOptions) throws(InputError) -> Int? {
    let room = decoder.configuration.contextLength
    guard (0...room).contains(options.generatedCount) else {
      throw InputError(
        .invalid, subject: "the number of generated tokens",
        expected: "one in 0...\(room), the context",
        found: "\(options.generatedCount)", remedy: "ask for fewer tokens")
    }
    guard options.generatedCount > 0 else { return nil }
    return tokenizer?.beginningOfText ?? tokens[0]
  }

  /// A greedy generation from one token.
  ///
  /// Each step divides the logit of the chosen token minus that of its runner-up.
  ///
  /// Step k costs a forward pass and a sweep of k + 1 tokens. Ends early at the end of the text.
  ///
  /// - Parameters:
  ///   - first: The first token.
  ///   - options: The number of tokens, and how the logits are divided.
  /// - Returns: The tokens and the steps.
  /// - Throws: That numbers overflow.
  func generation(
    from first: Int, _ options: MapsOptions
  ) throws(InputError) -> MapsReport.Generation {
    var explanation = options.explanation
    explanation.target = .prediction
    explanation.grouping = .token
    explanation.site = .output
    explanation.position = -1
    let ends = try endTokens()
    var tokens = [first]
    var steps: [MapsReport.Step] = []
    while steps.count < options.generatedCount {
      let cost = cost(
        try scope(tokens: tokens.count, explanation), memory: explanation.memory)
      // Each prefix is linearized anew, because some rotations depend on the length.
      let attribution = try attribution(
        EncodedPrompt(tokens: tokens, text: nil, chat: nil), cost, explanation,
        meter: WorkMeter(cost.attribution) { _ in })
      let predicted = attribution.predicted
      steps.append(
        .init(
          prediction: predicted.prediction[0], target: predicted.describedTarget,
          shares: attribution.shares,
          reconstruction: attribution.reconstruction()))
      tokens.append(predicted.prediction[0].id)
      if ends.contains(predicted.prediction[0].id) { break }
    }
    return .init(tokens: tokens.enumerated().map(described), steps: steps)
  }
}
