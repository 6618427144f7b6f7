public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

extension Model {
  /// Every analysis of a prompt.
  ///
  /// Costs three explanations (one for each gate rule, including the report's own), one report on
  /// maps, and a few sweeps for each other analysis. Each analysis decomposes the maps of the
  /// selected tokens, by default as many as fit the time that a person waits.
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
    // The likeliest token may differ between precisions, but all analyses need the same target.
    asked.target = asked.target.settled(as: explanation.target)
    let layers = LayersOptions(asked, concepts: options.concepts)
    let maps = MapsOptions(asked, units: options.unitCount)
    return FullReport(
      explanation: explanation,
      layers: try self.layers(prompt, layers, progress: parts.handler(4)), shares: shares,
      maps: try self.maps(prompt, maps, progress: parts.handler(2)),
      jacobians: try compareJacobians(prompt, asked, progress: parts.handler(3)),
      gateRules: gateRules)
  }

  /// The work of a report, whether or not it fits into the memory.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The work.
  /// - Throws: The option that cannot be satisfied.
  func fullWork(tokens: Int, _ options: FullOptions) throws(InputError) -> FullWork {
    let asked = options.explanation
    return FullWork(
      shares: try sharesWork(tokens: tokens, asked).sources,
      ruleCount: decoder.configuration.gateRules.count,
      explanation: try explanationWork(tokens: tokens, asked),
      maps: try mapsWork(tokens: tokens, MapsOptions(asked, units: options.unitCount)),
      jacobians: try jacobiansWork(
        tokens: tokens, asked, precisions: ComparedPrecision.allCases),
      layers: try layersWork(
        tokens: tokens, LayersOptions(asked, concepts: options.concepts)))
  }
}

/// The work of a report of every analysis.
struct FullWork: Sendable {
  /// The tokens by which components are divided.
  let shares: [Int]
  /// The number of gate rules.
  let ruleCount: Int
  let explanation: ExplanationWork
  let maps: MapsWork
  let jacobians: JacobiansWork
  let layers: LayersWork

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
    ]
  }

  /// Refuses, before the first analysis, a budget that any of them would refuse.
  ///
  /// - Throws: `InputError` with a size that suffices for all.
  func requireMemory() throws(InputError) {
    try explanation.cost.require { parts($0.memory.budget).reduce(Steps([]), +) }
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
