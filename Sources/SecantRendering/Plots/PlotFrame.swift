/// The frame of a plot: two axes with ticks, grid lines and names, and the positions of values.
struct PlotFrame {
  let x: any PlotAxis
  let y: any PlotAxis
  /// The names of both axes, with units.
  let names: (x: String, y: String)
  let left: Double
  let right: Double
  var top = 26.0
  let bottom: Double

  /// The point of a pair of values; nil if a value has no position on its axis.
  func point(_ xValue: Double, _ yValue: Double) -> (x: Double, y: Double)? {
    guard let x = x.place(xValue), let y = y.place(yValue) else { return nil }
    return (left + (right - left) * x, bottom - (bottom - top) * y)
  }

  /// The height of the plot, with the names of its axes.
  var height: Int { Int(bottom) + 46 }

  /// Grid lines, ticks and names.
  ///
  /// The name of the vertical axis is above it, written horizontally.
  var markup: Markup {
    let rows = y.ticks.compactMap { tick -> Markup? in
      guard let place = y.place(tick.value) else { return nil }
      let level = bottom - (bottom - top) * place
      return """
        <path class="\(tick.value == 0 ? "plot-zero" : "plot-grid")" \
        d="M\(at: left) \(at: level)H\(at: right)"/>\
        <text class="plot-soft plot-end" x="\(at: left - 8)" y="\(at: level + 4)">\(tick.label)</text>
        """
    }
    let columns = x.ticks.compactMap { tick -> Markup? in
      guard let place = x.place(tick.value) else { return nil }
      return """
        <text class="plot-soft plot-middle" x="\(at: left + (right - left) * place)" \
        y="\(at: bottom + 18)">\(tick.label)</text>
        """
    }
    return """
      \(rows)\(columns)<text class="plot-soft" x="4" y="14">\(names.y)</text>\
      <text class="plot-soft plot-middle" x="\(at: (left + right) / 2)" y="\(at: bottom + 40)">\
      \(names.x)</text>
      """
  }

  /// A line through the points, interrupted where a value has no position.
  func path(_ points: [(x: Double, y: Double)]) -> String {
    var path = ""
    var isOpen = false
    for value in points {
      guard let point = point(value.x, value.y) else {
        isOpen = false
        continue
      }
      let step: Markup = "\(isOpen ? "L" : "M")\(at: point.x) \(at: point.y)"
      path += step.source
      isOpen = true
    }
    return path
  }
}
