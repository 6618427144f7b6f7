public import SecantReports

extension ValidationReport {
  /// One picture of each measure: the rules' medians with their intervals.
  public var figures: [Figure] {
    shown.enumerated().map { figure(of: $1, number: $0 + 1) }
  }

  private var subjectLine: String {
    "\(VisibleText.prose()(provenance.model.name)) · \(items.count) items"
  }

  private func figure(of measure: Measure, number: Int) -> Figure {
    let label = VisibleText.prose()(measure.label)
    let words = measure.name.unicodeScalars.filter { ("a"..."z").contains($0) || $0 == "." }
    let known = rules.compactMap { rule in rule.median(measure.name).map { (rule.name, $0) } }
    let plot = DotPlot(
      known.map { name, median in
        .init(
          name: VisibleText.prose()(name), isToken: false,
          values: [median.value, median.low, median.high])
      }, series: ["median", "2.5 %", "97.5 %"], caption: label)
    let better =
      measure.better == "high"
      ? " Higher is better." : measure.better == "low" ? " Lower is better." : ""
    return Figure(
      name: "validation-\(number)-"
        + String(String.UnicodeScalarView(words)).replacing(".", with: "-"),
      title: "\(label): medians by rule", subject: subjectLine,
      caption: VisibleText.prose()(measure.definition) + better
        + " The outer marks hold 95 % of the medians of items drawn again.",
      table: NumberTable(
        columns: ["rule", "median", "low", "high", "items"],
        rows: known.map { name, median in
          [
            .text(name), .number(median.value), .number(median.low), .number(median.high),
            .integer(median.items),
          ]
        }),
      size: (DotPlot.width, plot.height), content: plot.markup)
  }
}
