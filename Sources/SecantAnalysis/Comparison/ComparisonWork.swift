import SecantCheckpoints
import SecantDecoders
import SecantReports

/// What a comparison does: both explanations, and what follows them.
struct ComparisonWork: Sendable {
  let first: ExplanationWork
  let second: ExplanationWork
  /// Whether one model reads both prompts.
  let isOneModel: Bool
  /// Whether both models have parts in common.
  let haveOneShape: Bool
  /// The differences of aligned tokens' maps; nil for two models, or one prompt twice.
  let maps: MapDifferenceWork?

  /// Whether the leading directions of both joint maps are compared.
  var includesJoint: Bool {
    let options = first.options
    let time = [first, second].reduce(0) { $0 + joint($1).time }
    return options.rank > 0
      && options.spectra.includesJoint(taking: time, of: 2 * Patience.short)
  }

  /// Whether what changed is accounted for.
  var isAccounted: Bool {
    let scopes = (first.cost.scope, second.cost.scope)
    return haveOneShape
      && EndAlignment.exists(
        (scopes.0.tokens, scopes.1.tokens), readAt: (scopes.0.position, scopes.1.position))
  }

  /// Whether the prompts have different numbers of tokens.
  private var differInLength: Bool { first.cost.scope.tokens != second.cost.scope.tokens }

  /// The steps of the first explanation, of the second, and of what follows.
  var parts: [Steps] { parts(first.method, second.method, first.cost, second.cost) }

  /// The steps where both sides' triplets are found by these methods, at some costs.
  func parts(
    _ a: SettledMethod, _ b: SettledMethod, _ cost: CostModel, _ other: CostModel
  ) -> [Steps] {
    let decoded = first.options.decodedTriplets
    // What was found of each token is there until both are set side by side.
    let kept = [cost, other].map {
      2 * $0.positions * $0.scope.rank * $0.configuration.width * $0.memory.scalarBytes
    }
    var rest: [Step] = []
    if isAccounted {
      let longer = cost.scope.tokens < other.scope.tokens ? other : cost
      // The shorter text is run once more, beside the longer one.
      if differInLength { rest.append(longer.forward) }
      rest.append(longer.difference)
      if first.options.circuit != nil { rest.append(cost.sweeps(2, .contributions)) }
    }
    if let maps { rest.append(maps.step(of: maps.expected, cost, other)) }
    if includesJoint {
      rest += [joint(first, cost), joint(second, other)]
      if !isOneModel {
        rest += [cost, other].map { $0.decode(vectors: ($0.positions + 2) * $0.scope.rank) }
      }
    }
    return [
      cost.explanation(a, tokens: first.tokens, decodedTriplets: decoded),
      other.explanation(b, tokens: second.tokens, decodedTriplets: decoded).beside(kept[0]),
      Steps(rest).beside(kept[0] + kept[1]),
    ]
  }

  private func joint(_ side: ExplanationWork, _ cost: CostModel? = nil) -> Step {
    (cost ?? side.cost).joint(side.cost.settledJoint(side.options.method))
  }

  /// Refuses work that does not fit into the memory even in its smallest parts.
  ///
  /// - Throws: `InputError` with a size into which it fits.
  func requireMemory() throws(InputError) {
    let methods = (first.method, second.method)
    try first.cost.require { cost in
      parts(methods.0, methods.1, cost, second.cost.within(cost.memory.budget))
        .reduce(Steps([]), +)
    }
  }

  /// Caveats that a reader of the numbers should know.
  var notes: [String] {
    if includesJoint || first.options.rank == 0 || first.options.spectra == .none { return [] }
    return [
      "The maps of all tokens together are not compared: their leading directions would take longer than a "
        + "person waits. --spectra all finds them."
    ]
  }
}

extension Model {
  /// What a comparison is expected to do, whether it fits into the memory or not.
  ///
  /// - Parameters:
  ///   - prompt: What this model reads.
  ///   - other: What the other reads; the same where nil.
  ///   - second: The other model.
  ///   - options: As they would be given to `compare`.
  /// - Returns: The work.
  /// - Throws: What in a prompt or the options cannot be satisfied.
  func comparisonWork(
    _ prompt: PromptInput, with other: PromptInput?, by second: Model<S>,
    _ options: ExplanationOptions
  ) throws(InputError) -> ComparisonWork {
    let (tokens, others) = (
      try validTokens(of: prompt), try second.validTokens(of: other ?? prompt)
    )
    try options.splitPatterns?.require(decoder.configuration)
    let isOneModel = isSame(as: second)
    let alone = (
      try explanationWork(tokens: tokens.count, options),
      try second.explanationWork(tokens: others.count, options)
    )
    // Both prompts stay frozen, and the shorter one is once more with as many rows as the longer one.
    let runs = (alone.0.cost.memory.run, alone.1.cost.memory.run)
    let haveOneShape = shapeDifference(from: second) == nil
    let longer = runs.0.tokens < runs.1.tokens ? runs.1 : runs.0
    let aligned = haveOneShape && runs.0.tokens != runs.1.tokens ? [longer] : []
    let works = (alone.0.beside([runs.1] + aligned), alone.1.beside([runs.0] + aligned))
    var maps: MapDifferenceWork?
    if isOneModel, tokens != others {
      let pairs = Alignment(
        Array(tokens.prefix(works.0.cost.positions)), Array(others.prefix(works.1.cost.positions))
      ).pairs.compactMap { pair in pair.first.flatMap { a in pair.second.map { (a, $0) } } }
      maps = MapDifferenceWork(
        first: works.0, second: works.1, partners: Dictionary(uniqueKeysWithValues: pairs))
    }
    return ComparisonWork(
      first: works.0, second: works.1, isOneModel: isOneModel,
      haveOneShape: haveOneShape, maps: maps)
  }
}
