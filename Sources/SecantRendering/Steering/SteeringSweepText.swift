public import SecantReports

extension SteeringSweepReport {
  /// The trials as a table for a terminal, with the unsteered continuation first.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.paragraph(setting.prompt(style), .strong)
    text.paragraph(setting.operatorLine(style), .faint)
    text.blank()
    var table = TextTable(columns: [
      .init(title: "block", alignment: .right),
      .init(title: "by", minimum: 4),
      .init(title: "s", alignment: .right),
      .init(title: "next", alignment: .right),
      .init(title: "in text", dropRank: 3),
      .init(title: "perpl.", alignment: .right, dropRank: 2),
      .init(title: "KL", alignment: .right, dropRank: 1),
      .init(title: "continuation", minimum: 12, dropRank: 4, growsLast: true),
    ])
    table.rows.append(row("", "", "0", unsteered, style))
    for (index, point) in points.enumerated() {
      let isFirst =
        index == 0 || points[index - 1].block != point.block
        || points[index - 1].method != point.method
      table.rows.append(
        row(
          isFirst ? "\(point.block)" : "", isFirst ? point.method.name : "",
          style.numbers.shortest(point.strength), point.trial, style))
    }
    text.lines(table.lines(style))
    text.blank()
    text.paragraph(
      style.message(
        "next: the probability that \"\(setting.conceptName(style))\" follows the prompt; in text: whether "
          + "the text contains it; perpl.: perplexity of the text under the unsteered model; KL: from that "
          + "model's next token, in nats. J: the operator; mean: a difference of means of the same length."
      ),
      .faint)
    for note in notes {
      text.paragraph(style.message(note), mark: TerminalSpan(style.spell("· ", "- "), .faint))
    }
    return text.rendered()
  }

  private func row(
    _ block: String, _ method: String, _ strength: String, _ trial: SteeringTrial,
    _ style: TerminalStyle
  ) -> [TextTable.Cell] {
    let numbers = style.numbers
    return [
      .init(block, style: style), .init(method, style: style), .init(strength, style: style),
      .init(trial.conceptProbability.map { numbers.percent($0) } ?? "-", style: style),
      .init(
        trial.containsConcept ? "yes" : "no", trial.containsConcept ? .good : .plain, style: style),
      .init(trial.perplexity.map { numbers.short($0) } ?? "-", style: style),
      .init(trial.divergence.map { numbers.short($0) } ?? "-", style: style),
      .init(trial.shown(style), style: style),
    ]
  }
}

extension SteeringSweepReport.Method {
  /// The method in a narrow column.
  var name: String {
    switch self {
    case .jacobian: "J"
    case .difference: "mean"
    }
  }
}
