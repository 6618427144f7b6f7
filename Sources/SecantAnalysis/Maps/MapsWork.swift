import SecantCheckpoints
import SecantDecoders

/// The work of a report on maps: which maps are formed, and in which steps.
struct MapsWork: Sendable {
  let cost: CostModel
  let options: MapsOptions
  /// The tokens whose maps are formed, ascending.
  let tokens: [Int]
  /// The forward passes and sweeps of a generation.
  let generation: Steps

  /// The method for the joint map's triplets.
  var method: SettledMethod { cost.settledJoint(options.explanation.method) }

  /// Whether the joint map is decomposed.
  var includesJoint: Bool {
    options.explanation.rank > 0
      && options.explanation.spectra.includesJoint(
        taking: cost.joint(method).time, of: Patience.long)
  }

  /// The steps with the chosen method.
  var steps: Steps { steps(cost, method) }

  /// The steps with given costs and a method for the joint map.
  func steps(_ cost: CostModel, _ method: SettledMethod) -> Steps {
    let explanation = options.explanation
    let joint = includesJoint ? min(explanation.decodedTriplets, cost.scope.rank) : 0
    return cost.explanation(
      .dense, tokens: tokens, decodedTriplets: explanation.decodedTriplets)
      + generation.beside(cost.memory.heldFrozenBytes)
      + Steps(
        (includesJoint ? [cost.joint(method)] : []) + [
          cost.decode(vectors: 2 * units * tokens.count + joint * (1 + Self.decodedParts))
        ])
  }

  /// The number of decoded parts of a right vector of the joint map, the largest ones.
  static let decodedParts = 8

  private var units: Int { min(max(0, options.unitCount), cost.configuration.width) }

  /// Refuses work that does not fit into the memory even token by token and row by row.
  ///
  /// - Throws: `InputError` with a size into which it fits.
  func requireMemory() throws(InputError) {
    let method = method
    try cost.require { steps($0, method) }
  }

  /// The work with the tokens selected by their shares.
  ///
  /// - Throws: A selected position that does not exist.
  func chosen(by shares: [Double]) throws(InputError) -> MapsWork {
    if options.explanation.rank == 0 { return self }
    let chosen = try options.explanation.spectra.chosen(by: shares, automatic: affordable)
    return MapsWork(cost: cost, options: options, tokens: chosen, generation: generation)
  }

  /// The tokens, in the given order, whose maps fit the time that a person waits.
  ///
  /// The same sweeps serve all tokens from the first on.
  func affordable(_ tokens: [Int]) -> [Int] {
    let words = cost.decode(vectors: 2 * (units + options.explanation.decodedTriplets))
    let own = cost.decomposition + words.operations
    return Patience.affordable(tokens, within: Patience.long) { token, chosen in
      let first = chosen.min() ?? cost.positions
      let remaking = chosen.isEmpty ? cost.denseSweeps * cost.remaking : 0
      return own + remaking + Double(max(0, first - token)) * cost.d * cost.row
    }
  }

  /// Caveats on the numbers.
  func notes(_ done: [Int], isConverged: Bool) -> [String] {
    var notes: [String] = []
    let all = Array(0..<cost.positions)
    if done.count < tokens.count {
      notes.append(
        "Maps are shown for \(done.count) of \(tokens.count) tokens: the time limit was reached."
      )
    } else if options.explanation.spectra == .auto, options.explanation.rank > 0,
      done.count < all.count
    {
      let time = cost.spectra(of: all, .dense).work
      notes.append(
        Patience.note(
          "Maps are", count: done.count, of: all.count, time: time, limit: Patience.long))
    }
    if !includesJoint, options.explanation.rank > 0, options.explanation.spectra != .none {
      notes.append(
        "The joint map of all tokens is left out: it would exceed the default time limit. "
          + "--spectra all finds it.")
    }
    if !isConverged {
      notes.append(
        "Not every triplet of the joint map reached the tolerance: their residuals say how good they are."
      )
    }
    return notes
  }
}

extension Model {
  /// The expected work of a report on maps, whether or not it fits into the memory.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The work.
  /// - Throws: The option that cannot be satisfied.
  func mapsWork(tokens: Int, _ options: MapsOptions) throws(InputError) -> MapsWork {
    let explanation = options.explanation
    try refuseSketch(explanation.method)
    let cost = cost(try scope(tokens: tokens, explanation), memory: explanation.memory)
    let work = MapsWork(cost: cost, options: options, tokens: [], generation: steps(of: options))
    if explanation.rank == 0 { return work }
    let expected = try explanation.spectra.expected(
      among: cost.positions, automatic: work.affordable)
    return MapsWork(cost: cost, options: options, tokens: expected, generation: work.generation)
  }

  /// The steps of a generation: a forward pass and three sweeps for each token.
  private func steps(of options: MapsOptions) -> Steps {
    let lastBlock = decoder.configuration.blockCount - 1
    return (0..<max(0, options.generatedCount)).reduce(Steps([])) { steps, count in
      let scope = ExplanationScope(
        tokens: count + 1, position: count, lastBlock: lastBlock, rank: 1,
        tolerance: options.explanation.tolerance)
      let cost = cost(scope, memory: options.explanation.memory)
      return steps
        + Steps([cost.forward, cost.sweeps(1, .contributions), cost.sweeps(2, .reconstruction)])
    }
  }
}
