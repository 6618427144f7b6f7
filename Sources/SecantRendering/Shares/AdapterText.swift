import SecantReports

extension SharesReport.Adapter.Module {
  /// What the matrix is called; words that no module has stay out of texts.
  var kind: String {
    let known = [
      "value", "output", "gate", "up", "down", "per-layer gate", "per-layer output", "unembedding",
    ]
    let name = known.contains(module) ? module : "part"
    return expert.map { "\(name), expert \($0)" } ?? name
  }

  /// The module in a sentence, such as "the down projection of block 41".
  var sentenceName: String {
    guard let block else { return "the unembedding" }
    let place = expert.map { "expert \($0) in block \(block)" } ?? "block \(block)"
    return "the \(kind.prefix { $0 != "," }) projection of \(place)"
  }
}

extension SharesReport.Adapter {
  /// What has no share and why, in a sentence; nil if every module has one.
  var frozenRemark: String? {
    if frozen.isEmpty { return nil }
    let known = [
      "query", "key", "head gate", "decay", "rate", "router", "gate", "up", "per-layer inputs",
    ]
    let parts = frozen.map { part in
      let count = part.blocks.count
      return
        "\(known.contains(part.module) ? part.module : "part") (\(count) block\(count == 1 ? "" : "s"))"
    }
    return "without a share: \(parts.list), which act only inside the frozen patterns and gates"
  }

  /// What the base stands for, in a sentence.
  var baseRemark: String {
    "base weights: what the weights without the adapter give, with the patterns, gates and norms of the run "
      + "with it"
  }
}

extension TerminalText {
  /// What an adapter's modules gave: the largest of them, and what all sum to.
  ///
  /// - Parameters:
  ///   - adapter: The division.
  ///   - prompt: The prompt.
  ///   - count: How many modules are listed one by one.
  mutating func appendAdapter(
    _ adapter: SharesReport.Adapter, of prompt: ExplanationReport.Prompt, listing count: Int
  ) {
    let (style, numbers) = (style, style.numbers)
    let largest = adapter.largest
    let shown = largest.prefix(count)
    let rest = largest.dropFirst(count).reduce(0) { $0 + $1.value }
    let decimals = numbers.decimals(
      for: shown.map(\.value) + [adapter.total, adapter.base, adapter.sum])
    let bars = TextBars(shown.map(\.value), style: style)
    let empty = TextTable.Cell("", style: style)
    func share(_ value: Double) -> TextTable.Cell {
      .init(share: value, decimals: decimals, style: style)
    }
    // What would be shown as 0 is left out.
    let least = largest.first.map { abs($0.value) / 100 } ?? 0
    func places(_ module: SharesReport.Adapter.Module) -> [String] {
      let sorted = (module.positions ?? []).enumerated().filter { abs($0.element) > least }
        .sorted { abs($0.element) > abs($1.element) }
      let decimals = numbers.decimals(for: sorted.map(\.element))
      return sorted.prefix(4).map {
        "\(style.token(prompt.tokenText(at: $0.offset)))@\($0.offset) "
          + numbers.fixed($0.element, decimals: decimals, withPlus: true)
      }
    }
    var table = TextTable(columns: [
      .init(title: "block", alignment: .right),
      .init(title: "module"),
      .init(title: "gave", alignment: .right),
      .init(title: "", minimum: 6, maximum: 12, dropRank: 2, growsLast: true),
      .init(title: "at", minimum: 14, dropRank: 1),
    ])
    for module in shown {
      table.rows.append([
        .init(module.block.map { String($0) } ?? "", .faint, style: style),
        .init(module.kind, style: style), share(module.value),
        bars.cell(module.value, natural: 12), .init(items: places(module), style: style),
      ])
    }
    func footer(_ name: String, _ role: TerminalRole, _ value: Double) {
      table.footer.append([empty, .init(name, role, style: style), share(value), empty, empty])
    }
    if largest.count > shown.count { footer("\(largest.count - shown.count) others", .faint, rest) }
    footer("base weights", .faint, adapter.base)
    footer("sum", .strong, adapter.sum)
    heading(
      shown.count < largest.count
        ? "The \(shown.count) largest of \(largest.count) modules of the adapter, in logits"
        : "What the modules of the adapter gave, in logits")
    lines(table.lines(style))
    paragraph(adapter.baseRemark, .faint)
    if let remark = adapter.frozenRemark { paragraph(remark, .faint) }
  }
}
