extension StatsReport: TabularReport {
  /// One row for each measure, and one for each group of it where groups are compared.
  ///
  /// `group` is empty for all items. `p` and `q` are those of the measure.
  package var numbers: NumberTable {
    func cell(_ number: Double?) -> NumberTable.Cell { number.map { .number($0) } ?? .text("") }
    return NumberTable(
      columns: ["kind", "name", "group", "items", "mean", "low", "high", "magnitude", "p", "q"],
      rows: measures.flatMap { measure -> [[NumberTable.Cell]] in
        let all: [NumberTable.Cell] = [
          .text(measure.kind), .text(measure.name), .text(""), .integer(measure.items),
          .number(measure.mean.value), .number(measure.mean.low), .number(measure.mean.high),
          .number(measure.magnitude), cell(measure.p), cell(measure.q),
        ]
        return [all]
          + (measure.groups ?? []).map { group in
            [
              .text(measure.kind), .text(measure.name), .text(group.name), .integer(group.items),
              cell(group.mean), .text(""), .text(""), .text(""), cell(measure.p), cell(measure.q),
            ]
          }
      })
  }

  /// For M measures: `mean`, `low`, `high`, `magnitude`, `p` and `q`, each `[M]`.
  package var arrays: [NumberArray] {
    [
      .init("mean", measures.map(\.mean.value)), .init("low", measures.map(\.mean.low)),
      .init("high", measures.map(\.mean.high)), .init("magnitude", measures.map(\.magnitude)),
      .init("p", measures.map { $0.p ?? .nan }), .init("q", measures.map { $0.q ?? .nan }),
    ]
  }
}
