import SecantReports

/// The beginning and the end of the texts of all reports on one prompt.
extension TerminalText {
  /// The answer in a sentence, the prompt, and the likeliest next tokens.
  mutating func appendHead(
    _ reading: AnswerReading?, _ prompt: ExplanationReport.Prompt,
    _ prediction: [ExplanationReport.Prediction]
  ) {
    appendAnswer(reading?.sentence(usesUnicode: style.usesUnicode))
    appendPrompt(prompt)
    appendPrediction(prediction)
  }

  /// The answer in a sentence, before everything else.
  mutating func appendAnswer(_ sentence: String?) {
    guard let sentence else { return }
    paragraph(sentence, .strong)
    blank()
  }

  /// The target, and the logits of which it is the difference.
  mutating func appendTarget(_ target: ExplanationReport.Target) {
    blank()
    let logits = target.logitsText(style.numbers).map { ", logits \($0)" } ?? ""
    paragraph(
      "\(target.text(style.token)) = \(style.numbers.fixed(target.logit, decimals: 4))\(logits)",
      mark: TerminalSpan("target          ", .faint))
  }

  /// The prompt, and the position and site of the report.
  mutating func appendPrompt(_ prompt: ExplanationReport.Prompt) {
    paragraph(style.prose(prompt.wholeText), limit: 6)
    appendPlace(of: prompt)
  }

  /// The position and the site of a report; empty for the last position and the output.
  mutating func appendPlace(
    of prompt: ExplanationReport.Prompt, mark: TerminalSpan = TerminalSpan("")
  ) {
    var place: [String] = []
    if !prompt.isReadToTheEnd {
      let position = prompt.analysedPosition
      place.append(
        "after token \(position) of 0-\(prompt.tokens.count - 1), "
          + style.token(prompt.tokenText(at: position)))
    }
    if prompt.site != "output" { place.append("site \(style.message(prompt.site))") }
    if place.isEmpty { return }
    paragraph("explained " + place.joined(separator: "; "), .faint, mark: mark)
  }

  /// The likeliest next tokens, one per line.
  mutating func appendPrediction(
    _ prediction: [ExplanationReport.Prediction], count: Int = 5
  ) {
    let numbers = style.numbers
    blank()
    guard !prediction.isEmpty else { return }
    let bars = TextBars(prediction.map(\.probability) + [1], style: style)
    var table = TextTable(columns: [
      .init(title: "next token", minimum: 8, maximum: 24),
      .init(title: "probability", alignment: .right),
      .init(title: "", minimum: 8, maximum: 24, dropRank: 2, growsLast: true),
      .init(title: "logit", alignment: .right, dropRank: 1),
    ])
    let decimals = numbers.decimals(for: prediction.map(\.logit))
    for (index, candidate) in prediction.prefix(count).enumerated() {
      table.rows.append([
        .init(style.token(candidate.text), index == 0 ? .strong : .plain, style: style),
        .init(numbers.percent(candidate.probability), style: style),
        bars.cell(candidate.probability),
        .init(numbers.fixed(candidate.logit, decimals: decimals), style: style),
      ])
    }
    lines(table.lines(style))
  }

  /// How exactly the maps rebuild the model's own output.
  mutating func appendReconstruction(_ exact: ExplanationReport.Reconstruction) {
    let numbers = style.numbers
    paragraph(
      "relative error \(numbers.scientific(exact.relativeError)), "
        + "std(error)/std(y) \(numbers.scientific(exact.standardDeviationRatio)), "
        + "\(style.spell("‖y‖", "|y|")) \(numbers.short(exact.outputNorm)), "
        + "\(style.spell("‖b‖", "|b|")) \(numbers.short(exact.offsetNorm))",
      mark: TerminalSpan("reconstruction  ", .faint))
  }

  /// The report's own caveats.
  mutating func appendNotes(_ notes: [String]) {
    if notes.isEmpty { return }
    blank()
    for note in notes {
      paragraph(style.message(note), mark: TerminalSpan(style.spell("· ", "- "), .faint))
    }
  }

  /// Model and settings.
  mutating func appendProvenance(_ provenance: Provenance) {
    blank()
    paragraph(provenance.summary(style), .faint)
  }
}

extension TextTable.Cell {
  /// A signed number of logits, coloured by its sign.
  init(share value: Double, decimals: Int, style: TerminalStyle) {
    self.init(
      style.numbers.fixed(value, decimals: decimals, withPlus: true),
      value < 0 ? .negative : value > 0 ? .positive : .plain, style: style)
  }
}
