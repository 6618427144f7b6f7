extension ValidationReport: TabularReport {
  /// One row for each median, whose item is empty, and then one for each rule and measure of every item.
  public var numbers: NumberTable {
    let columns = [
      "item", "family", "prompt", "target", "over", "logit", "rule", "measure", "value", "low",
      "high", "items",
    ]
    func empty(_ count: Int) -> [NumberTable.Cell] {
      [NumberTable.Cell](repeating: .text(""), count: count)
    }
    let medians = rules.flatMap { rule in
      rule.medians.map { median -> [NumberTable.Cell] in
        empty(6) + [
          .text(rule.name), .text(median.measure), .number(median.value), .number(median.low),
          .number(median.high), .integer(median.items),
        ]
      }
    }
    let values = items.enumerated().flatMap { index, item in
      item.values.map { value -> [NumberTable.Cell] in
        [
          .integer(index), .text(item.family), .text(item.prompt), .text(item.target.text),
          .text(item.over.text), .number(item.logit), .text(value.rule), .text(value.measure),
          .number(value.value),
        ] + empty(3)
      }
    }
    return NumberTable(columns: columns, rows: medians + values)
  }

  /// The medians and every item's measures as arrays.
  ///
  /// For r rules, m measures and n items: `medians`, `low` and `high` `[r, m]`, and `values` `[n, r, m]`, in the
  /// order of the report's rules and measures; NaN where a rule lacks a measure. `logits` `[n, 2]` after the
  /// prompt and the counterfactual.
  public var arrays: [NumberArray] {
    func medians(_ name: String, _ value: (Median) -> Double) -> NumberArray {
      .init(
        name,
        rows: rules.map { rule in measures.map { rule.median($0.name).map(value) ?? .nan } },
        width: measures.count)
    }
    let values = items.flatMap { item in
      rules.flatMap { rule in
        measures.map { measure in
          item.values.first { $0.rule == rule.name && $0.measure == measure.name }?.value ?? .nan
        }
      }
    }
    return [
      medians("medians", \.value), medians("low", \.low), medians("high", \.high),
      NumberArray(
        name: "values", shape: [items.count, rules.count, measures.count], values: values),
      .init("logits", rows: items.map { [$0.logit, $0.counterfactualLogit] }, width: 2),
    ]
  }
}
