public import SecantCheckpoints
public import SecantDecoders
import SecantOperators
public import SecantReports

/// How a prompt is continued while it is steered, and what is looked for.
public struct SteeringOptions: Hashable, Sendable {
  /// How the operator changes the stream.
  public var mode = SteeringMode.add
  /// How many tokens to append at most.
  public var count = 30
  /// How tokens are chosen.
  public var sampling = Sampling.greedy
  /// What is looked for in the continuation; the operator's phrase where nil.
  public var concept: PromptInput?
  /// The command's arguments, for the report.
  public var commandLine: [String]?

  /// `add`, 30 tokens, greedy, the phrase itself.
  public init() {}
}

extension Model {
  /// How a prompt goes on, steered and not.
  ///
  /// The operator acts at every position, those of the prompt and the new ones; keys and values are
  /// cached. At strength 0 both continuations are the same, token for token.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - steering: The operator; one that was made from another model is refused.
  ///   - strength: The strength s, within what the mode allows.
  ///   - options: How the prompt is continued.
  /// - Returns: Both continuations, each with its effect and its damage.
  /// - Throws: What in the operator, the prompt or the options cannot be satisfied.
  public func steer(
    _ prompt: PromptInput, by steering: SteeringOperator<S>, strength: Double,
    _ options: SteeringOptions = SteeringOptions()
  ) throws(InputError) -> SteeringReport {
    try check(strength, options)
    let (setting, trials) = try prepare(prompt, steering, options)
    let change = Steering(steering, mode: options.mode, strength: strength)
    return SteeringReport(
      setting: setting, strength: strength, unsteered: try trials.trial(nil),
      steered: try trials.trial(change.intervention))
  }

  /// Effect against damage over strengths and blocks, beside a difference of means.
  ///
  /// For a block other than the operator's own, the phrase's exact operator there is used. The baseline is
  /// the vector from the prompt's mean stream to the phrase's, made as long at every position as the
  /// operator's change there.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - steering: The operator; one that was made from another model is refused.
  ///   - strengths: The strengths, within what the mode allows; tried in ascending order.
  ///   - blocks: The blocks, tried in ascending order; the operator's own where nil.
  ///   - options: How the prompt is continued.
  ///   - progress: Called as the work goes on.
  /// - Returns: A trial for each block, method and strength.
  /// - Throws: What in the operator, the prompt or the options cannot be satisfied.
  public func sweep(
    _ prompt: PromptInput, by steering: SteeringOperator<S>, strengths: [Double],
    blocks: [Int]? = nil, _ options: SteeringOptions = SteeringOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> SteeringSweepReport {
    let strengths = Set(strengths).sorted()
    let blocks = Set(blocks ?? [steering.block]).sorted()
    for strength in strengths { try check(strength, options) }
    for block in blocks { try checkBlock(block) }
    let (setting, trials) = try prepare(prompt, steering, options)
    let tokens = try tokens(of: prompt)
    let linearization = try decoder.linearize(at: steering.tokens, gate: steering.rule)
    let methods = SteeringSweepReport.Method.allCases
    let total = Double(blocks.count * methods.count * strengths.count)
    var points: [SteeringSweepReport.Point] = []
    for block in blocks {
      let source =
        block == steering.block
        ? steering : steeringOperator(linearization, text: steering.text, after: block)
      let vector = try meanDifference(steering.tokens, tokens, after: block)
      for method in methods {
        for strength in strengths {
          progress(AnalysisProgress(stage: .steering, fraction: Double(points.count) / total))
          let change = Steering(source, mode: options.mode, strength: strength)
          let intervention =
            switch method {
            case .jacobian: change.intervention
            case .difference: MeanDifference(vector: vector, steering: change).intervention
            }
          points.append(
            .init(
              block: block, method: method, strength: strength,
              trial: try trials.trial(intervention)))
        }
      }
    }
    return SteeringSweepReport(
      setting: setting, unsteered: try trials.trial(nil), points: points,
      notes: notes + notes(steering, blocks, isSame: tokens == steering.tokens))
  }

  /// The vector by which `add` at strength 1 changes the stream at a prompt's last position, `[d]`.
  ///
  /// With f the stream after the operator's block there, and a = Σ_i J_(i mod T) x_i: `‖f‖ a / (2 ‖a‖)`, for
  /// programs that add one vector at every position.
  ///
  /// - Parameters:
  ///   - steering: The operator; one that was made from another model is refused.
  ///   - prompt: A text or token ids; the operator's own phrase where nil.
  /// - Returns: A vector in the stream's units.
  /// - Throws: What in the operator or the prompt cannot be satisfied, or that a is 0.
  public func controlVector(
    of steering: SteeringOperator<S>, at prompt: PromptInput? = nil
  ) throws(InputError) -> [S] {
    try steering.check(against: self)
    let tokens = if let prompt { try tokens(of: prompt) } else { steering.tokens }
    let linearization = try decoder.linearize(at: tokens)
    let stream = linearization.value(at: .block(steering.block, .residual))
    let last = stream.rows(stream.rows - 1..<stream.rows)
    let a = Steering(steering, mode: .add, strength: 1)
      .summary(of: linearization.input, positions: 1)
    let length = a.norm
    guard length > 0, length.isFinite, last.norm.isFinite else {
      throw InputError(
        .invalid, subject: "the control vector", expected: "a vector that is not 0",
        found: length == 0 ? "0" : "an overflow", remedy: "give another prompt")
    }
    return a.scalingRows(by: [last.norm / (2 * length)]).elements
  }

  /// An operator that was written, as a report.
  ///
  /// - Parameters:
  ///   - steering: The operator.
  ///   - fileBytes: The bytes that its file takes.
  ///   - commandLine: The command's arguments; nil where the library was called.
  /// - Returns: What the operator is, and whose.
  public func report(
    on steering: SteeringOperator<S>, fileBytes: Int, commandLine: [String]? = nil
  ) -> SteeringOperatorReport {
    SteeringOperatorReport(
      secantVersion: SecantVersion.current, model: identity,
      steeringOperator: describe(steering, form: steering.writtenForm),
      fileBytes: fileBytes, commandLine: commandLine)
  }

  /// - Throws: That a strength or the count cannot be used.
  private func check(_ strength: Double, _ options: SteeringOptions) throws(InputError) {
    guard options.mode.strengths.contains(strength) else {
      throw InputError(
        .invalid, subject: "strength \(strength)",
        expected: options.mode == .mix ? "0 to 1 in the mode mix" : "a finite number from 0 on",
        found: "\(strength)", remedy: "give another strength")
    }
  }

  private func prepare(
    _ prompt: PromptInput, _ steering: SteeringOperator<S>, _ options: SteeringOptions
  ) throws(InputError) -> (SteeringSetting, SteeringTrials<S>) {
    try steering.check(against: self)
    let input = try read(prompt)
    let tokens = input.tokens
    let trials = try SteeringTrials(
      self, prompt: tokens, phrase: (steering.text, steering.tokens), options: options)
    try checkRoom(for: options.count, after: tokens.count)
    let setting = SteeringSetting(
      secantVersion: SecantVersion.current, model: identity, precision: S.precisionName,
      steeringOperator: describe(steering), mode: options.mode.rawValue, promptText: input.text,
      promptTokens: named(tokens), concept: named(trials.concept),
      sampling: .init(options.sampling),
      commandLine: options.commandLine, chat: input.chat)
    return (setting, trials)
  }

  private func notes(
    _ steering: SteeringOperator<S>, _ blocks: [Int], isSame: Bool
  ) -> [String] {
    var notes: [String] = []
    if case .lowRank = steering.form, blocks.contains(where: { $0 != steering.block }) {
      notes.append(
        "After block \(steering.block) the operator is the one given; after the others it is the "
          + "phrase's exact one.")
    }
    if isSame {
      notes.append("Phrase and prompt are the same: the difference of their means is 0.")
    }
    return notes
  }
}
