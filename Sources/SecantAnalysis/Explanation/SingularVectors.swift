import SecantDecoders
import SecantOperators

extension Model {
  /// The leading singular triplets of the maps of some tokens.
  ///
  /// Tokens are taken together as far as the memory allows; the result depends on the options alone, unless
  /// they bound the time: then each token is taken by itself, in the order of shares, until that is over.
  ///
  /// - Parameters:
  ///   - family: The maps of all tokens.
  ///   - work: Those whose maps are decomposed, how, and how much is carried at once.
  ///   - shares: Each token's share.
  ///   - meter: Told what is done.
  /// - Returns: The tokens whose maps were decomposed, ascending, and the decomposition of each.
  func decompositions(
    of family: Jacobians<S>, _ work: ExplanationWork, by shares: [Double], meter: WorkMeter
  ) -> (tokens: [Int], found: [TruncatedSVD<S>]) {
    let (cost, tokens, method) = (work.cost, work.tokens, work.method)
    let observed = family.observed { meter.add($0 * cost.row) }
    // One block for all groups: how tokens are grouped must not change what is found.
    let block = cost.block(of: tokens)
    func decomposed(_ group: [Int]) -> [TruncatedSVD<S>] {
      decompositions(of: observed.starting(at: group), method, cost, work.options, block: block) {
        meter.add($0)
      }
    }
    guard let seconds = work.options.maximumSeconds else {
      return (tokens, cost.groups(of: tokens, method).flatMap(decomposed))
    }
    let start = ContinuousClock.now
    var found: [Int: TruncatedSVD<S>] = [:]
    for token in tokens.sorted(by: { abs(shares[$0]) > abs(shares[$1]) })
    where ContinuousClock.now - start < .seconds(seconds) {
      found[token] = decomposed([token])[0]
    }
    let done = found.keys.sorted()
    return (done, done.compactMap { found[$0] })
  }

  /// The leading triplets of a family's maps.
  ///
  /// - Parameters:
  ///   - members: The maps.
  ///   - method: How triplets are found.
  ///   - cost: How many, and rows that are carried at once.
  ///   - options: Tolerance and seed.
  ///   - block: Vectors of each map that are multiplied together.
  ///   - observer: Told how many operations full decompositions took.
  /// - Returns: One decomposition for each map.
  func decompositions<F: OperatorFamily<S>>(
    of members: F, _ method: SettledMethod, _ cost: CostModel, _ options: ExplanationOptions,
    block: Int, observer: (Double) -> Void
  ) -> [TruncatedSVD<S>] {
    switch method {
    case .dense:
      let dense = DenseSVD(rowBlock: cost.rowBlock)
      return dense.decompose(members.dense(rowBlock: cost.rowBlock), rank: cost.scope.rank) {
        observer(Double($0) * cost.decomposition)
      }
    case .krylov:
      return krylov(options, block: block).decompose(members, rank: cost.scope.rank)
    case .sketch:
      return cost.sketch(seed: options.seed).decompose(members, rank: cost.scope.rank)
    }
  }

  /// The leading triplets of the joint map, as many as of each token's.
  func jointTriplets(
    of family: Jacobians<S>, _ cost: CostModel, _ options: ExplanationOptions,
    meter: WorkMeter? = nil
  ) -> TruncatedSVD<S> {
    let observed = family.observed { meter?.add($0 * cost.row) }
    let method: SVDMethod =
      switch cost.settledJoint(options.method) {
      case .dense: .dense()
      case .krylov, .sketch: .krylov(krylov(options))
      }
    return observed.joint.svd(rank: cost.scope.rank, using: method)
  }

  private func krylov(_ options: ExplanationOptions, block: Int? = nil) -> KrylovSVD {
    KrylovSVD(
      tolerance: options.tolerance, block: block, seed: options.seed, probes: CostModel.probes)
  }
}
