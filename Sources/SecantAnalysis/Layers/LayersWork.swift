import SecantCheckpoints
import SecantDecoders
import SecantOperators

/// What a look at every block does: which maps are decomposed to each place, how, and in which steps.
///
/// A member is a token's map, or the map of all tokens together, to every place.
struct LayersWork: Sendable {
  let cost: CostModel
  let options: LayersOptions
  /// The tokens whose maps are decomposed, ascending.
  let tokens: [Int]

  /// Random products of each member that estimate squared Frobenius norms: one sweep serves all sites.
  static let probes = 8
  /// Products to and from each place for each triplet: most maps take one round, some up to four.
  private static let rounds = 1.5
  /// What each block's own maps take beside those from the embeddings.
  private static let localPart = 0.2

  /// The costs of the maps, of the kind that is asked for: derivatives are there beside the frozen
  /// decoder.
  var mapsCost: CostModel {
    options.kind == .detached
      ? cost : cost.within(kind: options.kind).beside([cost.memory.run])
  }
  var rank: Int { cost.scope.rank }
  /// Places that are read in all blocks together.
  var levels: Int { cost.configuration.blockCount * options.sites.count }
  private var extents: Int { options.includesLocal ? 2 : 1 }
  /// Places that are read for the grid: every block at every position.
  private var gridVectors: Int {
    options.includesGrid ? cost.configuration.blockCount * cost.positions : 0
  }

  // MARK: - Choices

  /// What a person waits for, for each place that was asked for.
  private var limit: Double { Patience.long * Double(options.sites.count) }

  /// Whether the map of all tokens together is decomposed.
  var includesJoint: Bool {
    options.spectra.includesJoint(
      taking: remaking + time(of: cost.positions, isJoint: true, truncated), of: limit)
  }

  private var truncated: CascadeSVD {
    CascadeSVD(tolerance: options.tolerance, seed: options.seed, probes: Self.probes)
  }

  private var dense: CascadeSVD {
    CascadeSVD(
      tolerance: options.tolerance, isDense: true, seed: options.seed, probes: Self.probes)
  }

  /// The method that is meant: dense where that is asked for, or is cheaper and fits.
  var method: CascadeSVD {
    switch options.method {
    case .krylov, .sketch: return truncated
    case .dense: return dense
    case .auto:
      // In vectors through all blocks: a basis, and triplets to and from half of them on average.
      let vectors = basisSize(truncated) + levels * rank
      return cost.configuration.width <= vectors && fits(dense) ? dense : truncated
    }
  }

  /// The method that is not meant, where it fits into the memory.
  var alternative: CascadeSVD? {
    method.isDense ? truncated : fits(dense) ? dense : nil
  }

  /// The tokens whose maps are decomposed once shares are known.
  ///
  /// - Throws: A position that is none of the tokens'.
  func chosen(by shares: [Double]) throws(InputError) -> LayersWork {
    LayersWork(
      cost: cost, options: options,
      tokens: try options.spectra.chosen(by: shares, automatic: affordable))
  }

  /// Tokens whose maps fit what a person waits for beside the map of all, taken in the given order.
  func affordable(_ tokens: [Int]) -> [Int] {
    let joint =
      includesJoint ? remaking + time(of: cost.positions, isJoint: true, truncated) : 0
    return Patience.affordable(tokens, within: limit - joint) { token, chosen in
      time(of: cost.positions - token, truncated) + (chosen.isEmpty ? remaking : 0)
    }
  }

  /// The sweeps of a group of members: both ways for bases and triplets, and what of triplets lies
  /// beyond the bases.
  private var sweeps: Int { 4 * extents }
  /// The operations to make blocks anew in all sweeps of a group of members.
  private var remaking: Double { Double(sweeps) * mapsCost.remaking }

  /// Rows of the basis with which a token's map begins.
  func basisSize(_ method: CascadeSVD) -> Int {
    let width = cost.configuration.width
    return method.basisSize(rank: rank, inputWidth: width, outputWidth: width)
  }

  // MARK: - Steps

  /// Operations that a member takes whose vectors pass so many positions, words included.
  private func time(of positions: Int, isJoint: Bool = false, _ method: CascadeSVD) -> Double {
    let local = options.includesLocal ? Self.localPart : 0
    let words = cost.reading(vectors: extents * levels * rank * (isJoint ? 1 : 2))
    return (1 + local) * vectors(isJoint: isJoint, method) * Double(positions) * mapsCost.row
      + words
  }

  /// Vectors of a member that are carried through all blocks.
  private func vectors(isJoint: Bool, _ method: CascadeSVD) -> Double {
    let isFormed = method.isDense && !isJoint
    let basis = isJoint ? basisSize(truncated) : basisSize(method)
    return Double(basis + Self.probes + 1)
      + (isFormed ? 0 : Self.rounds * Double(levels * rank))
  }

  /// The steps by the method that is meant.
  var steps: Steps { steps(cost, method) }

  /// The steps at some costs by a method.
  ///
  /// Products are vectors that are carried through the blocks, whatever the number of sites that they meet.
  func steps(_ cost: CostModel, _ method: CascadeSVD) -> Steps {
    let work = LayersWork(cost: cost, options: options, tokens: tokens)
    let joint = includesJoint
    var found = Step(.singularVectors)
    if !tokens.isEmpty || joint {
      let groups = work.groupCount(method)
      found = work.mapsCost.sweep(rows: 0, in: Double(work.sweeps * groups), .singularVectors)
      found.operations =
        tokens.reduce(0) { $0 + time(of: cost.positions - $1, method) }
        + (joint ? time(of: cost.positions, isJoint: true, method) : 0)
      found.products =
        extents
        * (tokens.count * Int(vectors(isJoint: false, method))
          + (joint ? Int(vectors(isJoint: true, method)) : 0))
      found.peakBytes = work.peakMemory(method)
    }
    let derivative = options.kind == .ordinary ? [work.mapsCost.forward] : []
    return Steps(
      [cost.forward, cost.ledger] + derivative + [
        work.mapsCost.sweeps(2 * extents, .reconstruction),
        cost.decode(vectors: levels + gridVectors),
        found,
      ])
  }

  /// Caveats that a reader of the numbers should know.
  func notes(_ done: [Int], hasJoint: Bool) -> [String] {
    var notes: [String] = []
    let count = cost.positions
    if done.count < tokens.count {
      notes.append(
        "Maps are decomposed for \(done.count) of \(tokens.count) tokens: the time that was allowed was over."
      )
    } else if options.spectra == .auto, done.count < count {
      let method = method
      let all = (0..<count).reduce(0) { $0 + time(of: count - $1, method) }
      notes.append(
        Patience.note(
          "Singular vectors of blocks are", count: done.count, of: count, time: all, limit: limit))
    }
    if !hasJoint, options.spectra != .none {
      notes.append(
        "The map of all tokens together is left out: "
          + (includesJoint
            ? "the time that was allowed was over."
            : "it would take longer than a person waits. --spectra all finds it."))
    }
    return notes
  }
}

extension Model {
  /// What a look at every block is expected to do, whether it fits into the memory or not.
  ///
  /// - Parameters:
  ///   - tokens: Number of tokens, at least 1.
  ///   - options: As the user gave them.
  /// - Returns: The work.
  /// - Throws: The option that cannot be satisfied.
  func layersWork(tokens: Int, _ options: LayersOptions) throws(InputError) -> LayersWork {
    try refuseSketch(options.method)
    let scope = try scope(tokens: tokens, options.explanation)
    guard !options.sites.isEmpty else {
      throw InputError(
        .invalid, subject: "the sites", expected: "at least one place in a block", found: "none",
        remedy: "name residual, attention or feedForward")
    }
    let work = LayersWork(
      cost: cost(scope, memory: options.memory), options: options, tokens: [])
    let expected = try options.spectra.expected(
      among: work.cost.positions, automatic: work.affordable)
    return LayersWork(cost: work.cost, options: options, tokens: expected)
  }
}
