import SecantDecoders
import SecantOperators
import SecantReports

extension Model {
  /// A target divided among the modules of the model's adapter.
  ///
  /// An adapter of the unembedding comes last: it changes what is read off the output.
  ///
  /// - Parameters:
  ///   - predicted: The target among the logits of the output.
  ///   - linearization: The frozen prompt.
  ///   - position: The position that is read.
  ///   - options: The site that is read.
  ///   - observer: Called with the fraction that is done.
  /// - Returns: The share of each module, and what the base weights give.
  func adapter(
    of predicted: PredictedOutput<S>, _ linearization: Linearization<S>, position: Int,
    _ options: ExplanationOptions, observer: (Double) -> Void
  ) -> SharesReport.Adapter {
    let unembedding = decoder.unembedding
    let base = predicted.target.direction(in: unembedding.unadapted)
    let shares = linearization.adapterShares(
      of: Readout(base, at: position), to: options.site, observer: observer)
    let listed = Self.listedModules(shares)
    var modules = shares.modules.enumerated().map { index, module in
      SharesReport.Adapter.Module(
        block: module.block, module: module.kind.rawValue, expert: module.expert,
        value: module.sum, positions: listed.contains(index) ? module.values : nil)
    }
    if unembedding.weight.adaptation != nil {
      let change = zip(direction(of: predicted.target), base).map(-)
      let output = linearization.output(at: options.site, position: position)
      modules.append(
        .init(
          block: nil, module: "unembedding", expert: nil,
          value: Kernels.dot(change.span, output.span), positions: nil))
    }
    let sum = modules.reduce(shares.base) { $0 + $1.value }
    return .init(
      base: shares.base, modules: modules,
      frozen: shares.frozen.map { .init(module: $0.kind.rawValue, blocks: $0.blocks) }, sum: sum,
      difference: sum - predicted.describedTarget.logit)
  }

  /// Numbers by position that a report holds at most: about 3 MB of JSON.
  private static var listedNumbers: Int { 1 << 17 }

  /// The indices of the modules that are listed by position: those that gave most, if all are too many.
  private static func listedModules(_ shares: AdapterShares) -> Set<Int> {
    let sums = shares.modules.map { abs($0.sum) }
    let order = sums.indices.sorted { sums[$0] != sums[$1] ? sums[$0] > sums[$1] : $0 < $1 }
    return Set(order.prefix(listedNumbers / max(1, shares.tokens.count)))
  }
}
