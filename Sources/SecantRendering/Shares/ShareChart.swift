import SecantReports

/// Bars from a common zero, with labels on the left and numbers on the right.
///
/// In long prompts, the tokens with the largest shares have their own bars, and one bar shows the
/// sum of the others, so all bars still sum to the logit.
struct ShareChart {
  static let width = 460
  /// The largest number of bars.
  private static let barLimit = 40
  private static let rowHeight = 22.0

  private struct Row {
    let label: String
    let isToken: Bool
    let value: Double
    /// Whether the row is hatched and does not affect the scale.
    var isBaseline = false
    /// What the bar stands for.
    var link = PartLink()
  }

  private let rows: [Row]
  private let axis: LinearAxis
  private let numbers = NumberText(usesUnicode: true)
  private let left: Double
  private let right = 380.0
  private let top = 6.0

  init(_ prompt: ExplanationReport.Prompt, _ shares: ExplanationReport.Shares) {
    let listing = ShareListing(shares, limit: Self.barLimit, leading: Self.barLimit)
    // In the order of the prompt, so the chart can be read next to the text.
    var rows = listing.shown.sorted { $0.positions[0] < $1.positions[0] }.map { row in
      Row(
        label: shares.name(of: row, in: prompt, .token()), isToken: row.name == nil,
        value: row.value,
        link: PartLink(token: row.positions.count == 1 ? row.positions[0] : nil))
    }
    if let others = listing.others {
      let count = others.name.prefix { $0.isNumber }
      rows.append(
        Row(label: "\(count) other \(listing.unit)s", isToken: false, value: others.value))
    }
    if let baseline = listing.baseline {
      rows.append(
        Row(label: "baseline", isToken: false, value: baseline.value, isBaseline: true))
    } else {
      rows.append(Row(label: "bias", isToken: false, value: shares.bias.value))
    }
    self.rows = rows
    axis = LinearAxis(rows.filter { !$0.isBaseline }.map(\.value))
    // A column of the monospaced labels is about 7.9 units wide.
    left = 16 + 7.9 * Double(min(16, rows.map(\.label.columns).max() ?? 0))
  }

  var height: Int { Int(bottom) + 44 }
  private var bottom: Double { top + Self.rowHeight * Double(rows.count) }

  /// The marks, without the element that frames them.
  var content: Markup {
    let ticks = axis.ticks.map { tick -> Markup in
      let x = x(tick.value) ?? left
      return """
        <path class="\(tick.value == 0 ? "plot-zero" : "plot-grid")" d="M\(at: x) \(at: top)V\(at: bottom)"/>\
        <text class="plot-soft plot-middle" x="\(at: x)" y="\(at: bottom + 16)">\(tick.label)</text>
        """
    }
    let decimals = numbers.decimals(for: rows.map(\.value))
    return """
      \(ticks)
      <text class="plot-soft plot-middle" x="\(at: (left + right) / 2)" y="\(at: bottom + 36)">\
      share, in logits</text>
      \(rows.enumerated().map { mark($1, row: $0, decimals: decimals) })
      """
  }

  private func mark(_ row: Row, row index: Int, decimals: Int) -> Markup {
    let y = top + Self.rowHeight * Double(index)
    let label = row.label.truncated(to: 16, ellipsis: "…")
    var bar: Markup = ""
    // A baseline may exceed the scale of the others; its bar ends with the scale.
    let clipped = row.isBaseline ? axis.clamped(row.value) : row.value
    if let zero = x(0), let end = x(clipped) {
      bar =
        row.isBaseline
        ? """
        <path class="plot-hatched" d="M\(at: min(zero, end)) \(at: y + 11)H\(at: max(zero, end))"/>
        """
        : """
        <rect class="\(row.value < 0 ? "plot-negative" : "plot-positive")" x="\(at: min(zero, end))" \
        y="\(at: y + 4)" width="\(at: abs(end - zero))" height="\(at: Self.rowHeight - 8)" rx="1.5"/>
        """
    }
    return """
      <g\(row.link.attributes)><text class="\(row.isToken ? "plot-token plot-end" : "plot-soft plot-end")" \
      x="\(at: left - 10)" y="\(at: y + 15)">\(label)</text>\(bar)\
      <text class="plot-end" x="\(Self.width - 6)" y="\(at: y + 15)">\
      \(numbers.fixed(row.value, decimals: decimals, withPlus: true))</text></g>

      """
  }

  private func x(_ value: Double) -> Double? {
    axis.place(value).map { left + (right - left) * $0 }
  }
}
