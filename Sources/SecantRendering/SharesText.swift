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
    text.appendPrompt(report.prompt)
    text.appendPrediction(report.prediction)
    text.blank()
    text.paragraph(
      "\(report.target.text(style.token)) = \(numbers.fixed(report.target.logit, decimals: 4))",
      mark: TerminalSpan("target          ", .faint))
    text.paragraph(
      "sum of all parts \(numbers.fixed(report.exactness.sum, decimals: 4)), "
        + "difference \(numbers.scientific(report.exactness.difference)), "
        + "largest of a row \(numbers.scientific(report.exactness.largestRowDifference))",
      mark: TerminalSpan("exactness       ", .faint))
    appendBlocks(to: &text)
    appendComponents(to: &text)
    appendTokens(to: &text)
    text.appendNotes(
      [
        "A part belongs to the token whose vector it was made from, however many blocks it went "
          + "through before. Blocks are counted from 0.",
        "Path: the token's part of the logit when the blocks up to each have written, all tokens on "
          + "one scale.",
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
      .init(title: "logit so far", alignment: .right, dropRank: 1),
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
    let bias: Double
  }

  /// Every head, feed-forward layer or expert, largest first.
  private var components: [NamedComponent] {
    let all = report.blocks.flatMap { block in
      let heads = block.heads.map {
        NamedComponent(
          block: block.block, name: "head \($0.index)", value: $0.value, tokens: $0.tokens,
          bias: $0.bias)
      }
      let experts = block.experts.map {
        NamedComponent(
          block: block.block, name: "expert \($0.index)", value: $0.value, tokens: $0.tokens,
          bias: $0.bias)
      }
      let layer = NamedComponent(
        block: block.block, name: "feed-forward", value: block.feedForward.value,
        tokens: block.feedForward.tokens, bias: block.feedForward.bias)
      return heads + (experts.isEmpty ? [layer] : experts)
    }
    return all.enumerated().sorted {
      let (a, b) = (abs($0.element.value), abs($1.element.value))
      return a == b || (a.isNaN && b.isNaN) ? $0.offset < $1.offset : b.isNaN || a > b
    }.map(\.element)
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
      .init(title: "share", alignment: .right),
      .init(title: "", minimum: 6, maximum: 12, dropRank: 2, growsLast: true),
      .init(title: "made from", minimum: 14, dropRank: 1),
    ])
    for part in shown {
      table.rows.append([
        .init(String(part.block), .faint, style: style), .init(part.name, style: style),
        .init(share: part.value, decimals: decimals, style: style),
        bars.cell(part.value, natural: 12), .init(items: sources(part), style: style),
      ])
    }
    text.heading(
      shown.count < all.count
        ? "The \(shown.count) largest of \(all.count) components, and the tokens that they were made from"
        : "The components, and the tokens that they were made from")
    text.lines(table.lines(style))
  }

  /// The largest parts of a component by token.
  private func sources(_ part: NamedComponent) -> [String] {
    guard let tokens = part.tokens else { return [] }
    let named = tokens.enumerated().map {
      (style.token(report.prompt.tokenText(at: $0.offset)), $0.element)
    }
    let sorted = (named + [("biases", part.bias)])
      .filter { $0.1 != 0 && !$0.1.isNaN }.sorted { abs($0.1) > abs($1.1) }
    let decimals = max(1, numbers.decimals(for: sorted.map(\.1)) - 1)
    return sorted.prefix(4).map {
      "\($0.0) \(numbers.fixed($0.1, decimals: decimals, withPlus: true))"
    }
  }

  // MARK: - Tokens

  /// A row's sums after the direct path and after each block.
  private func path(_ token: Int) -> [Double] {
    var sum = token < report.direct.tokens.count ? report.direct.tokens[token] : .nan
    return [sum]
      + report.blocks.map { block in
        let parts = [block.attention.tokens, block.feedForward.tokens]
        sum += parts.reduce(0) { $0 + ($1.indices.contains(token) ? $1[token] : .nan) }
        return sum
      }
  }

  private func appendTokens(to text: inout TerminalText) {
    let shares = report.shares
    let values = shares.tokens.map(\.value) + [shares.bias.value]
    let decimals = numbers.decimals(for: values)
    let bars = TextBars(values, style: style)
    let paths = shares.tokens.indices.map(path)
    let lines = Sparkline(paths.flatMap(\.self), style: style)
    let empty = TextTable.Cell("", style: style)
    func share(_ value: Double) -> TextTable.Cell {
      .init(share: value, decimals: decimals, style: style)
    }
    var table = TextTable(columns: [
      .init(title: "#", alignment: .right, dropRank: 3),
      .init(title: "token", minimum: 8, maximum: 18),
      .init(title: "share", alignment: .right),
      .init(title: "of logit", alignment: .right, dropRank: 4),
      .init(title: "", minimum: 6, maximum: 12, dropRank: 5, growsLast: true),
      .init(title: "path", minimum: 7, maximum: 24, dropRank: 2),
      .init(title: "mostly by", minimum: 11, dropRank: 1),
    ])
    for (token, part) in shares.tokens.enumerated() {
      table.rows.append([
        .init(String(token), .faint, style: style),
        .init(style.token(report.prompt.tokenText(at: token)), style: style), share(part.value),
        .init(numbers.percent(part.fraction), style: style), bars.cell(part.value, natural: 12),
        lines.cell(paths[token]), .init(items: makers(token), style: style),
      ])
    }
    let tail = [empty, empty, empty]
    table.footer = [
      [
        empty, .init("biases", .faint, style: style), share(shares.bias.value),
        .init(numbers.percent(shares.bias.fraction), style: style),
      ] + tail,
      [
        empty, .init("sum", .strong, style: style), share(shares.sum),
        .init(numbers.percent(shares.sum / shares.logit), style: style),
      ] + tail,
    ]
    text.heading("What each token gave, and by which components")
    text.lines(table.lines(style))
  }

  /// The components that made most of a token's share, in the short form "3.1" for a head, "3.ff" for a
  /// feed-forward layer.
  private func makers(_ token: Int) -> [String] {
    var parts: [(String, Double)] = []
    if token < report.direct.tokens.count { parts.append(("direct", report.direct.tokens[token])) }
    for block in report.blocks {
      parts += block.heads.compactMap { head in
        head.tokens.flatMap {
          token < $0.count ? ("\(block.block).\(head.index)", $0[token]) : nil
        }
      }
      if token < block.feedForward.tokens.count {
        parts.append(("\(block.block).ff", block.feedForward.tokens[token]))
      }
    }
    let sorted = parts.filter { $0.1 != 0 && !$0.1.isNaN }.sorted { abs($0.1) > abs($1.1) }
    return sorted.prefix(3).map { "\($0.0) \(numbers.fixed($0.1, decimals: 2, withPlus: true))" }
  }
}
