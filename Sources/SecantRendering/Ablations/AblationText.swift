public import SecantReports

extension AblationReport {
  /// The ablation for a terminal: the answer, then a row for each part and factor.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    let reading = AblationReading(self, usesUnicode: style.usesUnicode)
    var text = TerminalText(style)
    text.appendAnswer(reading.sentence)
    text.appendPrompt(prompt)
    text.appendPrediction(prediction)
    text.appendTarget(target)
    if !parts.isEmpty {
      text.heading(
        "How \(target.name(style.token)) changes"
          + (isRanked ? " without each of \(parts.count) parts, the largest of each kind" : ""))
      text.lines(table(reading, style).lines(style))
      text.paragraph(reading.parting, .faint, mark: TerminalSpan(style.parted + " ", .warning))
      text.paragraph(reading.method, .faint)
    }
    text.appendNotes(notes)
    text.appendProvenance(provenance)
    return text.rendered()
  }

  private func table(_ reading: AblationReading, _ style: TerminalStyle) -> TextTable {
    let numbers = style.numbers
    let points = parts.flatMap(\.points)
    let decimals = numbers.decimals(for: points.flatMap { [$0.predicted, $0.measured] })
    let bars = TextBars(points.map(\.measured), style: style)
    var table = TextTable(columns: [
      .init(title: "part", minimum: 20, maximum: 30),
      .init(title: "keep", alignment: .right),
      .init(title: "predicted", alignment: .right),
      .init(title: "measured", alignment: .right),
      .init(title: "", maximum: 1, gap: 1),
      .init(title: "leaves", alignment: .right, dropRank: 1),
      .init(title: "", minimum: 6, maximum: 20, dropRank: 2, growsLast: true),
    ])
    let levels = numbers.decimals(for: points.map { target.logit + $0.measured })
    for part in parts {
      for (index, point) in part.points.enumerated() {
        table.rows.append([
          .init(index == 0 ? reading.name(of: part) : "", style: style),
          .init(numbers.shortest(point.keep), .faint, style: style),
          .init(share: point.predicted, decimals: decimals, style: style),
          .init(share: point.measured, decimals: decimals, style: style),
          .init(point.isParted ? style.parted : "", .warning, style: style),
          .init(numbers.fixed(target.logit + point.measured, decimals: levels), style: style),
          bars.cell(point.measured, natural: 20),
        ])
      }
    }
    if !reading.showsKeep {
      table.columns.remove(at: 1)
      for row in table.rows.indices { table.rows[row].remove(at: 1) }
    }
    return table
  }
}

extension TerminalStyle {
  /// The mark of a change that is not as predicted.
  fileprivate var parted: String { spell("≠", "!") }
}
