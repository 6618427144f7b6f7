/// Lines over blocks, triplets or components, with names at their right ends.
///
/// At most four lines have their own colour and dash; all others are faint context.
struct LinePlot {
  /// One line.
  struct Series {
    let name: String
    let values: [(x: Double, y: Double)]

    init(_ name: String, _ values: [(x: Double, y: Double)]) {
      self.name = name
      self.values = values
    }
  }

  static let width = 560
  static let limit = 4
  /// The largest number of faint lines: more would make a grey area.
  private static let contextLimit = 48

  let frame: PlotFrame
  private let series: [Series]
  private let context: [Series]

  /// A plot of several series on one pair of axes.
  ///
  /// - Parameters:
  ///   - series: The emphasized lines, at most four.
  ///   - context: The lines behind them.
  ///   - x: The horizontal axis.
  ///   - y: The vertical axis, from all values.
  ///   - names: The names of both axes, with units.
  ///   - width: The width of the plot, with its names.
  init(
    _ series: [Series], context: [Series] = [], x: any PlotAxis,
    y: ([Double]) -> any PlotAxis, names: (x: String, y: String), width: Int = LinePlot.width
  ) {
    precondition(series.count <= Self.limit, "four lines can be told apart")
    self.series = series
    self.context = Array(context.prefix(Self.contextLimit))
    let widest = series.map { $0.name.truncated(to: 18, ellipsis: "…").columns }.max() ?? 0
    frame = PlotFrame(
      x: x, y: y((series + self.context).flatMap { $0.values.map(\.y) }), names: names, left: 58,
      right: Double(width) - 12 - 7.6 * Double(widest), bottom: 250)
  }

  var height: Int { frame.height }

  var markup: Markup {
    let faint = context.map {
      "<path class=\"plot-context\" d=\"\(frame.path($0.values))\"/>" as Markup
    }
    let lines = series.enumerated().map { index, line -> Markup in
      let dots = line.values.count > 40 ? [] : line.values.compactMap { dot($0, of: line, index) }
      return "<path class=\"plot-\(index + 1)\" d=\"\(frame.path(line.values))\"/>\(dots)"
    }
    return "\(frame.markup)\(faint)\(lines)\(labels)"
  }

  private func dot(
    _ value: (x: Double, y: Double), of line: Series, _ index: Int
  ) -> Markup? {
    frame.point(value.x, value.y).map { point in
      """
      <circle class="plot-text-\(index + 1)" cx="\(at: point.x)" cy="\(at: point.y)" r="3">\
      <title>\(line.name): \(NumberText(usesUnicode: true).short(value.y))</title></circle>
      """
    }
  }

  /// The names at the lines' ends, moved apart if the ends are close together.
  private var labels: [Markup] {
    let ends = series.enumerated().compactMap { index, line -> (index: Int, y: Double)? in
      line.values.last(where: { frame.point($0.x, $0.y) != nil })
        .flatMap { frame.point($0.x, $0.y) }.map { (index, $0.y) }
    }.sorted { $0.y < $1.y }
    var levels: [Double] = []
    for (place, end) in ends.enumerated() {
      // Leaves room for the remaining labels below.
      let lowest = frame.bottom - 17 * Double(ends.count - 1 - place)
      levels.append(min(lowest, max(end.y, (levels.last ?? frame.top - 17) + 17)))
    }
    return zip(ends, levels).map { end, level in
      """
      <text class="plot-text-\(end.index + 1)" x="\(at: frame.right + 8)" y="\(at: level + 4)">\
      \(series[end.index].name.truncated(to: 18, ellipsis: "…"))</text>
      """
    }
  }
}
