public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// The measured change of the target when each token is removed, next to its share.
  ///
  /// Costs the two passes of the shares plus about half a forward pass per token. Dividing effects
  /// by kind of part costs about four more passes per token.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - removal: How tokens are removed.
  ///   - positions: The tokens to remove; by default all that reach the analyzed position.
  ///   - options: Target, position, site, gate rule and memory, as for an explanation.
  ///   - isDivided: Whether effects are divided by kind of part: at the output or the stream after a block.
  ///   - progress: Called as the work goes on.
  /// - Returns: The effects, and their agreement with the shares.
  /// - Throws: Why the prompt, the removal or the options cannot be used.
  public func effects(
    _ prompt: PromptInput, removing removal: TokenRemoval = .mean, at positions: [Int]? = nil,
    _ options: ExplanationOptions = ExplanationOptions(), isDivided: Bool = true,
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> EffectCheck {
    let input = try validated(prompt)
    let tokens = input.tokens
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
  ///   - attribution: The unchanged prompt, and its tokens' shares.
  ///   - positions: The tokens to remove; nil for all.
  ///   - cost: The memory of the work.
  ///   - meter: Receives the progress.
  /// - Returns: The effects of the tokens whose removal changes anything.
  /// - Throws: That the replacement is not a token, or that numbers overflow.
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
    let direction = direction(of: attribution.predicted.target)
    let runs = ChangedRuns(
      of: decoder, at: run, to: attribution.site, position: attribution.position)
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

  /// An effect divided by kind of part: the mean of both accounts of the change.
  private func channels(
    of position: Int, _ removal: SettledRemoval<S>, _ attribution: Attribution<S>,
    _ direction: [S], _ cost: CostModel
  ) throws(InputError) -> EffectCheck.Channels {
    let run = attribution.linearization
    let changed = try removal.linearization(
      of: decoder, without: position, run, holding: cost.changedBytes)
    let account = run.differences(
      with: changed, of: Readout(direction, at: attribution.position), to: attribution.site
    ).mean
    return EffectCheck.Channels(
      content: account.total(of: .content), patterns: account.total(of: .pattern),
      gates: account.total(of: .gate), norms: account.total(of: .norm))
  }
}
