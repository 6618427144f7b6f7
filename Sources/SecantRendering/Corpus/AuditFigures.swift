package import SecantReports

extension AuditReport {
  /// The probability of the words with and without each direction; none where nothing was measured.
  package var figures: [Figure] {
    let measured = directions.compactMap { direction in
      direction.ablation.map { (direction, $0.probability) }
    }
    if measured.isEmpty { return [] }
    let plot = DotPlot(
      measured.map { direction, probability in
        .init(
          name: direction.name, isToken: true,
          values: [probability.before, probability.predicted, probability.measured])
      }, series: ["with it", "predicted", "measured"], caption: "probability of a word of the list")
    return [
      Figure(
        name: "audit-ablations", title: "What the model says without each direction",
        subject: "\(VisibleText.prose()(model.name)) · \(VisibleText.prose()(list.name))",
        caption: """
          The probability that the next token is a word of the list: with the direction, without it by the frozen \
          map, and without it in a forward pass with nothing frozen. A probability is small where the prompt asks \
          for other words, whatever the direction carries.
          """,
        table: NumberTable(
          columns: ["direction", "with", "predicted", "measured", "random"],
          rows: measured.map { direction, probability in
            [
              .text(direction.name), .number(probability.before), .number(probability.predicted),
              .number(probability.measured), .number(direction.ablation?.control ?? .nan),
            ]
          }), size: (DotPlot.width, plot.height), content: plot.markup)
    ]
  }
}
