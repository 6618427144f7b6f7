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
    let steps = Steps(
      items.map { validationStep(validationCost(tokens: $0.tokens.count, options), options) })
    let tokens = items.reduce(0) { $0 + $1.tokens.count } / max(1, items.count)
    return plan(
      [(method: "exact", steps: steps)], tokens: tokens, rank: 0,
      counted: [
        "Counted: \(items.count) items of about \(tokens) tokens by \(options.rules.count) rules. Items that the model "
          + "answers otherwise are left out, and cost two passes each."
      ])
  }

  /// Positions of changed runs that pass a block together.
  func validationRows(_ options: ValidationOptions) -> Int {
    effectRows(options, options.memory)
  }

  private func effectRows(_ options: ValidationOptions, _ memory: Int) -> Int {
    let fitting = validationCost(tokens: CandidateItem.longest, options).within(memory).memory
      .rows(within: memory / 2)
    return max(2 * CandidateItem.longest, min(4096, fitting))
  }

  /// Runs of an item that are differentiated together: as many as a quarter of the memory holds.
  func runsTogether(tokens: Int, _ options: ValidationOptions) -> Int {
    runsTogether(validationCost(tokens: tokens, options))
  }

  private func runsTogether(_ cost: CostModel) -> Int {
    let each = cost.within(kind: .ordinary).memory.frozenBytes
    return max(1, min(64, cost.memory.budget / 4 / max(1, each)))
  }

  /// Refuses a memory into which the longest item does not fit.
  ///
  /// - Throws: `InputError` with one that does.
  func requireMemory(
    for candidates: [CandidateItem], _ options: ValidationOptions
  ) throws(InputError) {
    let longest = candidates.filter { $0.flaw == nil }.map(\.tokens.count).max() ?? 1
    try validationCost(tokens: longest, options)
      .require { Steps([validationStep($0, options)]) }
  }

  private func validationCost(tokens: Int, _ options: ValidationOptions) -> CostModel {
    cost(
      ExplanationScope(
        tokens: tokens, position: tokens - 1, lastBlock: decoder.configuration.blockCount - 1,
        rank: 0, tolerance: 1e-3), memory: options.memory)
  }

  /// One item: the forward passes of its runs, and what each rule takes.
  private func validationStep(_ cost: CostModel, _ options: ValidationOptions) -> Step {
    let (count, rules) = (Double(cost.positions), Double(options.rules.count))
    let row = cost.forward.operations / count
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
        // Most lines need about half of the points.
        sum + 5 * Double(PredictionRule.linePoints / 2 + PredictionRule.circuitPlaces.count)
      case .ledger: sum + 10
      case .random: sum
      }
    }
    let rows = effectRows(options, cost.memory.budget)
    let batches = (runs * count / Double(rows)).rounded(.up)
    var step = cost.runs(in: passes + 2 * batches, .validation)
    step.products = Int(runs)
    step.operations =
      runs * count * row + passes * cost.sweeps(1, .validation).operations
    // Three frozen runs, components' outputs and cotangents, and runs that are differentiated together.
    let differentiated = cost.within(kind: .ordinary).memory.frozenBytes
    step.peakBytes =
      5 * cost.memory.frozenBytes + runsTogether(cost) * differentiated
      + cost.memory.sweepBytes(rows: rows)
    return step
  }
}
