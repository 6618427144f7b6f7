/// Values of two to four series, with a row for each token, from a common zero.
struct DotPlot {
  /// One row, with one value per series.
  struct Row {
    let name: String
    let isToken: Bool
    let values: [Double]
    /// What the row stands for.
    var link = PartLink()
  }

  static let width = 560
  private static let rowHeight = 22.0
  private let rows: [Row]
  private let series: [String]
  private let caption: String
  private let axis: LinearAxis
  private let left: Double
  private let right = Double(Self.width) - 16
  private let top = 34.0

  init(_ rows: [Row], series: [String], caption: String) {
    precondition(series.count <= LinePlot.limit, "four series can be told apart")
    self.rows = rows
    self.series = series
    self.caption = caption
    axis = LinearAxis(rows.flatMap(\.values))
    left = 18 + 7.9 * Double(min(16, rows.map(\.name.columns).max() ?? 0))
  }

  var height: Int { Int(bottom) + 44 }
  private var bottom: Double { top + Self.rowHeight * Double(rows.count) }

  var markup: Markup {
    let ticks = axis.ticks.compactMap { tick -> Markup? in
      x(tick.value).map { x in
        """
        <path class="\(tick.value == 0 ? "plot-zero" : "plot-grid")" d="M\(at: x) \(at: top)V\(at: bottom)"/>\
        <text class="plot-soft plot-middle" x="\(at: x)" y="\(at: bottom + 16)">\(tick.label)</text>
        """
      }
    }
    let keys = series.enumerated().map { index, name -> Markup in
      let x = left + 100 * Double(index)
      return """
        \(glyph(index, x: x + 5, y: 14, title: ""))\
        <text class="plot-text-\(index + 1)" x="\(at: x + 15)" y="18">\(name)</text>
        """
    }
    let lines = rows.enumerated().map { index, row -> Markup in
      let y = top + Self.rowHeight * (Double(index) + 0.5)
      let places = row.values.compactMap(x)
      let span: Markup =
        places.count > 1
        ? "<path class=\"plot-grid\" d=\"M\(at: places.min() ?? 0) \(at: y)H\(at: places.max() ?? 0)\"/>"
        : ""
      let dots = zip(row.values, 0...).compactMap { value, index in
        x(value).map {
          glyph(
            index, x: $0, y: y,
            title: "\(row.name), \(series[index]): \(NumberText(usesUnicode: true).short(value))")
        }
      }
      return """
        <text class="\(row.isToken ? "plot-token plot-end" : "plot-soft plot-end")"\(row.link.attributes) \
        x="\(at: left - 10)" y="\(at: y + 4)">\(row.name.truncated(to: 16, ellipsis: "…"))</text>\
        \(span)\(dots)

        """
    }
    return """
      \(keys)\(ticks)<text class="plot-soft plot-middle" x="\(at: (left + right) / 2)" \
      y="\(at: bottom + 36)">\(caption)</text>
      \(lines)
      """
  }

  /// The series differ in shape and in colour.
  private func glyph(_ index: Int, x: Double, y: Double, title: String) -> Markup {
    let shape: Markup =
      switch index {
      case 0: "<circle class=\"plot-text-1\" cx=\"\(at: x)\" cy=\"\(at: y)\" r=\"4.5\">"
      case 1:
        "<path class=\"plot-text-2\" d=\"M\(at: x) \(at: y - 5.5)l5 9h-10z\">"
      case 2:
        "<path class=\"plot-text-3\" d=\"M\(at: x - 4) \(at: y - 4)h8v8h-8z\">"
      default:
        "<path class=\"plot-text-4\" d=\"M\(at: x) \(at: y - 5.5)l5.5 5.5l-5.5 5.5l-5.5 -5.5z\">"
      }
    let end: Markup = index == 0 ? "</circle>" : "</path>"
    return "\(shape)<title>\(title)</title>\(end)"
  }

  private func x(_ value: Double) -> Double? {
    axis.place(value).map { left + (right - left) * $0 }
  }
}
