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
  ///   - progress: Called with the fraction that is done.
  /// - Returns: One decomposition for each token, in order.
  func decompositions(
    of family: TokenJacobians<S>, _ cost: CostModel, _ method: SettledMethod,
    _ options: ExplanationOptions, progress: (Double) -> Void
  ) -> [TruncatedSVD<S>] {
    let groups = cost.groups(method, memory: options.memory)
    let rowBlock = cost.rowBlock(memory: options.memory)
    var result: [TruncatedSVD<S>] = []
    for group in groups {
      let members = family.starting(at: group)
      switch method {
      case .dense:
        let dense = DenseSVD(rowBlock: rowBlock)
        for matrix in members.dense(rowBlock: rowBlock) {
          result.append(dense.decompose(matrix, rank: cost.scope.rank))
          progress(Double(result.count) / Double(family.count))
        }
      case .krylov:
        let krylov = KrylovSVD(tolerance: options.tolerance, seed: options.seed)
        result += krylov.decompose(members, rank: cost.scope.rank)
        progress(Double(result.count) / Double(family.count))
      }
    }
    return result
  }
}
