public import SecantReports

extension AblationReport {
  /// All parts at the lowest factor, and for each part with several factors its line and its points.
  public var figures: [Figure] {
    let reading = AblationReading(self, usesUnicode: true)
    let isLine = parts.contains { $0.points.count > 1 }
    let all = parts.count > 1 || !isLine ? [partsFigure(reading)].compactMap(\.self) : []
    return all
      + parts.prefix(Self.lineLimit).enumerated().filter { $0.element.points.count > 1 }
      .map { lineFigure(of: $0.element, number: $0.offset + 1, reading) }
  }

  var subject: Subject { Subject(provenance.model, prompt, prediction.first) }

  /// Parts that have a picture of their own, and parts that have a row.
  private static let lineLimit = 8
  private static let rowLimit = 40

  private func partsFigure(_ reading: AblationReading) -> Figure? {
    guard let keep = reading.lowestKeep else { return nil }
    func point(_ part: Part) -> Point? { part.points.first { $0.keep == keep } }
    let plot = DotPlot(
      parts.prefix(Self.rowLimit).map { part in
        .init(
          name: reading.name(of: part), isToken: part.kind == "token",
          values: [point(part)?.predicted ?? .nan, point(part)?.measured ?? .nan],
          link: PartLink(token: part.position, block: part.block, head: part.head))
      }, series: ["predicted", "measured"], caption: "change of the target, in logits")
    return Figure(
      name: "ablation-parts",
      title: keep == 0
        ? "The \(target.text(.token())) without each part"
        : "The \(target.text(.token())) with "
          + "\(NumberText(usesUnicode: true).shortest(keep)) of each part",
      subject: subject.line,
      caption: """
        Each row is a part of the run that is scaled by itself. The first mark is the change that the frozen map \
        predicts, the second one the change when the model runs again. Where they lie apart, attention patterns, \
        gates and norms answer the change.
        """,
      table: NumberTable(
        columns: ["part", "predicted", "measured"],
        rows: parts.map { part in
          [
            .text(reading.name(of: part)), .number(point(part)?.predicted ?? .nan),
            .number(point(part)?.measured ?? .nan),
          ]
        }),
      size: (DotPlot.width, plot.height), content: plot.markup)
  }

  private func lineFigure(of part: Part, number: Int, _ reading: AblationReading) -> Figure {
    // At the factor 1 nothing changes.
    let points =
      (part.points.filter { $0.keep != 1 } + [Point(keep: 1, predicted: 0, measured: 0)])
      .sorted { $0.keep < $1.keep }
    let plot = LinePlot(
      [
        .init("predicted", points.map { ($0.keep, $0.predicted) }),
        .init("measured", points.map { ($0.keep, $0.measured) }),
      ], x: LinearAxis(points.map(\.keep)), y: { LinearAxis($0) },
      names: (x: "what is kept of the part", y: "change of the target, in logits"))
    return Figure(
      name: "ablation-\(number)",
      title: "The \(target.text(.token())) as \(reading.name(of: part)) is scaled",
      subject: subject.line,
      caption: """
        The change of the target over what is kept of the part: 1 is the run as it is, 0 the run without the \
        part. The frozen map's prediction is a line; the other points are measured, each by a run of the model.
        """,
      table: NumberTable(
        columns: ["keep", "predicted", "measured"],
        rows: points.map { [.number($0.keep), .number($0.predicted), .number($0.measured)] }),
      size: (LinePlot.width, plot.height), content: plot.markup)
  }
}
