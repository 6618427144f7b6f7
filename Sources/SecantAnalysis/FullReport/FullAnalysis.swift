public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// Every analysis of a prompt.
  ///
  /// Costs three explanations (one of each gate rule, of which one is the report's own), one look at
  /// every token's whole map, and some sweeps for each of the others.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: What the report should contain, and how it is computed.
  ///   - progress: Called as the work goes on, with the fraction of all analyses by expected cost.
  /// - Returns: The same report for the same arguments on the same machine.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func report(
    _ prompt: PromptInput, _ options: FullOptions = FullOptions(),
    progress: @escaping AnalysisProgress.Handler = { _ in }
  ) throws(InputError) -> FullReport {
    let tokens = try tokens(of: prompt)
    try decoder.validate(tokens)
    var asked = options.explanation
    let scope = try scope(tokens: tokens.count, asked)
    let cost = CostModel(
      decoder.configuration, scope, precision: S.self, memory: asked.memory)
    var layers = LayersOptions(asked, concepts: options.concepts)
    try requireMemory(scope, asked, layers)
    let all = Array(0...scope.position)
    let (_, method, expected) = try expectedCost(tokens: tokens.count, asked)
    let explaining = cost.explanation(method, tokens: expected, decodedTriplets: 0).operations
    let whole = cost.explanation(.dense, tokens: all, decodedTriplets: 0).operations
    let forward = cost.linearization + cost.contributions
    // Each block's own maps take a sweep of theirs, beside those that all blocks share.
    let layering = 40 * forward
    let parts = Parts(
      [forward, 3 * explaining, whole, 8 * forward, layering], progress)

    // Cheapest first what may refuse: the shares are not of every site.
    let shares = try self.shares(prompt, asked, progress: parts.handler(0))
    let explanations = try explanations(prompt, asked, progress: parts.handler(1))
    let gateRules = gateRulesReport(of: explanations, asked)
    let explanation = zip(GateRule.allCases, explanations).first { $0.0 == asked.gate }?.1
    guard let explanation else { preconditionFailure("every gate rule has an explanation") }
    // What is likeliest may differ between precisions: all analyses are of one target.
    asked.target = asked.target.settled(as: explanation.target)
    layers.target = asked.target
    var maps = MapsOptions()
    maps.explanation = asked
    maps.unitCount = options.unitCount
    return FullReport(
      explanation: explanation,
      layers: try self.layers(prompt, layers, progress: parts.handler(4)), shares: shares,
      maps: try self.maps(prompt, maps, progress: parts.handler(2)),
      jacobians: try compareJacobians(prompt, asked, progress: parts.handler(3)),
      gateRules: gateRules)
  }

  /// Refuses, before the first analysis, a budget that any of them would refuse.
  ///
  /// - Throws: `InputError` with a size that does for all.
  private func requireMemory(
    _ scope: ExplanationScope, _ asked: ExplanationOptions, _ layers: LayersOptions
  ) throws(InputError) {
    let configuration = decoder.configuration
    let layersScope = try self.scope(tokens: scope.tokens, layers.explanation)
    let jacobians = workingMemory(
      ofKinds: ComparedPrecision.allCases, tokens: scope.tokens, asked)
    let method = CascadeSVD(
      tolerance: layers.tolerance, isDense: asked.method == .dense, seed: layers.seed,
      probes: LayersCost.probes)
    let all = Array(0...scope.position)
    let (_, chosen, expected) = try expectedCost(tokens: scope.tokens, asked)
    try jacobians.require { budget in
      let cost = CostModel(configuration, scope, precision: S.self, memory: budget)
      let toBlocks = LayersCost(
        configuration, layersScope, places: layers.sites.count,
        includesLocal: layers.includesLocal, memory: budget, precision: S.self)
      return max(
        cost.explanation(chosen, tokens: expected, decodedTriplets: 0).peakBytes,
        cost.explanation(.dense, tokens: all, decodedTriplets: 0).peakBytes, jacobians.leastOfKinds,
        toBlocks.leastMemory(method))
    }
  }
}

extension LayersOptions {
  /// All places and both extents, with the numbers of an explanation.
  fileprivate init(_ options: ExplanationOptions, concepts: [String]) {
    self.init()
    sites = Set(Site.BlockSite.allCases)
    includesLocal = true
    method = options.method
    seed = options.seed
    gate = options.gate
    position = options.position
    memory = options.memory
    commandLine = options.commandLine
    self.concepts = concepts
  }
}

/// The progress of analyses that are done one after the other, as one.
private struct Parts {
  private let works: [Double]
  private let progress: AnalysisProgress.Handler

  /// Parts with the work that is expected of each.
  init(_ works: [Double], _ progress: @escaping AnalysisProgress.Handler) {
    self.works = works
    self.progress = progress
  }

  /// What the part at an index reports to.
  func handler(_ index: Int) -> AnalysisProgress.Handler {
    let (total, progress) = (max(1, works.reduce(0, +)), progress)
    let (before, work) = (works.prefix(index).reduce(0, +), works[index])
    return {
      progress(
        AnalysisProgress(stage: $0.stage, fraction: min(1, (before + work * $0.fraction) / total)))
    }
  }
}
