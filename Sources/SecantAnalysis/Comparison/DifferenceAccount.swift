public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// What changed the answer from another prompt to this one, or from another model: an exact account of a real
  /// difference.
  ///
  /// By default the target is this prompt's prediction over the other prompt's. If both predict the same token,
  /// the target is that token over its runner-up after this prompt. Names of tokens are read by this prompt's
  /// logits. Of the options these are used: target, position, gate rule, memory, grouping, divided heads, number of
  /// entries, and site, which must be the output or the stream after a block.
  ///
  /// Both orders together cost two forward passes and about three more, at any length.
  ///
  /// - Parameters:
  ///   - prompt: A, a text or token ids.
  ///   - other: B; the same where nil. If the lengths differ, the shorter prompt's run masks the tokens that it
  ///     lacks, as `DifferenceLedger.MaskedTokens` says.
  ///   - second: The model that reads B, of the same shape and vocabulary; this one where nil.
  ///   - options: What is read, and how it is computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same account for the same arguments on the same machine.
  /// - Throws: What in the prompts or the options cannot be satisfied; that the models differ in shape, or that the
  ///   positions that are read are not equally far from the ends.
  public func difference(
    _ prompt: PromptInput, from other: PromptInput? = nil, by second: Model<S>? = nil,
    _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> DifferenceLedger {
    let model = second ?? self
    let inputs = (try validated(prompt), try model.validated(other ?? prompt))
    let tokens = (inputs.0.tokens, inputs.1.tokens)
    try options.splitPatterns?.require(decoder.configuration)
    if let reason = shapeDifference(from: model) {
      throw InputError(
        .unsupported, subject: "the account of what differs between two models",
        expected: "models of one shape and vocabulary", found: reason,
        remedy: "compare a model with one that was made from it")
    }
    let costs = (
      try sharesWork(tokens: tokens.0.count, options).cost,
      try model.sharesWork(tokens: tokens.1.count, options).cost
    )
    let alignment = EndAlignment(
      tokens.0, tokens.1, readAt: (costs.0.scope.position, costs.1.scope.position))
    guard let alignment else {
      throw InputError(
        .invalid, subject: "the positions at which the two prompts are read",
        expected: "as many tokens after both",
        found: "\(tokens.0.count - 1 - costs.0.scope.position) and "
          + "\(tokens.1.count - 1 - costs.1.scope.position)",
        remedy: "count the position from the end")
    }
    // Both runs are in memory together, with as many rows.
    let longer = alignment.isSecondLonger ? costs.1 : costs.0
    let cost = longer.beside([longer.memory.run])
    func steps(_ cost: CostModel) -> Steps {
      Steps([cost.forward, cost.forward, cost.difference])
    }
    try cost.require(steps)
    let meter = WorkMeter(steps(cost), report: progress)
    meter.begin(.linearization)
    let spans = try spans(
      options.grouping, of: alignment.isSecondLonger ? inputs.1 : inputs.0,
      upTo: alignment.position)
    func run(
      _ tokens: [Int], _ model: Model<S>, _ masked: MaskedRows?
    ) throws(InputError) -> Linearization<S> {
      let run = try model.decoder.linearize(
        at: tokens, gate: options.gate, holding: cost.memory.heldBytes, masking: masked)
      meter.add(cost.forward.operations)
      return run
    }
    let runs = (
      try run(alignment.first, self, alignment.isSecondLonger ? alignment.masked : nil),
      try run(alignment.second, model, alignment.isSecondLonger ? nil : alignment.masked)
    )
    func predicted(
      _ run: Linearization<S>, _ model: Model<S>
    ) throws(InputError) -> PredictedOutput<S> {
      try model.predictedOutput(
        of: run.output(at: options.site, position: alignment.position), options)
    }
    let outputs = (try predicted(runs.0, self), try predicted(runs.1, model))
    meter.begin(.contributions)
    let account = try account(
      runs.0, runs.1, by: model, outputs, alignment, spans, options
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
  /// - Parameters:
  ///   - a: Run A, with as many rows as run B.
  ///   - b: Run B.
  ///   - second: The model that read B.
  ///   - outputs: The logits of both, and the target.
  ///   - alignment: How the texts stand beside each other.
  ///   - spans: The parts of the longer text that are counted together; nil for tokens.
  ///   - options: What is read.
  ///   - observer: Told what part is done.
  /// - Returns: The account, and what a reader should know of it.
  /// - Throws: That numbers overflow.
  func account(
    _ a: Linearization<S>, _ b: Linearization<S>, by second: Model<S>,
    _ outputs: (PredictedOutput<S>, PredictedOutput<S>), _ alignment: EndAlignment,
    _ spans: TokenSpans?, _ options: ExplanationOptions, observer: (Double) -> Void = { _ in }
  ) throws(InputError) -> ComparedRuns {
    let position = alignment.position
    var target = outputs.0.target
    if options.target == .prediction, let a = outputs.0.prediction.first?.id,
      let b = outputs.1.prediction.first?.id, a != b
    {
      target = .logits(of: [a], over: .tokens([b]))
    }
    let configuration = decoder.configuration
    let heads = configuration.blocks.indices.reduce(0) {
      $0 + configuration.headCount(ofBlock: $1)
    }
    let count = heads * (position + 1)
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
      let deltas = Set(
        configuration.blocks.indices.filter { configuration.blocks[$0].delta != nil })
      found = both(
        splitting: options.splitPatterns?.leading(in: found.mean, without: deltas) ?? [])
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
        logits: outputs.0.logits), position: position, masked: alignment.maskedTokens,
      forward: order(found.forward), reverse: order(found.reverse), mean: order(found.mean),
      grouping: spans.map { spans in
        .init(
          by: spans.by, spans: spans.spans.map { .init(name: $0.name, positions: $0.positions) })
      })
    let listed = ledger.forward.wholeEntries.count
    var notes: [String] = []
    if let masked = alignment.masked { notes.append(note(on: masked.rows, alignment)) }
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

  /// What a reader should know of rows that the shorter text lacks.
  private func note(on rows: Range<Int>, _ alignment: EndAlignment) -> String {
    let isSecondLonger = alignment.isSecondLonger
    let (longer, shorter) = isSecondLonger ? ("second", "first") : ("first", "second")
    let lacking = text(of: (isSecondLonger ? alignment.second : alignment.first)[rows])
    let places =
      rows.count == 1 ? "\(rows.lowerBound)" : "\(rows.lowerBound) to \(rows.upperBound - 1)"
    return
      "The prompts differ in length: they are aligned from both ends, and \"\(lacking)\", at \(places) in the "
      + "\(longer), is masked in the run of the \(shorter). Positions are those of the \(longer)."
  }

  /// The account that a comparison has at its heart, and what is to be said of it.
  ///
  /// - Returns: No account where the two sides have no parts in common, and why.
  /// - Throws: That numbers overflow.
  func account(
    _ a: Explained<S>, _ b: Explained<S>, by second: Model<S>, _ options: ExplanationOptions,
    meter: WorkMeter
  ) throws(InputError) -> ComparedRuns? {
    let tokens = (a.linearization.tokens, b.linearization.tokens)
    let positions = (a.family.position, b.family.position)
    let reason: String
    switch options.site {
    case .block(_, .attention), .block(_, .feedForward), .input:
      reason = "at the output or the stream after a block, where all parts add up"
    case .output, .block(_, .residual):
      if let difference = shapeDifference(from: second) {
        reason = "where both models have one shape and vocabulary: these differ in \(difference)"
      } else if tokens.0 == tokens.1, isSame(as: second) {
        return nil
      } else if let alignment = EndAlignment(tokens.0, tokens.1, readAt: positions) {
        return try account(a, b, by: second, alignment, options, meter: meter)
      } else {
        reason =
          "where both prompts are read equally far from their ends: these are read "
          + "\(tokens.0.count - 1 - positions.0) and \(tokens.1.count - 1 - positions.1) tokens before the last"
      }
    }
    let unused =
      (options.splitPatterns == nil ? "" : " No heads' patterns were divided.")
      + (options.circuit == nil ? "" : " No circuit was looked for.")
    return ComparedRuns(
      ledger: nil, circuit: nil,
      notes: ["What changed is accounted for, part by part, only \(reason).\(unused)"])
  }

  /// The account of two explanations whose texts stand beside each other.
  ///
  /// - Throws: That numbers overflow.
  private func account(
    _ a: Explained<S>, _ b: Explained<S>, by second: Model<S>, _ alignment: EndAlignment,
    _ options: ExplanationOptions, meter: WorkMeter
  ) throws(InputError) -> ComparedRuns {
    var runs = (a.linearization, b.linearization)
    if let masked = alignment.masked {
      // Each work leaves room for this run beside both.
      let held = a.work.cost.memory.heldBytes
      if alignment.isSecondLonger {
        runs.0 = try decoder.linearize(
          at: alignment.first, gate: options.gate, holding: held, masking: masked)
      } else {
        runs.1 = try second.decoder.linearize(
          at: alignment.second, gate: options.gate, holding: held, masking: masked)
      }
      meter.add((alignment.isSecondLonger ? b : a).work.cost.forward.operations)
    }
    return try account(
      runs.0, runs.1, by: second, (a.predicted, b.predicted), alignment,
      alignment.isSecondLonger ? b.spans : a.spans, options
    ) { meter.reach($0) }
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

extension EndAlignment {
  /// What the shorter text lacks, as a report has it; nil where both have as many tokens.
  fileprivate var maskedTokens: DifferenceLedger.MaskedTokens? {
    masked.map {
      .init(
        prompt: isSecondLonger ? "first" : "second", start: $0.rows.lowerBound,
        count: $0.rows.count)
    }
  }
}

extension CostModel {
  /// The account of a difference of two runs, in both orders.
  package var difference: Step {
    var step = sweeps(4, .contributions)
    // A block of both runs is needed at a time.
    step.remaking *= 2
    return step
  }
}
