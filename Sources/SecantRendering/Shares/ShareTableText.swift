import SecantReports

extension TerminalText {
  /// A target's shares: a line for each token of a short prompt and for the largest of a long one, or for each span.
  ///
  /// Percentages and bars scale on what is no baseline.
  ///
  /// - Parameters:
  ///   - shares: The shares.
  ///   - prompt: The prompt.
  ///   - target: What they divide.
  ///   - carriers: What a column more says of the token at a position; none where nil.
  ///   - check: What removing the tokens does, where that was measured.
  mutating func appendShares(
    _ shares: ExplanationReport.Shares, of prompt: ExplanationReport.Prompt,
    target: ExplanationReport.Target, carriers: ((Int) -> [String])? = nil,
    check: EffectCheck? = nil
  ) {
    let table = ShareTable(
      shares: shares, listing: ShareListing(shares), prompt: prompt, style: style,
      carriers: shares.grouping == nil ? carriers : nil,
      check: shares.grouping == nil ? check : nil)
    heading(table.listing.heading(target.name(style.token)))
    lines(table.table.lines(style))
    if let remark = table.remark { paragraph(remark, .faint) }
  }
}

/// The table of shares.
private struct ShareTable {
  let shares: ExplanationReport.Shares
  let listing: ShareListing
  let prompt: ExplanationReport.Prompt
  let style: TerminalStyle
  let carriers: ((Int) -> [String])?
  let check: EffectCheck?
  private var numbers: NumberText { style.numbers }

  var table: TextTable {
    let bars = TextBars(listing.values, style: style)
    let decimals = numbers.decimals(
      for: listing.values + [shares.sum] + (check?.effects.map(\.effect) ?? []))
    let width = carriers == nil ? 24 : 12
    let isLong = listing.unit != "token" && listing.unit != "word"
    var table = TextTable(columns: [
      .init(title: "#", alignment: .right, dropRank: 3),
      .init(title: listing.unit, minimum: 8, maximum: isLong ? 44 : 18),
      .init(title: "share", alignment: .right),
      .init(title: "of all", alignment: .right, dropRank: 4),
      .init(title: "", minimum: 6, maximum: width, dropRank: 5, growsLast: true),
      .init(title: "most passes through", minimum: 11, dropRank: 2),
    ])
    let empty = TextTable.Cell("", style: style)
    func cells(
      _ number: String, _ name: String, _ role: TerminalRole, _ value: Double, isApart: Bool = false
    ) -> [TextTable.Cell] {
      [
        .init(number, .faint, style: style), .init(name, role, style: style),
        .init(share: value, decimals: decimals, style: style),
        isApart ? empty : .init(numbers.percent(listing.part(value)), style: style),
        isApart ? empty : bars.cell(value, natural: width), empty,
      ]
    }
    for row in listing.shown {
      var line = cells(
        String(row.positions[0]), shares.name(of: row, in: prompt, style.token), .plain, row.value)
      if let carriers {
        line[5] = .init(items: carriers(row.positions[0]), style: style)
      }
      table.rows.append(line)
    }
    if let others = listing.others {
      table.footer.append(cells("", others.name, .faint, others.value))
    }
    table.footer += [
      listing.baseline.map { cells("", "baseline", .faint, $0.value, isApart: true) }
        ?? cells("", "bias", .faint, shares.bias.value, isApart: true),
      cells("", "sum", .strong, shares.sum, isApart: true),
    ]
    if carriers == nil {
      table.columns.removeLast()
      for row in table.rows.indices { table.rows[row].removeLast() }
      for row in table.footer.indices { table.footer[row].removeLast() }
    }
    insertPositions(into: &table)
    appendEffects(to: &table)
    return table
  }

  /// A column for the part of each share that the learned vectors of positions gave, if there are any.
  private func insertPositions(into table: inout TextTable) {
    guard let parts = shares.positions else { return }
    func sum(_ places: [Int]) -> Double { places.reduce(0) { $0 + parts[$1] } }
    let baseline = listing.baseline?.positions ?? []
    let shown = listing.shown.map { sum($0.positions) }
    let (all, apart) = (sum(Array(parts.indices)), sum(baseline))
    let decimals = numbers.decimals(for: listing.values + [shares.sum])
    func cell(_ value: Double?) -> TextTable.Cell {
      value.map { .init(share: $0, decimals: decimals, style: style) } ?? .init("", style: style)
    }
    table.columns.insert(.init(title: "by position", alignment: .right, dropRank: 1), at: 3)
    for (row, value) in shown.enumerated() { table.rows[row].insert(cell(value), at: 3) }
    let rest = listing.others.map { _ in all - apart - shown.reduce(0, +) }
    let footer: [Double?] =
      (rest.map { [$0] } ?? []) + [listing.baseline.map { _ in apart }, all]
    for (row, value) in footer.enumerated() { table.footer[row].insert(cell(value), at: 3) }
  }

  /// Columns for what removing each token does; empty cells for one that was not removed.
  private func appendEffects(to table: inout TextTable) {
    guard let check else { return }
    let decimals = numbers.decimals(
      for: listing.values + [shares.sum] + check.effects.map(\.effect))
    let empty = TextTable.Cell("", style: style)
    let isDivided = check.effects.contains { $0.channel != nil }
    func cells(at position: Int?) -> [TextTable.Cell] {
      let effect = position.flatMap { check.effect(at: $0) }
      let value = effect.map {
        TextTable.Cell(share: $0.effect, decimals: decimals, style: style)
      }
      let channel = effect.map {
        TextTable.Cell(style.message($0.channel ?? ""), .faint, style: style)
      }
      return [value ?? empty] + (isDivided ? [channel ?? empty] : [])
    }
    table.columns.append(.init(title: "effect", alignment: .right))
    if isDivided { table.columns.append(.init(title: "by", minimum: 8, dropRank: 6)) }
    for (row, shown) in listing.shown.enumerated() {
      table.rows[row] += cells(at: shown.positions[0])
    }
    // A baseline of one token has that token's effect.
    let apart = listing.baseline?.positions ?? []
    let first = table.footer.count - 2
    for row in table.footer.indices {
      table.footer[row] += cells(at: row == first && apart.count == 1 ? apart[0] : nil)
    }
  }

  /// What the baseline is; nil where there is none.
  var remark: String? { shares.baselineRemark(prompt, style.token, numbers) }
}

extension ExplanationReport.Shares {
  /// What the baseline is made of, in a sentence; nil where there is none.
  func baselineRemark(
    _ prompt: ExplanationReport.Prompt, _ visible: VisibleText, _ numbers: NumberText
  ) -> String? {
    guard let position = baseline.first else { return nil }
    let name = prompt.name(at: position, visible)
    let attention = firstToken.map {
      ", which gets \(numbers.percent($0.attention)) of the attention of those after it"
    }
    let bias =
      self.bias.value == 0
      ? "" : "; with the bias, \(numbers.fixed(self.bias.value, decimals: 2, withPlus: true))"
    return "baseline: the first token, \(name)\(attention ?? "")\(bias)"
  }
}
