/// Words in rows and columns, as a picture; marked words have a coloured ground and bold type.
struct WordGrid {
  /// One cell.
  struct Cell {
    let word: String
    /// Whether the word is highlighted.
    let isMarked: Bool
    /// The cell's tooltip.
    let title: String
  }

  private let columns: [String]
  private let rows: [(name: String, cells: [Cell])]
  private let caption: String
  private let cellWidth: Double
  private let rowHeight = 22.0
  private let left = 112.0
  private let top = 44.0
  /// A column of the monospaced words is about 7.9 units wide.
  private static let letter = 7.9

  init(columns: [String], rows: [(name: String, cells: [Cell])], caption: String) {
    self.columns = columns
    self.rows = rows
    self.caption = caption
    let widest = (columns + rows.flatMap { $0.cells.map(\.word) }).map(\.columns).max() ?? 0
    cellWidth = Self.letter * Double(min(13, max(6, widest))) + 10
  }

  var width: Int { Int(left + cellWidth * Double(columns.count)) + 8 }
  var height: Int { Int(top + rowHeight * Double(rows.count)) + 10 }

  var markup: Markup {
    let room = Int((cellWidth - 8) / Self.letter)
    let titles = columns.enumerated().map { index, name -> Markup in
      """
      <text class="plot-token" font-weight="600" x="\(at: left + cellWidth * Double(index) + 5)" y="36">\
      \(name.truncated(to: room, ellipsis: "…"))</text>
      """
    }
    let lines = rows.enumerated().map { index, row -> Markup in
      let y = top + rowHeight * Double(index)
      let cells = row.cells.prefix(columns.count).enumerated().map { column, cell -> Markup in
        let x = left + cellWidth * Double(column)
        let ground: Markup =
          cell.isMarked
          ? """
          <rect class="plot-mark" x="\(at: x)" y="\(at: y + 1)" width="\(at: cellWidth - 2)" \
          height="\(at: rowHeight - 2)" rx="3"/>
          """ : ""
        return """
          <g><title>\(cell.title)</title>\(ground)<text class="plot-token" x="\(at: x + 5)" \
          y="\(at: y + 15)"\(" font-weight=\"600\"", if: cell.isMarked)>\
          \(cell.word.truncated(to: room, ellipsis: "…"))</text></g>
          """
      }
      return """
        <path class="plot-grid" d="M4 \(at: y)H\(width - 4)"/>\
        <text class="plot-soft" x="4" y="\(at: y + 15)">\(row.name)</text>\(cells)

        """
    }
    return "<text class=\"plot-soft\" x=\"4\" y=\"14\">\(caption)</text>\(titles)\n\(lines)"
  }
}
