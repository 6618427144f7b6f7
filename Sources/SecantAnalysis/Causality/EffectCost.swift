import SecantDecoders

/// What a check measures, and what that is expected to take.
struct EffectPlan: Sendable {
  /// How tokens are removed.
  let removal: TokenRemoval
  /// Whether each effect is divided by kind of part.
  let isDivided: Bool
  /// The expected work.
  let step: Step
}

extension CostModel {
  /// Operations up to which tokens are removed without being asked for: about two seconds of two cores.
  static let unaskedEffects = 4e11

  /// What an explanation's check would do; nil where it does nothing.
  ///
  /// By itself a check measures effects where these cost little, and divides them where that costs little too.
  func effects(_ check: ExplanationOptions.Check, _ options: ExplanationOptions) -> EffectPlan? {
    let canDivide = options.site.isStream
    switch check {
    case .none: return nil
    case .removing(let removal):
      return EffectPlan(
        removal: removal, isDivided: canDivide, step: effects(removal, isDivided: canDivide))
    case .auto:
      return [true, false].lazy.filter { canDivide || !$0 }.map { isDivided in
        EffectPlan(
          removal: .mean, isDivided: isDivided, step: effects(.mean, isDivided: isDivided))
      }.first {
        $0.step.time <= Self.unaskedEffects && $0.step.peakBytes <= memory.budget
      }
    }
  }

  /// Effects of all tokens up to the position: the positions from each on, in batches; where they are divided,
  /// a frozen run of each and both accounts of what it changes.
  private func effects(_ removal: TokenRemoval, isDivided: Bool) -> Step {
    let rows = positions * (positions + 3) / 2
    let batches = (Double(rows) / Double(effectRows)).rounded(.up)
    var step = sweep(rows: 0, in: 2 * batches, .effects)
    step.products = positions
    step.operations = Double(rows) * forward.operations / Double(scope.tokens)
    step.peakBytes =
      memory.heldFrozenBytes + memory.sweepBytes(rows: max(effectRows, 2 * positions))
    if case .mean = removal { step.operations += d * Double(configuration.vocabularySize) }
    guard isDivided else { return step }
    step.products += positions
    step.operations += Double(positions) * divisionOperations
    step.overhead += Double(positions) * (forward.overhead + sweeps(3, .effects).overhead)
    step.peakBytes = max(
      step.peakBytes, 2 * memory.heldFrozenBytes + memory.sweepBytes(rows: positions))
    return step
  }

  /// Operations that divide one effect: a frozen run, and both accounts.
  var divisionOperations: Double { forward.operations + sweeps(3, .effects).operations }

  /// Positions of all changed runs that pass a block together.
  var effectRows: Int {
    let fitting = memory.rows(within: memory.available / 2)
    return max(2 * positions, min(4096, fitting))
  }
}

extension Site {
  /// Whether the site is a stream to which all parts add up.
  var isStream: Bool {
    switch self {
    case .output, .block(_, .residual): true
    case .input, .block(_, .attention), .block(_, .feedForward): false
    }
  }
}
