import SecantReports

/// Which shares a table or a chart has rows for.
///
/// All of a short prompt, in its order; of a longer one the largest, largest first, and one row for the sum of the
/// others. A baseline stands apart.
struct ShareListing {
  /// A row: one token, or a span of several.
  struct Row {
    /// The positions of its tokens.
    let positions: [Int]
    /// What a span is called; nil for a token, which is called by its text.
    let name: String?
    let value: Double
  }

  /// What has rows, in the order of these.
  let shown: [Row]
  /// The others together; nil where there are none.
  let others: (name: String, value: Double)?
  /// The tokens that are set apart, together with the bias; nil where none is.
  let baseline: Row?
  /// What has a row: "token", "word", "sentence", "line", "turn" or "span".
  let unit: String
  /// The sum of the magnitudes of all rows: what percentages are of.
  private let whole: Double

  /// Rows up to which all are shown.
  private static let short = 24

  /// - Parameters:
  ///   - shares: The shares.
  ///   - limit: The most rows that are all shown.
  ///   - leading: The rows that are shown where there are more.
  init(
    _ shares: ExplanationReport.Shares, limit: Int = Self.short, leading: Int = 12
  ) {
    let rows = shares.rows
    // Other words of a report stay out of headings.
    let known = ["token", "word", "sentence", "line", "turn"]
    unit = shares.grouping.map { known.contains($0.by) ? $0.by : "span" } ?? "token"
    whole = rows.reduce(0) { $0 + abs($1.value) }
    let sinks = shares.baseline
    baseline =
      sinks.isEmpty
      ? nil
      : Row(
        positions: sinks, name: nil,
        value: sinks.reduce(shares.bias.value) { $0 + shares.tokens[$1].value })
    guard rows.count > limit else {
      (shown, others) = (rows, nil)
      return
    }
    let order = rows.bySize
    shown = Array(order.prefix(leading))
    let rest = order.dropFirst(leading).sorted { $0.positions[0] < $1.positions[0] }
    others = ("\(rest.count) others", rest.reduce(0) { $0 + $1.value })
  }

  /// A value over the sum of the magnitudes of all shares but the baseline: from −1 to 1.
  func part(_ value: Double) -> Double { whole > 0 ? value / whole : 0 }

  /// The values that one scale is for.
  var values: [Double] { shown.map(\.value) + (others.map { [$0.value] } ?? []) }

  /// What the table shows, of a target by its name.
  func heading(_ target: String) -> String {
    "What each \(unit) gave to \(target)"
      + (others == nil ? "" : ": the \(shown.count) largest of \(shown.count + otherCount)")
  }

  private var otherCount: Int { others.flatMap { Int($0.name.prefix { $0.isNumber }) } ?? 0 }
}

extension ExplanationReport.Shares {
  /// The positions of the tokens that are set apart.
  var baseline: [Int] { tokens.indices.filter { tokens[$0].isBaseline } }

  /// What has a share that is no baseline, in the order of the prompt: spans where tokens are grouped.
  var rows: [ShareListing.Row] {
    if let grouping {
      return grouping.spans.map {
        .init(positions: $0.positions.isEmpty ? [0] : $0.positions, name: $0.name, value: $0.value)
      }
    }
    return tokens.indices.filter { !tokens[$0].isBaseline }.map {
      .init(positions: [$0], name: nil, value: tokens[$0].value)
    }
  }
}

extension [ShareListing.Row] {
  /// The rows by magnitude, largest first, equal ones in the prompt's order; what is no number comes last.
  var bySize: Self { largestFirst(by: \.value) }
}

extension ExplanationReport.Shares {
  /// A row by its name: that of its token, or the span's in running text, with its position where another is
  /// called alike.
  func name(
    of row: ShareListing.Row, in prompt: ExplanationReport.Prompt, _ visible: VisibleText
  ) -> String {
    guard let name = row.name else { return prompt.name(at: row.positions[0], visible) }
    let isRepeated = (grouping?.spans ?? []).count { $0.name.trimmed == name.trimmed } > 1
    let shown =
      name.trimmed.isEmpty
      ? visible(name) : VisibleText.prose(usesUnicode: visible.usesUnicode)(name.trimmed)
    return shown + (isRepeated ? "@\(row.positions[0])" : "")
  }
}

extension String {
  /// The text without white space at its ends.
  fileprivate var trimmed: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}
