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
    if let notes, !notes.isEmpty {
      text.heading("Notes")
      for sentence in notes {
        text.paragraph(style.message(sentence), mark: TerminalSpan(style.spell("· ", "- "), .faint))
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
    for part in BlockKinds.parts(of: tensorGroups) {
      switch part {
      case .single(let group):
        table.rows.append(head(group.name, count: group.count, bytes: group.bytes, style))
        let storages = group.tensors.map {
          [BlockKind.Storage(elementType: $0.elementType, bytes: $0.bytes, blocks: [])]
        }
        table.rows += rows(of: Array(zip(group.tensors, storages)), style)
      case .alike(let kind):
        table.rows.append(
          head(kind.name, count: kind.count, bytes: kind.bytes, prefix: kind.prefix, style))
        table.rows += rows(of: kind.tensors, style)
      }
    }
    return table
  }

  /// The tensors of one block, each with all ways in which it is stored.
  private func rows(
    of tensors: [(tensor: Tensor, storages: [BlockKind.Storage])], _ style: TerminalStyle
  ) -> [[TextTable.Cell]] {
    // Experts are alike where all of that is alike: its number stands for the type.
    var kinds: [[BlockKind.Storage]] = []
    let numbered = tensors.map { tensor, storages in
      let number = kinds.firstIndex(of: storages) ?? kinds.count
      if number == kinds.count { kinds.append(storages) }
      return Tensor(
        name: tensor.name, elementType: "\(number)", shape: tensor.shape,
        bytes: storages[0].bytes)
    }
    return NumberedTensors.parts(of: numbered).flatMap { part -> [[TextTable.Cell]] in
      switch part {
      case .single(let tensor):
        return rows(of: tensor, kinds, indent: "  ", style)
      case .alike(let name, let numbers, let tensors):
        let bytes = tensors.reduce(0.0) { $0 + Double($1.bytes) } * Double(numbers.count)
        return [
          head(
            "  \(name) \(numbers.lowerBound)–\(numbers.upperBound)", count: numbers.count,
            bytes: bytes, style)
        ] + tensors.flatMap { rows(of: $0, kinds, indent: "    ", style) }
      }
    }
  }

  /// What tensors are called together, what their names below begin with, and the size of all of them.
  private func head(
    _ name: String, count: Int, bytes: Double, prefix: String = "", _ style: TerminalStyle
  ) -> [TextTable.Cell] {
    let empty = TextTable.Cell("", style: style)
    let times = count > 1 ? " \(style.spell("×", "x")) \(count)" : ""
    return [
      .init(
        style.message(name) + times + (prefix.isEmpty ? "" : ", " + style.message(prefix)),
        .strong, style: style), empty, empty,
      .init(
        Int(exactly: bytes.rounded()).map { style.numbers.bytes($0) } ?? "", .strong, style: style),
    ]
  }

  /// A tensor as most blocks have it, and below how the others do.
  private func rows(
    of tensor: Tensor, _ kinds: [[BlockKind.Storage]], indent: String, _ style: TerminalStyle
  ) -> [[TextTable.Cell]] {
    let shape = "[\(tensor.shape.map(String.init).joined(separator: ", "))]"
    return kinds[Int(tensor.elementType) ?? 0].enumerated().map { index, storage in
      [
        index == 0
          ? .init(indent + style.message(tensor.name), style: style)
          : .init(style.message("\(indent)  in blocks \(storage.places)"), .faint, style: style),
        .init(style.message(storage.elementType), style: style),
        .init(index == 0 ? shape : "", style: style),
        .init(style.numbers.bytes(storage.bytes), style: style),
      ]
    }
  }
}

extension InspectionReport.TensorGroup {
  /// The bytes of all its tensors, as often as it occurs.
  fileprivate var bytes: Double {
    tensors.reduce(0) { $0 + Double($1.bytes) } * Double(count)
  }
}
