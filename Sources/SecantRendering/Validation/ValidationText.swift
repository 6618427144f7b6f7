public import SecantReports

extension ValidationReport {
  /// The medians as one table for a terminal, a row for each measure and a column for each rule.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.paragraph("How well rules predict what really happens", .strong)
    text.paragraph(
      "medians over \(items.count) items; the last column is the widest half of a row's 95 % intervals",
      .faint)
    text.blank()
    text.lines(table(style).lines(style))
    text.heading("Items")
    text.lines(familyTable(style).lines(style))
    text.heading("What rules predict")
    for rule in rules {
      let name = style.message(rule.name)
      text.paragraph(
        style.message(rule.definition),
        mark: TerminalSpan(name + String(repeating: " ", count: max(1, 12 - name.count)), .faint))
    }
    text.heading("What is measured")
    for measure in shown {
      let name = style.message(measure.label)
      text.paragraph(
        style.message(measure.definition),
        mark: TerminalSpan(name + String(repeating: " ", count: max(1, 20 - name.count)), .faint))
    }
    text.appendNotes(notes)
    text.appendProvenance(provenance)
    return text.rendered()
  }

  /// The measures that any rule has.
  var shown: [Measure] {
    measures.filter { measure in rules.contains { $0.median(measure.name) != nil } }
  }

  private func table(_ style: TerminalStyle) -> TextTable {
    var table = TextTable(
      columns: [.init(title: "measure", minimum: 12, maximum: 20)]
        + rules.map { .init(title: style.message($0.name), alignment: .right) }
        + [.init(title: style.spell("±", "+-"), alignment: .right, dropRank: 1)])
    for measure in shown {
      let medians = rules.map { $0.median(measure.name) }
      let best = measure.best(of: medians.compactMap { $0?.value })
      let width = medians.compactMap(\.self).map { max($0.high - $0.value, $0.value - $0.low) }
        .max()
      table.rows.append(
        [.init(style.message(measure.label), style: style)]
          + medians.map { median in
            .init(
              median.map { measure.text($0.value, style.numbers) } ?? style.spell("–", "-"),
              median.map { $0.value == best } == true ? .strong : .plain, style: style)
          } + [
            .init(
              width.map { measure.text($0, style.numbers) } ?? "", .faint, style: style)
          ])
    }
    return table
  }

  private func familyTable(_ style: TerminalStyle) -> TextTable {
    var table = TextTable(columns: [
      .init(title: "family", minimum: 10, maximum: 24),
      .init(title: "measured", alignment: .right),
      .init(title: "prefers other", alignment: .right, dropRank: 1),
      .init(title: "other lengths", alignment: .right, dropRank: 2),
      .init(title: "not one token", alignment: .right, dropRank: 3),
      .init(title: "too long", alignment: .right, dropRank: 4),
    ])
    for family in families {
      table.rows.append(
        [.init(style.message(family.name), style: style)]
          + [
            family.measured, family.prefersOther, family.unequalLengths, family.notOneToken,
            family.tooLong,
          ].map { .init(style.numbers.count($0), style: style) })
    }
    return table
  }
}

extension ValidationReport.Measure {
  /// The name for people, such as "rank, mean"; it may hold anything, as the report does.
  var label: String {
    switch name {
    case "spearman.heads": "rank, heads"
    case "randomized": "rank, shuffled"
    case "completeness": "off the sum"
    case "cpr", "cmd": name.uppercased()
    default:
      name.hasPrefix("spearman.")
        ? "rank, " + name.dropFirst(9)
        : name.hasPrefix("pearson.")
          ? "linear, " + name.dropFirst(8) : name
    }
  }

  /// A value of the measure in few digits.
  func text(_ value: Double, _ numbers: NumberText) -> String {
    name == "completeness" && abs(value) < 0.005
      ? numbers.scientific(value, decimals: 0) : numbers.fixed(value, decimals: 2)
  }

  /// The best of some values; nil where there is no better, or only one.
  func best(of values: [Double]) -> Double? {
    guard values.count > 1 else { return nil }
    return switch better {
    case "high": values.max()
    case "low": name == "randomized" ? values.min { abs($0) < abs($1) } : values.min()
    default: nil
    }
  }
}
