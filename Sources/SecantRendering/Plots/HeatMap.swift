/// Values of rows and columns as tinted cells, with sums at the right where they have a meaning.
///
/// Each cell shows its number if there is room; its tooltip always has the number. Colours are by the square root, so
/// that small values can be seen.
struct HeatMap {
  /// One row.
  struct Row {
    let name: String
    let isToken: Bool
    let values: [Double]
    /// The number at the row's end.
    let sum: Double
    /// Whether the row is the sum of those above; a sum has no tint.
    var isTotal = false
    /// Whether the row is set apart: it has no tint and does not affect the scale.
    var isBaseline = false
    /// The columns whose cells are set apart in the same way.
    var apart: Set<Int> = []
    /// What the row stands for.
    var link = PartLink()

    /// Whether a cell has a tint and affects the scale.
    func isScaled(_ column: Int) -> Bool { !isTotal && !isBaseline && !apart.contains(column) }
  }

  private let rows: [Row]
  private let columns: [String]
  private let links: [PartLink]
  private let caption: String
  private let hasSums: Bool
  private let rowHeight = 22.0
  private let top = 42.0
  private let left: Double
  private let cell: Double
  private let largest: Double
  private let decimals: Int
  private let numbers = NumberText(usesUnicode: true)

  /// A map with at least one column.
  ///
  /// - Parameters:
  ///   - rows: Its rows, each with one value per column.
  ///   - columns: The names of the columns.
  ///   - links: What the columns stand for; columns without one stand for nothing.
  ///   - caption: What stands above them.
  ///   - hasSums: Whether each row ends in its sum, and numbers have signs.
  init(
    _ rows: [Row], columns: [String], links: [PartLink] = [], caption: String, hasSums: Bool = true
  ) {
    self.hasSums = hasSums
    self.links = columns.indices.map { $0 < links.count ? links[$0] : PartLink() }
    self.rows = rows
    self.columns = columns
    self.caption = caption
    left = 16 + 7.9 * Double(min(16, rows.map(\.name.columns).max() ?? 0))
    cell = max(16, min(58, 900 / Double(max(1, columns.count))))
    let values = rows.flatMap { row in
      row.values.indices.filter(row.isScaled).map { row.values[$0] }
    }.filter(\.isFinite)
    largest = values.map(abs).max() ?? 0
    // Four decimals are what a cell has room for.
    decimals = min(0 < largest && largest < 0.1 ? 4 : 2, numbers.decimals(for: values))
  }

  var width: Int { Int(left + cell * Double(columns.count)) + sumWidth }
  private var sumWidth: Int { hasSums ? 72 : 12 }
  var height: Int { Int(top + rowHeight * Double(rows.count)) + 8 }
  private var hasNumbers: Bool { cell >= 44 }

  var markup: Markup { "\(names)\(cells)\(sums)" }

  /// The names and the sums, which stay in sight while a reader scrolls the cells on a page.
  var edges: Figure.Edges {
    Figure.Edges(
      left: names, leftWidth: Int(left), middle: cells, right: hasSums ? sums : "",
      rightWidth: hasSums ? sumWidth : 0)
  }

  private func top(of row: Int) -> Double { top + rowHeight * Double(row) }

  private var names: Markup {
    let lines = rows.enumerated().map { index, row -> Markup in
      """
      <text class="\(row.isToken ? "plot-token plot-end" : "plot-soft plot-end")"\(row.link.attributes) \
      x="\(at: left - 8)" y="\(at: top(of: index) + 15)">\(row.name.truncated(to: 16, ellipsis: "…"))</text>

      """
    }
    return "\(lines)"
  }

  private var cells: Markup {
    let step = max(1, Int((24 / cell).rounded(.up)))
    let titles = columns.enumerated().compactMap { index, name -> Markup? in
      guard index.isMultiple(of: step) else { return nil }
      return """
        <text class="plot-soft plot-middle"\(links[index].head == nil ? links[index].attributes : "") \
        x="\(at: left + cell * (Double(index) + 0.5))" y="34">\(name)</text>
        """
    }
    let lines = rows.enumerated().map { index, row -> Markup in
      let cells = zip(columns, row.values).enumerated().map { column, entry in
        mark(
          entry.1, name: "\(row.name), \(entry.0)", isTinted: row.isScaled(column),
          place: (column, index), link: row.link.with(links[column]))
      }
      return "\(cells)\n"
    }
    return """
      <text class="plot-soft" x="\(at: left)" y="14">\(caption)</text>\(titles)
      \(lines)
      """
  }

  private var sums: Markup {
    if !hasSums { return "" }
    let lines = rows.enumerated().map { index, row -> Markup in
      let sum = numbers.fixed(row.sum, decimals: decimals, withPlus: true)
      return """
        <text class="plot-end"\(row.link.attributes) x="\(width - 8)" y="\(at: top(of: index) + 15)">\(sum)</text>
        """
    }
    return """
      <text class="plot-soft plot-end" x="\(width - 8)" y="34">sum</text>\(lines)
      """
  }

  private func mark(
    _ value: Double, name: String, isTinted: Bool, place: (column: Int, row: Int), link: PartLink
  ) -> Markup {
    let (x, y) = (left + cell * Double(place.column), top(of: place.row))
    let strength =
      isTinted && value.isFinite && largest > 0 ? (abs(value) / largest).squareRoot() : 0
    let text = numbers.fixed(value, decimals: decimals, withPlus: hasSums)
    let number: Markup =
      hasNumbers
      ? """
      <text class="plot-small plot-middle" x="\(at: x + cell / 2)" y="\(at: y + 15)">\(text)</text>
      """ : ""
    return """
      <g\(link.attributes)><title>\(name): \(text)</title>\
      <rect class="\(value < 0 ? "plot-heat-negative" : "plot-heat-positive")" x="\(at: x + 0.5)" \
      y="\(at: y + 0.5)" width="\(at: cell - 1)" height="\(at: rowHeight - 1)" \
      fill-opacity="\(hundredths: strength)"/>\(number)</g>
      """
  }
}
