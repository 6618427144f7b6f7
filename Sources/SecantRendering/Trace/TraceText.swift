public import SecantReports

extension TraceReport {
  /// The trace for a terminal: the sentence, the answer, then spans, roles and components, each summing to the target.
  ///
  /// - Parameters:
  ///   - style: What the terminal shows; no line is wider than it.
  ///   - components: How many heads and layers are listed one by one, at least 0.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle(), components: Int = 10) -> String
  {
    precondition(components >= 0, "a number of components is not negative")
    return TraceText(report: self, style: style, componentCount: components).rendered()
  }
}

/// The parts of a trace's text, in reading order.
private struct TraceText {
  let report: TraceReport
  let style: TerminalStyle
  let componentCount: Int
  let reading: TraceReading
  private var numbers: NumberText { style.numbers }
  private var empty: TextTable.Cell { .init("", style: style) }

  init(report: TraceReport, style: TerminalStyle, componentCount: Int) {
    (self.report, self.style, self.componentCount) = (report, style, componentCount)
    reading = TraceReading(report, usesUnicode: style.usesUnicode)
  }

  func rendered() -> String {
    var text = TerminalText(style)
    text.appendAnswer(reading.sentence)
    let end = report.answer.origin == "continuation" && !report.answer.isEnded ? style.ellipsis : ""
    text.paragraph(
      style.prose(report.answer.text) + end, mark: TerminalSpan("answer  ", .faint), limit: 12)
    appendSpans(to: &text)
    appendRoles(to: &text)
    appendAnswerTokens(to: &text)
    appendComponents(to: &text)
    text.appendNotes(
      (report.through == nil ? [] : [TraceReading.throughNote])
        + [
          "A share says what was written from a span, with all else held fixed; what the answer would be without "
            + "it, --check measures."
        ] + report.notes)
    text.appendProvenance(report.provenance)
    return text.rendered()
  }

  private func share(_ value: Double?, _ decimals: Int) -> TextTable.Cell {
    value.map { .init(share: $0, decimals: decimals, style: style) } ?? empty
  }

  // MARK: - Spans

  private func appendSpans(to text: inout TerminalText) {
    let (listing, shares) = (reading.listing, report.shares)
    let places = report.spans
    func place(of row: ShareListing.Row) -> Int? {
      places.firstIndex { $0.positions == row.positions && $0.name == row.name }
    }
    let shown = listing.shown.map { (row: $0, place: place(of: $0)) }
    let effects = shown.map { $0.place.flatMap { report.check?.effect(of: $0) } }
    let passed = shown.map { shown in
      shown.place.flatMap { place in
        report.through.flatMap { $0.spans.indices.contains(place) ? $0.spans[place] : nil }
      }
    }
    let decimals = numbers.decimals(
      for: listing.values + [shares.sum] + (effects + passed).compactMap(\.self))
    let bars = TextBars(listing.values, style: style)
    var columns: [TextTable.Column] = [
      .init(title: "#", alignment: .right, dropRank: 3),
      .init(
        title: reading.listing.unit, minimum: 8, maximum: reading.listing.unit == "token" ? 18 : 44),
      .init(title: "share", alignment: .right),
      .init(title: "of all", alignment: .right, dropRank: 4),
      .init(title: "", minimum: 6, maximum: 16, dropRank: 5, growsLast: true),
    ]
    if report.through != nil { columns.append(.init(title: "through", alignment: .right)) }
    if report.check != nil { columns.append(.init(title: "effect", alignment: .right)) }
    var table = TextTable(columns: columns)
    func cells(
      _ number: String, _ name: String, _ role: TerminalRole, _ value: Double?,
      isApart: Bool = false, through: Double? = nil, effect: Double? = nil
    ) -> [TextTable.Cell] {
      let part = value.map {
        isApart ? empty : .init(numbers.percent(listing.part($0)), style: style)
      }
      let bar = value.map { isApart ? empty : bars.cell($0, natural: 16) }
      return [
        .init(number, .faint, style: style), .init(name, role, style: style),
        share(value, decimals), part ?? empty, bar ?? empty,
      ] + (report.through == nil ? [] : [share(through, decimals)])
        + (report.check == nil ? [] : [share(effect, decimals)])
    }
    for (index, shown) in shown.enumerated() {
      table.rows.append(
        cells(
          String(shown.row.positions[0]), reading.name(of: shown.row), .plain, shown.row.value,
          through: passed[index], effect: effects[index]))
    }
    if let others = listing.others {
      let rest = report.through.map { through in
        through.spans.reduce(0, +) - passed.reduce(0) { $0 + ($1 ?? 0) }
      }
      table.footer.append(cells("", others.name, .faint, others.value, through: rest))
    }
    if let own = reading.ownWords {
      table.footer.append(
        cells(
          "", "its own words", .faint, own, isApart: true,
          through: report.through.map { _ in 0 }))
    }
    table.footer += [
      listing.baseline.map {
        cells(
          "", "baseline", .faint, $0.value, isApart: true,
          through: report.through.map { $0.baseline + $0.bias })
      }
        ?? cells(
          "", "bias", .faint, shares.bias.value, isApart: true, through: report.through?.bias),
      cells(
        "", "sum", .strong, shares.sum, isApart: true,
        through: report.through.map { $0.spans.reduce($0.baseline + $0.bias, +) }),
    ]
    text.heading(listing.heading(reading.targetName))
    text.lines(table.lines(style))
    if let remark = shares.baselineRemark(report.prompt, style.token, numbers) {
      text.paragraph(remark, .faint)
    }
    text.paragraph(
      "sum of shares \(numbers.fixed(shares.sum, decimals: 4)), the target "
        + "\(numbers.fixed(shares.logit, decimals: 4)), "
        + "difference \(numbers.scientific(shares.difference)); "
        + "over components \(numbers.scientific(report.exactness.difference))", .faint)
    if let check = report.check { text.paragraph(reading.agreement(of: check), .faint) }
  }

  // MARK: - Roles

  private func appendRoles(to text: inout TerminalText) {
    let roles = report.roles
    if roles.isEmpty { return }
    let decimals = numbers.decimals(for: roles.map(\.value))
    let bars = TextBars(roles.map(\.value), style: style)
    var table = TextTable(columns: [
      .init(title: "written by", minimum: 8, maximum: 24),
      .init(title: "tokens", alignment: .right, dropRank: 2),
      .init(title: "share", alignment: .right),
      .init(title: "of the sum", alignment: .right, dropRank: 1),
      .init(title: "", minimum: 6, maximum: 24, dropRank: 3, growsLast: true),
    ])
    for role in roles {
      let name = role.name == "answer" ? "the answer itself" : role.name
      table.rows.append([
        .init(style.message(name), style: style),
        role.name == "bias" ? empty : .init(numbers.count(role.tokenCount), .faint, style: style),
        share(role.value, decimals), .init(numbers.percent(role.fraction), style: style),
        bars.cell(role.value),
      ])
    }
    text.heading("By who wrote it")
    text.lines(table.lines(style))
  }

  // MARK: - Answer tokens

  /// Answer tokens that have rows: more are for the page and the files.
  private static let shownTokens = 24

  private func appendAnswerTokens(to text: inout TerminalText) {
    guard report.matrix != nil else { return }
    let tokens = report.answer.tokens
    let shown = tokens.prefix(Self.shownTokens)
    let decimals = numbers.decimals(for: shown.map(\.value))
    var table = TextTable(columns: [
      .init(title: "#", alignment: .right, dropRank: 3),
      .init(title: "answer", minimum: 6, maximum: 16),
      .init(title: "over", minimum: 6, maximum: 16, dropRank: 2),
      .init(title: "by", alignment: .right),
      .init(title: "mostly from", minimum: 12, dropRank: 1),
    ])
    for (index, token) in shown.enumerated() {
      let from = reading.carrier(of: index).map {
        numbers.fixed($0.value, decimals: decimals, withPlus: true) + " " + $0.name
      }
      table.rows.append([
        .init(String(index), .faint, style: style), .init(style.token(token.text), style: style),
        .init(token.over.map { style.token($0.text) } ?? "", style: style),
        share(token.value, decimals), .init(from ?? "", style: style),
      ])
    }
    text.heading(
      shown.count < tokens.count
        ? "The first \(shown.count) of \(tokens.count) answer tokens" : "The answer, token by token"
    )
    text.lines(table.lines(style))
  }

  // MARK: - Components

  private func appendComponents(to text: inout TerminalText) {
    let all = reading.components
    let shown = Array(all.prefix(componentCount))
    if shown.isEmpty { return }
    let decimals = numbers.decimals(for: shown.map(\.value))
    let bars = TextBars(shown.map(\.value), style: style)
    var table = TextTable(columns: [
      .init(title: "block", alignment: .right),
      .init(title: "component"),
      .init(title: "wrote", alignment: .right),
      .init(title: "", minimum: 6, maximum: 12, dropRank: 2, growsLast: true),
      .init(title: "mostly read from", minimum: 14, maximum: 44, dropRank: 1),
    ])
    for part in shown {
      let from = part.span.flatMap { span in
        part.read.map {
          numbers.fixed($0, decimals: max(1, decimals - 1), withPlus: true) + " "
            + reading.name(ofSpan: span)
        }
      }
      table.rows.append([
        .init(String(part.block), .faint, style: style), .init(part.name, style: style),
        share(part.value, decimals), bars.cell(part.value, natural: 12),
        .init(from ?? "", style: style),
      ])
    }
    text.heading(
      shown.count < all.count
        ? "The \(shown.count) largest of \(all.count) components" : "The components")
    text.lines(table.lines(style))
  }
}
