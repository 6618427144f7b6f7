public import SecantCheckpoints
public import SecantDecoders
import SecantOperators
public import SecantReports

/// How a steered prompt is continued, and which concept is measured.
public struct SteeringOptions: Hashable, Sendable {
  /// How the operator changes the stream.
  public var mode = SteeringMode.add
  /// The largest number of tokens to append.
  public var count = 30
  /// How tokens are chosen.
  public var sampling = Sampling.greedy
  /// The concept whose probability is measured; nil for the operator's phrase.
  public var concept: PromptInput?
  /// The command's arguments, for the report.
  public var commandLine: [String]?

  /// The defaults: `add`, 30 tokens, greedy, the operator's phrase.
  public init() {}
}

extension Model {
  /// How a prompt continues, with and without steering.
  ///
  /// The operator acts at every position of the prompt and of its continuation; keys and values are
  /// cached. At strength 0 both continuations have the same tokens.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - steering: The operator; an operator of another model is refused.
  ///   - strength: The strength s, in the range of the mode.
  ///   - options: How the prompt is continued.
  /// - Returns: Both continuations, each with its effect and its damage.
  /// - Throws: Why the operator, the prompt or the options cannot be used.
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

  /// Effect against damage for several strengths and blocks, compared with a difference of means.
  ///
  /// Blocks other than the operator's own use the phrase's exact operator there. The baseline is
  /// the vector from the prompt's mean stream to the phrase's, scaled at every position to the
  /// length of the operator's change there.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - steering: The operator; an operator of another model is refused.
  ///   - strengths: The strengths, in the range of the mode; tried in ascending order.
  ///   - blocks: The blocks, tried in ascending order; nil for the operator's own.
  ///   - options: How the prompt is continued.
  ///   - progress: Called as the work goes on.
  /// - Returns: A trial for each block, method and strength.
  /// - Throws: Why the operator, the prompt or the options cannot be used.
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
  ///   - steering: The operator; an operator of another model is refused.
  ///   - prompt: A text or token ids; nil for the operator's own phrase.
  /// - Returns: A vector in the stream's units.
  /// - Throws: Why the operator or the prompt cannot be used, or that a is 0.
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

  /// The report on an operator that was written.
  ///
  /// - Parameters:
  ///   - steering: The operator.
  ///   - fileBytes: The size of its file in bytes.
  ///   - commandLine: The command's arguments; nil if the library was called.
  /// - Returns: A description of the operator and its model.
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
