package import SecantCheckpoints
import SecantDecoders
package import SecantOperators
package import SecantReports

/// What a corpus keeps of an explanation: the answer, and the decomposed maps with their vectors.
package struct CorpusExplanation<S: Scalar>: Sendable {
  /// The prediction and every token's share.
  package let answer: ExplanationReport.Answer
  /// The maps of the chosen tokens, ascending.
  package let maps: [ExplanationReport.TokenJacobian]
  /// The leading singular vectors of each of `maps`, in order.
  package let directions: [TokenDirections<S>]
}

/// The leading singular vectors of one token's map.
package struct TokenDirections<S: Scalar>: Sendable {
  /// Output directions u_k, `[rank, d]`, each with the sign for which u·y is not negative.
  package let left: Matrix<S>
  /// Input directions v_k, `[rank, d]`, in the order and with the signs of `left`.
  package let right: Matrix<S>
}

extension Model {
  /// What ``explain(_:_:progress:answer:)`` finds, without the two passes that rebuild the output, and with the
  /// vectors that it decodes.
  ///
  /// Costs two passes, and the decompositions that the options select.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the explanation should contain, and how it is computed; `check` is not read.
  /// - Returns: The same for the same arguments on the same machine.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  package func corpusExplanation(
    _ prompt: PromptInput, _ options: ExplanationOptions
  ) throws(InputError) -> CorpusExplanation<S> {
    let input = try validated(prompt)
    let expected = try explanationWork(tokens: input.tokens.count, options)
    try expected.requireMemory()
    let meter = WorkMeter(expected.steps, report: { _ in })
    let attribution = try attribution(input, expected.cost, options, meter: meter)
    let shares = attribution.shares
    let work = try expected.chosen(by: shares.selecting)
    let answer = ExplanationReport.Answer(
      prompt: described(input, position: attribution.position, options),
      prediction: attribution.predicted.prediction,
      target: attribution.predicted.describedTarget, shares: shares)
    guard !work.tokens.isEmpty else {
      return CorpusExplanation(answer: answer, maps: [], directions: [])
    }
    let family = attribution.linearization
      .jacobians(to: options.site, position: attribution.position)
    let (done, found) = decompositions(of: family, work, by: shares.selecting, meter: meter)
    let maps = describe(found, of: done, attribution: attribution, options)
    let directions = found.map { svd in
      let (left, right) = svd.signed(towards: attribution.output)
      return TokenDirections(left: left, right: right)
    }
    return CorpusExplanation(answer: answer, maps: maps, directions: directions)
  }
  /// The memory that the questions of a corpus take at most, the model's weights left out.
  ///
  /// - Parameters:
  ///   - prompts: A text, or two that are compared and whose runs are in memory together.
  ///   - options: The options of an explanation.
  ///   - layers: The options of the blocks' question; nil where it is not asked.
  /// - Returns: Bytes.
  /// - Throws: What in the prompts or the options cannot be satisfied.
  package func corpusBytes(
    _ prompts: [PromptInput], _ options: ExplanationOptions, layers: LayersOptions?
  ) throws(InputError) -> Int {
    var (together, most) = (0, 0)
    for prompt in prompts {
      let tokens = try validated(prompt).tokens.count
      together += try explanationWork(tokens: tokens, options).steps.peakBytes
      if let layers { most = max(most, try layersWork(tokens: tokens, layers).steps.peakBytes) }
    }
    return max(together, most)
  }
}
