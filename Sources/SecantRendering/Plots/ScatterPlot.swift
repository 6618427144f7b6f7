/// One or two clouds of points, with the identity line, on equal axes.
struct ScatterPlot {
  /// One cloud.
  struct Cloud {
    let name: String
    let points: [(x: Double, y: Double)]
  }

  static let width = 460
  static let height = 486
  /// The largest number of points.
  ///
  /// If there are more, only every n-th is drawn, and the plot says so.
  private static let limit = 2000

  private let clouds: [Cloud]
  private let frame: PlotFrame
  private let drawn: Int
  private let all: Int

  init(_ clouds: [Cloud], names: (x: String, y: String)) {
    precondition(clouds.count <= 2, "two clouds can be told apart")
    self.clouds = clouds
    let axis = LinearAxis(clouds.flatMap { $0.points.flatMap { [$0.x, $0.y] } })
    frame = PlotFrame(
      x: axis, y: axis, names: names, left: 58, right: 452, top: 44, bottom: 438)
    all = clouds.map(\.points.count).max() ?? 0
    let step = Self.step(all)
    drawn = (all + step - 1) / step
  }

  private static func step(_ count: Int) -> Int { max(1, (count + limit - 1) / limit) }

  var markup: Markup {
    let step = Self.step(all)
    // The second cloud is drawn first, so the first one is on top.
    let marks = clouds.enumerated().reversed().map { index, cloud -> Markup in
      var path = ""
      for place in stride(from: 0, to: cloud.points.count, by: step) {
        guard let point = frame.point(cloud.points[place].x, cloud.points[place].y) else {
          continue
        }
        let dot: Markup = "M\(at: point.x) \(at: point.y)h0"
        path += dot.source
      }
      return "<path class=\"plot-cloud-\(index + 1)\" d=\"\(path)\"/>"
    }
    let keys = clouds.enumerated().map { index, cloud -> Markup in
      """
      <circle class="plot-text-\(index + 1)" cx="\(at: frame.left + 8 + 150 * Double(index))" \
      cy="30" r="4"/><text class="plot-text-\(index + 1)" \
      x="\(at: frame.left + 18 + 150 * Double(index))" y="34">\(cloud.name)</text>
      """
    }
    let note: Markup =
      drawn < all
      ? "<text class=\"plot-soft plot-small plot-end\" x=\"452\" y=\"14\">\(drawn) of \(all)</text>"
      : ""
    return """
      \(frame.markup)\(marks)<path class="plot-zero" \
      d="M\(at: frame.left) \(at: frame.bottom)L\(at: frame.right) \(at: frame.top)"/>\(keys)\(note)
      """
  }
}
