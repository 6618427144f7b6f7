public import SecantReports

extension PlanReport {
  /// The estimates as a table for a terminal, with the chosen method first.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    let numbers = style.numbers
    var text = TerminalText(style)
    if let chosen = estimates.first(where: { $0.method == method }) {
      text.paragraph(
        "about \(numbers.duration(chosen.seconds)) and \(numbers.bytes(chosen.peakMemoryBytes)) "
          + "of memory, \(style.message(method))", .strong)
    }
    let triplets = rank > 0 ? ", rank \(rank)" : ""
    text.paragraph("\(numbers.count(tokenCount)) tokens\(triplets), \(style.message(precision))")
    text.paragraph(model.summary(style), .faint)
    text.blank()
    var table = TextTable(columns: [
      .init(title: "method", minimum: 8),
      .init(title: "time", alignment: .right),
      .init(title: "peak memory", alignment: .right, dropRank: 1),
      .init(title: "operator products", alignment: .right, dropRank: 3),
      .init(title: "operations", alignment: .right, dropRank: 2),
    ])
    for estimate in estimates {
      let isChosen = estimate.method == method
      table.rows.append([
        .init(style.message(estimate.method), isChosen ? .strong : .plain, style: style),
        .init(numbers.duration(estimate.seconds), style: style),
        .init(numbers.bytes(estimate.peakMemoryBytes), style: style),
        .init(numbers.count(estimate.operatorProducts), style: style),
        .init("\(numbers.scientific(estimate.floatingPointOperations))", style: style),
      ])
    }
    text.lines(table.lines(style))
    if !notes.isEmpty { text.blank() }
    for note in notes {
      text.paragraph(style.message(note), mark: TerminalSpan(style.spell("· ", "- "), .faint))
    }
    return text.rendered()
  }
}
