import SecantReports

extension TerminalText {
  /// A logit's shares, a line for each token of a short prompt and for the largest of a long one; beside them
  /// what removing the tokens does, where that was measured.
  mutating func appendShares(
    _ shares: ExplanationReport.Shares, of prompt: ExplanationReport.Prompt,
    check: EffectCheck? = nil
  ) {
    let (numbers, listing) = (style.numbers, ShareListing(shares))
    let values =
      listing.shown.map { shares.tokens[$0].value } + [shares.bias.value]
      + (listing.others.map { [$0.value] } ?? [])
    let bars = TextBars(values, style: style)
    let decimals = numbers.decimals(for: values + (check?.effects.map(\.effect) ?? []))
    let empty = TextTable.Cell("", style: style)
    let isDivided = check?.effects.contains { $0.channel != nil } ?? false
    let more = (check == nil ? 0 : 1) + (isDivided ? 1 : 0)
    var table = TextTable(columns: [
      .init(title: "#", alignment: .right, dropRank: 1),
      .init(title: "token", minimum: 8, maximum: 18),
      .init(title: "share", alignment: .right),
      .init(title: "of logit", alignment: .right, dropRank: 2),
      .init(title: "", minimum: 6, maximum: 24, dropRank: 3, growsLast: true),
    ])
    if check != nil { table.columns.append(.init(title: "effect", alignment: .right)) }
    if isDivided { table.columns.append(.init(title: "by", minimum: 8, dropRank: 4)) }
    func row(_ number: String, _ name: TextTable.Cell, _ value: Double) -> [TextTable.Cell] {
      [
        .init(number, .faint, style: style), name,
        .init(share: value, decimals: decimals, style: style),
        .init(numbers.percent(value / shares.logit), style: style), bars.cell(value),
      ]
    }
    /// The cells of a token's effect; of one that was not removed, or no token, empty ones.
    func effect(at position: Int?) -> [TextTable.Cell] {
      guard let effect = position.flatMap({ check?.effect(at: $0) }) else {
        return [TextTable.Cell](repeating: empty, count: more)
      }
      let value = TextTable.Cell(share: effect.effect, decimals: decimals, style: style)
      return [value]
        + (isDivided ? [.init(style.message(effect.channel ?? ""), .faint, style: style)] : [])
    }
    for position in listing.shown {
      let name = style.token(prompt.tokenText(at: position))
      table.rows.append(
        row(String(position), .init(name, style: style), shares.tokens[position].value)
          + effect(at: position))
    }
    if let others = listing.others {
      table.footer.append(
        row("", .init(others.name, .faint, style: style), others.value) + effect(at: nil))
    }
    table.footer += [
      row("", .init("bias", .faint, style: style), shares.bias.value) + effect(at: nil),
      [
        empty, .init("sum", .strong, style: style),
        .init(
          numbers.fixed(shares.sum, decimals: decimals, withPlus: true), .strong, style: style),
        .init(numbers.percent(shares.sum / shares.logit), style: style), empty,
      ] + effect(at: nil),
    ]
    heading(listing.heading)
    lines(table.lines(style))
    paragraph(
      "sum of shares and bias \(numbers.fixed(shares.sum, decimals: 4)), "
        + "the target's logit \(numbers.fixed(shares.logit, decimals: 4)), "
        + "difference \(numbers.scientific(shares.difference))")
    if let check { paragraph(check.agreement(style)) }
  }
}
