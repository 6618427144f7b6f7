import SecantDecoders

/// What a check measures, and what that is expected to take.
struct EffectPlan: Sendable {
  /// How tokens are removed.
  let removal: TokenRemoval
  /// Whether each effect is divided by kind of part.
  let isDivided: Bool
  /// The expected work.
  let work: WorkEstimate
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
        removal: removal, isDivided: canDivide, work: effects(removal, isDivided: canDivide))
    case .auto:
      return [true, false].lazy.filter { canDivide || !$0 }.map { isDivided in
        EffectPlan(
          removal: .mean, isDivided: isDivided, work: effects(.mean, isDivided: isDivided))
      }.first {
        $0.work.operations + $0.work.overhead <= Self.unaskedEffects
          && $0.work.peakBytes <= memory.budget
      }
    }
  }

  /// Effects of all tokens up to the position: the positions from each on, in batches; where they are divided,
  /// a frozen run of each and both accounts of what it changes.
  private func effects(_ removal: TokenRemoval, isDivided: Bool) -> WorkEstimate {
    let count = scope.position + 1
    let rows = count * (count + 3) / 2
    let batches = (Double(rows) / Double(effectRows)).rounded(.up)
    var work = WorkEstimate(
      products: count,
      operations: Double(rows) * linearization / Double(scope.tokens),
      overhead: fixedCost(sweeps: 2 * batches),
      peakBytes: memory.heldFrozenBytes + memory.sweepBytes(rows: max(effectRows, 2 * count)))
    if case .mean = removal { work.operations += d * Double(configuration.vocabularySize) }
    guard isDivided else { return work }
    work.products += count
    work.operations += Double(count) * (linearization + 3 * pass)
    work.overhead += fixedCost(sweeps: Double(4 * count))
    work.peakBytes = max(
      work.peakBytes, 2 * memory.heldFrozenBytes + memory.sweepBytes(rows: count))
    return work
  }

  /// Positions of all changed runs that pass a block together.
  var effectRows: Int {
    let fitting = memory.rows(within: memory.available / 2)
    return max(2 * (scope.position + 1), min(4096, fitting))
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
