public import SecantReports

extension VerificationReport {
  /// The verdict, then the laws that failed or were skipped, for a terminal.
  ///
  /// - Parameters:
  ///   - style: What the terminal shows; no line is wider than it.
  ///   - isVerbose: Whether to list the laws that passed, too.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(
    _ style: TerminalStyle = TerminalStyle(), isVerbose: Bool = false
  ) -> String {
    let numbers = style.numbers
    var text = TerminalText(style)
    let counts = [VerificationReport.Outcome.passed, .failed, .skipped].map { outcome in
      "\(laws.count { $0.outcome == outcome }) \(outcome.rawValue)"
    }
    text.paragraph(
      "\(verdict): \(counts.joined(separator: ", "))", isVerified ? .strong : .warning)
    text.paragraph(model.summary(style), .faint)
    let listed = isVerbose ? laws : laws.filter { $0.outcome != .passed }
    if !listed.isEmpty { text.blank() }
    var table = TextTable(columns: [
      .init(title: ""),
      .init(title: "law", minimum: 14, gap: 1),
      .init(title: "measured", minimum: 14, dropRank: 1),
      .init(title: "value", alignment: .right, dropRank: 2),
      .init(title: "bound", alignment: .right, dropRank: 3),
    ])
    for law in listed {
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
    if !listed.isEmpty { text.lines(table.lines(style)) }
    let reasons = laws.compactMap { law in law.reason.map { (law, $0) } }
    if !reasons.isEmpty { text.blank() }
    for (law, reason) in reasons {
      text.paragraph(
        "\(style.message(law.name)) \(law.outcome.rawValue): \(style.message(reason))",
        law.outcome == .failed ? .warning : .faint)
    }
    if !isVerbose, let nearest {
      text.blank()
      text.paragraph(
        "\(style.spell("✓ ", ""))Closest to its bound: \(style.message(nearest.name)), "
          + "\(style.message(nearest.measured)) = \(numbers.scientific(nearest.value ?? 0)), "
          + "of \(numbers.scientific(nearest.bound ?? 0)) allowed. --verbose lists every law.",
        .faint)
    }
    return text.rendered()
  }

  /// The passed law that is closest to its bound.
  private var nearest: Law? {
    func fraction(_ law: Law) -> Double { (law.value ?? 0) / (law.bound ?? .infinity) }
    return laws.filter { $0.outcome == .passed }.max { fraction($0) < fraction($1) }
  }

  /// The verdict on the model.
  private var verdict: String {
    if laws.contains(where: { $0.outcome == .failed }) {
      return "The method does not hold on this model"
    }
    if let bytes = laws.compactMap(\.neededMemoryBytes).max() {
      return "Not verified: one law needs --memory \((bytes >> 20) + 1)M"
    }
    return "The method holds on this model"
      + (laws.contains { $0.outcome == .skipped } ? ", as far as it was checked" : "")
  }
}
