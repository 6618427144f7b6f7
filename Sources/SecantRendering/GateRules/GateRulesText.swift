public import SecantReports

extension GateRulesReport {
  /// The comparison of gate rules for a terminal: shares and maps side by side, and the statements
  /// that survive.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    GateRulesText(report: self, style: style).rendered()
  }
}

/// The parts of the text, in reading order.
private struct GateRulesText {
  let report: GateRulesReport
  let style: TerminalStyle
  private var numbers: NumberText { style.numbers }
  private var rules: [String] { report.answers.map { style.message($0.gateRule) } }

  func rendered() -> String {
    var text = TerminalText(style)
    text.appendHead(report.reading, report.prompt, report.prediction)
    text.appendTarget(report.target)
    text.paragraph(
      "relative error "
        + zip(rules, report.answers).map {
          "\($0) \(numbers.scientific($1.reconstruction.relativeError))"
        }.joined(separator: ", "),
      mark: TerminalSpan("reconstruction  ", .faint))
    appendShares(to: &text)
    appendMaps(to: &text)
    appendConclusions(to: &text)
    text.appendNotes(report.notes)
    text.appendProvenance(report.provenance)
    return text.rendered()
  }

  /// The name of a token in a table's row.
  private func name(of token: GateRulesReport.Token) -> [TextTable.Cell] {
    [
      .init(String(token.position), .faint, style: style),
      .init(report.prompt.name(at: token.position, style.token), style: style),
    ]
  }

  private func appendShares(to text: inout TerminalText) {
    let all = report.answers.flatMap { $0.shares.tokens.map(\.value) + [$0.shares.bias.value] }
    let decimals = numbers.decimals(for: all)
    let empty = TextTable.Cell("", style: style)
    func share(_ value: Double) -> TextTable.Cell {
      .init(share: value, decimals: decimals, style: style)
    }
    var table = TextTable(
      columns: [
        .init(title: "#", alignment: .right, dropRank: 1),
        .init(title: "token", minimum: 8, maximum: 18),
      ] + rules.map { .init(title: $0, alignment: .right) } + [
        .init(title: "ranks", alignment: .right, dropRank: 2)
      ])
    let listing = report.answers.first.map { ShareListing($0.shares.ungrouped) }
    for row in listing?.shown ?? [] {
      let position = row.positions[0]
      let token = report.tokens.first { $0.position == position }
      let shares = report.answers.map { answer -> TextTable.Cell in
        answer.shares.tokens.indices.contains(position)
          ? share(answer.shares.tokens[position].value) : empty
      }
      let ranks = (token?.shareRanks ?? []).map(String.init).joined(separator: " ")
      let isOne = Set(token?.shareRanks ?? []).count == 1
      table.rows.append(
        [
          .init(String(position), .faint, style: style),
          .init(report.prompt.name(at: position, style.token), style: style),
        ] + shares + [.init(ranks, isOne ? .plain : .faint, style: style)])
    }
    func footer(_ name: String, _ role: TerminalRole, _ value: (GateRulesReport.Answer) -> Double)
      -> [TextTable.Cell]
    {
      [empty, .init(name, role, style: style)] + report.answers.map { share(value($0)) } + [empty]
    }
    let shown = Set(listing?.shown.flatMap(\.positions) ?? [])
    if let others = listing?.others {
      table.footer.append(
        footer(others.name, .faint) { answer in
          answer.shares.tokens.enumerated().reduce(0) {
            $0 + ($1.element.isBaseline || shown.contains($1.offset) ? 0 : $1.element.value)
          }
        })
    }
    table.footer += [
      listing?.baseline == nil
        ? footer("bias", .faint) { $0.shares.bias.value }
        : footer("baseline", .faint) { ShareListing($0.shares).baseline?.value ?? 0 },
      footer("sum", .strong) { $0.shares.sum },
    ]
    text.heading(
      (listing?.heading(report.target.name(style.token)) ?? "Shares") + ", under each rule")
    text.lines(table.lines(style))
    let remark = report.answers.first?.shares.baselineRemark(report.prompt, style.token, numbers)
    if let remark { text.paragraph(remark, .faint) }
  }

  private func appendMaps(to text: inout TerminalText) {
    var table = TextTable(
      columns: [
        .init(title: "#", alignment: .right, dropRank: 1),
        .init(title: "token", minimum: 8, maximum: 14),
        .init(title: "stable ranks", alignment: .right, dropRank: 3),
        .init(title: "in common", alignment: .right, dropRank: 4),
      ]
        + rules.map {
          .init(title: style.spell("u₁ by ", "u1 by ") + $0, minimum: 8, maximum: 16, dropRank: 2)
        })
    for token in report.tokens where token.stableRankRatio != nil {
      let maps = report.answers.compactMap { $0.jacobian(at: token.position) }
      let ranks = maps.map { numbers.estimate($0.stableRank) }.joined(separator: " ")
      let listed = maps.first?.triplets.first?.left.count ?? 0
      let mark = token.isLeadingPairDetermined ? "" : "~"
      let words = report.answers.indices.map { answer -> TextTable.Cell in
        let written = maps.indices.contains(answer) ? maps[answer].triplets.first?.left ?? [] : []
        return .init(items: written.map { style.token($0.text) }, style: style)
      }
      table.rows.append(
        name(of: token) + [
          .init(ranks, style: style),
          .init("\(token.commonLeftCount) of \(listed)\(mark)", style: style),
        ] + words)
    }
    if table.rows.isEmpty { return }
    text.heading("The maps, and what their leading directions write, under each rule")
    text.lines(table.lines(style))
  }

  private func appendConclusions(to text: inout TerminalText) {
    text.heading("What does not depend on the gate rule")
    for conclusion in report.conclusions {
      let count = conclusion.cases == 0 ? "" : ", \(conclusion.holding) of \(conclusion.cases)"
      text.paragraph(
        "\(style.message(conclusion.name)): \(conclusion.verdict)\(count). "
          + style.message(conclusion.definition),
        mark: conclusion.survives
          ? TerminalSpan(style.spell("✓ ", "+ "), .good)
          : TerminalSpan(style.spell("– ", "- "), .warning))
    }
    text.paragraph(
      "A statement survives if all its cases are the same under all rules.", .faint)
  }
}

extension GateRulesReport.Conclusion {
  /// Whether the statement holds under all rules, in a few words.
  var verdict: String {
    cases == 0 ? "could not be tested" : survives ? "survives" : "depends on the rule"
  }
}
