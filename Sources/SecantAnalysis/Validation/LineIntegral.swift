package import SecantOperators

/// The mean of a gradient along a straight line, by panels that are halved where they are off.
///
/// Over a panel from a to b the derivative along the line integrates to F(b) − F(a), which is known: so the
/// error of every panel is measured and not estimated. Each panel has the four points of the rule of Gauss and
/// Lobatto, whose ends are those of its neighbours.
package struct LineIntegral<S: Scalar> {
  /// What is known of one point of the line.
  package struct Point {
    /// F there.
    let value: Double
    /// Its gradient, `[T, d]`.
    let gradient: Matrix<S>

    /// Describes a point.
    package init(value: Double, gradient: Matrix<S>) {
      (self.value, self.gradient) = (value, gradient)
    }
  }

  /// The mean of the gradient over the line.
  package let meanGradient: Matrix<S>
  /// F at both ends of the line.
  package let values: (Double, Double)
  /// The number of points at which the gradient was taken.
  package let pointCount: Int

  /// Where panels begin and end at first.
  static var firstEnds: [Double] { (0...8).map { Double($0) / 8 } }
  /// The points of a panel from 0 to 1, and their weights.
  private static var rule: [(place: Double, weight: Double)] {
    let inner = 0.2.squareRoot()
    return [
      (0, 1.0 / 12), ((1 - inner) / 2, 5.0 / 12), ((1 + inner) / 2, 5.0 / 12), (1, 1.0 / 12),
    ]
  }

  /// - Parameters:
  ///   - path: The line, from where F is at 0 to where it is at 1, `[T, d]`.
  ///   - tolerance: What the sum may be off, relative to F(1) − F(0).
  ///   - limit: Points after which no panel is halved.
  ///   - evaluate: F and its gradient at some places between 0 and 1.
  package init(
    along path: Matrix<S>, tolerance: Double, limit: Int, evaluate: ([Double]) -> [Point]
  ) {
    var known: [Double: Point] = [:]
    func learn(_ places: [Double]) {
      let new = Set(places).subtracting(known.keys).sorted()
      for (place, point) in zip(new, evaluate(new)) { known[place] = point }
    }
    func point(_ place: Double) -> Point {
      guard let point = known[place] else { preconditionFailure("every place is learned first") }
      return point
    }
    func places(_ panel: Panel) -> [Double] { Self.rule.map { panel.place($0.place) } }
    func error(_ panel: Panel) -> Double {
      let integral = Self.rule.reduce(0.0) { sum, node in
        let gradient = point(panel.place(node.place)).gradient
        let slope = Kernels.dot(gradient.elements.span, path.elements.span)
        return sum + node.weight * panel.width * slope
      }
      return abs(integral - (point(panel.end).value - point(panel.start).value))
    }
    var panels = zip(Self.firstEnds, Self.firstEnds.dropFirst()).map { Panel(start: $0, end: $1) }
    learn(panels.flatMap(places))
    let allowed = tolerance * abs(point(1).value - point(0).value)
    while known.count < limit {
      let errors = panels.map(error)
      guard errors.reduce(0, +) > allowed else { break }
      // Those that are off most, as far as points are left: halving one takes five.
      let threshold = allowed / Double(2 * panels.count)
      let halved = Set(
        panels.indices.filter { errors[$0] > threshold }.sorted { errors[$0] > errors[$1] }
          .prefix(max(1, (limit - known.count) / 5)))
      if halved.isEmpty { break }
      panels = panels.indices.flatMap { halved.contains($0) ? panels[$0].halves : [panels[$0]] }
      learn(panels.flatMap(places))
    }
    var mean = Matrix<S>.zero(rows: path.rows, columns: path.columns)
    for panel in panels {
      for node in Self.rule {
        mean += S(node.weight * panel.width) * point(panel.place(node.place)).gradient
      }
    }
    values = (point(0).value, point(1).value)
    (meanGradient, pointCount) = (mean, known.count)
  }

  /// A part of the line.
  private struct Panel {
    let start: Double
    let end: Double

    var width: Double { end - start }
    var halves: [Panel] {
      let middle = (start + end) / 2
      return [Panel(start: start, end: middle), Panel(start: middle, end: end)]
    }
    /// A place of the panel from 0 to 1; its ends are exactly those of its neighbours.
    func place(_ part: Double) -> Double {
      part == 0 ? start : part == 1 ? end : start + part * width
    }
  }
}
