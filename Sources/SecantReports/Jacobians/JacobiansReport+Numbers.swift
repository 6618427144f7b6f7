extension JacobiansReport: TabularReport {
  /// One row for each token, by either kind of Jacobian, in each precision; the biases' token is "biases".
  ///
  /// The `contribution` of the detached rows of one precision sum to the target; those of the ordinary
  /// rows sum to nothing in particular.
  public var numbers: NumberTable {
    NumberTable(
      columns: ["arithmetic", "weights", "kind", "token", "token_text", "contribution"],
      rows: comparisons.flatMap { comparison in
        rows("detached", comparison.detached, comparison.precision)
          + rows("ordinary", comparison.ordinary, comparison.precision)
      })
  }

  private func rows(
    _ kind: String, _ rebuilt: Reconstruction, _ precision: Precision
  ) -> [[NumberTable.Cell]] {
    let names: [NumberTable.Cell] = [
      .text(precision.arithmetic), .text(precision.weights), .text(kind),
    ]
    return rebuilt.contributions.enumerated().map { position, value in
      names + [.integer(position), .text(prompt.tokens[position].text), .number(value)]
    } + [names + [.text("biases"), .text(""), .number(rebuilt.bias)]]
  }

  /// For the c precisions in their order and n tokens: `output`, `detached` and `ordinary` `[c, d]`, the output
  /// and what either kind rebuilds; `detached.contributions` and `ordinary.contributions` `[c, n]`, and
  /// `detached.biases` `[c]`.
  public var arrays: [NumberArray] {
    [
      .init("output", rows: comparisons.map(\.output)),
      .init("detached", rows: comparisons.map(\.detached.values)),
      .init("ordinary", rows: comparisons.map(\.ordinary.values)),
      .init("detached.contributions", rows: comparisons.map(\.detached.contributions)),
      .init("ordinary.contributions", rows: comparisons.map(\.ordinary.contributions)),
      .init("detached.biases", comparisons.map(\.detached.bias)),
    ]
  }
}
