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
    for group in tensorGroups {
      table.rows.append(head(group.name, count: group.count, of: group.tensors, style))
      for part in NumberedTensors.parts(of: group.tensors) {
        switch part {
        case .single(let tensor): table.rows.append(row(tensor, indent: "  ", style))
        case .alike(let name, let numbers, let tensors):
          let name = "  \(name) \(numbers.lowerBound)–\(numbers.upperBound)"
          table.rows.append(head(name, count: numbers.count, of: tensors, style))
          table.rows += tensors.map { row($0, indent: "    ", style) }
        }
      }
    }
    return table
  }

  /// What tensors are called together, and the size of all of them.
  private func head(
    _ name: String, count: Int, of tensors: [Tensor], _ style: TerminalStyle
  ) -> [TextTable.Cell] {
    let empty = TextTable.Cell("", style: style)
    let bytes = tensors.reduce(0.0) { $0 + Double($1.bytes) } * Double(count)
    let times = count > 1 ? " \(style.spell("×", "x")) \(count)" : ""
    return [
      .init(style.message(name) + times, .strong, style: style), empty, empty,
      .init(
        Int(exactly: bytes.rounded()).map { style.numbers.bytes($0) } ?? "", .strong, style: style),
    ]
  }

  private func row(_ tensor: Tensor, indent: String, _ style: TerminalStyle) -> [TextTable.Cell] {
    [
      .init(indent + style.message(tensor.name), style: style),
      .init(style.message(tensor.elementType), style: style),
      .init("[\(tensor.shape.map(String.init).joined(separator: ", "))]", style: style),
      .init(style.numbers.bytes(tensor.bytes), style: style),
    ]
  }
}
