import SecantDecoders

/// What a check measures, and its expected cost.
struct EffectPlan: Sendable {
  /// How tokens are removed.
  let removal: TokenRemoval
  /// Whether each effect is divided by kind of part.
  let isDivided: Bool
  /// The expected work.
  let step: Step
}

extension CostModel {
  /// The limit for removing tokens without a request: about two seconds of two cores.
  static let unaskedEffects = 4e11

  /// The plan of an explanation's check; nil if there is no check.
  ///
  /// With `auto`, a check measures effects if that costs little, and divides them if that also
  /// costs little.
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

  /// The effects of all tokens up to the position: for each token the positions from it on, in
  /// batches.
  ///
  /// If effects are divided, each token also takes a frozen run and both accounts of its changes.
  private func effects(_ removal: TokenRemoval, isDivided: Bool) -> Step {
    let rows = positions * (positions + 3) / 2
    let batches = (Double(rows) / Double(effectRows)).rounded(.up)
    var step = runs(in: 2 * batches, .effects)
    step.products = positions
    step.operations = Double(rows) * forward.operations / Double(scope.tokens)
    step.peakBytes =
      memory.heldFrozenBytes + memory.sweepBytes(rows: max(effectRows, 2 * positions))
    if case .mean = removal { step.operations += d * Double(configuration.vocabularySize) }
    guard isDivided else { return step }
    step.products += positions
    step.operations += Double(positions) * divisionOperations
    let division = sweeps(3, .effects)
    step.remaking += Double(positions) * division.remaking
    step.overhead += Double(positions) * (forward.overhead + division.overhead)
    step.peakBytes = max(
      step.peakBytes,
      memory.heldFrozenBytes + memory.run.bytes(holding: changedBytes)
        + memory.sweepBytes(rows: positions))
    return step
  }

  /// The bytes for the held blocks of a changed run, beside those of the prompt's own.
  var changedBytes: Int { memory.heldBytes / 2 }

  /// The operations to divide one effect: a frozen run and both accounts.
  var divisionOperations: Double { forward.operations + sweeps(3, .effects).operations }

  /// The number of positions, over all changed runs, that pass a block together.
  var effectRows: Int {
    let fitting = memory.rows(within: memory.available / 2)
    return max(2 * positions, min(4096, fitting))
  }
}

extension Site {
  /// Whether the site is a stream, the sum of all parts.
  var isStream: Bool {
    switch self {
    case .output, .block(_, .residual): true
    case .input, .block(_, .attention), .block(_, .feedForward): false
    }
  }
}
