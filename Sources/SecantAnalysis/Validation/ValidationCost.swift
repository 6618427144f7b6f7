public import SecantCheckpoints
import SecantDecoders
public import SecantReports

extension Model {
  /// What `validate` would cost on this machine, if every item that can be measured is one that the model answers.
  ///
  /// - Parameter options: As they would be given to `validate`.
  /// - Returns: The cost of the only method, "exact"; its tokens are those of one item, on average.
  /// - Throws: What in the options cannot be satisfied.
  public func planValidation(
    _ options: ValidationOptions = ValidationOptions()
  ) throws(InputError) -> PlanReport {
    let candidates = try validationItems(options)
    try requireMemory(for: candidates, options)
    let items = candidates.filter { $0.flaw == nil }.prefix(options.itemCount)
    var work = WorkEstimate()
    for item in items {
      work = work.followed(by: validationWork(tokens: item.tokens.count, options))
    }
    let tokens = items.reduce(0) { $0 + $1.tokens.count } / max(1, items.count)
    return plan(
      [(method: "exact", work: work)], tokens: tokens, rank: 0,
      counted: [
        "Counted: \(items.count) items of about \(tokens) tokens by \(options.rules.count) rules. Items that the model "
          + "answers otherwise are left out, and cost two passes each."
      ])
  }

  /// Positions of changed runs that pass a block together.
  func validationRows(_ options: ValidationOptions) -> Int {
    let memory = WorkingMemory(
      configuration: decoder.configuration, tokens: CandidateItem.longest,
      scalarBytes: MemoryLayout<S>.stride, budget: options.memory)
    return max(2 * CandidateItem.longest, min(4096, memory.rows(within: options.memory / 2)))
  }

  /// Refuses a memory into which the longest item does not fit.
  ///
  /// - Throws: `InputError` with one that does.
  func requireMemory(
    for candidates: [CandidateItem], _ options: ValidationOptions
  ) throws(InputError) {
    let longest = candidates.filter { $0.flaw == nil }.map(\.tokens.count).max() ?? 1
    let memory = WorkingMemory(
      configuration: decoder.configuration, tokens: longest, scalarBytes: MemoryLayout<S>.stride,
      budget: options.memory)
    try memory.require(validationWork(tokens: longest, options).peakBytes)
  }

  /// One item: the forward passes of its runs, and what each rule takes.
  private func validationWork(tokens: Int, _ options: ValidationOptions) -> WorkEstimate {
    let scope = ExplanationScope(
      tokens: tokens, position: tokens - 1, lastBlock: decoder.configuration.blockCount - 1,
      rank: 0, tolerance: 1e-3)
    let cost = CostModel(
      decoder.configuration, scope, precision: S.self, memory: options.memory)
    let (count, rules) = (Double(tokens), Double(options.rules.count))
    let row = cost.linearization / count
    let fractions = 2 * ItemMeasures<S>.tokenFractions.count
    // Effects begin at their tokens; sets of tokens, circuits and heads nearly everywhere.
    let runs =
      3 * (count + 1) / 2 + rules * Double(fractions + ItemMeasures<S>.circuitFractions.count)
      + Double(ItemMeasures<S>.removedHeads) / 2
    let passes = options.rules.reduce(4.0) { sum, rule in
      switch rule {
      case .up, .half, .gate: sum + 4
      case .gradient: sum + 5
      case .integrated:
        sum + 5 * Double(PredictionRule.tokenSteps + PredictionRule.circuitSteps)
      case .ledger: sum + 10
      case .random: sum
      }
    }
    let batches = (runs * count / Double(validationRows(options))).rounded(.up)
    let ordinary = WorkingMemory(
      configuration: decoder.configuration, tokens: tokens, scalarBytes: MemoryLayout<S>.stride,
      budget: options.memory, kind: .ordinary)
    return WorkEstimate(
      products: Int(runs), operations: runs * count * row + passes * cost.pass,
      overhead: cost.fixedCost(sweeps: passes + 2 * batches),
      // Three frozen runs, a differentiated one, and components' outputs and cotangents.
      peakBytes: 5 * cost.memory.frozenBytes + ordinary.frozenBytes
        + cost.memory.sweepBytes(rows: validationRows(options)))
  }
}
