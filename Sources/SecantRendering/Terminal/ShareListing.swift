import SecantReports

/// Which tokens a table of shares has rows for: all of a short prompt, in its order; of a longer one those of the
/// largest shares, largest first, and one row for the sum of the others.
struct ShareListing {
  /// The positions that have rows, in the order of these.
  let shown: [Int]
  /// The others together; nil where there are none.
  let others: (name: String, value: Double)?

  /// Tokens up to which all have rows.
  private static let short = 24
  /// Tokens that have rows where not all do.
  private static let leading = 12

  init(_ shares: ExplanationReport.Shares) { self.init(shares.tokens.map(\.value)) }

  /// A table of one value for each token.
  init(_ values: [Double]) {
    guard values.count > Self.short else {
      (shown, others) = (Array(values.indices), nil)
      return
    }
    let order = values.byMagnitude
    shown = Array(order.prefix(Self.leading))
    let rest = order.dropFirst(Self.leading)
    others = (
      "\(rest.count) others", rest.sorted().reduce(0) { $0 + values[$1] }
    )
  }

  /// What the table shows.
  var heading: String {
    others == nil
      ? "Contribution of each token to the logit"
      : "Contribution of each token to the logit: the \(shown.count) largest"
  }
}
