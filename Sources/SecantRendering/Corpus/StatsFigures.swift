package import SecantReports

extension StatsReport {
  /// Shares and stable ranks by role, and what changes from block to block.
  package var figures: [Figure] {
    let reading = StatsReading(self, usesUnicode: true)
    var figures: [Figure] = []
    for (kind, unit) in [("share", "logits"), ("stable-rank", "stable rank")] {
      let measures = reading.measures(of: kind)
      if measures.isEmpty { continue }
      figures.append(
        figure(
          dots: measures, name: "stats-\(kind)", title: reading.title(of: kind), unit: unit))
    }
    let heads = reading.listed("head", 12)
    if !heads.isEmpty {
      figures.append(
        figure(dots: heads, name: "stats-heads", title: reading.title(of: "head"), unit: "logits"))
    }
    for (name, title, unit, kinds) in [
      (
        "stats-block-stable-rank", reading.title(of: "block-stable-rank"), "stable rank",
        ["block-stable-rank"]
      ),
      (
        "stats-blocks", "What each block gives to the target", "logits",
        ["attention", "feed-forward"]
      ),
    ] {
      let series = kinds.map { ($0, reading.measures(of: $0)) }.filter { !$0.1.isEmpty }
      if series.isEmpty { continue }
      figures.append(figure(lines: series, name: name, title: title, unit: unit))
    }
    return figures
  }

  private var subjectLine: String {
    "\(VisibleText.prose()(model)) · \(items) items"
  }

  /// The numbers that blocks of a model may have.
  private static let blocks = 0..<10_000

  private static let interval =
    "The outer marks hold 95 % of the means of items drawn again, with replacement."

  private func figure(
    dots measures: [Measure], name: String, title: String, unit: String
  ) -> Figure {
    let plot = DotPlot(
      measures.map { measure in
        .init(
          name: VisibleText.prose()(measure.name), isToken: false,
          values: [measure.mean.value, measure.mean.low, measure.mean.high])
      }, series: ["mean", "2.5 %", "97.5 %"], caption: unit)
    return Figure(
      name: name, title: title, subject: subjectLine, caption: Self.interval,
      table: Self.table(measures), size: (DotPlot.width, plot.height), content: plot.markup)
  }

  private func figure(
    lines series: [(kind: String, measures: [Measure])], name: String, title: String, unit: String
  ) -> Figure {
    func points(
      _ measures: [Measure], _ value: (Measure) -> Double
    ) -> [(x: Double, y: Double)] {
      measures.compactMap { measure in
        Int(measure.name).flatMap { Self.blocks.contains($0) ? (Double($0), value(measure)) : nil }
      }
    }
    let last = series.flatMap { points($0.measures) { _ in 0 }.map(\.x) }.max() ?? 0
    let plot = LinePlot(
      series.prefix(LinePlot.limit).map { kind, measures in
        .init(kind, points(measures) { $0.mean.value })
      },
      context: series.flatMap { _, measures in
        [
          LinePlot.Series("", points(measures) { $0.mean.low }),
          LinePlot.Series("", points(measures) { $0.mean.high }),
        ]
      }, x: IndexAxis(count: Int(last) + 1), y: { LinearAxis($0) }, names: (x: "block", y: unit))
    return Figure(
      name: name, title: title, subject: subjectLine,
      caption: "The faint lines hold 95 % of the means of items drawn again, with replacement.",
      table: Self.table(series.flatMap(\.measures)), size: (LinePlot.width, plot.height),
      content: plot.markup)
  }

  private static func table(_ measures: [Measure]) -> NumberTable {
    NumberTable(
      columns: ["kind", "name", "mean", "low", "high", "items"],
      rows: measures.map { measure in
        [
          .text(measure.kind), .text(measure.name), .number(measure.mean.value),
          .number(measure.mean.low), .number(measure.mean.high), .integer(measure.items),
        ]
      })
  }
}
