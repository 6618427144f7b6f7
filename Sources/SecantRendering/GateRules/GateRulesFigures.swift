public import SecantReports

extension GateRulesReport {
  /// The pictures of a comparison of gate rules: shares and stable ranks side by side.
  public var figures: [Figure] {
    [
      figure(
        name: "gate-rules-shares", title: "Shares under every gate rule", unit: "share, in logits",
        reading: """
          Each row is a token, each mark its share of the same logit under one gate rule: up keeps the \
          up projection linear, gate the gate, half is the mean of both. All three decompositions are \
          complete and sum to the same logit; where the marks of a row lie together, what is said of \
          the token does not depend on the rule. A baseline is left out.
          """
      ) { answer, index in
        index < answer.shares.tokens.count ? answer.shares.tokens[index].value : .nan
      },
      figure(
        name: "gate-rules-ranks", title: "Stable ranks under every gate rule", unit: "stable rank",
        reading: """
          The stable rank ‖J‖²/σ₁² (Frobenius norm) of each token's map under each gate rule: how many \
          directions share its work. It is a property of the decomposition, not of the model alone.
          """
      ) { answer, index in
        answer.jacobian(at: tokens[index].position)?.stableRank.value ?? .nan
      },
    ]
  }

  var subject: Subject { Subject(provenance.model, prompt, prediction.first) }

  private func figure(
    name: String, title: String, unit: String, reading: String,
    value: (Answer, Int) -> Double
  ) -> Figure {
    // Of a long prompt, the tokens whose shares are largest under the first rule.
    let shown = (answers.first?.shares.ungrouped.rows.bySize.prefix(40) ?? []).map {
      $0.positions[0]
    }
    .sorted()
    .filter { $0 < tokens.count }
    let answers = answers.prefix(LinePlot.limit)
    let plot = DotPlot(
      shown.map { index in
        .init(
          name: subject.label(at: tokens[index].position), isToken: true,
          values: answers.map { value($0, index) })
      }, series: answers.map { VisibleText.prose()($0.gateRule) }, caption: unit)
    let rows = tokens.indices.map { index in
      [
        NumberTable.Cell.integer(tokens[index].position),
        .text(prompt.tokenText(at: tokens[index].position)),
      ] + answers.map { .number(value($0, index)) }
    }
    return Figure(
      name: name, title: title, subject: subject.line, reading: reading,
      table: NumberTable(columns: ["position", "token"] + answers.map(\.gateRule), rows: rows),
      size: (DotPlot.width, plot.height), content: plot.markup)
  }
}
