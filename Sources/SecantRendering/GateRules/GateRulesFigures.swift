public import SecantReports

extension GateRulesReport {
  /// The figures of a comparison of gate rules: shares and stable ranks side by side.
  public var figures: [Figure] {
    [
      figure(
        name: "gate-rules-shares", title: "Shares under every gate rule", unit: "share, in logits",
        caption: """
          Each row is a token, and each mark its share of the same target under one gate rule: up keeps the up \
          projection linear, gate the gate projection, half is the mean of both. All three decompositions \
          are complete and sum to the same target. If the marks of a row are close together, the token's share \
          hardly depends on the rule. A baseline is left out.
          """
      ) { answer, index in
        index < answer.shares.tokens.count ? answer.shares.tokens[index].value : .nan
      },
      figure(
        name: "gate-rules-ranks", title: "Stable ranks under every gate rule", unit: "stable rank",
        caption: """
          The stable rank ‖J‖²/σ₁² (Frobenius norm) of each token's map under each gate rule: how many \
          directions share its work. It is a property of the decomposition, not only of the model.
          """
      ) { answer, index in
        answer.jacobian(at: tokens[index].position)?.stableRank.value ?? .nan
      },
    ]
  }

  var subject: Subject { Subject(provenance.model, prompt, prediction.first) }

  private func figure(
    name: String, title: String, unit: String, caption: String,
    value: (Answer, Int) -> Double
  ) -> Figure {
    // In a long prompt, only the tokens with the largest shares under the first rule are drawn.
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
          values: answers.map { value($0, index) }, link: PartLink(token: tokens[index].position))
      }, series: answers.map { VisibleText.prose()($0.gateRule) }, caption: unit)
    let rows = tokens.indices.map { index in
      [
        NumberTable.Cell.integer(tokens[index].position),
        .text(prompt.tokenText(at: tokens[index].position)),
      ] + answers.map { .number(value($0, index)) }
    }
    return Figure(
      name: name, title: title, subject: subject.line, caption: caption,
      table: NumberTable(columns: ["position", "token"] + answers.map(\.gateRule), rows: rows),
      size: (DotPlot.width, plot.height), content: plot.markup)
  }
}
