public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// Every analysis of a prompt.
  ///
  /// Costs three explanations (one for each gate rule, including the report's own), a pass more for each rule, and
  /// another for each other target of the report's views and rule, one report on maps, and a few sweeps for each
  /// other analysis. Both kinds of Jacobian are compared in every precision where that takes no longer than all
  /// the rest, or than a person waits; otherwise in this model's own.
  /// Each analysis decomposes the maps of the selected tokens, by default as many as fit the time that a person
  /// waits.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the report contains, and how it is computed.
  ///   - progress: Called as the work goes on, with the fraction of all analyses by expected cost.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: Why the prompt or the options cannot be used.
  public func report(
    _ prompt: PromptInput, _ options: FullOptions = FullOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> FullReport {
    let work = try fullWork(tokens: validTokens(of: prompt).count, options)
    try work.requireMemory()
    let parts = ProgressParts(work.parts(), progress)
    var asked = options.explanation

    // First the cheap analysis that may refuse: shares do not support every site.
    let shares = try self.shares(prompt, asked, progress: parts.handler(0))
    let explanations = try explanations(prompt, asked, progress: parts.handler(1))
    let gateRules = gateRulesReport(of: explanations, asked)
    let explanation = zip(decoder.configuration.gateRules, explanations).first {
      $0.0 == asked.gate
    }?.1
    guard let explanation else { preconditionFailure("every gate rule has an explanation") }
    let views = try views(
      prompt, asked, beside: explanations, progress: parts.handler(5))
    // The likeliest token may differ between precisions, but all analyses need the same target.
    asked.target = asked.target.settled(as: explanation.target)
    let layers = LayersOptions(asked, concepts: options.concepts)
    let maps = MapsOptions(asked, units: options.unitCount)
    return FullReport(
      explanation: explanation,
      layers: try self.layers(prompt, layers, progress: parts.handler(4)), shares: shares,
      maps: try self.maps(prompt, maps, progress: parts.handler(2)),
      jacobians: try compareJacobians(
        prompt, asked, precisions: work.precisions, notes: work.notes,
        progress: parts.handler(FullWork.jacobiansPart)),
      gateRules: gateRules, views: views)
  }

  /// The shares of other targets under every gate rule: a pass for each rule, and one for each target under it.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: As the user gave them.
  ///   - explanations: What is known of the report's own target, for each gate rule in order.
  ///   - progress: Called as the work goes on.
  /// - Returns: For each rule the report's own target, then the others.
  /// - Throws: Why the prompt or the options cannot be used.
  private func views(
    _ prompt: PromptInput, _ options: ExplanationOptions, beside explanations: [ExplanationReport],
    progress: @escaping AnalysisProgress.Handler
  ) throws(InputError) -> [FullReport.View] {
    let input = try validated(prompt)
    let cost = cost(try scope(tokens: input.tokens.count, options), memory: options.memory)
    let rules = decoder.configuration.gateRules
    let others = FullWork.otherTargets(than: explanations[0])
    let steps = cost.views(targets: others.count)
    let parts = ProgressParts(rules.flatMap { _ in steps }, progress)
    var views: [FullReport.View] = []
    for (index, (rule, explanation)) in zip(rules, explanations).enumerated() {
      views.append(
        .init(
          target: explanation.target, gateRule: rule.rawValue,
          shares: explanation.shares.ungrouped))
      if others.isEmpty { continue }
      let first = index * steps.count
      parts.handler(first)(AnalysisProgress(stage: .linearization, fraction: 0))
      let linearization = try decoder.linearize(
        at: input.tokens, gate: rule, holding: cost.memory.heldBytes)
      for (place, target) in others.enumerated() {
        var asked = options
        (asked.gate, asked.target, asked.grouping) = (rule, target, .token)
        let meter = WorkMeter(steps[1 + place], report: parts.handler(first + 1 + place))
        let found = try attribution(input, linearization, cost, asked, meter: meter)
        views.append(
          .init(
            target: found.predicted.describedTarget, gateRule: rule.rawValue,
            shares: found.shares))
        meter.end()
      }
    }
    return views
  }

  /// The work of a report, whether or not it fits into the memory.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The work.
  /// - Throws: The option that cannot be satisfied.
  package func fullWork(tokens: Int, _ options: FullOptions) throws(InputError) -> FullWork {
    let asked = options.explanation
    let work = FullWork(
      shares: try sharesWork(tokens: tokens, asked).sources,
      ruleCount: decoder.configuration.gateRules.count,
      explanation: try explanationWork(tokens: tokens, asked),
      maps: try mapsWork(tokens: tokens, MapsOptions(asked, units: options.unitCount)),
      jacobians: try jacobiansWork(
        tokens: tokens, asked, precisions: ComparedPrecision.allCases),
      layers: try layersWork(
        tokens: tokens, LayersOptions(asked, concepts: options.concepts)))
    // In all precisions those of a long prompt take longer than all the rest.
    let times = work.parts().map(\.time)
    let jacobians = times[FullWork.jacobiansPart]
    let rest = times.reduce(0, +) - jacobians
    return jacobians <= max(Patience.long, rest) ? work : work.comparing(in: [.own(of: S.self)])
  }
}

/// The work of a report of every analysis.
package struct FullWork: Sendable {
  /// The tokens by which components are divided.
  let shares: [Int]
  /// The number of gate rules.
  let ruleCount: Int
  let explanation: ExplanationWork
  let maps: MapsWork
  let jacobians: JacobiansWork
  let layers: LayersWork

  /// The precisions in which both kinds of Jacobian are compared.
  package var precisions: [ComparedPrecision] { jacobians.precisions }

  /// The place of the Jacobians among the parts.
  fileprivate static let jacobiansPart = 3

  /// The same work with Jacobians in some precisions only.
  fileprivate func comparing(in precisions: [ComparedPrecision]) -> FullWork {
    FullWork(
      shares: shares, ruleCount: ruleCount, explanation: explanation, maps: maps,
      jacobians: JacobiansWork(cost: jacobians.cost, precisions: precisions), layers: layers)
  }

  /// Says in which precisions Jacobians are compared, if not in all.
  fileprivate var notes: [String] {
    let names = precisions.map(\.rawValue)
    if names.count == ComparedPrecision.allCases.count { return [] }
    return [
      "Both kinds of Jacobian are compared in \(names.joined(separator: ", ")) only: all precisions would take "
        + "longer than the rest of the report. secant jacobians compares all of them."
    ]
  }

  /// The steps of the shares, of an explanation under each gate rule, of maps, Jacobians and
  /// layers; with another memory budget, or with their own.
  func parts(_ budget: Int? = nil) -> [Steps] {
    let cost = explanation.cost.within(budget)
    let (method, joint) = (explanation.method, maps.method)
    let options = explanation.options
    return [
      cost.shares(of: shares),
      cost.explanation(
        method, tokens: explanation.tokens, decodedTriplets: options.decodedTriplets
      ).times(ruleCount) + explanation.askedCheck(cost),
      maps.steps(maps.cost.within(budget), joint),
      jacobians.parts(jacobians.cost.within(budget)).reduce(Steps([]), +),
      layers.steps(layers.cost.within(budget), layers.method),
      cost.views(targets: 2).reduce(Steps([]), +).times(ruleCount),
    ]
  }

  /// The targets that a page offers beside a report's own: the logit alone of a difference, and the prediction over
  /// its runner-up; each where it is another one.
  static func otherTargets(than own: ExplanationReport) -> [ExplanationOptions.Target] {
    var targets: [ExplanationOptions.Target] = []
    if own.target.over != nil, !own.target.tokens.isEmpty {
      targets.append(.logits(of: .tokens(own.target.tokens.map { .id($0.id) }), over: .nothing))
    }
    let leading = own.prediction.prefix(2).map(\.id)
    if own.target.tokens.map(\.id) != Array(leading.prefix(1))
      || own.target.over?.tokens.map(\.id) != Array(leading.dropFirst())
    {
      targets.append(.prediction)
    }
    return targets
  }

  /// Refuses, before the first analysis, a budget that any of them would refuse.
  ///
  /// - Throws: `InputError` with a size that suffices for all.
  func requireMemory() throws(InputError) {
    try explanation.cost.require { parts($0.memory.budget).reduce(Steps([]), +) }
  }
}

extension CostModel {
  /// The forward pass under a rule, then what each token gave to each of some targets.
  fileprivate func views(targets: Int) -> [Steps] {
    let each = Steps([sweeps(1, .contributions)])
    return targets == 0 ? [] : [Steps([forward])] + Array(repeating: each, count: targets)
  }
}

extension MapsOptions {
  /// The options of maps: those of an explanation, with a number of rows and columns of each map.
  fileprivate init(_ options: ExplanationOptions, units: Int) {
    self.init()
    explanation = options
    unitCount = units
  }
}

extension LayersOptions {
  /// The options of layers: all places and both extents, with the numbers of an explanation.
  fileprivate init(_ options: ExplanationOptions, concepts: [String]) {
    self.init()
    sites = Set(Site.BlockSite.allCases)
    includesLocal = true
    spectra = options.spectra
    maximumSeconds = options.maximumSeconds
    target = options.target
    method = options.method
    seed = options.seed
    gate = options.gate
    position = options.position
    memory = options.memory
    commandLine = options.commandLine
    self.concepts = concepts
  }
}
