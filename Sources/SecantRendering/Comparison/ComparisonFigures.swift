public import SecantReports

extension ComparisonReport {
  /// The pictures of a comparison: what changed, as a flow and by block and head, where it is accounted for, and both prompts'
  /// shares, token beside token.
  public var figures: [Figure] {
    [differenceFlow, differenceFigure].compactMap(\.self) + [shareFigure]
  }

  /// A pair as a row is named: one token where both are the same.
  func label(_ pair: Pair) -> String {
    let first = pair.first.map { self.first.subject.label(at: $0) }
    let second = pair.second.map { self.second.subject.label(at: $0) }
    switch (first, second) {
    case (let a?, let b?): return pair.isSameToken ? a : "\(a)/\(b)"
    case (let a?, nil): return "\(a)/–"
    case (nil, let b?): return "–/\(b)"
    case (nil, nil): return "–"
    }
  }

  func share(_ position: Int?, in report: ExplanationReport) -> Double {
    guard let position, report.shares.tokens.indices.contains(position) else { return .nan }
    return report.shares.tokens[position].value
  }

  /// Both prompts' shares, token beside token.
  var shareFigure: Figure {
    let rows = pairs.map { pair in
      (pair, share(pair.first, in: first), share(pair.second, in: second))
    }
    // Of long prompts, the pairs with the largest share on either side.
    func size(_ index: Int) -> Double {
      [rows[index].1, rows[index].2].filter(\.isFinite).map(abs).max() ?? 0
    }
    let plotted = Set(PairListing(self).all)
    let shown = rows.indices.filter { plotted.contains(rows[$0].0) }.sorted { size($0) > size($1) }
      .prefix(40).sorted()
    let plot = DotPlot(
      shown.map {
        .init(name: label(rows[$0].0), isToken: true, values: [rows[$0].1, rows[$0].2])
      },
      series: ["first", "second"], caption: "share, in logits")
    let (a, b) = (first.target.text(.token()), second.target.text(.token()))
    return Figure(
      name: "comparison",
      title: a == b ? "Shares of the \(a), twice" : "Shares of the \(a), and of the \(b)",
      subject: "\(first.subject.line) | \(second.subject.line)",
      caption: """
        Each row is a token of both prompts, each mark its share of its own prompt's logit: round for \
        the first, triangular for the second. A slash separates two tokens that stand side by side; a \
        dash stands for a token that one prompt lacks. Two prompts are two linear maps: a difference \
        of shares is no effect of the exchanged token alone. A baseline is left out.
        """,
      table: NumberTable(
        columns: [
          "first position", "first token", "first share", "second position", "second token",
          "second share",
        ],
        rows: rows.map { pair, x, y in
          [
            pair.first.map { .integer($0) } ?? .text(""),
            .text(pair.first.map { first.prompt.tokenText(at: $0) } ?? ""), .number(x),
            pair.second.map { .integer($0) } ?? .text(""),
            .text(pair.second.map { second.prompt.tokenText(at: $0) } ?? ""), .number(y),
          ]
        }),
      size: (DotPlot.width, plot.height), content: plot.markup)
  }
}
