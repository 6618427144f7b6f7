public import SecantReports

extension FullReport {
  /// What the analyses found, in a few lines for a terminal; the page has the rest.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    let numbers = style.numbers
    var text = TerminalText(style)
    text.appendAnswer(reading.sentence(usesUnicode: style.usesUnicode))
    text.appendPrompt(explanation.prompt)
    text.blank()
    func line(_ name: String, _ value: String) {
      let mark = name.padding(to: 16)
      text.paragraph(value, mark: TerminalSpan(mark, .faint))
    }
    let decimals = numbers.decimals(for: explanation.shares.tokens.map(\.value))
    func signed(_ value: Double) -> String {
      numbers.fixed(value, decimals: decimals, withPlus: true)
    }
    if let first = explanation.prediction.first {
      line(
        "next token", "\(style.token(first.text)), \(numbers.percent(first.probability))")
    }
    line(
      "target",
      "\(explanation.target.text(style.token)) = \(numbers.fixed(explanation.target.logit, decimals: 4))"
        + (explanation.target.logitsText(numbers).map { ", logits \($0)" } ?? "")
    )
    line(
      "tokens",
      explanation.shares.rows.bySize.prefix(5).map {
        "\(explanation.shares.name(of: $0, in: explanation.prompt, style.token)) \(signed($0.value))"
      }.joined(separator: ", ")
        + (ShareListing(explanation.shares).baseline.map { "; baseline \(signed($0.value))" } ?? "")
    )
    if let check = explanation.check { line("check", check.agreement(style)) }
    line(
      "blocks",
      shares.blocks.map { ($0.block, $0.attention.value + $0.feedForward.value + $0.bias) }
        .sorted { abs($0.1) > abs($1.1) }.prefix(5).map { "\($0.0) \(signed($0.1))" }
        .joined(separator: ", "))
    line(
      "heads",
      shares.blocks.flatMap { block in block.heads.map { (block.block, $0) } }
        .sorted { abs($0.1.value) > abs($1.1.value) }.prefix(5)
        .map { "\($0).\($1.index) \(signed($1.value))" }.joined(separator: ", "))
    line(
      "reconstruction",
      "relative error \(numbers.scientific(explanation.reconstruction.relativeError)); "
        + jacobians.comparisons.prefix(1).map {
          "by the ordinary Jacobian \(numbers.short($0.ordinary.relativeError))"
        }.joined())
    line(
      "all gate rules",
      gateRules.conclusions.filter { $0.cases > 0 }.map {
        "\(style.message($0.name)) \($0.holding) of \($0.cases)"
      }.joined(separator: "; "))
    text.appendNotes(notes)
    text.blank()
    text.paragraph(explanation.provenance.summary(style), .faint)
    return text.rendered()
  }
}

extension String {
  fileprivate func padding(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
}
