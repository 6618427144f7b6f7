/// Values of rows and columns as tinted cells, with sums at the right where they have a meaning.
///
/// Each cell shows its number if there is room; its tooltip always has the number.
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

    /// Whether a cell has a tint and affects the scale.
    func isScaled(_ column: Int) -> Bool { !isTotal && !isBaseline && !apart.contains(column) }
  }

  private let rows: [Row]
  private let columns: [String]
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
  ///   - caption: What stands above them.
  ///   - hasSums: Whether each row ends in its sum, and numbers have signs.
  init(_ rows: [Row], columns: [String], caption: String, hasSums: Bool = true) {
    self.hasSums = hasSums
    self.rows = rows
    self.columns = columns
    self.caption = caption
    left = 16 + 7.9 * Double(min(16, rows.map(\.name.columns).max() ?? 0))
    cell = max(16, min(58, 900 / Double(max(1, columns.count))))
    let values = rows.flatMap { row in
      row.values.indices.filter(row.isScaled).map { row.values[$0] }
    }.filter(\.isFinite)
    largest = values.map(abs).max() ?? 0
    decimals = min(2, numbers.decimals(for: values))
  }

  var width: Int { Int(left + cell * Double(columns.count)) + 72 }
  var height: Int { Int(top + rowHeight * Double(rows.count)) + 8 }
  private var hasNumbers: Bool { cell >= 44 }

  var markup: Markup {
    let step = max(1, Int((24 / cell).rounded(.up)))
    let titles = columns.enumerated().compactMap { index, name -> Markup? in
      guard index.isMultiple(of: step) else { return nil }
      return """
        <text class="plot-soft plot-middle" x="\(at: left + cell * (Double(index) + 0.5))" y="34">\
        \(name)</text>
        """
    }
    let lines = rows.enumerated().map { index, row -> Markup in
      let y = top + rowHeight * Double(index)
      let cells = zip(columns, row.values).enumerated().map { column, entry in
        mark(
          entry.1, name: "\(row.name), \(entry.0)", isTinted: row.isScaled(column),
          x: left + cell * Double(column), y: y)
      }
      let sum: Markup =
        hasSums
        ? """
        <text class="plot-end" x="\(width - 8)" y="\(at: y + 15)">\(numbers.fixed(row.sum, decimals: decimals, withPlus: true))</text>
        """ : ""
      return """
        <text class="\(row.isToken ? "plot-token plot-end" : "plot-soft plot-end")" \
        x="\(at: left - 8)" y="\(at: y + 15)">\(row.name.truncated(to: 16, ellipsis: "…"))</text>\
        \(cells)\(sum)

        """
    }
    let title: Markup =
      hasSums
      ? "<text class=\"plot-soft plot-end\" x=\"\(width - 8)\" y=\"34\">sum</text>" : ""
    return """
      <text class="plot-soft" x="\(at: left)" y="14">\(caption)</text>\
      \(title)\(titles)
      \(lines)
      """
  }

  private func mark(
    _ value: Double, name: String, isTinted: Bool, x: Double, y: Double
  ) -> Markup {
    let strength = isTinted && value.isFinite && largest > 0 ? abs(value) / largest : 0
    let text = numbers.fixed(value, decimals: decimals, withPlus: hasSums)
    let number: Markup =
      hasNumbers
      ? """
      <text class="plot-small plot-middle" x="\(at: x + cell / 2)" y="\(at: y + 15)">\(text)</text>
      """ : ""
    return """
      <g><title>\(name): \(text)</title>\
      <rect class="\(value < 0 ? "plot-heat-negative" : "plot-heat-positive")" x="\(at: x + 0.5)" \
      y="\(at: y + 0.5)" width="\(at: cell - 1)" height="\(at: rowHeight - 1)" \
      fill-opacity="\(hundredths: strength)"/>\(number)</g>
      """
  }
}
