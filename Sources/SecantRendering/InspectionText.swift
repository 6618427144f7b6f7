public import SecantReports

extension InspectionReport {
  /// The model's configuration, tensors and memory as tables for a terminal.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.paragraph(model.summary(style), .faint)
    if notUnderstood.isEmpty {
      text.line(TerminalSpan(style.spell("✓ ", ""), .good), TerminalSpan("fully understood"))
    } else {
      text.heading("Not understood")
      for sentence in notUnderstood {
        text.paragraph(style.message(sentence), mark: TerminalSpan("! ", .warning))
      }
    }
    text.heading("Configuration")
    text.lines(pairs(configuration.map { ($0.name, $0.value) }, style))
    text.heading("Tensors")
    text.lines(tensorTable(style).lines(style))
    text.heading("Memory")
    text.lines(pairs(memory.map { ($0.name, style.numbers.bytes($0.bytes)) }, style))
    return text.rendered()
  }

  private func pairs(_ rows: [(String, String)], _ style: TerminalStyle) -> [[TerminalSpan]] {
    let width = min(36, style.width / 2, rows.map { style.message($0.0).columns }.max() ?? 0)
    return rows.flatMap { name, value in
      var text = TerminalText(style)
      let label = style.message(name).truncated(to: width, ellipsis: style.ellipsis)
      let padding = String(repeating: " ", count: width - label.columns + 2)
      text.paragraph(style.message(value), mark: TerminalSpan(label + padding, .faint))
      return text.lines
    }
  }

  private func tensorTable(_ style: TerminalStyle) -> TextTable {
    var table = TextTable(columns: [
      .init(title: "tensor", minimum: 16),
      .init(title: "type", dropRank: 2),
      .init(title: "shape", dropRank: 1),
      .init(title: "size", alignment: .right, dropRank: 3),
    ])
    let empty = TextTable.Cell("", style: style)
    for group in tensorGroups {
      let bytes = group.tensors.reduce(0.0) { $0 + Double($1.bytes) } * Double(group.count)
      let name =
        style.message(group.name)
        + (group.count > 1 ? " \(style.spell("×", "x")) \(group.count)" : "")
      table.rows.append([
        .init(name, .strong, style: style), empty, empty,
        .init(
          Int(exactly: bytes.rounded()).map { style.numbers.bytes($0) } ?? "", .strong, style: style
        ),
      ])
      for tensor in group.tensors {
        table.rows.append([
          .init("  " + style.message(tensor.name), style: style),
          .init(style.message(tensor.elementType), style: style),
          .init("[\(tensor.shape.map(String.init).joined(separator: ", "))]", style: style),
          .init(style.numbers.bytes(tensor.bytes), style: style),
        ])
      }
    }
    return table
  }
}
