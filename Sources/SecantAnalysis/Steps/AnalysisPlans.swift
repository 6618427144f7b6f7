public import SecantCheckpoints
import SecantDecoders
import SecantOperators
public import SecantReports

// What the questions would cost that are asked of more than one Jacobian a token: each is counted from
// the model's shape and the prompt's length, before anything is computed.
extension Model {
  /// What `shares` would cost on this machine.
  ///
  /// Counted are the forward pass, two adjoint ones, and a forward sweep of the vectors of the sources.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: As they would be given to `shares`.
  /// - Returns: The cost of the only method, "exact".
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func planShares(
    _ prompt: PromptInput, _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let (cost, sources) = try sharesCost(tokens: tokens.count, options)
    var work = cost.forward
    work.products += 1 + sources.count
    work.operations += Double(cost.reach(of: sources)) * cost.row
    return plan(
      [(method: "exact", work: work)], tokens: tokens.count, rank: 0,
      counted: [
        "Counted: the forward pass and two adjoint ones, and a sweep of the vectors of \(sources.count) "
          + "tokens, by which components are divided."
      ])
  }

  /// What `features` would cost on this machine.
  ///
  /// Counted are the forward pass, every token's map formed and decomposed whole, the leading triplets of the
  /// joint map, the decoding of vectors, rows and columns, and each step of a generation.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: As they would be given to `features`.
  /// - Returns: The method that would be used for the joint map, and the cost by either.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func planMaps(
    _ prompt: PromptInput, _ options: MapsOptions = MapsOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let cost = try mapsCost(tokens: tokens.count, options)
    let generates = try generationStart(tokens, options) != nil
    let explanation = options.explanation
    let maps = cost.explanation(
      .dense, tokens: Array(0...cost.scope.position),
      decodedTriplets: explanation.decodedTriplets
    )
    .followed(by: generation(options), keeping: cost.memory.frozenBytes)
    let triplets = min(explanation.decodedTriplets, cost.scope.rank)
    let units = min(max(0, options.unitCount), decoder.configuration.width)
    let vectors = 2 * units * (cost.scope.position + 1) + triplets * (1 + Self.decodedParts)
    let chosen = cost.concatenatedMethod(explanation.jointMethod, precision: S.self)
    let methods = [chosen] + SettledMethod.allCases.filter { $0 != chosen }
    return plan(
      methods.map { method in
        var work = maps.followed(by: cost.joint(method))
        work.operations += cost.reading(vectors: vectors)
        return (method: method.rawValue, work: work)
      }, tokens: tokens.count, rank: cost.scope.rank,
      counted: [
        "Counted: every token's map formed and decomposed whole; the method is that of the map of all "
          + "tokens together."
      ]
        + (generates ? ["The generation is counted in full; it may end earlier."] : []))
  }

  /// The steps of a generation: forward passes, and a sweep of every token's vector at each.
  private func generation(_ options: MapsOptions) -> WorkEstimate {
    var work = WorkEstimate()
    for count in 0..<options.generatedCount {
      let scope = ExplanationScope(
        tokens: count + 1, position: count, lastBlock: decoder.configuration.blockCount - 1,
        rank: 1, tolerance: options.explanation.tolerance)
      let cost = CostModel(
        decoder.configuration, scope, precision: S.self, memory: options.explanation.memory)
      work.products += count + 1
      work.operations += cost.forward.operations
      work.overhead += cost.fixedCost(sweeps: 3)
      // The last step's is the highest.
      if count + 1 == options.generatedCount { work.peakBytes = cost.forward.peakBytes }
    }
    return work
  }

  /// What `layers` would cost on this machine.
  ///
  /// Counted are the forward pass, the bases of all maps, one round of products to and from every site, and
  /// the decoding of vectors. Matrices that feed-forward layers form to save work are not, so that the time is
  /// rather too long.
  ///
  /// - Parameters:
  ///   - prompt: A text or token ids.
  ///   - options: As they would be given to `layers`.
  /// - Returns: The method that would be used, and the other where its matrices fit into the memory.
  /// - Throws: What in the prompt or the options cannot be satisfied.
  public func planLayers(
    _ prompt: PromptInput, _ options: LayersOptions = LayersOptions()
  ) throws(InputError) -> PlanReport {
    let tokens = try validTokens(of: prompt)
    let (cost, chosen) = try layersCost(tokens: tokens.count, options)
    var other = options
    other.method = chosen.isDense ? .krylov : .dense
    let alternative = try? cost.method(other)
    return plan(
      ([chosen] + [alternative].compactMap(\.self)).map {
        (method: $0.isDense ? "dense" : "krylov", work: cost.estimate(options, $0))
      }, tokens: tokens.count, rank: cost.scope.rank,
      counted: [
        "Counted: the maps to \(cost.levels) places\(options.includesLocal ? ", and each block's own," : "") by "
          + "sweeps that all places share, and one round of products to and from each; a product is a vector that "
          + "is carried through the blocks."
      ])
  }

  /// What `compare` would cost on this machine.
  ///
  /// Counted are both explanations, the leading triplets of both joint maps, the account of what changed
  /// where there is one and, for two models of one vocabulary, the logits that their directions change. What the first froze stays while the second works.
  ///
  /// - Parameters:
  ///   - prompt: What this model reads.
  ///   - other: What the other reads; the same where nil.
  ///   - model: The other model; this one where nil.
  ///   - options: As they would be given to `compare`.
  /// - Returns: The method that would be used, "mixed" where the two sides differ in it, and each one's cost.
  /// - Throws: What in a prompt or the options cannot be satisfied.
  public func planComparison(
    _ prompt: PromptInput, with other: PromptInput? = nil, by model: Model<S>? = nil,
    _ options: ExplanationOptions = ExplanationOptions()
  ) throws(InputError) -> PlanReport {
    let second = model ?? self
    let tokens = (
      try validTokens(of: prompt).count, try second.validTokens(of: other ?? prompt).count
    )
    let a = try explanationCost(tokens: tokens.0, options)
    let b = try second.explanationCost(tokens: tokens.1, options)
    let isOneModel = second.identity.fingerprint == identity.fingerprint
    let isAccounted = isOneModel && tokens.0 == tokens.1
    func work(_ first: SettledMethod, _ other: SettledMethod) -> WorkEstimate {
      let decoded = options.decodedTriplets
      // What was found of each token, and what was frozen, is there until both are set side by side.
      let kept = [a.cost, b.cost].map { cost in
        cost.memory.frozenBytes + 2 * (cost.scope.position + 1) * cost.scope.rank
          * cost.configuration.width * cost.memory.scalarBytes
      }
      var work = a.cost.explanation(first, tokens: a.tokens, decodedTriplets: decoded)
        .followed(
          by: b.cost.explanation(other, tokens: b.tokens, decodedTriplets: decoded),
          keeping: kept[0])
      for (cost, rest) in [(a.cost, kept[1]), (b.cost, kept[0])] {
        let method = cost.concatenatedMethod(options.jointMethod, precision: S.self)
        work = work.followed(by: cost.joint(method), keeping: rest)
        if isOneModel { continue }
        work.operations += cost.reading(vectors: (cost.scope.position + 2) * cost.scope.rank)
      }
      if isAccounted { work.operations += (options.circuit == nil ? 4 : 6) * a.cost.pass }
      return work
    }
    var works = [
      (
        method: a.method == b.method ? a.method.rawValue : "mixed",
        work: work(a.method, b.method)
      )
    ]
    for method in SettledMethod.allCases where method != a.method || method != b.method {
      works.append((method: method.rawValue, work: work(method, method)))
    }
    return plan(
      works,
      tokens: tokens.0 + tokens.1, rank: a.cost.scope.rank,
      counted: [
        "Counted: the explanations of \(tokens.0) and of \(tokens.1) tokens, and the leading directions "
          + "of both prompts' maps of all tokens together"
          + (isAccounted ? ", and four passes for the account of what changed." : ".")
      ])
  }
}
