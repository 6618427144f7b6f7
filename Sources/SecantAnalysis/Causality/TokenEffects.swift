public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// What really happens to the target where each token is removed, beside its share.
  ///
  /// Costs the two passes of the shares and about half as many forward passes as there are tokens, all runs
  /// together; dividing effects by kind of part costs about four passes more for each token.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - removal: How tokens are removed.
  ///   - positions: The tokens that are removed; by default all that reach the analysed position.
  ///   - options: Target, position, site, gate rule and memory, as for an explanation.
  ///   - isDivided: Whether effects are divided by kind of part: at the output or the stream after a block.
  ///   - progress: Called as the work goes on.
  /// - Returns: The effects, and how far the shares agree with them.
  /// - Throws: What in the prompt, the removal or the options cannot be satisfied.
  public func effects(
    _ prompt: PromptInput, removing removal: TokenRemoval = .mean, at positions: [Int]? = nil,
    _ options: ExplanationOptions = ExplanationOptions(), isDivided: Bool = true,
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> EffectCheck {
    let input = try read(prompt)
    let tokens = input.tokens
    try decoder.validate(tokens)
    let cost = cost(try scope(tokens: tokens.count, options), memory: options.memory)
    func plan(_ cost: CostModel) -> EffectPlan {
      guard let plan = cost.effects(.removing(removal), options) else {
        preconditionFailure("a removal is a plan")
      }
      return plan
    }
    try cost.require { $0.attribution + Steps([plan($0).step]) }
    let chosen = try positions.map { positions throws(InputError) in
      try TokenSelection.positions(positions)
        .chosen(by: (0...cost.scope.position).map { _ in 1 }) { $0 }
    }
    let whole = plan(cost)
    let asked = EffectPlan(
      removal: removal, isDivided: isDivided && whole.isDivided, step: whole.step)
    let meter = WorkMeter(cost.attribution + Steps([asked.step]), report: progress)
    let attribution = try attribution(input, cost, options, meter: meter)
    let check = try effects(asked, of: attribution, at: chosen, cost, meter: meter)
    meter.end()
    return check
  }

  /// The effects of a prompt's tokens, whose shares are known.
  ///
  /// - Parameters:
  ///   - plan: What is measured.
  ///   - attribution: The prompt as it is, and its tokens' shares.
  ///   - positions: The tokens that are removed; all where nil.
  ///   - cost: What the work may hold.
  ///   - meter: Told what is done.
  /// - Returns: The effects of those tokens whose removal is a change.
  /// - Throws: That the replacement is no token, or that numbers overflow.
  func effects(
    _ plan: EffectPlan, of attribution: Attribution<S>, at positions: [Int]? = nil,
    _ cost: CostModel, meter: WorkMeter
  ) throws(InputError) -> EffectCheck {
    meter.begin(.effects)
    let removal = try settled(plan.removal)
    let run = attribution.linearization
    let removed = (positions ?? Array(0...attribution.position)).filter {
      removal.changes($0, of: run.tokens, at: attribution.position)
    }
    let direction = direction(of: attribution.reading.target)
    let runs = ChangedRuns(
      of: decoder, entering: run.input, to: attribution.site, position: attribution.position)
    let outputs = runs.outputs(
      of: removed.map { removal.change(removing: [$0]) }, rows: cost.effectRows
    ) { meter.add(Double($0) * cost.forward.operations / Double(run.tokens.count)) }
    let whole = Kernels.dot(direction.span, outputs.unchanged.span)
    var effects: [EffectCheck.Effect] = []
    for (index, position) in removed.enumerated() {
      let output = outputs.changed.row(index)
      let effect = whole - Kernels.dot(direction.span, output.span)
      guard effect.isFinite else { throw notFinite }
      effects.append(
        EffectCheck.Effect(
          position: position, effect: effect,
          channels: plan.isDivided
            ? try channels(of: position, removal, attribution, direction, cost) : nil))
      if plan.isDivided { meter.add(cost.divisionOperations) }
    }
    let shares = removed.map { attribution.tokens[$0] }
    let found = effects.map(\.effect)
    return EffectCheck(
      method: plan.removal.name,
      replacement: removal.token.map { .init(id: $0, text: text(of: $0)) }, effects: effects,
      spearman: Correlation.spearman(shares, found), pearson: Correlation.pearson(shares, found))
  }

  /// An effect divided by kind of part: the mean of both accounts of what changed.
  private func channels(
    of position: Int, _ removal: SettledRemoval<S>, _ attribution: Attribution<S>,
    _ direction: [S], _ cost: CostModel
  ) throws(InputError) -> EffectCheck.Channels {
    let run = attribution.linearization
    let changed = try removal.linearization(
      of: decoder, without: position, run, holding: cost.memory.heldBytes / 2)
    let account = run.differences(
      with: changed, of: Readout(direction, at: attribution.position), to: attribution.site
    ).mean
    return EffectCheck.Channels(
      content: account.total(of: .content), patterns: account.total(of: .pattern),
      gates: account.total(of: .gate), norms: account.total(of: .norm))
  }
}
