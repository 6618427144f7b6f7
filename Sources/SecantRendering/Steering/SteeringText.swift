public import SecantReports

extension SteeringReport {
  /// Both continuations side by side for a terminal, with the effect and the damage.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.paragraph(setting.prompt(style), .strong)
    text.paragraph(setting.operatorLine(style, strength: strength), .faint)
    text.appendTrials(unsteered, steered, concept: setting.conceptName(style))
    return text.rendered()
  }
}

extension SteeringOperatorReport {
  /// The written operator, in a few lines for a terminal.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    let (numbers, J) = (style.numbers, steeringOperator)
    var text = TerminalText(style)
    text.paragraph(J.phrase(style), .strong)
    text.paragraph(
      "\(style.message(J.form)) operator after block \(J.block): \(J.tokens.count) tokens, width "
        + "\(J.width), gate rule \(style.message(J.gateRule)), \(style.message(J.precision))")
    if let kept = J.truncation {
      text.paragraph(
        "rank \(kept.rank) of \(J.width) keeps "
          + numbers.estimate(100 * kept.energyKept, standardError: 100 * kept.energyError)
          + "% of the energy, largest residual \(numbers.scientific(kept.residual))")
    }
    text.paragraph("\(numbers.bytes(fileBytes)) in the file")
    text.paragraph(model.summary(style), .faint)
    return text.rendered()
  }
}

extension SteeringDescription {
  /// The phrase as the model read it, without leading special tokens.
  func phrase(_ style: TerminalStyle) -> String {
    style.prose(text ?? tokens.map(\.text).joined())
  }
}

extension [SteeringToken] {
  /// A concept's tokens as running text.
  func conceptName(_ style: TerminalStyle) -> String {
    style.prose(String(map(\.text).joined().trimmingPrefix(" ")))
  }
}

extension SteeringSetting.Sampling? {
  /// The sampling in a few words: "greedy" where each token is the likeliest.
  func line(_ style: TerminalStyle) -> String {
    map {
      "temperature \(style.numbers.shortest($0.temperature)), "
        + ($0.topK.map { "top-k \($0), " } ?? "")
        + "top-p \(style.numbers.shortest($0.topP)), "
        + "seed \($0.seed)"
    } ?? "greedy"
  }
}

extension SteeringSetting {
  /// The prompt as the model read it.
  func prompt(_ style: TerminalStyle) -> String {
    style.prose(promptText ?? promptTokens.map(\.text).joined())
  }

  /// The concept.
  func conceptName(_ style: TerminalStyle) -> String { concept.conceptName(style) }

  /// The operator and the sampling, in one line.
  func operatorLine(_ style: TerminalStyle, strength: Double? = nil) -> String {
    let J = steeringOperator
    let rank = J.truncation.map { "rank \($0.rank)" } ?? style.message(J.form)
    return [
      "\"\(J.phrase(style))\" after block \(J.block)", rank, style.message(mode),
      strength.map { "strength \(style.numbers.shortest($0))" }, sampling.line(style),
      style.message(model.name),
    ].compactMap { $0 }.joined(separator: style.spell(" · ", ", "))
  }
}

extension SteeringTrial {
  /// The continuation for display.
  func shown(_ style: TerminalStyle) -> String {
    text.isEmpty ? style.spell("∅", "(empty)") : style.prose(text)
  }

  /// A measure of a continuation: its name and its value.
  struct Measure {
    let name: String
    let value: (SteeringTrial) -> String
  }

  /// The effect and the damage, in reading order.
  static func measures(concept: String, _ numbers: NumberText) -> [Measure] {
    func optional(
      _ name: String, _ value: @escaping (SteeringTrial) -> Double?,
      _ show: @escaping (Double) -> String
    ) -> Measure { Measure(name: name) { value($0).map(show) ?? "-" } }
    return [
      optional(
        "\"\(concept)\" next", \.conceptProbability, numbers.percent),
      optional("its tokens", \.conceptShare, numbers.percent),
      Measure(name: "contains it") { $0.containsConcept ? "yes" : "no" },
      optional("perplexity", \.perplexity, numbers.short),
      optional("KL, nats", \.divergence, numbers.short),
    ]
  }
}

extension NumberText {
  /// A user's number in its shortest form: "0.25", "2".
  func shortest(_ value: Double) -> String {
    let digits = "\(value)"
    guard value.isFinite, digits.count <= 7 else { return short(value) }
    return digits.hasSuffix(".0") ? String(digits.dropLast(2)) : digits
  }
}

extension TerminalText {
  /// Both continuations side by side, with the effect and the damage.
  mutating func appendTrials(
    _ unsteered: SteeringTrial, _ steered: SteeringTrial, concept: String
  ) {
    blank()
    sideBySide(("unsteered", unsteered.shown(style)), ("steered", steered.shown(style)))
    blank()
    var table = TextTable(columns: [
      .init(title: "", minimum: 12),
      .init(title: "unsteered", alignment: .right, dropRank: 1),
      .init(title: "steered", alignment: .right),
    ])
    for row in SteeringTrial.measures(concept: concept, style.numbers) {
      table.rows.append([
        .init(style.message(row.name), style: style),
        .init(row.value(unsteered), style: style), .init(row.value(steered), style: style),
      ])
    }
    lines(table.lines(style))
    blank()
    paragraph(style.message(SteeringTrial.measureNote), .faint)
  }

  /// Two texts in columns of equal width, or one below the other if there is no room for two
  /// columns.
  mutating func sideBySide(
    _ left: (title: String, text: String), _ right: (title: String, text: String)
  ) {
    let gap = 3
    let width = (style.width - gap) / 2
    guard width >= 18 else {
      for part in [left, right] {
        paragraph(part.title, .faint)
        paragraph(part.text)
      }
      return
    }
    let columns = [left.text.wrapped(to: width), right.text.wrapped(to: width)]
    func row(_ a: TerminalSpan, _ b: TerminalSpan) {
      let pad = String(repeating: " ", count: max(0, width - a.text.columns))
      line(
        a, TerminalSpan(pad), TerminalSpan(style.spell(" │ ", " | "), .faint), b)
    }
    row(TerminalSpan(left.title, .faint), TerminalSpan(right.title, .faint))
    for index in 0..<max(columns[0].count, columns[1].count) {
      row(
        TerminalSpan(index < columns[0].count ? columns[0][index] : ""),
        TerminalSpan(index < columns[1].count ? columns[1][index] : "", .strong))
    }
  }
}
