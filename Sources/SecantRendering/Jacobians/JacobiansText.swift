public import SecantReports

extension JacobiansReport {
  /// Both kinds of Jacobian for a terminal: how each rebuilds the output, and each token's part.
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
    text.appendPrompt(report.prompt)
    appendReconstructions(to: &text)
    if let first = report.comparisons.first { appendContributions(first, to: &text) }
    text.appendNotes(
      [
        "detached: Σ J_i x_i + b with what is not linear frozen, which is the output itself; ordinary: "
          + "Σ K_i x_i with the derivatives K_i, which is the output as far as the decoder is linear.",
        "Weights rounded to f16 or bf16 are another model; its detached maps give its own output.",
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

  /// Rounding as a power of ten, a real difference as a number.
  private func error(_ value: Double) -> String {
    value < 1e-3 ? numbers.scientific(value) : numbers.short(value)
  }

  private func appendContributions(
    _ comparison: JacobiansReport.Comparison, to text: inout TerminalText
  ) {
    let (detached, ordinary) = (comparison.detached, comparison.ordinary)
    let values =
      detached.contributions + ordinary.contributions + [detached.bias, comparison.logit]
    let bars = TextBars(detached.contributions + ordinary.contributions, style: style)
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
    let listing = ShareListing(detached.contributions)
    func ordinaryPart(_ position: Int) -> Double {
      ordinary.contributions.indices.contains(position) ? ordinary.contributions[position] : .nan
    }
    for position in listing.shown {
      let pair = (detached.contributions[position], ordinaryPart(position))
      table.rows.append([
        .init(String(position), .faint, style: style),
        .init(style.token(report.prompt.tokenText(at: position)), style: style),
        share(pair.0), bars.cell(pair.0, natural: 20), share(pair.1),
        bars.cell(pair.1, natural: 20),
      ])
    }
    if let others = listing.others {
      let rest = ordinary.contributions.indices.filter { !listing.shown.contains($0) }
      table.footer.append([
        empty, .init(others.name, .faint, style: style), share(others.value), empty,
        share(rest.reduce(0) { $0 + ordinary.contributions[$1] }), empty,
      ])
    }
    table.footer += [
      [
        empty, .init("bias", .faint, style: style), share(detached.bias), empty,
        share(ordinary.bias), empty,
      ],
      [
        empty, .init("sum", .strong, style: style), share(detached.sum), empty,
        share(ordinary.sum), empty,
      ],
    ]
    text.heading(
      "What \(listing.others == nil ? "each token contributes" : "the largest tokens contribute") to the \(report.target.text(style.token)), "
        + "\(numbers.fixed(comparison.logit, decimals: 4)) in \(name(of: comparison.precision))")
    text.lines(table.lines(style))
  }
}
