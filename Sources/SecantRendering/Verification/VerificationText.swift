public import SecantReports

extension VerificationReport {
  /// The laws as a table for a terminal, the verdict last.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    let numbers = style.numbers
    var text = TerminalText(style)
    text.paragraph(model.summary(style), .faint)
    text.blank()
    var table = TextTable(columns: [
      .init(title: ""),
      .init(title: "law", minimum: 14, gap: 1),
      .init(title: "measured", minimum: 14, dropRank: 1),
      .init(title: "value", alignment: .right, dropRank: 2),
      .init(title: "bound", alignment: .right, dropRank: 3),
    ])
    for law in laws {
      let mark: TextTable.Cell =
        switch law.outcome {
        case .passed: .init(style.spell("✓", "ok"), .good, style: style)
        case .failed: .init(style.spell("✗", "FAILED"), .warning, style: style)
        case .skipped: .init(style.spell("–", "skip"), .faint, style: style)
        }
      table.rows.append([
        mark, .init(wrapping: style.message(law.name)),
        .init(wrapping: style.message(law.measured)),
        .init(
          law.value.map { numbers.scientific($0) } ?? "",
          law.outcome == .failed ? .warning : .plain, style: style),
        .init(
          law.bound.map { style.spell("≤ ", "<= ") + numbers.scientific($0) } ?? "", style: style),
      ])
    }
    text.lines(table.lines(style))
    let reasons = laws.compactMap { law in law.reason.map { (law, $0) } }
    if !reasons.isEmpty { text.blank() }
    for (law, reason) in reasons {
      text.paragraph(
        "\(style.message(law.name)) \(law.outcome.rawValue): \(style.message(reason))",
        law.outcome == .failed ? .warning : .faint)
    }
    text.blank()
    let counts = [VerificationReport.Outcome.passed, .failed, .skipped].map { outcome in
      "\(laws.count { $0.outcome == outcome }) \(outcome.rawValue)"
    }
    text.paragraph(
      counts.joined(separator: ", ") + ": " + verdict, isVerified ? .strong : .warning)
    return text.rendered()
  }

  /// What all trials together say of the model.
  private var verdict: String {
    if laws.contains(where: { $0.outcome == .failed }) { return "the method does not hold" }
    if let bytes = laws.compactMap(\.neededMemoryBytes).max() {
      return "not verified, for want of memory; give --memory \((bytes >> 20) + 1)M"
    }
    return "the method holds"
      + (laws.contains { $0.outcome == .skipped } ? ", as far as it was tried" : "")
  }
}
