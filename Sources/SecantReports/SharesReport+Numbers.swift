extension SharesReport: TabularReport {
  /// One row for each part of the sum: the shares in the table add up to the logit.
  ///
  /// A component is "direct", "head", "feed-forward", "expert" or "bias"; a source is a token or "biases".
  public var numbers: NumberTable {
    NumberTable(
      columns: ["block", "component", "index", "source", "position", "token_text", "share"],
      rows: rows(.text(""), "direct", .text(""), direct.tokens, direct.bias)
        + blocks.flatMap(rows))
  }

  private func rows(of block: Block) -> [[NumberTable.Cell]] {
    let number = NumberTable.Cell.integer(block.block)
    let heads = block.heads.flatMap {
      rows(number, "head", .integer($0.index), $0.tokens ?? [], $0.bias, total: $0.value)
    }
    let experts = block.experts.flatMap {
      rows(number, "expert", .integer($0.index), $0.tokens ?? [], $0.bias, total: $0.value)
    }
    let layer = rows(
      number, "feed-forward", .text(""), block.feedForward.tokens, block.feedForward.bias)
    return heads + (experts.isEmpty ? layer : experts)
      + [row(number, "bias", .text(""), "biases", nil, block.bias)]
  }

  /// A component's parts; of one without tokens, its sum over them as one part.
  private func rows(
    _ block: NumberTable.Cell, _ component: String, _ index: NumberTable.Cell,
    _ tokens: [Double], _ bias: Double, total: Double? = nil
  ) -> [[NumberTable.Cell]] {
    let rest = row(block, component, index, "biases", nil, bias)
    if tokens.isEmpty, let total {
      return [row(block, component, index, "tokens", nil, total - bias), rest]
    }
    return tokens.enumerated().map { row(block, component, index, "token", $0, $1) } + [rest]
  }

  private func row(
    _ block: NumberTable.Cell, _ component: String, _ index: NumberTable.Cell, _ source: String,
    _ position: Int?, _ value: Double
  ) -> [NumberTable.Cell] {
    [
      block, .text(component), index, .text(source),
      position.map { .integer($0) } ?? .text(""),
      .text(position.map { prompt.tokens[$0].text } ?? ""), .number(value),
    ]
  }

  /// By source, the tokens in order and then the biases, n in all: `direct` and `totals` `[n]`, `attention`
  /// and `feed_forward` `[L, n]`, `heads` `[L, h, n]`, and `biases` `[L]`, what the blocks' own biases added.
  public var arrays: [NumberArray] {
    let (L, n) = (blocks.count, direct.tokens.count + 1)
    let h = blocks.map(\.heads.count).max() ?? 0
    func array(_ name: String, _ shape: [Int], _ values: [Double]) -> NumberArray {
      NumberArray(name: name, shape: shape, values: values)
    }
    let unknown = [Double](repeating: .nan, count: n - 1)
    return [
      array("direct", [n], direct.tokens + [direct.bias]),
      array("totals", [n], shares.tokens.map(\.value) + [shares.bias.value]),
      array("attention", [L, n], blocks.flatMap { $0.attention.tokens + [$0.attention.bias] }),
      array(
        "feed_forward", [L, n], blocks.flatMap { $0.feedForward.tokens + [$0.feedForward.bias] }),
      array(
        "heads", [L, h, n],
        blocks.flatMap { $0.heads.flatMap { ($0.tokens ?? unknown) + [$0.bias] } }),
      array("biases", [L], blocks.map(\.bias)),
    ]
  }
}
