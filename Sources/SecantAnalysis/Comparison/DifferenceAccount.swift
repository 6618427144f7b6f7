public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// What changed the answer from another prompt to this one, or from another model: an exact account of a real
  /// difference.
  ///
  /// By default the target is the prediction of this prompt over that of the other; where both predict one
  /// token, over its runner-up after this prompt. Names of tokens are read by this prompt's logits. Of the options the target, the position, the gate rule, the memory, the grouping, the heads whose patterns are
  /// divided, the number of entries and the site count, which must be the output or the stream after a block. Costs both forward passes and about three others at
  /// any length, for both orders.
  ///
  /// - Parameters:
  ///   - prompt: A, a text or token ids.
  ///   - other: B, of as many tokens; the same where nil.
  ///   - second: The model that reads B, of the same shape and vocabulary; this one where nil.
  ///   - options: What is read, and how it is computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same account for the same arguments on the same machine.
  /// - Throws: What in the prompts or the options cannot be satisfied; that the prompts differ in length, or the
  ///   models in shape.
  public func difference(
    _ prompt: PromptInput, from other: PromptInput? = nil, by second: Model<S>? = nil,
    _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> DifferenceLedger {
    let model = second ?? self
    let input = try read(prompt)
    let tokens = try validTokens(of: prompt)
    let others = try model.validTokens(of: other ?? prompt)
    if let reason = shapeDifference(from: model) {
      throw InputError(
        .unsupported, subject: "the account of what differs between two models",
        expected: "models of one shape and vocabulary", found: reason,
        remedy: "compare a model with one that was made from it")
    }
    guard tokens.count == others.count else {
      throw InputError(
        .invalid, subject: "the two prompts", expected: "as many tokens in both",
        found: "\(tokens.count) and \(others.count)",
        remedy: "exchange words for words of as many tokens")
    }
    let cost = try sharesWork(tokens: tokens.count, options).cost
    // Both runs are there at once: each holds half as many blocks, and all of its streams.
    let configuration = decoder.configuration
    let streams =
      (configuration.blockCount + 1) * tokens.count * configuration.width * MemoryLayout<S>.stride
    func steps(_ cost: CostModel) -> Steps {
      Steps([cost.forward, cost.forward, cost.difference]).beside(streams)
    }
    try cost.require(steps)
    let meter = WorkMeter(steps(cost), report: progress)
    meter.begin(.linearization)
    let spans = try spans(options.grouping, of: input, upTo: cost.scope.position)
    func run(_ tokens: [Int], _ model: Model<S>) throws(InputError) -> Linearization<S> {
      let run = try model.decoder.linearize(
        at: tokens, gate: options.gate, holding: cost.memory.heldBytes / 2)
      meter.add(cost.forward.operations)
      return run
    }
    let (a, b) = (try run(tokens, self), try run(others, model))
    func predicted(
      _ run: Linearization<S>, _ model: Model<S>
    ) throws(InputError) -> PredictedOutput<S> {
      try model.predictedOutput(
        of: run.output(at: options.site, position: cost.scope.position), options)
    }
    let outputs = (try predicted(a, self), try predicted(b, model))
    meter.begin(.contributions)
    let account = try account(
      a, b, by: model, outputs, at: cost.scope.position, spans, options
    ) { meter.reach($0) }
    meter.end()
    guard let ledger = account.ledger else { preconditionFailure("frozen runs have an account") }
    return ledger
  }

  /// Why this model and another have no parts in common; nil where they have, or are one.
  func shapeDifference(from second: Model<S>) -> String? {
    if isSame(as: second) { return nil }
    let shapes = decoder.configuration.shapeDifferences(from: second.decoder.configuration)
    if !shapes.isEmpty { return shapes.joined(separator: ", ") }
    return hasSameVocabulary(as: second) ? nil : "different vocabularies"
  }

  /// Whether another model is this one.
  func isSame(as second: Model<S>) -> Bool {
    second.identity.fingerprint == identity.fingerprint
  }

  /// The account of two runs that are frozen.
  ///
  /// - Returns: The account, and what a reader should know of it.
  /// - Throws: That numbers overflow, or that the model has no such head.
  func account(
    _ a: Linearization<S>, _ b: Linearization<S>, by second: Model<S>,
    _ outputs: (PredictedOutput<S>, PredictedOutput<S>), at position: Int, _ spans: TokenSpans?,
    _ options: ExplanationOptions, observer: (Double) -> Void = { _ in }
  ) throws(InputError) -> ComparedRuns {
    var target = outputs.0.target
    if options.target == .prediction, let a = outputs.0.prediction.first?.id,
      let b = outputs.1.prediction.first?.id, a != b
    {
      target = .logits(of: [a], over: .tokens([b]))
    }
    let configuration = decoder.configuration
    try options.splitPatterns?.require(configuration)
    let count = configuration.blockCount * configuration.queryHeads * (position + 1)
    let isDivided = count <= DifferenceLedger.dividedEntries
    let isOneModel = isSame(as: second)
    let readout = Readout(direction(of: target), at: position)
    func both(splitting heads: Set<Difference.Detail.Head>) -> TwoWayDifference {
      a.differences(
        with: b, of: readout,
        and: isOneModel ? nil : Readout(second.direction(of: target), at: position),
        to: options.site,
        detail: .init(
          terms: isDivided && spans == nil ? DifferenceLedger.terms : 0, splitPatterns: heads),
        observer: observer)
    }
    var found = both(splitting: options.splitPatterns?.named ?? [])
    if case .top = options.splitPatterns {
      found = both(splitting: options.splitPatterns?.leading(in: found.mean) ?? [])
    }
    guard found.forward.sum.isFinite, found.reverse.sum.isFinite else { throw notFinite }
    let listing = EntryListing(spans: spans, limit: options.listedEntries)
    let isSplit = options.splitPatterns != nil
    func order(_ account: Difference) -> DifferenceLedger.Order {
      .init(account, listing, isOneModel: isOneModel, isSplit: isSplit)
    }
    let ledger = DifferenceLedger(
      target: describe(
        target, output: a.output(at: options.site, position: position),
        logits: outputs.0.logits), position: position,
      forward: order(found.forward), reverse: order(found.reverse), mean: order(found.mean),
      grouping: spans.map { spans in
        .init(
          by: spans.by, spans: spans.spans.map { .init(name: $0.name, positions: $0.positions) })
      })
    let listed = ledger.forward.wholeEntries.count
    var notes: [String] = []
    if let entries = ledger.forward.entryCount, entries > listed {
      notes.append(
        "Of the \(entries) entries of the account of what changed, the \(listed) largest are listed; its sums "
          + "are of all. --all-entries lists them, in JSON and in tables.")
    }
    if !isDivided {
      notes.append(
        "The prompts are too long for entries to be divided by source and neuron.")
    }
    if !isOneModel {
      notes.append(
        "Of two models, content is what their embeddings differ by, and a head's or a gate's entry has both what its "
          + "own weights and what enters it differ by.")
      if options.circuit != nil {
        notes.append("Circuits are run within one model: none was looked for.")
      }
    }
    let circuit =
      isOneModel
      ? options.circuit.map {
        DifferenceCircuit(
          of: found.forward, carrying: $0, a, b, direction(of: target), at: options.site, position)
      } : nil
    return ComparedRuns(ledger: ledger, circuit: circuit, notes: notes)
  }

  /// The account that a comparison has at its heart, and what is to be said of it.
  ///
  /// - Returns: No account where the two sides have no parts in common, and why.
  /// - Throws: That numbers overflow.
  func account(
    _ a: Explained<S>, _ b: Explained<S>, by second: Model<S>, _ spans: TokenSpans?,
    _ options: ExplanationOptions, observer: (Double) -> Void
  ) throws(InputError) -> ComparedRuns? {
    let tokens = (a.linearization.tokens, b.linearization.tokens)
    let reason: String
    switch options.site {
    case .block(_, .attention), .block(_, .feedForward), .input:
      reason = "at the output or the stream after a block, where all parts add up"
    case .output, .block(_, .residual):
      if let difference = shapeDifference(from: second) {
        reason = "where both models have one shape and vocabulary: these differ in \(difference)"
      } else if tokens.0.count != tokens.1.count {
        reason =
          "where both prompts have as many tokens, as positions are compared: these have "
          + "\(tokens.0.count) and \(tokens.1.count)"
      } else if tokens.0 == tokens.1, isSame(as: second) {
        return nil
      } else {
        return try account(
          a.linearization, b.linearization, by: second, (a.predicted, b.predicted),
          at: a.family.position, spans, options, observer: observer)
      }
    }
    return ComparedRuns(
      ledger: nil, circuit: nil,
      notes: ["What changed is accounted for, part by part, only \(reason)."])
  }
}

/// What was found of two frozen runs.
struct ComparedRuns {
  /// The account of what changed; nil where there is none.
  let ledger: DifferenceLedger?
  /// The parts that carry most of it; nil where they were not asked for.
  let circuit: DifferenceCircuit?
  /// What a reader should know.
  let notes: [String]
}

extension CostModel {
  /// The account of a difference of two runs, in both orders.
  var difference: Step { sweeps(4, .contributions) }
}
