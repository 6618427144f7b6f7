public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// What changed the answer from another prompt to this one: an exact account of a real difference.
  ///
  /// By default the target is the prediction of this prompt over that of the other; where both predict one
  /// token, over its runner-up after this prompt. Names of tokens are read by this prompt's logits. Of the options the target, the position, the gate rule, the memory and the site count,
  /// which must be the output or the stream after a block. Costs both forward passes and about three others at
  /// any length, for both orders.
  ///
  /// - Parameters:
  ///   - prompt: A, a text or token ids.
  ///   - other: B, of as many tokens.
  ///   - options: What is read, and how it is computed.
  ///   - progress: Called as the work goes on.
  /// - Returns: The same account for the same arguments on the same machine.
  /// - Throws: What in the prompts or the options cannot be satisfied; that the prompts differ in length.
  public func difference(
    _ prompt: PromptInput, from other: PromptInput,
    _ options: ExplanationOptions = ExplanationOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> DifferenceLedger {
    let (tokens, others) = (try validTokens(of: prompt), try validTokens(of: other))
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
    func run(_ tokens: [Int]) throws(InputError) -> Linearization<S> {
      let run = try decoder.linearize(
        at: tokens, gate: options.gate, holding: cost.memory.heldBytes / 2)
      meter.add(cost.forward.operations)
      return run
    }
    let (a, b) = (try run(tokens), try run(others))
    func predicted(_ run: Linearization<S>) throws(InputError) -> PredictedOutput<S> {
      try predictedOutput(of: run.output(at: options.site, position: cost.scope.position), options)
    }
    let outputs = (try predicted(a), try predicted(b))
    meter.begin(.contributions)
    let account = try account(a, b, outputs, at: cost.scope.position, options) {
      meter.reach($0)
    }
    meter.end()
    guard let ledger = account.ledger else { preconditionFailure("frozen runs have an account") }
    return ledger
  }

  /// The account of two runs that are frozen.
  ///
  /// - Returns: The account, and what a reader should know of it.
  /// - Throws: That numbers overflow.
  func account(
    _ a: Linearization<S>, _ b: Linearization<S>,
    _ outputs: (PredictedOutput<S>, PredictedOutput<S>),
    at position: Int, _ options: ExplanationOptions, observer: (Double) -> Void = { _ in }
  ) throws(InputError) -> ComparedRuns {
    var target = outputs.0.target
    if options.target == .prediction, let a = outputs.0.prediction.first?.id,
      let b = outputs.1.prediction.first?.id, a != b
    {
      target = .logits(of: [a], over: .tokens([b]))
    }
    let configuration = decoder.configuration
    let count = configuration.blockCount * configuration.queryHeads * (position + 1)
    let isDivided = count <= DifferenceLedger.dividedEntries
    let both = a.differences(
      with: b, of: Readout(direction(of: target), at: position), to: options.site,
      detail: .init(terms: isDivided ? DifferenceLedger.terms : 0),
      observer: observer)
    guard both.forward.sum.isFinite, both.reverse.sum.isFinite else { throw notFinite }
    let ledger = DifferenceLedger(
      target: describe(
        target, output: a.output(at: options.site, position: position),
        logits: outputs.0.logits), position: position,
      forward: .init(both.forward), reverse: .init(both.reverse), mean: .init(both.mean))
    let found = both.forward.entries.count
    let listed = ledger.forward.wholeEntries.count
    var notes: [String] = []
    if found > listed {
      notes.append(
        "Of the \(found) entries of the account of what changed, the \(listed) largest are listed; its sums "
          + "are of all.")
    }
    if !isDivided {
      notes.append(
        "The prompts are too long for entries to be divided by source and neuron.")
    }
    let circuit = options.circuit.map {
      DifferenceCircuit(
        of: both.forward, carrying: $0, a, b, direction(of: target), at: options.site, position)
    }
    return ComparedRuns(ledger: ledger, circuit: circuit, notes: notes)
  }

  /// The account that a comparison has at its heart, and what is to be said of it.
  ///
  /// - Returns: No account where the two sides have no parts in common, and why.
  /// - Throws: That numbers overflow.
  func account(
    _ a: Explained<S>, _ b: Explained<S>, isOneModel: Bool, _ options: ExplanationOptions,
    observer: (Double) -> Void
  ) throws(InputError) -> ComparedRuns? {
    let tokens = (a.linearization.tokens, b.linearization.tokens)
    let reason: String
    switch options.site {
    case .block(_, .attention), .block(_, .feedForward), .input:
      reason = "at the output or the stream after a block, where all parts add up"
    case .output, .block(_, .residual):
      if !isOneModel {
        reason = "where one model reads both prompts: two models have no parts in common"
      } else if tokens.0.count != tokens.1.count {
        reason =
          "where both prompts have as many tokens, as positions are compared: these have "
          + "\(tokens.0.count) and \(tokens.1.count)"
      } else if tokens.0 == tokens.1 {
        return nil
      } else {
        return try account(
          a.linearization, b.linearization, (a.predicted, b.predicted), at: a.family.position,
          options,
          observer: observer)
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

extension DifferenceLedger {
  /// Entries of an order that a report lists at most: less than 1 MB of JSON.
  static let listedEntries = 4096
  /// The largest entries, which are divided by source or neuron.
  static let dividedLargest = 24
  /// Terms of each of them.
  static let terms = 5
  /// Entries up to which terms are looked for.
  fileprivate static var dividedEntries: Int { 1 << 18 }
}

extension DifferenceLedger.Order {
  /// An account as a report has it.
  fileprivate init(_ difference: Difference) {
    let last = difference.parts.compactMap(\.component.block).max() ?? -1
    let parts = Dictionary(grouping: difference.parts) { $0.component.block ?? -1 }
    let blocks = (0..<last + 1).map { n in
      let own = parts[n] ?? []
      func sum(_ kind: Difference.Kind) -> Double {
        own.reduce(0) { $0 + ($1.component.kind == kind ? $1.sum : 0) }
      }
      return DifferenceLedger.Block(
        block: n, heads: own.filter { $0.component.head != nil }.map(\.sum), gates: sum(.gate),
        norms: sum(.norm))
    }
    let places = Dictionary(
      uniqueKeysWithValues: difference.parts.enumerated().map { ($1.component, $0) })
    let largest = difference.largestEntries.prefix(DifferenceLedger.listedEntries)
    self.init(
      real: difference.real, sum: difference.sum, content: difference.total(of: .content),
      patterns: difference.total(of: .pattern), gates: difference.total(of: .gate),
      norms: difference.total(of: .norm), blocks: blocks,
      entries: largest.enumerated().flatMap { rank, entry -> [DifferenceLedger.Entry] in
        let whole = DifferenceLedger.Entry(entry)
        guard rank < DifferenceLedger.dividedLargest, let place = places[entry.component],
          difference.parts[place].terms.indices.contains(entry.position)
        else { return [whole] }
        return [whole]
          + difference.parts[place].terms[entry.position].map { .init(entry, term: $0) }
      })
  }
}

extension DifferenceLedger.Entry {
  /// An entry as a report has it, or one of its terms.
  init(_ entry: Difference.Entry, term: Difference.Term? = nil) {
    self.init(
      kind: entry.kind.rawValue, block: entry.block, head: entry.head,
      neuron: entry.kind == .gate ? term?.index : nil, expert: entry.expert,
      norm: entry.component.normName, position: entry.position,
      source: entry.kind == .pattern ? term?.index : nil, value: term?.value ?? entry.value)
  }
}

extension Difference.Component {
  /// Which norm it is; nil for other parts.
  fileprivate var normName: String? {
    switch self {
    case .finalNorm: return "final"
    case .norm(_, let step):
      switch step {
      case .attentionNorm: return "attention"
      case .attentionPostNorm: return "attention-post"
      case .feedForwardNorm: return "feed-forward"
      case .feedForwardPostNorm: return "feed-forward-post"
      case .attention, .feedForward: return nil
      }
    case .content, .head, .gates: return nil
    }
  }
}
