import Foundation
import SecantReports

/// Spectra with the same axes for all tokens.
struct SpectrumPlot {
  static let width = 460
  static let height = 270
  /// The largest number of faint curves: more would make a grey area, so those with the largest
  /// shares are drawn.
  private static let contextLimit = 48
  /// The largest number of points that can be distinguished.
  private static let dotLimit = 40

  private let report: ExplanationReport
  private let axis: LogAxis
  private let count: Int
  private let left = 58.0
  private let right = 452.0
  private let top = 12.0
  private let bottom = 224.0

  init(_ report: ExplanationReport) {
    self.report = report
    axis = LogAxis(report.jacobians.flatMap(\.singularValues))
    count = max(2, report.jacobians.map(\.singularValues.count).max() ?? 2)
  }

  /// The axes and faint spectra of all tokens, the same behind every token's own curve.
  var frame: Markup {
    let rows = axis.ticks.map { tick -> Markup in
      let y = y(tick.value) ?? bottom
      return """
        <path class="plot-grid" d="M\(at: left) \(at: y)H\(at: right)"/>\
        <text class="plot-soft plot-end" x="\(at: left - 8)" y="\(at: y + 4)">\(tick.label)</text>
        """
    }
    let columns = indexTicks.map { k -> Markup in
      """
      <text class="plot-soft plot-middle" x="\(at: x(k - 1))" y="\(at: bottom + 18)">\(k)</text>
      """
    }
    return """
      \(rows)\(columns)\
      <text class="plot-soft plot-middle" x="\(at: (left + right) / 2)" y="\(at: bottom + 40)">\
      k: singular value σₖ on a logarithmic axis</text>
      \(context.map { "<path class=\"plot-context\" d=\"\(path($0.singularValues))\"/>" as Markup })
      """
  }

  /// One token's spectrum.
  ///
  /// Hollow dots have not converged; a band joins a cluster.
  func curve(_ jacobian: ExplanationReport.TokenJacobian) -> Markup {
    let values = jacobian.singularValues
    let bands = jacobian.clusters.filter {
      $0.count > 0 && $0.first >= 0 && $0.first < values.count
    }.map {
      cluster -> Markup in
      let last = min(values.count, cluster.first + min(cluster.count, values.count)) - 1
      let start = x(cluster.first) - 9
      return """
        <rect class="plot-cluster" x="\(at: start)" y="\(at: top)" \
        width="\(at: x(last) + 9 - start)" height="\(at: bottom - top)" rx="4"/>
        """
    }
    let line: Markup = "<path class=\"plot-curve\" d=\"\(path(values))\"/>"
    return "\(bands)\(line)\(values.count > Self.dotLimit ? [] : dots(jacobian))"
  }

  /// The first index and round indices after it, at most eleven.
  private var indexTicks: [Int] {
    let steps = (0..<18).lazy.flatMap { power in [1, 2, 5].map { $0 * Int(pow(10, Double(power))) }
    }
    let step = steps.first { count <= 10 * $0 } ?? count
    return [1] + stride(from: step, through: count, by: step).filter { $0 > 1 }
  }

  private var context: [ExplanationReport.TokenJacobian] {
    guard report.jacobians.count > Self.contextLimit else { return report.jacobians }
    return report.jacobiansByShare.prefix(Self.contextLimit).sorted { $0.position < $1.position }
  }

  private func dots(_ jacobian: ExplanationReport.TokenJacobian) -> [Markup] {
    let numbers = NumberText(usesUnicode: true)
    return jacobian.singularValues.enumerated().compactMap { k, value in
      guard let y = y(value) else { return nil }
      let residual = k < jacobian.residuals.count ? jacobian.residuals[k] : nil
      let isOpen = residual.map { !($0 <= report.provenance.tolerance) } ?? false
      let residualText = residual.map { ", residual \(numbers.scientific($0))" } ?? ""
      return """
        <circle class="\(isOpen ? "plot-dot plot-open" : "plot-dot")" cx="\(at: x(k))" cy="\(at: y)" r="3.5">\
        <title>σ\(k + 1) = \(numbers.short(value))\(residualText)</title></circle>
        """
    }
  }

  private func path(_ values: [Double]) -> String {
    // A curve of hundreds of values keeps its shape with a hundred points.
    let step = max(1, values.count / 100)
    var path = ""
    for k in stride(from: 0, to: values.count, by: step) {
      guard let y = y(values[k]) else { continue }
      let point: Markup = "\(path.isEmpty ? "M" : "L")\(at: x(k)) \(at: y)"
      path += point.source
    }
    return path
  }

  private func x(_ k: Int) -> Double {
    left + 14 + (right - left - 28) * Double(k) / Double(count - 1)
  }

  private func y(_ value: Double) -> Double? {
    axis.place(value).map { bottom - (bottom - top) * $0 }
  }
}
