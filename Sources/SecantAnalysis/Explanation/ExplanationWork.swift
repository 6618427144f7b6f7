import SecantCheckpoints
import SecantDecoders

/// What an explanation does: which maps are decomposed, how, and in which steps.
struct ExplanationWork: Sendable {
  let cost: CostModel
  let options: ExplanationOptions
  /// The tokens whose maps are decomposed, ascending.
  let tokens: [Int]

  /// How their triplets are found.
  var method: SettledMethod { cost.settled(options.method, of: tokens) }

  /// The steps by the method that is meant.
  var steps: Steps { steps(by: method) }

  /// What the check does; nil where it does nothing.
  var effects: EffectPlan? { cost.effects(options.check, options) }

  /// The steps by a method.
  func steps(by method: SettledMethod) -> Steps {
    let explanation = cost.explanation(
      method, tokens: tokens, decodedTriplets: options.decodedTriplets)
    guard let effects else { return explanation }
    let attribution = cost.attribution.list
    return Steps(
      attribution + [effects.step] + explanation.list.dropFirst(attribution.count))
  }

  /// Refuses work that does not fit into the memory even token by token and row by row.
  ///
  /// - Throws: `InputError` with a size into which it fits.
  func requireMemory() throws(InputError) {
    let method = method
    try cost.require { cost in
      cost.explanation(method, tokens: tokens, decodedTriplets: options.decodedTriplets)
        + askedCheck(cost)
    }
  }

  /// The steps of a check that was asked for; none of one that is left out where it does not fit.
  func askedCheck(_ cost: CostModel) -> Steps {
    guard case .removing = options.check, let check = cost.effects(options.check, options) else {
      return Steps([])
    }
    return Steps([check.step])
  }

  /// The same work while other runs stay in memory, too.
  func beside(_ others: [RunMemory]) -> ExplanationWork {
    ExplanationWork(cost: cost.beside(others), options: options, tokens: tokens)
  }

  /// The same work with other options that neither change its scope nor its tokens.
  func replacingOptions(_ options: ExplanationOptions) -> ExplanationWork {
    ExplanationWork(cost: cost, options: options, tokens: tokens)
  }

  /// The tokens whose maps are decomposed once shares are known.
  ///
  /// - Throws: A position that is none of the tokens'.
  func chosen(by shares: [Double]) throws(InputError) -> ExplanationWork {
    if options.rank == 0 { return self }
    let chosen = try options.spectra.chosen(by: shares) { cost.affordable($0, options) }
    return ExplanationWork(cost: cost, options: options, tokens: chosen)
  }

  /// Says which tokens have no spectra because of their price or the time, and what all would take.
  func leftNotes(_ done: [Int]) -> [String] {
    if done.count < tokens.count {
      return [
        "Singular vectors are shown for \(done.count) of \(tokens.count) tokens: the time that was allowed "
          + "was over."
      ]
    }
    let all = Array(0..<cost.positions)
    guard options.spectra == .auto, options.rank > 0, done.count < all.count else { return [] }
    let step = cost.spectra(of: all, cost.settled(options.method, of: all))
    return [
      Patience.note(
        "Singular vectors are", count: done.count, of: all.count, time: step.work,
        limit: Patience.short)
    ]
  }
}

extension CostModel {
  /// An explanation by a method, with the maps of some tokens decomposed and some triplets of each decoded.
  func explanation(
    _ method: SettledMethod, tokens: [Int], decodedTriplets: Int
  ) -> Steps {
    attribution
      + Steps(
        [
          sweeps(2, .reconstruction), spectra(of: tokens, method),
          // The tokens' own terms as well as both vectors of each triplet.
          decode(vectors: 2 * tokens.count * min(decodedTriplets, scope.rank)),
        ] + (tokens.isEmpty ? [] : [sweep(rows: reach(of: tokens), .decoding)]))
  }

  /// The forward pass, and what each token gave to one target.
  var attribution: Steps { Steps([forward, sweeps(1, .contributions)]) }

  /// Tokens whose spectra and words fit what a person waits for, taken in the given order.
  fileprivate func affordable(_ tokens: [Int], _ options: ExplanationOptions) -> [Int] {
    let words = decode(vectors: 2 * min(options.decodedTriplets, scope.rank)).operations
    return Patience.affordable(tokens, within: Patience.short) { token, _ in
      spectra(of: [token], settled(options.method, of: [token])).work + words
    }
  }
}

extension Model {
  /// What an explanation is expected to do, whether it fits into the memory or not.
  ///
  /// Which tokens have the largest shares is not known yet.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The work.
  /// - Throws: The option that cannot be satisfied.
  func explanationWork(
    tokens: Int, _ options: ExplanationOptions
  ) throws(InputError) -> ExplanationWork {
    let cost = cost(try scope(tokens: tokens, options), memory: options.memory)
    let expected =
      options.rank == 0
      ? []
      : try options.spectra.expected(among: cost.positions) { cost.affordable($0, options) }
    return ExplanationWork(cost: cost, options: options, tokens: expected)
  }
}
