extension DifferenceLedger {
  /// The columns that a comparison's table has for entries of the account.
  static let columns = [
    "order", "kind", "block", "head", "expert", "norm", "matrix", "neuron", "position", "span",
    "source", "value",
  ]

  /// One row for each entry of every order.
  var rows: [[NumberTable.Cell]] {
    func integer(_ value: Int?) -> NumberTable.Cell { value.map { .integer($0) } ?? .text("") }
    return orders.flatMap { name, order in
      order.entries.map { entry in
        [
          .text(name), .text(entry.kind), integer(entry.block), integer(entry.head),
          integer(entry.expert), .text(entry.norm ?? ""), .text(entry.matrix ?? ""),
          integer(entry.neuron), .integer(entry.position), integer(entry.span),
          integer(entry.source), .number(entry.value),
        ]
      }
    }
  }

  /// The totals and the parts of each block.
  ///
  /// `difference.totals` `[3, 6]` (real, sum, content, patterns, gates, norms), and by block
  /// `difference.heads` `[3, L, h]`, `difference.gates` and `difference.norms` `[3, L]`; the orders are forward,
  /// reverse and mean. Of two models the totals have a seventh column, the weights, which `difference.weights`
  /// `[3, L]` has by block.
  var arrays: [NumberArray] {
    let orders = orders.map(\.order)
    let count = orders.map(\.blocks.count).max() ?? 0
    let width = orders.flatMap(\.blocks).map(\.heads.count).max() ?? 0
    func blocks(_ name: String, _ value: (Block) -> Double) -> NumberArray {
      .init(name, rows: orders.map { $0.blocks.map(value) }, width: count)
    }
    let heads = orders.flatMap { order in
      (0..<count).flatMap { n -> [Double] in
        let known = n < order.blocks.count ? order.blocks[n].heads : []
        return known + [Double](repeating: .nan, count: width - known.count)
      }
    }
    return [
      .init(
        "difference.totals",
        rows: orders.map {
          [$0.real, $0.sum, $0.content, $0.patterns, $0.gates, $0.norms]
            + [$0.weights].compactMap(\.self)
        }),
      NumberArray(name: "difference.heads", shape: [orders.count, count, width], values: heads),
      blocks("difference.gates", \.gates), blocks("difference.norms", \.norms),
    ] + (forward.weights == nil ? [] : [blocks("difference.weights") { $0.weights ?? 0 }])
  }
}
