import SecantReports

extension TerminalText {
  /// What changed: a sentence, the largest entries, totals by kind, and the sum beside the real difference.
  mutating func append(_ reading: DifferenceReading, entries count: Int = 12) {
    let order = reading.ledger.forward
    heading("What changed, exactly: A less B")
    let largest = reading.lines(of: order).prefix(count)
    if !largest.isEmpty {
      lines(table(of: Array(largest), reading).lines(style))
    }
    if let splits = splits(reading) {
      blank()
      lines(splits.lines(style))
    }
    blank()
    lines(totals(reading).lines(style))
    let numbers = style.numbers
    paragraph(
      "sum of all entries \(numbers.fixed(order.sum, decimals: 4)), real difference "
        + "\(numbers.fixed(order.real, decimals: 4)), off by "
        + numbers.scientific(order.sum - order.real), .faint)
    if let circuit = reading.circuit {
      blank()
      paragraph(circuit)
    }
  }

  /// What weights are, where there are some.
  static let weightsNote =
    "Weights: a projection of a block, or the unembedding, makes something else of the same. Content is then what "
    + "the embeddings differ by; a norm's weight counts with its norm."

  /// What a reader of the account should know.
  static let differenceNote =
    "Content: other vectors entered block 0. Attention patterns, gates and norms: what freezing holds was "
    + "another. A - B swaps one part of B after the other for A's, the last first; B - A goes the other way, "
    + "and what differs belongs to several parts together. The account is complete: it does not say what "
    + "changing one part alone would do."

  private func table(
    of lines: [DifferenceReading.Line], _ reading: DifferenceReading
  ) -> TextTable {
    let order = reading.ledger.forward
    let values = lines.map(\.entry.value)
    let decimals = style.numbers.decimals(for: values)
    let bars = TextBars(values, style: style)
    var table = TextTable(columns: [
      .init(title: "part", minimum: 25, maximum: 34),
      .init(
        title: reading.ledger.grouping == nil ? "at token" : "in", minimum: 8, maximum: 20,
        dropRank: 1),
      .init(title: "A - B", alignment: .right),
      .init(title: "", minimum: 6, maximum: 20, dropRank: 2, growsLast: true),
      .init(title: "of it", minimum: 16, maximum: 40, dropRank: 3),
    ])
    for line in lines {
      let entry = line.entry
      table.rows.append([
        .init(reading.part(entry), style: style),
        .init("\(entry.position) \(reading.place(of: entry))", style: style),
        .init(share: entry.value, decimals: decimals, style: style),
        bars.cell(entry.value, natural: 20),
        .init(items: reading.terms(of: line, in: order), style: style),
      ])
    }
    if lines.allSatisfy({ reading.terms(of: $0, in: order).isEmpty }) {
      table.columns.removeLast()
      for row in table.rows.indices { table.rows[row].removeLast() }
    }
    return table
  }

  /// What heads' queries and keys gave apart; nil where this was not asked for.
  private func splits(_ reading: DifferenceReading) -> TextTable? {
    guard let splits = reading.ledger.forward.splitPatterns, !splits.isEmpty else { return nil }
    let rows = splits.sorted { abs($0.whole.value) > abs($1.whole.value) }
    let decimals = style.numbers.decimals(for: rows.map(\.whole.value))
    var table = TextTable(columns: [
      .init(title: "head", minimum: 10),
      .init(title: "A - B", alignment: .right),
      .init(title: "queries", alignment: .right),
      .init(title: "keys", alignment: .right),
      .init(title: style.spell("± order", "+- order"), alignment: .right, dropRank: 1),
    ])
    for split in rows {
      let cells = [split.whole.value, split.whole.queries, split.whole.keys].map {
        TextTable.Cell(share: $0, decimals: decimals, style: style)
      }
      table.rows.append(
        [.init("head \(split.block).\(split.head)", style: style)] + cells + [
          .init(
            style.numbers.fixed(split.whole.spread, decimals: decimals), .faint, style: style)
        ])
    }
    return table
  }

  private func totals(_ reading: DifferenceReading) -> TextTable {
    let orders = reading.ledger.orders.map(\.order)
    let values = reading.kinds.map { kind in orders.map(kind.value) }
    let decimals = style.numbers.decimals(for: values.flatMap(\.self) + orders.map(\.sum))
    func cells(_ values: [Double]) -> [TextTable.Cell] {
      values.map { .init(share: $0, decimals: decimals, style: style) }
    }
    var table = TextTable(columns: [
      .init(title: "kind", minimum: 8),
      .init(title: "A - B", alignment: .right),
      .init(title: "B - A", alignment: .right, dropRank: 1),
      .init(title: "mean", alignment: .right, dropRank: 2),
    ])
    for (kind, values) in zip(reading.kinds, values) {
      table.rows.append([.init(kind.name, style: style)] + cells(values))
    }
    table.footer = [[.init("sum", .strong, style: style)] + cells(orders.map(\.sum))]
    return table
  }
}
