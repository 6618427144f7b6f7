import SecantDecoders
import SecantOperators

extension Model {
  /// The leading singular triplets of every token's map.
  ///
  /// Tokens are taken together as far as the memory allows; the result depends on the options alone.
  ///
  /// - Parameters:
  ///   - family: The maps.
  ///   - cost: How much is carried at once.
  ///   - method: Dense or by products.
  ///   - options: Rank, tolerance, seed and memory.
  ///   - meter: Told what is done.
  /// - Returns: One decomposition for each token, in order.
  func decompositions(
    of family: TokenJacobians<S>, _ cost: CostModel, _ method: SettledMethod,
    _ options: ExplanationOptions, meter: WorkMeter
  ) -> [TruncatedSVD<S>] {
    let rowBlock = cost.rowBlock
    // One block for all groups: how tokens are grouped must not change what is found.
    let block = KrylovSVD(tolerance: options.tolerance)
      .block(for: family.costs, rank: cost.scope.rank)
    let observed = family.observed { meter.add($0 * cost.row) }
    var result: [TruncatedSVD<S>] = []
    for group in cost.groups(method) {
      let members = observed.starting(at: group)
      switch method {
      case .dense:
        let dense = DenseSVD(rowBlock: rowBlock)
        result += dense.decompose(members.dense(rowBlock: rowBlock), rank: cost.scope.rank) {
          meter.add(Double($0) * cost.decomposition)
        }
      case .krylov:
        let krylov = KrylovSVD(
          tolerance: options.tolerance, block: block, seed: options.seed, probes: CostModel.probes)
        result += krylov.decompose(members, rank: cost.scope.rank)
      }
    }
    return result
  }
}
