public import SecantReports

extension SteeringSweepReport {
  /// Effect against damage, with a panel for each block: the operator and the baseline at each
  /// strength.
  ///
  /// The horizontal axis is the KL divergence from the unsteered model, the vertical axis the
  /// probability that the concept follows the prompt. Both are logarithmic. A filled mark means
  /// that the text contains the concept.
  public var effectFigure: Figure {
    let plot = SteeringPlot(self)
    let prose = VisibleText.prose()
    return Figure(
      name: "steering", title: "Effect and damage of steering",
      subject: prose(setting.model.name) + " · towards " + setting.conceptName(TerminalStyle()),
      caption: """
        Each panel is a block after which the stream was changed, and each mark a strength. To the right, the \
        continuation differs more from the model's own (KL, nats per token); higher up, the concept is \
        likelier. A filled mark means that the text contains the concept. The squares are a difference of means \
        of the same length as the operator's change; only the height above them is due to the operator.
        """,
      table: NumberTable(
        columns: ["block", "method", "strength", "concept probability", "KL", "contains it"],
        rows: points.map { point in
          [
            .integer(point.block), .text(point.method.rawValue), .number(point.strength),
            .number(point.trial.conceptProbability ?? .nan),
            .number(point.trial.divergence ?? .nan),
            .text(point.trial.containsConcept ? "yes" : "no"),
          ]
        }),
      size: (SteeringPlot.width, plot.height), content: plot.content)
  }
}

/// Panels with the same axes for all blocks.
struct SteeringPlot {
  static let width = 460
  /// The largest number of panels; if there are more blocks, those with the largest effects are
  /// drawn.
  private static let panelLimit = 12
  private static let panelHeight = 170.0

  private let report: SteeringSweepReport
  private let blocks: [Int]
  private let damage: LogAxis
  private let effect: LogAxis
  private let left = 58.0
  private let right = 444.0
  private let numbers = NumberText(usesUnicode: true)

  init(_ report: SteeringSweepReport) {
    self.report = report
    var best: [Int: Double] = [:]
    for point in report.points where point.method == .jacobian {
      best[point.block] = max(best[point.block] ?? 0, point.trial.conceptProbability ?? 0)
    }
    let ranked = best.sorted { $0.value != $1.value ? $0.value > $1.value : $0.key < $1.key }
    blocks = ranked.prefix(Self.panelLimit).map(\.key).sorted()
    damage = LogAxis(report.points.compactMap(\.trial.divergence))
    effect = LogAxis(report.points.compactMap(\.trial.conceptProbability))
  }

  var height: Int { Int(Self.panelHeight) * max(1, blocks.count) + 78 }

  var content: Markup {
    let panels = blocks.enumerated().map { index, block in
      panel(block, top: 30 + Self.panelHeight * Double(index))
    }
    let foot = 30 + Self.panelHeight * Double(max(1, blocks.count))
    return """
      \(legend)\(panels)\
      <text class="plot-soft plot-middle" x="\(at: (left + right) / 2)" y="\(at: foot + 22)">\
      KL from the unsteered model, nats per token</text>\
      <text class="plot-soft plot-middle" x="\(at: (left + right) / 2)" y="\(at: foot + 40)">\
      up: probability that “\(report.setting.conceptName(TerminalStyle()))” follows; numbers: strengths</text>
      """
  }

  private var legend: Markup {
    """
    <circle class="plot-dot-1" cx="\(at: left + 4)" cy="12" r="4"/>\
    <text x="\(at: left + 14)" y="16">Jacobian</text>\
    <rect class="plot-dot-2" x="\(at: left + 90)" y="8" width="8" height="8"/>\
    <text x="\(at: left + 104)" y="16">difference of means, same length</text>\
    <text class="plot-soft plot-end" x="\(at: right)" y="16">filled: contains it</text>
    """
  }

  private func panel(_ block: Int, top: Double) -> Markup {
    let bottom = top + Self.panelHeight - 28
    let rows = effect.ticks.compactMap { tick -> Markup? in
      guard let y = y(tick.value, top, bottom) else { return nil }
      return """
        <path class="plot-grid" d="M\(at: left) \(at: y)H\(at: right)"/>\
        <text class="plot-soft plot-end" x="\(at: left - 8)" y="\(at: y + 4)">\(tick.label)</text>
        """
    }
    let columns = damage.ticks.compactMap { tick -> Markup? in
      guard let x = x(tick.value) else { return nil }
      return """
        <path class="plot-grid" d="M\(at: x) \(at: top)V\(at: bottom)"/>\
        <text class="plot-soft plot-middle" x="\(at: x)" y="\(at: bottom + 15)">\(tick.label)</text>
        """
    }
    let marks = SteeringSweepReport.Method.allCases.reversed().map { method in
      curve(
        report.points.filter { $0.block == block && $0.method == method }, method, top, bottom)
    }
    return """
      \(rows)\(columns)\(marks)\
      <text x="\(at: left + 6)" y="\(at: top + 16)">after block \(block)</text>
      """
  }

  private func curve(
    _ points: [SteeringSweepReport.Point], _ method: SteeringSweepReport.Method, _ top: Double,
    _ bottom: Double
  ) -> Markup {
    let places = points.compactMap { point -> (SteeringSweepReport.Point, Double, Double)? in
      guard let x = point.trial.divergence.flatMap(x(_:)),
        let y = point.trial.conceptProbability.flatMap({ y($0, top, bottom) })
      else { return nil }
      return (point, x, y)
    }
    let path = places.enumerated().map { index, place -> Markup in
      "\(index == 0 ? "M" : "L")\(at: place.1) \(at: place.2)"
    }
    let series = method == .jacobian ? 1 : 2
    let line: Markup =
      places.count < 2 ? "" : "<path class=\"plot-\(series)\" d=\"\(path)\"/>"
    let dots = places.map { point, x, y -> Markup in
      let mark = point.trial.containsConcept ? "plot-dot-\(series)" : "plot-ring-\(series)"
      let shape: Markup =
        method == .jacobian
        ? "<circle class=\"\(mark)\" cx=\"\(at: x)\" cy=\"\(at: y)\" r=\"4\""
        : "<rect class=\"\(mark)\" x=\"\(at: x - 3.5)\" y=\"\(at: y - 3.5)\" width=\"7\" height=\"7\""
      let end: Markup = method == .jacobian ? "</circle>" : "</rect>"
      let strength = numbers.shortest(point.strength)
      let label: Markup =
        method == .jacobian
        ? """
        <text class="plot-soft plot-middle" x="\(at: x)" y="\(at: y - 7)">\(strength)</text>
        """ : ""
      return """
        \(shape)><title>s = \(strength): \(VisibleText.prose()(point.trial.text))</title>\(end)\(label)
        """
    }
    return "\(line)\(dots)"
  }

  private func x(_ value: Double) -> Double? {
    damage.place(value).map { left + (right - left) * $0 }
  }

  private func y(_ value: Double, _ top: Double, _ bottom: Double) -> Double? {
    // Leaves room above the highest point for its label and the panel's name.
    effect.place(value).map { bottom - (bottom - top - 24) * $0 }
  }
}
