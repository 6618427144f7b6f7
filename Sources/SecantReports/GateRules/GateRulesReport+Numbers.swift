extension GateRulesReport: TabularReport {
  /// One row for each token under each rule, and one for the biases, whose token is "biases".
  ///
  /// The `share` of the rows of one rule sum to the target. The stable rank and the largest singular
  /// value are NaN where the token's map was not decomposed.
  public var numbers: NumberTable {
    NumberTable(
      columns: [
        "gate_rule", "token", "token_text", "share", "share_rank", "stable_rank", "singular_value",
      ],
      rows: answers.enumerated().flatMap { index, answer in
        tokens.map { token in
          let map = answer.jacobian(at: token.position)
          return [
            .text(answer.gateRule), .integer(token.position),
            .text(prompt.tokens[token.position].text),
            .number(answer.shares.tokens[token.position].value),
            .integer(token.shareRanks[index]), .number(map?.stableRank.value ?? .nan),
            .number(map?.singularValues.first ?? .nan),
          ]
        }
          + [
            [
              .text(answer.gateRule), .text("biases"), .text(""),
              .number(answer.shares.bias.value), .text(""), .number(.nan), .number(.nan),
            ]
          ]
      })
  }

  /// By rule, "up", "gate" and "half" in this order: `shares` and `share_ranks` `[3, n]` of the n tokens,
  /// `biases` `[3]`, `stable_ranks` `[3, n]`, and `singular_values` `[3, n, r]`.
  ///
  /// What was not decomposed is NaN; r is the largest number of singular values of a map.
  public var arrays: [NumberArray] {
    let (rules, n) = (answers.count, tokens.count)
    let maps = answers.map { answer in tokens.map { answer.jacobian(at: $0.position) } }
    let rank = maps.joined().map { $0?.singularValues.count ?? 0 }.max() ?? 0
    return [
      .init("shares", rows: answers.map { $0.shares.tokens.map(\.value) }, width: n),
      .init(
        "share_ranks",
        rows: answers.indices.map { index in tokens.map { Double($0.shareRanks[index]) } },
        width: n),
      .init("biases", answers.map(\.shares.bias.value)),
      .init("stable_ranks", rows: maps.map { $0.map { $0?.stableRank.value ?? .nan } }, width: n),
      NumberArray(
        name: "singular_values", shape: [rules, n, rank],
        values: maps.joined().flatMap { map in
          let values = map?.singularValues ?? []
          return values + [Double](repeating: .nan, count: rank - values.count)
        }),
    ]
  }
}
