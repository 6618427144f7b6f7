import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantReports
import SecantTokenizers

extension Model {
  /// The token that a generation begins with; nil where none is asked for.
  ///
  /// It is the one that begins a text, or the prompt's first where the tokenizer has none.
  ///
  /// - Parameters:
  ///   - tokens: The prompt, at least one token.
  ///   - options: How many tokens are to be generated.
  /// - Returns: The first token.
  /// - Throws: That the context has no room for so many.
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

  /// A greedy generation from one token, each step a decomposition of the chosen token's logit over its runner-up's.
  ///
  /// Step k costs a forward pass and a sweep of k + 1 tokens. Ends early at the end of the text.
  ///
  /// - Parameters:
  ///   - first: The token that is read first.
  ///   - options: How many tokens, and how they are decomposed.
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
      // The maps of a prefix, not a prefix of the maps: some rotations depend on the length.
      let attribution = try attribution(
        PromptReading(tokens: tokens, text: nil, chat: nil), cost, explanation,
        meter: WorkMeter(cost.attribution) { _ in })
      let reading = attribution.reading
      steps.append(
        .init(
          prediction: reading.prediction[0], target: reading.describedTarget,
          shares: attribution.shares,
          reconstruction: attribution.reconstruction()))
      tokens.append(reading.prediction[0].id)
      if ends.contains(reading.prediction[0].id) { break }
    }
    return .init(tokens: tokens.enumerated().map(described), steps: steps)
  }
}
