extension AuditReport: TabularReport {
  /// One row for each direction that has any of the words; empty cells where nothing was measured.
  ///
  /// `prompted` and `predicted` are numbers of words of the list, `words` is what the direction decodes to.
  package var numbers: NumberTable {
    func cell(_ number: Double?) -> NumberTable.Cell { number.map { .number($0) } ?? .text("") }
    return NumberTable(
      columns: [
        "item", "position", "rank", "token_text", "sigma", "count", "p_random", "p_shuffled", "p",
        "q", "prompted", "predicted", "probability", "probability_predicted",
        "probability_measured", "control", "target_logit", "target_predicted", "target_measured",
        "prediction", "prediction_without", "words", "text",
      ],
      rows: directions.map { direction in
        let ablation = direction.ablation
        return [
          .integer(direction.item), .integer(direction.position), .integer(direction.rank),
          .text(direction.token), .number(direction.sigma), .integer(direction.count),
          .number(direction.pRandom), .number(direction.pShuffled), .number(direction.p),
          .number(direction.q), .integer(direction.prompted.count),
          .integer(direction.predicted.count), cell(ablation?.probability.before),
          cell(ablation?.probability.predicted), cell(ablation?.probability.measured),
          cell(ablation?.control), cell(ablation?.targetLogit.before),
          cell(ablation?.targetLogit.predicted), cell(ablation?.targetLogit.measured),
          .text(ablation?.prediction ?? ""), .text(ablation?.predictionWithout ?? ""),
          .text(direction.words.map(\.text).joined(separator: "|")), .text(direction.text),
        ]
      })
  }

  /// For D directions with any of the words: `sigma`, `count`, `p_random`, `p_shuffled` and `q`, each `[D]`.
  package var arrays: [NumberArray] {
    [
      .init("sigma", directions.map(\.sigma)),
      .init("count", directions.map { Double($0.count) }),
      .init("p_random", directions.map(\.pRandom)),
      .init("p_shuffled", directions.map(\.pShuffled)), .init("q", directions.map(\.q)),
    ]
  }
}
