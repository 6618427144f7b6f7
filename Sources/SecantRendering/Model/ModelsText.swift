public import SecantReports

extension ModelsReport {
  /// The models as a table for a terminal, and below it why some cannot be run.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.paragraph(style.message(cache), .faint)
    guard !models.isEmpty else {
      text.paragraph("no models: --model org/name downloads one")
      return text.rendered()
    }
    var table = TextTable(columns: [
      .init(title: ""),
      .init(title: "model"),
      .init(title: "architecture", dropRank: 3),
      .init(title: "format", dropRank: 2),
      .init(title: "size", alignment: .right, dropRank: 1),
      .init(title: "commit", dropRank: 4),
    ])
    for model in models {
      table.rows.append([
        model.isRunnable
          ? .init(style.spell("✓", "ok"), .good, style: style)
          : .init(style.spell("✗", "no"), .warning, style: style),
        .init(style.message(model.name), style: style),
        .init(model.architecture.map(style.message) ?? "", style: style),
        .init(style.message(model.format), style: style),
        .init(style.numbers.bytes(model.bytes), style: style),
        .init(style.message(String(model.commit.prefix(7))), .faint, style: style),
      ])
    }
    text.blank()
    text.lines(table.lines(style))
    let refused = models.filter { !$0.isRunnable }
    if !refused.isEmpty { text.heading("Why not") }
    for model in refused {
      text.paragraph(
        "\(style.message(model.name)): \(style.message(model.reason ?? "not known"))",
        mark: TerminalSpan("! ", .warning))
    }
    return text.rendered()
  }
}
