import Foundation

/// Unit vectors projected to planes: one or two paths from block to block, each inside a circle.
///
/// The first mark is a ring, and marks grow towards the last one. Numbers are placed where they
/// cover nothing.
struct PlanePlot {
  /// The projection of a block's vector.
  struct Point {
    let block: Int
    let x: Double
    let y: Double
  }

  /// One plane.
  struct Panel {
    /// The names of both axes.
    let names: (x: String, y: String)
    let points: [Point]
  }

  static let width = 560
  private static let side = 210.0
  /// The distance between the left ends of neighbouring panels.
  private static let step = 284.0
  /// Cosines up to this value exceed 1 only by rounding.
  private static let bound = 1.001

  private let panels: [Panel]
  private let blockCount: Int
  private let frames: [PlotFrame]

  init(_ panels: [Panel], blockCount: Int) {
    precondition((1...2).contains(panels.count), "one or two planes fit")
    self.panels = panels
    self.blockCount = blockCount
    let axis = LinearAxis([-1, 1], wantedTicks: 4)
    frames = panels.map { panel in
      PlotFrame(
        x: axis, y: axis, names: panel.names, left: 44, right: 44 + Self.side,
        bottom: 26 + Self.side)
    }
  }

  var height: Int { (frames.first?.height ?? 0) + 24 }

  var markup: Markup {
    let parts = zip(panels, frames).enumerated().map { index, part -> Markup in
      "<g transform=\"translate(\(at: Self.step * Double(index)) 0)\">\(markup(part.0, part.1))</g>"
    }
    let level = Double(height) - 10
    return """
      \(parts)<circle class="plot-ring-1" cx="50" cy="\(at: level - 4)" r="4"/>\
      <text class="plot-soft" x="60" y="\(at: level)">the first block</text>\
      <circle class="plot-text-1" cx="174" cy="\(at: level - 4)" r="4.5"/>\
      <text class="plot-soft" x="184" y="\(at: level)">the last block</text>
      """
  }

  /// A mark in the units of the drawing.
  private struct Mark {
    let point: Point
    let x: Double
    let y: Double
    let radius: Double
  }

  private func markup(_ panel: Panel, _ frame: PlotFrame) -> Markup {
    let centre = frame.point(0, 0) ?? (x: 0, y: 0)
    let shown = panel.points.filter { abs($0.x) <= Self.bound && abs($0.y) <= Self.bound }
    let marks = shown.enumerated().compactMap { index, point -> Mark? in
      let age = shown.count > 1 ? Double(index) / Double(shown.count - 1) : 1
      return frame.point(point.x, point.y).map {
        Mark(point: point, x: $0.x, y: $0.y, radius: 2 + 2.5 * age)
      }
    }
    let numbers = NumberText(usesUnicode: true)
    let dots = marks.enumerated().map { index, mark -> Markup in
      let isFirst = index == 0 && marks.count > 1
      let shape = isFirst ? "plot-ring-1" : "plot-text-1"
      return """
        <circle class="\(shape)" cx="\(at: mark.x)" cy="\(at: mark.y)" r="\(at: isFirst ? 4 : mark.radius)">\
        <title>block \(mark.point.block): \(numbers.short(mark.point.x)), \
        \(numbers.short(mark.point.y))</title></circle>
        """
    }
    return """
      \(frame.markup)<path class="plot-zero" d="M\(at: centre.x) \(at: frame.top)V\(at: frame.bottom)"/>\
      <circle class="plot-grid" cx="\(at: centre.x)" cy="\(at: centre.y)" r="\(at: Self.side / 2)"/>\
      <path class="plot-all" d="\(frame.path(shown.map { ($0.x, $0.y) }))"/>\(dots)\
      \(labels(marks, frame))
      """
  }

  // MARK: - Numbers beside marks

  /// The area that a number covers.
  private struct Box {
    let x: ClosedRange<Double>
    let y: ClosedRange<Double>

    /// A box about a centre.
    init(x: Double, y: Double, width: Double, height: Double) {
      self.x = x - width / 2...x + width / 2
      self.y = y - height / 2...y + height / 2
    }

    func contains(_ point: (x: Double, y: Double)) -> Bool {
      x.contains(point.x) && y.contains(point.y)
    }

    func overlaps(_ other: Box) -> Bool { x.overlaps(other.x) && y.overlaps(other.y) }

    /// The distance of the centre from a mark.
    func distance(to mark: Mark) -> Double {
      let (dx, dy) = (
        (x.lowerBound + x.upperBound) / 2 - mark.x, (y.lowerBound + y.upperBound) / 2 - mark.y
      )
      return (dx * dx + dy * dy).squareRoot()
    }
  }

  /// The numbers of round blocks and of the last block, if there is a free place.
  private func labels(_ marks: [Mark], _ frame: PlotFrame) -> [Markup] {
    let round = IndexAxis(count: blockCount, wantedTicks: 8).ticks.map { Int($0.value) }
    let covered = covered(by: marks, frame)
    var boxes: [Box] = []
    // The ends come first, because they matter most.
    let named = marks.filter { $0.point.block == 0 || $0.point.block == blockCount - 1 }
    let others = marks.filter { mark in
      round.contains(mark.point.block) && !named.contains { $0.point.block == mark.point.block }
    }
    return (named + others).compactMap { mark -> Markup? in
      let text = String(mark.point.block)
      let width = 6.8 * Double(text.count) + 4
      let free = places(beside: mark, width: width).first { box in
        guard box.x.lowerBound >= frame.left, box.x.upperBound <= frame.right + 20 else {
          return false
        }
        guard box.y.lowerBound >= frame.top, box.y.upperBound <= frame.bottom else { return false }
        let own = box.distance(to: mark)
        // A number closer to another mark would seem to name that mark.
        if marks.contains(where: { box.distance(to: $0) < own }) { return false }
        return !covered.contains(where: box.contains) && !boxes.contains(where: box.overlaps)
      }
      guard let free else { return nil }
      boxes.append(free)
      let (x, y) = (
        (free.x.lowerBound + free.x.upperBound) / 2, (free.y.lowerBound + free.y.upperBound) / 2
      )
      return """
        <text class="plot-soft plot-small plot-middle" x="\(at: x)" y="\(at: y + 4)">\(text)</text>
        """
    }
  }

  /// The possible places of a number near its mark, the best ones first.
  private func places(beside mark: Mark, width: Double) -> [Box] {
    [12.0, 18.0].flatMap { distance -> [Box] in
      (0..<8).map { turn -> Box in
        let angle = Double.pi / 4 * Double((2 + 3 * turn) % 8)
        let x = mark.x + (distance + width / 2 - 5) * cos(angle)
        return Box(x: x, y: mark.y - distance * sin(angle), width: width, height: 12)
      }
    }
  }

  /// Points on everything that is drawn, so dense that no number fits between them.
  private func covered(by marks: [Mark], _ frame: PlotFrame) -> [(x: Double, y: Double)] {
    let lines = zip(marks, marks.dropFirst()).flatMap { from, to in
      let count = max(1, Int(max(abs(to.x - from.x), abs(to.y - from.y)) / 3))
      return (0...count).map { step -> (x: Double, y: Double) in
        let part = Double(step) / Double(count)
        return (from.x + part * (to.x - from.x), from.y + part * (to.y - from.y))
      }
    }
    let edges = marks.flatMap { mark in
      (0..<8).map { turn -> (x: Double, y: Double) in
        let angle = Double.pi / 4 * Double(turn)
        return (mark.x + 5 * cos(angle), mark.y + 5 * sin(angle))
      }
    }
    let radius = Self.side / 2
    let circle = (0..<240).compactMap { turn -> (x: Double, y: Double)? in
      let angle = Double.pi / 120 * Double(turn)
      return frame.point(0, 0).map { ($0.x + radius * cos(angle), $0.y + radius * sin(angle)) }
    }
    let axes = stride(from: -1, through: 1, by: 0.02).flatMap { place in
      [frame.point(place, 0), frame.point(0, place)].compactMap(\.self)
    }
    return lines + edges + circle + axes
  }
}
