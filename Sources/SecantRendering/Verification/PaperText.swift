public import SecantReports

extension PaperReport {
  /// The figures of each prompt as a table for a terminal, with the verdict last.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.paragraph(model.summary(style), .faint)
    text.paragraph("compared with \(style.message(publishedModel)), \(style.message(match))")
    for run in runs {
      text.blank()
      text.paragraph(style.prose(run.prompt), .strong, limit: 6)
      text.paragraph(
        "\(style.message(run.source)); \(style.message(run.arithmetic)), gate rule "
          + style.message(run.gateRule), .faint)
      text.lines(run.table(style).lines(style))
      for caveat in run.caveats { text.paragraph(style.message(caveat), .faint) }
    }
    text.blank()
    for caveat in [source] + caveats { text.paragraph(style.message(caveat), .faint) }
    text.blank()
    let findings = runs.flatMap(\.findings)
    let agreeing = findings.count { $0.agrees }
    text.paragraph(
      "\(agreeing) of \(findings.count) figures agree", isInAgreement ? .strong : .warning)
    return text.rendered()
  }
}

extension PaperReport.Run {
  fileprivate func table(_ style: TerminalStyle) -> TextTable {
    let numbers = style.numbers
    var table = TextTable(columns: [
      .init(title: ""),
      .init(title: "figure", minimum: 14),
      .init(title: "token", alignment: .right, dropRank: 1),
      .init(title: "published", minimum: 10),
      .init(title: "found", minimum: 10),
      .init(title: "apart", alignment: .right, dropRank: 2),
      .init(title: "bound", alignment: .right, dropRank: 3),
    ])
    for finding in findings {
      table.rows.append([
        finding.agrees
          ? .init(style.spell("✓", "ok"), .good, style: style)
          : .init(style.spell("✗", "DIFFERS"), .warning, style: style),
        .init(wrapping: style.message(finding.quantity)),
        .init(finding.position.map(String.init) ?? "", style: style),
        .init(wrapping: style.message(finding.published)),
        .init(wrapping: style.message(finding.found), finding.agrees ? .plain : .warning),
        .init(
          finding.difference.map { numbers.scientific($0, decimals: 1) } ?? "", style: style),
        .init(
          finding.bound.map {
            style.spell("≤ ", "<= ") + numbers.scientific($0, decimals: 1)
          } ?? "", style: style),
      ])
    }
    return table
  }
}
