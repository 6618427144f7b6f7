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
  ///   - tokens: Those whose maps are decomposed, ascending.
  ///   - shares: Each token's share.
  ///   - cost: How much is carried at once.
  ///   - method: Dense or by products.
  ///   - options: Rank, tolerance, seed, memory and time.
  ///   - meter: Told what is done.
  /// - Returns: The tokens whose maps were decomposed, ascending, and the decomposition of each.
  func decompositions(
    of family: TokenJacobians<S>, tokens: [Int], by shares: [Double], _ cost: CostModel,
    _ method: SettledMethod, _ options: ExplanationOptions, meter: WorkMeter
  ) -> (tokens: [Int], found: [TruncatedSVD<S>]) {
    let observed = family.observed { meter.add($0 * cost.row) }
    // One block for all groups: how tokens are grouped must not change what is found.
    let block = KrylovSVD(tolerance: options.tolerance)
      .block(for: family.starting(at: tokens).costs, rank: cost.scope.rank)
    func decomposed(_ group: [Int]) -> [TruncatedSVD<S>] {
      decompositions(
        of: observed.starting(at: group), block: block, cost, method, options, meter: meter)
    }
    guard let seconds = options.maximumSeconds else {
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

  /// The triplets of a family whose maps are decomposed together.
  private func decompositions(
    of members: TokenJacobians<S>, block: Int, _ cost: CostModel, _ method: SettledMethod,
    _ options: ExplanationOptions, meter: WorkMeter
  ) -> [TruncatedSVD<S>] {
    switch method {
    case .dense:
      let dense = DenseSVD(rowBlock: cost.rowBlock)
      return dense.decompose(members.dense(rowBlock: cost.rowBlock), rank: cost.scope.rank) {
        meter.add(Double($0) * cost.decomposition)
      }
    case .krylov:
      let krylov = KrylovSVD(
        tolerance: options.tolerance, block: block, seed: options.seed, probes: CostModel.probes)
      return krylov.decompose(members, rank: cost.scope.rank)
    }
  }
}
