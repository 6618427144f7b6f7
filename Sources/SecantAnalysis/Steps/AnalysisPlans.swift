public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

// The steps of each question before anything is computed. The question then takes the same steps.
extension Model {
  /// What `explain` would do and cost on this machine.
  ///
  /// Measures the machine's speed for about 50 ms.
  ///
  /// Only counted operations decide the method, so the measured speed never influences a result.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: The options for `explain`.
  /// - Returns: The chosen method, and the estimated cost of every method.
  /// - Throws: Why the prompt or the options cannot be used.
  public func plan(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    let work = try explanationWork(tokens: validTokens(of: prompt).count, options)
    try work.requireMemory()
    return plan(
      work.method, work.cost,
      counted: [
        "Counted: four passes for the prediction, the shares and the reconstruction, and the spectra of "
          + "\(work.tokens.count) of \(work.cost.positions) tokens."
      ]
        + (work.effects.map {
          [
            "Counted too: the effect of removing each token (\($0.removal.name)), in about half as many "
              + "forward passes"
              + ($0.isDivided ? ", and about four passes for each to divide it." : ".")
          ]
        } ?? [])
    ) { work.steps(by: $0) }
  }

  /// What `shares` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: The options for `shares`.
  /// - Returns: The cost of the only method, "exact".
  /// - Throws: Why the prompt or the options cannot be used.
  public func planShares(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let (cost, sources) = try sharesWork(tokens: tokens.count, options)
    try cost.require { $0.shares(of: sources) }
    return plan(
      [(method: "exact", steps: cost.shares(of: sources))], tokens: tokens.count, rank: 0,
      counted: [
        "Counted: the forward pass and two adjoint ones, and a sweep of the vectors of \(sources.count) "
          + "tokens, by which components are divided."
      ])
  }

  /// What `maps` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: The options for `maps`.
  /// - Returns: The chosen method for the joint map, and the cost with each method.
  /// - Throws: Why the prompt or the options cannot be used.
  public func planMaps(
    _ prompt: PromptInput, _ options: MapsOptions = MapsOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let work = try mapsWork(tokens: tokens.count, options)
    try work.requireMemory()
    let generates = try generationStart(tokens, options) != nil
    return plan(
      work.method, work.cost,
      counted: [
        "Counted: the maps of \(work.tokens.count) of \(work.cost.positions) tokens formed and decomposed "
          + "whole"
          + (work.includesJoint
            ? ", and the map of all tokens together, whose method it is." : ".")
      ] + (generates ? ["The generation is counted in full; it may end earlier."] : [])
    ) { work.steps(work.cost, $0) }
  }

  /// What `layers` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: The options for `layers`.
  /// - Returns: The chosen method, and the other one if its matrices fit into the memory.
  /// - Throws: Why the prompt or the options cannot be used.
  public func planLayers(
    _ prompt: PromptInput, _ options: LayersOptions = LayersOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let work = try layersWork(tokens: tokens.count, options)
    try work.requireMemory()
    let methods = [work.method, work.alternative].compactMap(\.self)
    return plan(
      methods.map {
        (method: $0.isDense ? "dense" : "krylov", steps: work.steps(work.cost, $0))
      }, tokens: tokens.count, rank: work.rank,
      counted: [
        "Counted: five passes for the lens and the blocks' shares; the maps of \(work.tokens.count) of "
          + "\(work.cost.positions) tokens\(work.includesJoint ? ", and of all together," : "") to "
          + "\(work.levels) places\(options.includesLocal ? ", and each block's own," : "") by sweeps that "
          + "all places share; a product is a vector that is carried through the blocks."
      ])
  }

  /// What `compare` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: The prompt of this model.
  ///   - other: The prompt of the other model; nil for the same.
  ///   - model: The other model; nil for this one.
  ///   - options: The options for `compare`.
  /// - Returns: The chosen method ("mixed" if it differs between the two sides), and the cost of
  ///   each method.
  /// - Throws: Why a prompt or the options cannot be used.
  public func planComparison(
    _ prompt: PromptInput, with other: PromptInput? = nil, by model: Model<S>? = nil,
    _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    let work = try comparisonWork(prompt, with: other, by: model ?? self, options)
    try work.requireMemory()
    let (a, b) = (work.first, work.second)
    func way(_ name: String, _ first: SettledMethod, _ second: SettledMethod) -> (
      method: String, steps: Steps
    ) {
      (name, work.parts(first, second, a.cost, b.cost).reduce(Steps([]), +))
    }
    let name = a.method == b.method ? a.method.rawValue : "mixed"
    let others = SettledMethod.measuring.filter { $0 != a.method || $0 != b.method }
    let counts = (a.cost.scope.tokens, b.cost.scope.tokens)
    return plan(
      [way(name, a.method, b.method)] + others.map { way($0.rawValue, $0, $0) },
      tokens: counts.0 + counts.1, rank: a.cost.scope.rank,
      counted: [
        "Counted: the explanations of \(counts.0) and of \(counts.1) tokens, with the spectra of "
          + "\(a.tokens.count) and \(b.tokens.count)"
          + (work.includesJoint
            ? ", and the leading directions of both prompts' maps of all tokens together" : "")
          + (work.maps.map { ", and with the differences of \($0.expected.count) pairs of maps" }
            ?? "")
          + (work.isAccounted ? ", and four passes for the account of what changed." : ".")
      ])
  }

  /// What `compareGateRules` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: The options for the question.
  /// - Returns: The chosen method, and the estimated cost of every method.
  /// - Throws: Why the prompt or the options cannot be used.
  public func planGateRules(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    let work = try explanationWork(tokens: validTokens(of: prompt).count, options)
    try work.requireMemory()
    let count = decoder.configuration.gateRules.count
    return plan(
      work.method, work.cost,
      counted: [
        "Counted: \(count) explanations, with the spectra of \(work.tokens.count) of "
          + "\(work.cost.positions) tokens each."
      ]
    ) { work.steps(by: $0).times(count) }
  }

  /// What `compareJacobians` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: The options for the question.
  ///   - precisions: The precisions.
  /// - Returns: The cost of the only method, "exact".
  /// - Throws: Why the prompt or the options cannot be used.
  public func planJacobians(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions(),
    precisions: [ComparedPrecision] = ComparedPrecision.allCases
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let work = try jacobiansWork(tokens: tokens.count, options, precisions: precisions)
    try work.requireMemory()
    return plan(
      [(method: "exact", steps: work.parts(work.cost).reduce(Steps([]), +))],
      tokens: tokens.count, rank: 0,
      counted: [
        "Counted: in each of \(precisions.count) precisions a forward pass and three others by either kind; "
          + "double precision takes twice the time."
      ])
  }

  /// What `report` would cost on this machine.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: The options for the question.
  /// - Returns: The method of the explanations, and the cost of all analyses together.
  /// - Throws: Why the prompt or the options cannot be used.
  public func planReport(
    _ prompt: PromptInput, _ options: FullOptions = FullOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let work = try fullWork(tokens: tokens.count, options)
    try work.requireMemory()
    return plan(
      [
        (
          method: work.explanation.method.rawValue, steps: work.parts().reduce(Steps([]), +)
        )
      ], tokens: tokens.count, rank: work.explanation.cost.scope.rank,
      counted: [
        "Counted: the shares; explanations by every gate rule, with the spectra of "
          + "\(work.explanation.tokens.count) of \(work.explanation.cost.positions) tokens; the maps of "
          + "\(work.maps.tokens.count) decomposed completely, and those of \(work.layers.tokens.count) to every place "
          + "in every block; and both kinds of Jacobian."
      ])
  }
}
