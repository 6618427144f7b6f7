package import SecantReports

extension StatsReport {
  /// The statistics for a terminal: the answer, then a table for each kind of measure.
  ///
  /// - Parameters:
  ///   - style: What the terminal shows; no line is wider than it.
  ///   - count: Blocks, heads, gates and clusters that are listed at most.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  package func terminalText(
    _ style: TerminalStyle = TerminalStyle(), count: Int = 10
  ) -> String {
    let reading = StatsReading(self, usesUnicode: style.usesUnicode)
    var text = TerminalText(style)
    text.appendAnswer(style.message(reading.sentence))
    var facts =
      "\(style.prose(run)) by \(style.prose(model)); means with bootstrap intervals of 95 %"
    if let by, let itemsWithoutGroup, let permutations {
      facts +=
        "; by \(style.prose(by)) (\(itemsWithoutGroup) without it), \(permutations) permutations"
    }
    text.paragraph(facts, .faint)
    for kind in reading.kinds {
      let (all, listed) = (reading.measures(of: kind), reading.listed(kind, count))
      text.heading(
        style.message(reading.title(of: kind))
          + (listed.count < all.count ? ": the \(listed.count) largest of \(all.count)" : ""))
      text.lines(table(listed, style).lines(style))
    }
    if let clusters {
      text.heading("Clusters of what maps write most")
      text.lines(table(clusters, reading, count, style).lines(style))
      text.paragraph(style.message(reading.sentence(on: clusters)), .faint)
    }
    text.appendNotes(notes)
    return text.rendered()
  }

  private func table(_ measures: [Measure], _ style: TerminalStyle) -> TextTable {
    let numbers = style.numbers
    let groups = measures.compactMap { $0.groups?.map(\.name) }.max { $0.count < $1.count } ?? []
    let shown = groups.prefix(4)
    let isTested = measures.contains { $0.p != nil }
    let decimals = numbers.decimals(for: measures.flatMap { [$0.mean.low, $0.mean.high] })
    var table = TextTable(
      columns: [
        .init(title: "", minimum: 6, maximum: 16), .init(title: "mean", alignment: .right),
        .init(title: "from", alignment: .right, dropRank: 2),
        .init(title: "to", alignment: .right, dropRank: 2),
      ]
        + shown.map {
          .init(title: style.prose($0), alignment: .right, minimum: 8, maximum: 14, dropRank: 3)
        }
        + (isTested
          ? [
            .init(title: "p", alignment: .right, dropRank: 1), .init(title: "q", alignment: .right),
          ]
          : []))
    func cell(_ value: Double?, _ role: TerminalRole = .plain) -> TextTable.Cell {
      .init(
        value.map { numbers.fixed($0, decimals: decimals) } ?? style.spell("–", "-"), role,
        style: style)
    }
    for measure in measures {
      table.rows.append(
        [
          .init(style.message(measure.name), style: style), cell(measure.mean.value),
          cell(measure.mean.low, .faint), cell(measure.mean.high, .faint),
        ]
          + shown.map { name in cell(measure.groups?.first { $0.name == name }?.mean) }
          + (isTested
            ? [measure.p, measure.q].map { value in
              .init(
                value.map(numbers.short) ?? "",
                (measure.q ?? 1) < 0.05 ? .strong : .plain, style: style)
            } : []))
    }
    return table
  }

  private func table(
    _ clusters: Clusters, _ reading: StatsReading, _ count: Int, _ style: TerminalStyle
  ) -> TextTable {
    let hasGroups = clusters.clusters.contains { $0.groups != nil }
    var table = TextTable(
      columns: [
        .init(title: "directions", alignment: .right),
        .init(title: "items", alignment: .right, dropRank: 2),
        .init(title: "|cos|", alignment: .right, dropRank: 1),
        .init(title: "nearest", minimum: 7, maximum: 14, dropRank: 3),
        .init(title: "words, by the directions that have them", minimum: 16),
      ] + (hasGroups ? [.init(title: "groups", minimum: 8, maximum: 30, dropRank: 1)] : []))
    for cluster in clusters.clusters.prefix(count) {
      table.rows.append(
        [
          .init(String(cluster.count), style: style), .init(String(cluster.items), style: style),
          .init(style.numbers.fixed(cluster.cosine, decimals: 2), style: style),
          .init(style.prose(cluster.nearest), .faint, style: style),
          .init(
            items: cluster.words.map { "\(style.token($0.text)) \($0.count)" }, style: style),
        ]
          + (hasGroups
            ? [.init(style.message(reading.groups(of: cluster) ?? ""), .faint, style: style)] : []))
    }
    return table
  }
}
