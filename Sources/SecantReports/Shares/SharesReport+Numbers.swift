extension SharesReport: TabularReport {
  /// One row for each part: the `share` of the rows whose source is "total" add up to the logit.
  ///
  /// A component is "direct", "head", "feed-forward", "expert" or "bias". Its source is "total", and then
  /// "read" (from a position), "through" (at a position), "token" (because of one) or "biases".
  ///
  /// With an adapter, the rows whose source is "adapter" add up to the logit, too: the component is "base", or
  /// what the module does, such as "value", and the index that of its expert.
  public var numbers: NumberTable {
    NumberTable(
      columns: ["block", "component", "index", "source", "position", "token_text", "share"],
      rows: rows(.text(""), "direct", .text(""), direct.value, direct.tokens, direct.bias)
        + blocks.flatMap(rows) + (adapter.map(rows) ?? []))
  }

  private func rows(of adapter: Adapter) -> [[NumberTable.Cell]] {
    func number(_ value: Int?) -> NumberTable.Cell { value.map { .integer($0) } ?? .text("") }
    return [row(.text(""), "base", .text(""), "adapter", nil, adapter.base)]
      + adapter.modules.map {
        row(number($0.block), $0.module, number($0.expert), "adapter", nil, $0.value)
      }
  }

  private func rows(of block: Block) -> [[NumberTable.Cell]] {
    let number = NumberTable.Cell.integer(block.block)
    func rows(_ kind: String, _ parts: [Component]) -> [[NumberTable.Cell]] {
      parts.flatMap {
        self.rows(
          number, kind, .integer($0.index), $0.value, $0.tokens ?? [], $0.bias,
          through: $0.through ?? [], read: $0.read ?? [])
      }
    }
    let layer = self.rows(
      number, "feed-forward", .text(""), block.feedForward.value, block.feedForward.tokens,
      block.feedForward.bias, through: block.feedForward.through)
    return rows("head", block.heads)
      + (block.experts.isEmpty ? layer : rows("expert", block.experts))
      + [row(number, "bias", .text(""), "total", nil, block.bias)]
  }

  private func rows(
    _ block: NumberTable.Cell, _ component: String, _ index: NumberTable.Cell,
    _ value: Double, _ tokens: [Double], _ bias: Double?, through: [Double] = [],
    read: [Double] = []
  ) -> [[NumberTable.Cell]] {
    func row(_ source: String, _ position: Int?, _ value: Double) -> [NumberTable.Cell] {
      self.row(block, component, index, source, position, value)
    }
    var result = [row("total", nil, value)]
    for (position, value) in zip(sources, tokens) { result.append(row("token", position, value)) }
    if let bias { result.append(row("biases", nil, bias)) }
    for (position, value) in read.enumerated() { result.append(row("read", position, value)) }
    for (position, value) in through.enumerated() { result.append(row("through", position, value)) }
    return result
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

  /// Every number, by what wrote it, by position and by source.
  ///
  /// For p + 1 tokens, L blocks, h heads and s sources: `totals` `[p + 2]`, the tokens' shares and the biases';
  /// `direct` `[1]`, `attention`, `feed_forward` and `biases` `[L]` and
  /// `heads` `[L, h]`, what each wrote; `attention.through` and `feed_forward.through` `[L, p + 1]`,
  /// `heads.through` and `heads.read` `[L, h, p + 1]`; by the s positions in `sources`, `attention.tokens` and
  /// `feed_forward.tokens` `[L, s]` and `heads.tokens` `[L, h, s]`. What was left out is NaN, and so
  /// are the heads that a block has fewer than h. With an adapter also `adapter.base` `[1]` and what its m
  /// modules gave: `adapter.modules` `[m]`, in the order of the report.
  public var arrays: [NumberArray] {
    let (L, n, s) = (blocks.count, shares.tokens.count, sources.count)
    let h = blocks.map(\.heads.count).max() ?? 0
    func array(_ name: String, _ shape: [Int], _ values: [Double]) -> NumberArray {
      NumberArray(name: name, shape: shape, values: values)
    }
    func filled(_ values: [Double]?, _ count: Int) -> [Double] {
      guard let values, values.count == count else {
        return [Double](repeating: .nan, count: count)
      }
      return values
    }
    // Blocks may have different numbers of heads.
    let heads = blocks.flatMap { block in
      (0..<h).map { $0 < block.heads.count ? block.heads[$0] : nil }
    }
    return [
      array("totals", [n + 1], shares.tokens.map(\.value) + [shares.bias.value]),
      array("direct", [1], [direct.value]),
      array("attention", [L], blocks.map(\.attention.value)),
      array("feed_forward", [L], blocks.map(\.feedForward.value)),
      array("biases", [L], blocks.map(\.bias)),
      array("heads", [L, h], heads.map { $0?.value ?? .nan }),
      array("attention.through", [L, n], blocks.flatMap { filled($0.attention.through, n) }),
      array("feed_forward.through", [L, n], blocks.flatMap { filled($0.feedForward.through, n) }),
      array("heads.through", [L, h, n], heads.flatMap { filled($0?.through, n) }),
      array("heads.read", [L, h, n], heads.flatMap { filled($0?.read, n) }),
      array("sources", [s], sources.map(Double.init)),
      array("attention.tokens", [L, s], blocks.flatMap { filled($0.attention.tokens, s) }),
      array("feed_forward.tokens", [L, s], blocks.flatMap { filled($0.feedForward.tokens, s) }),
      array("heads.tokens", [L, h, s], heads.flatMap { filled($0?.tokens, s) }),
    ]
      + (adapter.map {
        [
          array("adapter.base", [1], [$0.base]),
          array("adapter.modules", [$0.modules.count], $0.modules.map(\.value)),
        ]
      } ?? [])
  }
}
