import SecantReports

/// Successive blocks of a grid that are one row: those that say nothing of the target are folded.
struct GridRow {
  /// The blocks.
  let blocks: ClosedRange<Int>
  /// The largest probability of any of them, at each position.
  let values: [Double]

  /// The probability below which a block says nothing.
  static let threshold = 0.01

  /// The rows of some columns of a grid, from the first block on.
  static func rows(of grid: LayersReport.Grid, columns: [Int]) -> [GridRow] {
    var rows: [GridRow] = []
    for (block, all) in grid.probabilities.enumerated() {
      let values = columns.map { all.indices.contains($0) ? all[$0] : .nan }
      let isSilent = values.allSatisfy { !($0 >= threshold) }
      if isSilent, let last = rows.last, last.isSilent {
        rows[rows.count - 1] = GridRow(
          blocks: last.blocks.lowerBound...block, values: zip(last.values, values).map(max))
      } else {
        rows.append(GridRow(blocks: block...block, values: values))
      }
    }
    return rows
  }

  var isSilent: Bool { values.allSatisfy { !($0 >= Self.threshold) } }

  /// "7", or "0-11" of folded blocks.
  func name(_ style: TerminalStyle) -> String {
    blocks.count == 1
      ? "\(blocks.lowerBound)"
      : "\(blocks.lowerBound)\(style.spell("–", "-"))\(blocks.upperBound)"
  }
}

extension TerminalText {
  /// The target's probability after every block at every position, as shaded cells; nothing without a grid.
  mutating func append(gridOf report: LayersReport) {
    guard let grid = report.grid, let count = grid.probabilities.first?.count, count > 0 else {
      return
    }
    heading("Probability of \(report.targetToken(style.token)), after each block at each position")
    let label = "\(grid.probabilities.count)".count * 2 + 1
    if count * Self.wideCell <= style.width - label - 2 {
      let columns = Array(0..<count)
      lines(table(GridRow.rows(of: grid, columns: columns), report, columns).lines(style))
    } else {
      let perBand = max(10, style.width - label - 2)
      for start in stride(from: 0, to: count, by: perBand) {
        let columns = Array(start..<min(start + perBand, count))
        appendBand(GridRow.rows(of: grid, columns: columns), columns, label: label)
      }
    }
    let legend = [
      (shade(0), "below 1 %"), (shade(0.05), "below 10 %"), (shade(0.2), "below 30 %"),
      (shade(0.5), "below 70 %"), (shade(1), "above"),
    ]
    paragraph(
      legend.map { "\($0.0) \($0.1)" }.joined(separator: "  ")
        + "; blocks that say nothing are one row", .faint)
  }

  /// Columns of a cell that has a token's name above it.
  private static var wideCell: Int { 9 }

  private func shade(_ value: Double) -> String {
    guard value.isFinite else { return "?" }
    let place = [0.01, 0.1, 0.3, 0.7].filter { value >= $0 }.count
    return style.usesUnicode ? ["·", "░", "▒", "▓", "█"][place] : [".", "-", "+", "*", "#"][place]
  }

  private func table(
    _ rows: [GridRow], _ report: LayersReport, _ columns: [Int]
  ) -> TextTable {
    var table = TextTable(
      columns: [.init(title: "block", alignment: .right)]
        + columns.map {
          .init(
            title: style.token(report.prompt.tokenText(at: $0))
              .truncated(to: Self.wideCell - 1, ellipsis: style.ellipsis), minimum: 4, maximum: 8)
        })
    for row in rows {
      table.rows.append(
        [.init(row.name(style), .faint, style: style)]
          + row.values.map { value in
            .init(
              value >= GridRow.threshold
                ? "\(shade(value)) \(style.numbers.percent(value))" : shade(value), style: style)
          })
    }
    return table
  }

  /// Some positions of a long prompt, one character each, below a ruler.
  private mutating func appendBand(_ rows: [GridRow], _ columns: [Int], label: Int) {
    blank()
    let ruler = columns.map { place -> String in
      // A number stands where it begins, and its digits take the places after it.
      let start = place / 10 * 10
      let digits = Array(String(start))
      return start >= columns[0] && place - start < digits.count
        ? String(digits[place - start]) : " "
    }.joined()
    func padded(_ text: String) -> String {
      String(repeating: " ", count: max(0, label - text.count)) + text + "  "
    }
    var end = ruler
    while end.last == " " { end.removeLast() }
    line(TerminalSpan(padded("") + end, .faint))
    for row in rows {
      line(
        TerminalSpan(padded(row.name(style)), .faint),
        TerminalSpan(row.values.map(shade).joined()))
    }
  }
}

extension LayersReport {
  /// The token whose probability is followed, the first of a difference; of several all.
  func targetToken(_ visible: VisibleText) -> String {
    guard let target, !target.tokens.isEmpty else { return "the likeliest token" }
    return target.tokens.map { visible($0.text) }.joined(separator: ", ")
  }

  /// Columns of a picture of the grid; more are too narrow to read.
  private static let gridColumns = 48

  /// The target's probability by block and position; nil without a grid.
  var gridFigure: Figure? {
    guard let grid, let count = grid.probabilities.first?.count, count > 0 else { return nil }
    let peaks = (0..<count).map { place in
      grid.probabilities.reduce(0) { max($0, place < $1.count ? $1[place] : 0) }
    }
    // Of long prompts the positions that say most of the target, and the last.
    let shown = Set(
      peaks.indices.sorted { peaks[$0] != peaks[$1] ? peaks[$0] > peaks[$1] : $0 < $1 }
        .prefix(Self.gridColumns - 1) + [count - 1]
    ).sorted()
    let name = targetToken(.token())
    let map = HeatMap(
      GridRow.rows(of: grid, columns: shown).map { row in
        let title = row.name(TerminalStyle(usesUnicode: true))
        return HeatMap.Row(
          name: row.blocks.count == 1 ? "block \(title)" : "blocks \(title)", isToken: false,
          values: row.values, sum: 0)
      }, columns: shown.map { subject.label(at: $0) },
      caption: "probability of \(name), read from the stream after each block", hasSums: false)
    return Figure(
      name: "layers-grid", title: "Where the stream says \(name), block after block",
      subject: subject.line,
      caption: """
        Each row is a block, each column a token of the prompt: the probability of the target where the \
        stream after that block at that position is read as if it were the output. Blocks that say nothing \
        of it (below 1 % everywhere) are one row, with the largest of their numbers. At positions before the analyzed \
        one the target is not what comes next: that a position speaks of it is no prediction. A probability says \
        what this reading finds, and not what later blocks make of the stream.
        """,
      table: NumberTable(
        columns: ["block", "position", "token", "probability"],
        rows: grid.probabilities.enumerated().flatMap { block, values in
          values.enumerated().map { place, value in
            [
              .integer(block), .integer(place), .text(prompt.tokenText(at: place)), .number(value),
            ]
          }
        }),
      size: (map.width, map.height), content: map.markup)
  }

  /// The course of the target's probability; nil where it was not recorded.
  var targetFigure: Figure? {
    let maps = main(.cumulative)
    let values = maps.compactMap { map in map.lens.map { (Double(map.block), $0.probability) } }
    guard !values.isEmpty, target != nil else { return nil }
    let name = targetToken(.token())
    let plot = LinePlot(
      [.init("probability", values)], x: IndexAxis(count: blockCount), y: { LinearAxis($0 + [0]) },
      names: ("block", "probability of \(name)"))
    return Figure(
      name: "layers-target", title: "The probability of \(name), block after block",
      subject: subject.line,
      caption: """
        The probability of the target's token where the stream after each block, at the analyzed position, \
        is read through the final norm and the unembedding as if it were the output. Blocks are counted from 0, \
        as in the checkpoint's tensor names. Of a difference it is the first token's probability.
        """,
      table: NumberTable(
        columns: ["block", "probability", "rank", "bits", "logit"],
        rows: maps.compactMap { map in
          map.lens.map {
            [
              .integer(map.block), .number($0.probability), .integer($0.rank), .number($0.entropy),
              .number($0.logit),
            ]
          }
        }),
      size: (LinePlot.width, plot.height), content: plot.markup)
  }
}
