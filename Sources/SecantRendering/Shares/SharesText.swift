public import SecantReports

extension SharesReport {
  /// The division for a terminal: by block, by component and by token, each summing to the logit.
  ///
  /// - Parameters:
  ///   - style: What the terminal shows; no line is wider than it.
  ///   - components: How many heads and layers are listed one by one, at least 0.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle(), components: Int = 10) -> String
  {
    precondition(components >= 0, "a number of components is not negative")
    return SharesText(report: self, style: style, componentCount: components).rendered()
  }
}

/// The parts of a division's text, in reading order.
private struct SharesText {
  let report: SharesReport
  let style: TerminalStyle
  let componentCount: Int
  private var numbers: NumberText { style.numbers }

  func rendered() -> String {
    var text = TerminalText(style)
    text.appendHead(report.reading, report.prompt, report.prediction)
    text.appendTarget(report.target)
    text.paragraph(
      "sum \(numbers.fixed(report.exactness.sum, decimals: 4)); difference over components "
        + " \(numbers.scientific(report.exactness.difference)), "
        + "over tokens \(numbers.scientific(report.shares.difference))"
        + (report.adapter.map { ", over the adapter \(numbers.scientific($0.difference))" } ?? ""),
      mark: TerminalSpan("exactness       ", .faint))
    text.appendShares(
      report.shares, of: report.prompt, target: report.target, carriers: carriers)
    if let adapter = report.adapter {
      text.appendAdapter(adapter, of: report.prompt, listing: componentCount)
    }
    appendBlocks(to: &text)
    appendComponents(to: &text)
    text.appendNotes(
      [
        "Through: how much of the logit passes through a component at a position, on any way; these parts "
          + "overlap from block to block. Blocks are counted from 0."
      ] + report.notes)
    text.appendProvenance(report.provenance)
    return text.rendered()
  }

  // MARK: - Blocks

  private var isBiased: Bool {
    report.blocks.contains { $0.bias != 0 }
  }

  private func appendBlocks(to text: inout TerminalText) {
    let blocks = report.blocks
    let both = blocks.map { $0.attention.value + $0.feedForward.value + $0.bias }
    let bars = TextBars(both + [report.direct.value], style: style)
    let decimals = numbers.decimals(
      for: both + [report.direct.value] + blocks.map(\.attention.value)
        + blocks.map(\.feedForward.value))
    let empty = TextTable.Cell("", style: style)
    func share(_ value: Double) -> TextTable.Cell {
      .init(share: value, decimals: decimals, style: style)
    }
    var table = TextTable(columns: [
      .init(title: "block", alignment: .right),
      .init(title: "attention", alignment: .right, dropRank: 2),
      .init(title: "feed-forward", alignment: .right, dropRank: 3),
      .init(title: "biases", alignment: .right, dropRank: 4),
      .init(title: "together", alignment: .right),
      .init(title: "", minimum: 6, maximum: 24, dropRank: 5, growsLast: true),
      .init(title: "so far", alignment: .right, dropRank: 1),
    ])
    var sum = report.direct.value
    table.rows.append([
      .init("direct", .faint, style: style), empty, empty, empty, share(sum),
      bars.cell(sum), .init(numbers.fixed(sum, decimals: decimals), style: style),
    ])
    for (block, value) in zip(blocks, both) {
      sum += value
      table.rows.append([
        .init(String(block.block), .faint, style: style), share(block.attention.value),
        share(block.feedForward.value), share(block.bias), share(value), bars.cell(value),
        .init(numbers.fixed(sum, decimals: decimals), style: style),
      ])
    }
    table.footer = [
      [
        .init("sum", .strong, style: style),
        share(blocks.reduce(0) { $0 + $1.attention.value }),
        share(blocks.reduce(0) { $0 + $1.feedForward.value }),
        share(blocks.reduce(0) { $0 + $1.bias }), share(sum), empty,
        .init(numbers.fixed(sum, decimals: decimals), .strong, style: style),
      ]
    ]
    if !isBiased {
      table.columns.remove(at: 3)
      for row in table.rows.indices { table.rows[row].remove(at: 3) }
      table.footer[0].remove(at: 3)
    }
    text.heading("What each block wrote, in logits")
    text.lines(table.lines(style))
  }

  // MARK: - Components

  private struct NamedComponent {
    let block: Int
    let name: String
    let value: Double
    let tokens: [Double]?
    let bias: Double?
    let read: [Double]?
  }

  /// Every head, feed-forward layer or expert, largest first.
  private var components: [NamedComponent] {
    let all = report.blocks.flatMap { block in
      let heads = block.heads.map {
        NamedComponent(
          block: block.block, name: "head \($0.index)", value: $0.value, tokens: $0.tokens,
          bias: $0.bias, read: $0.read)
      }
      let experts = block.experts.map {
        NamedComponent(
          block: block.block, name: "expert \($0.index)", value: $0.value, tokens: $0.tokens,
          bias: $0.bias, read: nil)
      }
      let layer = NamedComponent(
        block: block.block, name: "feed-forward", value: block.feedForward.value,
        tokens: block.feedForward.tokens, bias: block.feedForward.bias, read: nil)
      return heads + (experts.isEmpty ? [layer] : experts)
    }
    return all.largestFirst(by: \.value)
  }

  private func appendComponents(to text: inout TerminalText) {
    let all = components
    let shown = Array(all.prefix(componentCount))
    if shown.isEmpty { return }
    let decimals = numbers.decimals(for: shown.map(\.value))
    let bars = TextBars(shown.map(\.value), style: style)
    var table = TextTable(columns: [
      .init(title: "block", alignment: .right),
      .init(title: "component"),
      .init(title: "wrote", alignment: .right),
      .init(title: "", minimum: 6, maximum: 12, dropRank: 3, growsLast: true),
      .init(title: "read at", minimum: 14, dropRank: 2),
      .init(title: "because of", minimum: 14, dropRank: 1),
    ])
    for part in shown {
      table.rows.append([
        .init(String(part.block), .faint, style: style), .init(part.name, style: style),
        .init(share: part.value, decimals: decimals, style: style),
        bars.cell(part.value, natural: 12), .init(items: readings(part), style: style),
        .init(items: sources(part), style: style),
      ])
    }
    if report.sources.isEmpty {
      table.columns.removeLast()
      for row in table.rows.indices { table.rows[row].removeLast() }
    }
    text.heading(
      shown.count < all.count
        ? "The \(shown.count) largest of \(all.count) components" : "The components")
    text.lines(table.lines(style))
  }

  /// The largest parts of a component by source.
  private func sources(_ part: NamedComponent) -> [String] {
    guard let tokens = part.tokens else { return [] }
    let named = zip(report.sources, tokens).map {
      (report.prompt.name(at: $0, style.token), $1)
    }
    return largest(named + [("biases", part.bias ?? 0)])
  }

  /// The positions from which a head wrote most.
  private func readings(_ part: NamedComponent) -> [String] {
    largest(
      (part.read ?? []).enumerated().map {
        ("\(style.token(report.prompt.tokenText(at: $0.offset)))@\($0.offset)", $0.element)
      })
  }

  private func largest(_ parts: [(String, Double)]) -> [String] {
    let sorted = parts.filter { $0.1 != 0 && !$0.1.isNaN }.sorted { abs($0.1) > abs($1.1) }
    let decimals = max(1, numbers.decimals(for: sorted.map(\.1)) - 1)
    return sorted.prefix(4).map {
      "\($0.0) \(numbers.fixed($0.1, decimals: decimals, withPlus: true))"
    }
  }

  // MARK: - Tokens

  /// The components through which most of the logit passes at a position, in the short form "3.1" for a head,
  /// "3.ff" for a feed-forward layer.
  private func carriers(_ position: Int) -> [String] {
    var parts: [(String, Double)] = []
    for block in report.blocks {
      parts += block.heads.compactMap { head in
        head.through.flatMap {
          position < $0.count ? ("\(block.block).\(head.index)", $0[position]) : nil
        }
      }
      if position < block.feedForward.through.count {
        parts.append(("\(block.block).ff", block.feedForward.through[position]))
      }
    }
    let sorted = parts.filter { $0.1 != 0 && !$0.1.isNaN }.sorted { abs($0.1) > abs($1.1) }
    return sorted.prefix(3).map { "\($0.0) \(numbers.fixed($0.1, decimals: 2, withPlus: true))" }
  }
}
