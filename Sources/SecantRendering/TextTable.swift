/// A table that fits its terminal: columns give way in order of their importance.
struct TextTable {
  /// How a column lays out its cells.
  struct Column {
    enum Alignment { case left, right }

    var title: String
    var alignment = Alignment.left
    /// The width down to which long cells are cut before any column is left out.
    var minimum = Int.max
    /// The width that the column never exceeds.
    var maximum = Int.max
    /// 0 stays to the end; a column of higher rank is left out earlier.
    var dropRank = 0
    /// Whether the column takes only the room that all others leave.
    var growsLast = false
    /// Empty columns before this one, unless it comes first.
    var gap = 2
  }

  /// Content that adapts to the width that its column gets.
  struct Cell {
    /// The width that shows all of it.
    var natural: Int
    /// The content in at most the given number of columns.
    var spans: (Int) -> [TerminalSpan]

    init(natural: Int, spans: @escaping (Int) -> [TerminalSpan]) {
      self.natural = natural
      self.spans = spans
    }

    /// Text that is cut where it does not fit.
    init(_ text: String, _ role: TerminalRole = .plain, style: TerminalStyle) {
      natural = text.columns
      spans = { [TerminalSpan(text.truncated(to: $0, ellipsis: style.ellipsis), role)] }
    }

    /// As many of the items as fit, two columns apart; the last one may be cut.
    init(items: [String], style: TerminalStyle) {
      let whole = items.joined(separator: "  ")
      natural = whole.columns
      spans = { width in
        var shown = ""
        for item in items {
          let longer = shown.isEmpty ? item : shown + "  " + item
          guard longer.columns <= width else { break }
          shown = longer
        }
        return [
          TerminalSpan(shown.isEmpty ? whole.truncated(to: width, ellipsis: style.ellipsis) : shown)
        ]
      }
    }
  }

  var columns: [Column]
  var rows: [[Cell]] = []
  /// A row that stands apart from the others below a rule, such as a sum.
  var footer: [[Cell]] = []

  /// The lines of the table: titles, rows, footer.
  func lines(_ style: TerminalStyle) -> [[TerminalSpan]] {
    let all = rows + footer
    let natural = columns.indices.map { column in
      let widest = all.map { $0[column].natural }.max() ?? 0
      return min(columns[column].maximum, max(columns[column].title.columns, widest))
    }
    let widths = fitted(natural, to: style.width)
    let titles = columns.map { Cell($0.title, .faint, style: style) }
    let shown = widths.compactMap { $0 }
    let total = shown.reduce(0, +) + gaps(of: widths.indices.filter { widths[$0] != nil })
    let rule = String(repeating: style.spell("─", "-"), count: min(style.width, total))
    return [line(titles, widths)] + rows.map { line($0, widths) }
      + (footer.isEmpty ? [] : [[TerminalSpan(rule, .faint)]])
      + footer.map { line($0, widths) }
  }

  /// The width of each column; nil for one that is left out.
  private func fitted(_ natural: [Int], to limit: Int) -> [Int?] {
    var kept = Array(columns.indices)
    func least(_ column: Int) -> Int { min(natural[column], columns[column].minimum) }
    func total(_ columns: [Int]) -> Int { columns.map(least).reduce(0, +) + gaps(of: columns) }
    while total(kept) > limit,
      let next = kept.enumerated().filter({ columns[$0.element].dropRank > 0 })
        .max(by: { columns[$0.element].dropRank < columns[$1.element].dropRank })
    {
      kept.remove(at: next.offset)
    }
    var widths: [Int?] = columns.map { _ in nil }
    for column in kept { widths[column] = least(column) }
    var room = limit - total(kept)
    for growsLast in [false, true] {
      let growing = kept.filter { columns[$0].growsLast == growsLast }
      while room > 0 {
        // The column that lacks the most gets the next place: long cells are cut evenly.
        let lacking = growing.map { (column: $0, lack: natural[$0] - (widths[$0] ?? 0)) }
        guard let next = lacking.max(by: { $0.lack < $1.lack }), next.lack > 0 else { break }
        widths[next.column] = widths[next.column].map { $0 + 1 }
        room -= 1
      }
    }
    return widths
  }

  private func gaps(of kept: [Int]) -> Int {
    kept.dropFirst().map { columns[$0].gap }.reduce(0, +)
  }

  private func line(_ cells: [Cell], _ widths: [Int?]) -> [TerminalSpan] {
    var spans: [TerminalSpan] = []
    for (index, column) in columns.enumerated() {
      guard let width = widths[index] else { continue }
      let content = cells[index].spans(width)
      let padding = max(0, width - content.reduce(0) { $0 + $1.text.columns })
      let pad = TerminalSpan(String(repeating: " ", count: padding))
      if !spans.isEmpty { spans.append(TerminalSpan(String(repeating: " ", count: column.gap))) }
      spans += column.alignment == .left ? content + [pad] : [pad] + content
    }
    return spans
  }
}
