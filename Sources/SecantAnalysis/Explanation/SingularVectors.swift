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
      let members = observed.starting(at: group)
      switch method {
      case .dense:
        let dense = DenseSVD(rowBlock: cost.rowBlock)
        return dense.decompose(members.dense(rowBlock: cost.rowBlock), rank: cost.scope.rank) {
          meter.add(Double($0) * cost.decomposition)
        }
      case .krylov:
        return krylov(work.options, block: block).decompose(members, rank: cost.scope.rank)
      case .sketch:
        return cost.sketch(seed: work.options.seed).decompose(members, rank: cost.scope.rank)
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
