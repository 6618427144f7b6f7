/// A table that fits its terminal: the least important columns are left out first.
struct TextTable {
  /// The layout of a column.
  struct Column {
    enum Alignment { case left, right }

    var title: String
    var alignment = Alignment.left
    /// The width to which long cells are cut before any column is left out.
    var minimum = Int.max
    /// The width that the column never exceeds.
    var maximum = Int.max
    /// Columns of rank 0 always stay.
    ///
    /// Columns of higher rank are left out earlier, and those of equal rank together.
    var dropRank = 0
    /// Whether the column takes only the room that the other columns leave.
    var growsLast = false
    /// The number of spaces before this column, unless it is the first.
    var gap = 2
  }

  /// Content that adapts to the width of its column.
  struct Cell {
    /// The width that shows everything in one line.
    var natural: Int
    /// The content in lines of at most the given number of columns.
    var lines: (Int) -> [[TerminalSpan]]

    /// Content of one line.
    init(natural: Int, spans: @escaping (Int) -> [TerminalSpan]) {
      self.natural = natural
      lines = { [spans($0)] }
    }

    /// Text that is cut if it does not fit.
    init(_ text: String, _ role: TerminalRole = .plain, style: TerminalStyle) {
      self.init(natural: text.columns) {
        [TerminalSpan(text.truncated(to: $0, ellipsis: style.ellipsis), role)]
      }
    }

    /// Text that continues on more lines if it does not fit.
    init(wrapping text: String, _ role: TerminalRole = .plain) {
      natural = text.columns
      lines = { width in text.wrapped(to: max(1, width)).map { [TerminalSpan($0, role)] } }
    }

    /// As many items as fit, two spaces apart; the last one may be cut.
    init(items: [String], style: TerminalStyle) {
      let whole = items.joined(separator: "  ")
      self.init(natural: whole.columns) { width in
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
  /// A row below a rule, such as a sum.
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
    return lines(titles, widths) + rows.flatMap { lines($0, widths) }
      + (footer.isEmpty ? [] : [[TerminalSpan(rule, .faint)]])
      + footer.flatMap { lines($0, widths) }
  }

  /// The width of each column; nil for a column that is left out.
  private func fitted(_ natural: [Int], to limit: Int) -> [Int?] {
    var kept = Array(columns.indices)
    func least(_ column: Int) -> Int { min(natural[column], columns[column].minimum) }
    func total(_ columns: [Int]) -> Int { columns.map(least).reduce(0, +) + gaps(of: columns) }
    while total(kept) > limit, let rank = kept.map({ columns[$0].dropRank }).max(), rank > 0 {
      kept.removeAll { columns[$0].dropRank == rank }
    }
    var widths: [Int?] = columns.map { _ in nil }
    for column in kept { widths[column] = least(column) }
    var room = limit - total(kept)
    for growsLast in [false, true] {
      let growing = kept.filter { columns[$0].growsLast == growsLast }
      while room > 0 {
        // The column that lacks most gets the next space, so long cells are cut evenly.
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

  /// A row, with as many lines as its tallest cell.
  private func lines(_ cells: [Cell], _ widths: [Int?]) -> [[TerminalSpan]] {
    let contents = zip(cells, widths).map { cell, width in width.map(cell.lines) ?? [] }
    let height = contents.map(\.count).max() ?? 0
    return (0..<max(1, height)).map { line in
      let parts = contents.map { $0.indices.contains(line) ? $0[line] : [] }
      return self.line(parts, widths)
    }
  }

  private func line(_ parts: [[TerminalSpan]], _ widths: [Int?]) -> [TerminalSpan] {
    var spans: [TerminalSpan] = []
    for (index, column) in columns.enumerated() {
      guard let width = widths[index] else { continue }
      let content = parts[index]
      let padding = max(0, width - content.reduce(0) { $0 + $1.text.columns })
      let pad = TerminalSpan(String(repeating: " ", count: padding))
      if !spans.isEmpty { spans.append(TerminalSpan(String(repeating: " ", count: column.gap))) }
      spans += column.alignment == .left ? content + [pad] : [pad] + content
    }
    return spans
  }
}
