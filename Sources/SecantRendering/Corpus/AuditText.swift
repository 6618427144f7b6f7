package import SecantReports

extension AuditReport {
  /// The audit for a terminal: the answer, then a row for each direction.
  ///
  /// - Parameters:
  ///   - style: What the terminal shows; no line is wider than it.
  ///   - count: Directions that are listed at most.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  package func terminalText(
    _ style: TerminalStyle = TerminalStyle(), count: Int = 20
  ) -> String {
    let reading = AuditReading(self, usesUnicode: style.usesUnicode)
    var text = TerminalText(style)
    text.appendAnswer(style.message(reading.sentence))
    for sentence in [reading.saidSentence, reading.overallSentence, reading.ablationSentence] {
      if let sentence { text.paragraph(style.message(sentence)) }
    }
    let listed =
      found.isEmpty ? Array(directions.prefix(min(count, 5))) : Array(found.prefix(count))
    if !listed.isEmpty {
      text.heading(
        found.isEmpty
          ? "The nearest to it, none of which differs from chance"
          : found.count > listed.count
            ? "The first \(listed.count) of \(found.count) directions" : "Directions")
      text.lines(table(listed, reading, style).lines(style))
      text.paragraph(style.message(reading.method), .faint)
    }
    let measured = listed.filter { $0.ablation != nil }
    if !measured.isEmpty {
      text.heading("Without the direction: the probability of the words, and the next token")
      text.lines(ablationTable(measured, style).lines(style))
      text.paragraph(style.message(reading.ablationMethod), .faint)
    }
    text.appendNotes(notes + list.notes)
    text.blank()
    text.paragraph(
      style.message(
        "\(style.prose(model.name)), \(items) items; \(list.words.count) words "
          + "(\(list.tokenCount) tokens); \(samples) samples, seed \(seed); Secant \(secantVersion)"
      ),
      .faint)
    return text.rendered()
  }

  private func table(
    _ directions: [Direction], _ reading: AuditReading, _ style: TerminalStyle
  ) -> TextTable {
    let numbers = style.numbers
    var table = TextTable(columns: [
      .init(title: "direction", minimum: 9, maximum: 14),
      .init(title: "words", alignment: .right),
      .init(title: "p", alignment: .right, dropRank: 2),
      .init(title: "q", alignment: .right),
      .init(title: "said in", dropRank: 3),
      .init(title: "of the list", minimum: 12, maximum: 40),
      .init(title: "prompt", minimum: 12, dropRank: 1, growsLast: true),
    ])
    for direction in directions {
      table.rows.append([
        .init(direction.name, style: style),
        .init("\(direction.count) of \(direction.words.count)", style: style),
        .init(numbers.short(direction.p), style: style),
        .init(numbers.short(direction.q), style: style),
        .init(reading.said(direction), style: style),
        .init(
          items: direction.words.filter(\.isListed).map { style.token($0.text) }, style: style),
        .init(style.prose(direction.text), .faint, style: style),
      ])
    }
    return table
  }

  private func ablationTable(_ directions: [Direction], _ style: TerminalStyle) -> TextTable {
    let numbers = style.numbers
    var table = TextTable(columns: [
      .init(title: "direction", minimum: 9, maximum: 14),
      .init(title: "with", alignment: .right),
      .init(title: "without", alignment: .right),
      .init(title: "predicted", alignment: .right, dropRank: 1),
      .init(title: "random", alignment: .right),
      .init(title: "target", alignment: .right, dropRank: 2),
      .init(title: "next token", minimum: 12, maximum: 36),
    ])
    for direction in directions {
      guard let ablation = direction.ablation else { continue }
      let (probability, target) = (ablation.probability, ablation.targetLogit)
      let next =
        ablation.prediction == ablation.predictionWithout
        ? style.token(ablation.prediction)
        : style.token(ablation.prediction) + style.spell(" → ", " > ")
          + style.token(ablation.predictionWithout)
      table.rows.append([
        .init(direction.name, style: style),
        .init(numbers.short(probability.before), style: style),
        .init(
          numbers.short(probability.measured), ablation.isBeyondControl ? .strong : .plain,
          style: style),
        .init(numbers.short(probability.predicted), .faint, style: style),
        .init(style.spell("±", "+-") + numbers.short(ablation.control), .faint, style: style),
        .init(share: target.measured - target.before, decimals: 2, style: style),
        .init(next, style: style),
      ])
    }
    return table
  }
}

extension AuditReport.List {
  /// The words that no token spells, in a sentence.
  var notes: [String] {
    if unknown.isEmpty { return [] }
    let shown = unknown.prefix(8).joined(separator: ", ") + (unknown.count > 8 ? ", …" : "")
    return [
      "\(unknown.count) of \(words.count) words are no single tokens of this model, so that no direction can "
        + "decode to them: \(shown)."
    ]
  }
}
