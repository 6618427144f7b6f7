public import SecantCheckpoints
public import SecantDecoders
public import SecantOperators
public import SecantReports

/// What a steering vector points toward.
public enum SteeringDirection: Hashable, Sendable {
  /// A token: the direction of the stream that raises its logit over the mean of the vocabulary, through the
  /// final norm.
  case token(ExplanationOptions.Target.TokenName)
  /// A left singular vector u_k, k from 1, of a token's map to the stream, signed so that it speaks for the
  /// stream that the prompt has there.
  case leftVector(of: PromptInput, token: Int, Int)
  /// The mean stream of one text less that of another, each without its first position.
  case difference(from: PromptInput, to: PromptInput)
}

/// A direction of the stream after a block, and how far the stream is moved along it.
public struct SteeringVector<S: Scalar>: Sendable {
  /// v `[d]`, of norm 1.
  public let vector: [S]
  /// The block n after which the stream is changed.
  public let block: Int

  /// A direction from any vector of the stream.
  ///
  /// - Parameters:
  ///   - vector: A vector `[d]` whose norm is finite and not 0.
  ///   - block: The block after which the stream is changed.
  init(_ vector: [S], after block: Int) {
    let length = Matrix(row: vector).norm
    precondition(length > 0 && length.isFinite, "a vector without a direction")
    self.vector = vector.map { $0 / S(length) }
    self.block = block
  }

  /// The change of the stream f_k at every position k: `f_k ← f_k + s ‖f_k‖ v / 2`.
  ///
  /// At strength 1 the change is half as long as the stream, as in ``SteeringMode/add``; negative strengths
  /// point away, and at 0 nothing changes.
  public func intervention(strength: Double) -> Intervention<S> {
    Intervention(after: block) { stream, _ in
      if strength == 0 { return stream }
      return stream
        + Matrix.repeating(row: vector, count: stream.rows)
        .scalingRows(by: stream.rowNorms.map { strength * $0 / 2 })
    }
  }
}

extension Model {
  /// A steering vector: a few forward passes at most, and for a singular vector the leading triplets of one map.
  ///
  /// - Parameters:
  ///   - direction: What it points toward.
  ///   - block: The block after which the stream is changed, from 0.
  ///   - rule: Which factor of gated products is linear in a token's map.
  /// - Returns: The vector.
  /// - Throws: Why a prompt or a token cannot be used, or that there is no direction.
  public func steeringVector(
    toward direction: SteeringDirection, after block: Int, gate rule: GateRule = .up
  ) throws(InputError) -> SteeringVector<S> {
    // There are no logits to rank the spellings of a word, so the first one counts.
    let flat = [S](repeating: 0, count: decoder.configuration.vocabularySize)
    return try described(direction, after: block, rule, spelledBy: flat).vector
  }

  /// How a prompt continues, with and without a push along a direction of the stream.
  ///
  /// The push acts at every position of the prompt and of its continuation. At strength 0 both continuations have
  /// the same tokens.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - direction: What the push points toward.
  ///   - block: The block after which the stream is changed, from 0.
  ///   - strength: The strength s, any finite number.
  ///   - rule: Which factor of gated products is linear in a token's map.
  ///   - options: How the prompt is continued, and which concept is measured; nil for the direction's own: its
  ///     token, the token that u_k writes most, or the text that the difference leads to. The mode is not used.
  /// - Returns: Both continuations, each with its effect and its damage.
  /// - Throws: Why the direction, the prompt or the options cannot be used.
  public func steer(
    _ prompt: PromptInput, toward direction: SteeringDirection, after block: Int,
    strength: Double, gate rule: GateRule = .up, _ options: SteeringOptions = SteeringOptions()
  ) throws(InputError) -> SteeringVectorReport {
    guard strength.isFinite else {
      throw InputError(
        .invalid, subject: "strength \(strength)", expected: "a finite number",
        found: "\(strength)", remedy: "give another strength")
    }
    let input = try validated(prompt)
    var cache = KeyValueCache<S>(decoder.configuration)
    let outputs = try decoder.forward(input.tokens, cache: &cache)
    let logits = decoder.unembedding.logits(outputs.rows(outputs.rows - 1..<outputs.rows)).elements
    let source = try described(direction, after: block, rule, spelledBy: logits)
    let trials = try SteeringTrials(
      self, prompt: input.tokens, phrase: source.concept, options: options)
    try checkRoom(for: options.count, after: input.tokens.count)
    return SteeringVectorReport(
      secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
      direction: source.description, strength: strength, promptText: input.text,
      promptTokens: named(input.tokens), concept: named(trials.concept),
      sampling: .init(options.sampling), unsteered: try trials.trial(nil),
      steered: try trials.trial(source.vector.intervention(strength: strength)),
      commandLine: options.commandLine, chat: input.chat)
  }

  /// A vector with its description, and the concept that it stands for; logits `[V]` rank the spellings of a word.
  private func described(
    _ direction: SteeringDirection, after block: Int, _ rule: GateRule, spelledBy logits: [S]
  ) throws(InputError) -> DescribedVector<S> {
    try checkBlock(block)
    try require(rule)
    switch direction {
    case .token(let name): return try tokenVector(name, after: block, spelledBy: logits)
    case .leftVector(let prompt, let token, let k):
      return try leftVector(of: prompt, token: token, k, after: block, rule)
    case .difference(let from, let to): return try difference(from: from, to: to, after: block)
    }
  }

  private func tokenVector(
    _ name: ExplanationOptions.Target.TokenName, after block: Int, spelledBy logits: [S]
  ) throws(InputError) -> DescribedVector<S> {
    var resolution = TargetResolution(self, logits: logits)
    let token = try resolution.resolve(.logits(of: .tokens([name]), over: .nothing)).tokens[0]
    let row = zip(
      decoder.unembedding.direction(of: token), decoder.unembedding.meanDirection
    ).map(-)
    // The final norm's adjoint, but for its scale, which has no direction.
    let vector = zip(row, decoder.finalNorm.weight).map(*)
    return try DescribedVector(
      self, decoder.finalNorm.centered(Matrix(row: vector)).elements, after: block,
      concept: (nil, [token]),
      describe: { writes, length in
        .init(
          kind: "token", block: block, token: .init(id: token, text: text(of: token)),
          length: length, writes: writes)
      })
  }

  private func leftVector(
    of prompt: PromptInput, token given: Int, _ k: Int, after block: Int, _ rule: GateRule
  ) throws(InputError) -> DescribedVector<S> {
    let input = try validated(prompt)
    let count = input.tokens.count
    let token = given < 0 ? count + given : given
    guard (0..<count).contains(token) else {
      throw InputError(
        .invalid, subject: "the direction's token", expected: "a position in 0...\(count - 1)",
        found: "\(given)", remedy: "choose a token of the direction's prompt")
    }
    let width = decoder.configuration.width
    guard (1...width).contains(k) else {
      throw InputError(
        .invalid, subject: "the direction", expected: "a number in 1...\(width)", found: "\(k)",
        remedy: "count directions from 1, the largest singular value first")
    }
    let run = try decoder.linearize(at: input.tokens, gate: rule)
    let svd = run.streamJacobian(of: token, after: block).svd(rank: k)
    guard svd.left.rows >= k else { throw noDirection }
    let stream = run.value(at: .block(block, .residual))
    let u = svd.left.row(k - 1)
    let along = Kernels.dot(u.span, stream.row(stream.rows - 1).span)
    return try DescribedVector(
      self, along < 0 ? u.map { -$0 } : u, after: block, concept: nil,
      describe: { writes, _ in
        .init(
          kind: "left-vector", block: block, prompt: input.text,
          promptTokens: named(input.tokens), position: token, triplet: k,
          gateRule: rule.rawValue, length: Double(svd.singularValues[k - 1]), writes: writes)
      })
  }

  private func difference(
    from: PromptInput, to: PromptInput, after block: Int
  ) throws(InputError) -> DescribedVector<S> {
    let (first, second) = (try validated(from), try validated(to))
    let vector = try meanDifference(second.tokens, first.tokens, after: block)
    return try DescribedVector(
      self, vector, after: block, concept: (second.text, second.tokens),
      describe: { writes, length in
        .init(
          kind: "difference", block: block, prompt: second.text,
          promptTokens: named(second.tokens), fromText: first.text, fromTokens: named(first.tokens),
          length: length, writes: writes)
      })
  }

  fileprivate var noDirection: InputError {
    InputError(
      .invalid, subject: "the steering vector", expected: "a vector that is not 0",
      found: "0, or an overflow", remedy: "give another direction")
  }
}

/// A vector, what it is, and the concept whose probability is measured.
private struct DescribedVector<S: Scalar> {
  let vector: SteeringVector<S>
  let description: SteeringVectorReport.Direction
  let concept: (text: String?, tokens: [Int])

  /// Describes a vector of the stream; without a concept, the token that it writes most is one.
  ///
  /// - Throws: That the vector has no direction.
  init(
    _ model: Model<S>, _ vector: [S], after block: Int,
    concept: (text: String?, tokens: [Int])?,
    describe: (
      _ writes: [ExplanationReport.DecodedToken], _ length: Double
    ) -> SteeringVectorReport.Direction
  ) throws(InputError) {
    let length = Matrix(row: vector).norm
    guard length > 0, length.isFinite else { throw model.noDirection }
    self.vector = SteeringVector(vector, after: block)
    // What a push along v adds to the logits, through the final norm's weights.
    let norm = model.decoder.finalNorm
    let written = zip(
      norm.centered(Matrix(row: self.vector.vector)).elements, norm.weight
    ).map(*)
    let writes = model.topTokens(for: written, count: 8)
    description = describe(writes, length)
    self.concept = concept ?? (nil, [writes[0].id])
  }
}
