public import SecantReports

extension JacobiansReport {
  /// Both kinds of Jacobian for a terminal: the rebuilt output, and each token's contribution.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    JacobiansText(report: self, style: style).rendered()
  }
}

/// The parts of the text, in reading order.
private struct JacobiansText {
  let report: JacobiansReport
  let style: TerminalStyle
  private var numbers: NumberText { style.numbers }

  func rendered() -> String {
    var text = TerminalText(style)
    text.appendAnswer(report.reading.sentence(usesUnicode: style.usesUnicode))
    text.appendPrompt(report.prompt)
    appendReconstructions(to: &text)
    if let first = report.comparisons.first { appendContributions(first, to: &text) }
    text.appendNotes(
      [
        "detached: Σ J_i x_i + b with the nonlinear factors frozen, which is exactly the output; ordinary: "
          + "Σ K_i x_i with the derivatives K_i, which is the output only as far as the decoder is linear.",
        "Weights rounded to f16 or bf16 are another model, whose detached maps give its own output.",
      ] + report.notes)
    text.blank()
    text.paragraph(
      [
        report.model.summary(style),
        report.chat.map { "chat template of \(style.message($0.template))" },
        "gate rule \(style.message(report.gateRule))",
        "Secant \(style.message(report.secantVersion))",
      ].compactMap(\.self).joined(separator: style.spell(" · ", ", ")), .faint)
    return text.rendered()
  }

  private func appendReconstructions(to text: inout TerminalText) {
    text.heading("The output, rebuilt from the maps of all tokens")
    var table = TextTable(columns: [
      .init(title: "numbers", minimum: 12),
      .init(title: "next token", minimum: 10, maximum: 14, dropRank: 4),
      .init(title: "by", minimum: 8),
      .init(title: "rel. error", alignment: .right),
      .init(title: "std ratio", alignment: .right, dropRank: 1),
      .init(title: "correlation", alignment: .right, dropRank: 2),
      .init(title: "sum", alignment: .right, dropRank: 3),
    ])
    let sums = report.comparisons.flatMap { [$0.detached.sum, $0.ordinary.sum, $0.logit] }
    let decimals = numbers.decimals(for: sums)
    for comparison in report.comparisons {
      for (kind, rebuilt) in [
        ("detached", comparison.detached), ("ordinary", comparison.ordinary),
      ] {
        let isFirst = kind == "detached"
        table.rows.append([
          .init(wrapping: isFirst ? name(of: comparison.precision) : ""),
          .init(isFirst ? style.token(comparison.prediction.text) : "", style: style),
          .init(kind, style: style),
          .init(error(rebuilt.relativeError), style: style),
          .init(error(rebuilt.standardDeviationRatio), style: style),
          .init(numbers.fixed(rebuilt.correlation, decimals: 4), style: style),
          .init(numbers.fixed(rebuilt.sum, decimals: decimals), style: style),
        ])
      }
    }
    text.lines(table.lines(style))
  }

  private func name(of precision: JacobiansReport.Precision) -> String {
    let arithmetic = style.message(precision.arithmetic)
    if precision.weights == "stored" { return arithmetic }
    return style.message(precision.weights) + " weights"
      + (arithmetic == "f32" ? "" : ", " + arithmetic)
  }

  /// A rounding error as a power of ten, a larger difference as a number.
  private func error(_ value: Double) -> String {
    value < 1e-3 ? numbers.scientific(value) : numbers.short(value)
  }

  private func appendContributions(
    _ comparison: JacobiansReport.Comparison, to text: inout TerminalText
  ) {
    let (detached, ordinary) = (comparison.detached, comparison.ordinary)
    let values =
      detached.contributions + ordinary.contributions + [detached.bias, comparison.logit]
    let isApart = report.dividedShares.tokens.map(\.isBaseline)
    let bars = TextBars(
      [detached, ordinary].flatMap { rebuilt in
        zip(rebuilt.contributions, isApart).compactMap { $1 ? nil : $0 }
      }, style: style)
    let decimals = numbers.decimals(for: values)
    let empty = TextTable.Cell("", style: style)
    func share(_ value: Double) -> TextTable.Cell {
      .init(share: value, decimals: decimals, style: style)
    }
    var table = TextTable(columns: [
      .init(title: "#", alignment: .right, dropRank: 1),
      .init(title: "token", minimum: 8, maximum: 18),
      .init(title: "detached", alignment: .right),
      .init(title: "", minimum: 4, maximum: 20, dropRank: 2, growsLast: true),
      .init(title: "ordinary", alignment: .right),
      .init(title: "", minimum: 4, maximum: 20, dropRank: 2, growsLast: true),
    ])
    let listing = ShareListing(report.dividedShares)
    let apart = Set(report.dividedShares.baseline)
    func row(_ number: String, _ name: TextTable.Cell, _ values: (Double, Double)) -> [TextTable
      .Cell]
    {
      [
        .init(number, .faint, style: style), name, share(values.0),
        bars.cell(values.0, natural: 20), share(values.1), bars.cell(values.1, natural: 20),
      ]
    }
    func value(_ position: Int, _ rebuilt: JacobiansReport.Reconstruction) -> Double {
      rebuilt.contributions.indices.contains(position) ? rebuilt.contributions[position] : .nan
    }
    for shown in listing.shown {
      let position = shown.positions[0]
      table.rows.append(
        row(
          String(position), .init(report.prompt.name(at: position, style.token), style: style),
          (value(position, detached), value(position, ordinary))))
    }
    if let others = listing.others {
      let shown = apart.union(listing.shown.flatMap(\.positions))
      func rest(_ rebuilt: JacobiansReport.Reconstruction) -> Double {
        rebuilt.contributions.enumerated().reduce(0) {
          $0 + (shown.contains($1.offset) ? 0 : $1.element)
        }
      }
      table.footer.append(
        row("", .init(others.name, .faint, style: style), (rest(detached), rest(ordinary))))
    }
    func footer(
      _ name: String, _ role: TerminalRole, _ value: (JacobiansReport.Reconstruction) -> Double
    ) -> [TextTable.Cell] {
      [
        empty, .init(name, role, style: style), share(value(detached)), empty,
        share(value(ordinary)), empty,
      ]
    }
    table.footer += [
      footer(apart.isEmpty ? "bias" : "baseline", .faint) { rebuilt in
        apart.sorted().reduce(rebuilt.bias) { $0 + value($1, rebuilt) }
      }, footer("sum", .strong, \.sum),
    ]
    text.heading(
      "What \(listing.others == nil ? "each token contributes" : "the largest tokens contribute") to the \(report.target.text(style.token)), "
        + "\(numbers.fixed(comparison.logit, decimals: 4)) in \(name(of: comparison.precision))")
    text.lines(table.lines(style))
    let remark = report.dividedShares.baselineRemark(report.prompt, style.token, numbers)
    if let remark { text.paragraph(remark, .faint) }
  }
}

extension JacobiansReport {
  /// The shares of the first comparison's detached maps; in reports of version 1 only their
  /// contributions.
  var dividedShares: ExplanationReport.Shares {
    if let shares { return shares.ungrouped }
    let detached = comparisons.first?.detached
    return .init(
      tokens: (detached?.contributions ?? []).map { .init(value: $0, fraction: .nan) },
      bias: .init(value: detached?.bias ?? 0, fraction: .nan), sum: detached?.sum ?? 0,
      logit: target.logit, difference: .nan)
  }
}
