public import SecantReports

extension ComparisonReport {
  /// The comparison for a terminal: next tokens, aligned shares, and the words that directions write.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    ComparisonText(report: self, style: style).rendered()
  }
}

/// The parts of a comparison's text, in reading order.
private struct ComparisonText {
  let report: ComparisonReport
  let style: TerminalStyle
  private var numbers: NumberText { style.numbers }
  private var sides: [ExplanationReport] { [report.first, report.second] }

  func rendered() -> String {
    var text = TerminalText(style)
    let account = DifferenceReading(report, usesUnicode: style.usesUnicode)
    for sentence in report.sentences(account, usesUnicode: style.usesUnicode) {
      text.paragraph(sentence, .strong)
    }
    text.blank()
    for (mark, side) in zip(["A  ", "B  "], sides) {
      let name = isOneModel ? "" : style.message(side.provenance.model.name) + ": "
      text.paragraph(
        name + style.prose(side.prompt.wholeText), mark: TerminalSpan(mark, .faint),
        limit: 4)
      text.appendPlace(of: side.prompt, mark: TerminalSpan("   ", .faint))
    }
    appendPredictions(to: &text)
    if let account { text.append(account) }
    appendTargets(to: &text)
    appendSpans(to: &text)
    appendPairs(to: &text)
    appendWords(to: &text)
    text.append(differencesOf: report)
    var notes = account == nil ? [] : [TerminalText.differenceNote]
    if account?.ledger.forward.weights != nil { notes.append(TerminalText.weightsNote) }
    if hasOverlaps {
      notes.append(
        "Overlap: the mean squared cosine of the principal angles between the leading left singular vectors "
          + "of both sides; 1 for the same directions.")
    }
    if report.mapDifferences?.isEmpty == false { notes.append(ComparisonReport.mapDifferenceNote) }
    text.appendNotes(notes + report.notes)
    for side in isOneModel ? [report.first] : sides { text.appendProvenance(side.provenance) }
    return text.rendered()
  }

  private var isOneModel: Bool {
    report.first.provenance.model == report.second.provenance.model
  }

  private var hasOverlaps: Bool { report.pairs.contains { $0.overlap != nil } }

  private func appendPredictions(to text: inout TerminalText) {
    text.blank()
    if report.candidates.isEmpty { return }
    let bars = TextBars([1], style: style)
    var table = TextTable(columns: [
      .init(title: "next token", minimum: 8, maximum: 20),
      .init(title: "A", alignment: .right),
      .init(title: "", minimum: 4, maximum: 16, dropRank: 1, growsLast: true),
      .init(title: "B", alignment: .right),
      .init(title: "", minimum: 4, maximum: 16, dropRank: 1, growsLast: true),
    ])
    for candidate in report.candidates.prefix(8) {
      let cells = [candidate.first, candidate.second].flatMap { value -> [TextTable.Cell] in
        guard let value else {
          return [.init(style.spell("–", "-"), .faint, style: style), .init("", style: style)]
        }
        return [.init(numbers.percent(value), style: style), bars.cell(value, natural: 16)]
      }
      table.rows.append([.init(style.token(candidate.text), style: style)] + cells)
    }
    text.lines(table.lines(style))
    if let distance = report.predictionDistance {
      text.paragraph(
        "total variation distance of the predictions \(numbers.short(distance))", .faint)
    }
  }

  private func appendTargets(to text: inout TerminalText) {
    text.blank()
    for (mark, side) in zip(["A  ", "B  "], sides) {
      text.paragraph(
        "\(side.target.text(style.token)) = \(numbers.fixed(side.target.logit, decimals: 4)), "
          + (side.target.logitsText(numbers).map { "logits \($0), " } ?? "")
          + "sum of shares off by \(numbers.scientific(side.shares.difference)), "
          + "reconstruction error \(numbers.scientific(side.reconstruction.relativeError))",
        mark: TerminalSpan(mark, .faint))
    }
  }

  // MARK: - Parts of the text

  /// The shares of parts of both texts side by side; nothing where tokens are by themselves.
  private func appendSpans(to text: inout TerminalText) {
    let pairs = report.spanPairs ?? []
    let spans = sides.map { $0.shares.grouping?.spans ?? [] }
    if pairs.isEmpty { return }
    let decimals = numbers.decimals(for: spans.flatMap { $0.map(\.value) })
    func span(_ index: Int?, of side: Int) -> ExplanationReport.Shares.Span? {
      index.flatMap { spans[side].indices.contains($0) ? spans[side][$0] : nil }
    }
    func size(_ pair: ComparisonReport.SpanPair) -> Double {
      max(abs(span(pair.first, of: 0)?.value ?? 0), abs(span(pair.second, of: 1)?.value ?? 0))
    }
    let shown = pairs.enumerated().sorted { a, b in
      let (x, y) = (size(a.element), size(b.element))
      return x != y ? x > y : a.offset < b.offset
    }.prefix(24).map(\.offset).sorted().map { pairs[$0] }
    var table = TextTable(columns: [
      .init(title: "in A", minimum: 10, maximum: 30),
      .init(title: "share", alignment: .right),
      .init(title: "in B", minimum: 10, maximum: 30, dropRank: 2),
      .init(title: "share", alignment: .right),
      .init(title: "B - A", alignment: .right, dropRank: 1),
    ])
    func cells(_ found: ExplanationReport.Shares.Span?) -> [TextTable.Cell] {
      guard let found else { return [.init("", style: style), .init("", style: style)] }
      return [
        .init(style.prose(String(found.name.drop(while: \.isWhitespace))), style: style),
        .init(share: found.value, decimals: decimals, style: style),
      ]
    }
    for pair in shown {
      table.rows.append(
        cells(span(pair.first, of: 0)) + cells(span(pair.second, of: 1)) + [
          pair.shareDifference.map { .init(share: $0, decimals: decimals, style: style) }
            ?? .init("", style: style)
        ])
    }
    let units = ["word", "sentence", "line", "turn"]
    let unit = report.first.shares.grouping.map { units.contains($0.by) ? $0.by : "span" } ?? "span"
    text.heading(
      "Each \(unit)'s share, side by side"
        + (shown.count < pairs.count ? ": the \(shown.count) largest" : ""))
    text.lines(table.lines(style))
  }

  // MARK: - Tokens

  private func appendPairs(to text: inout TerminalText) {
    let values = sides.flatMap { $0.shares.tokens.map(\.value) + [$0.shares.bias.value] }
    let decimals = numbers.decimals(for: values)
    let listing = PairListing(report)
    let bars = TextBars(listing.shown.compactMap(\.shareDifference), style: style)
    let empty = TextTable.Cell("", style: style)
    var table = TextTable(columns: [
      .init(title: "token of A", minimum: 10, maximum: 16),
      .init(title: "share", alignment: .right),
      .init(title: style.spell("σ₁", "s1"), alignment: .right, dropRank: 3),
      .init(title: "token of B", minimum: 10, maximum: 16),
      .init(title: "share", alignment: .right),
      .init(title: style.spell("σ₁", "s1"), alignment: .right, dropRank: 3),
      .init(title: "B - A", alignment: .right, dropRank: 2),
      .init(title: "", minimum: 4, maximum: 16, dropRank: 4, growsLast: true),
      .init(title: "overlap", alignment: .right, dropRank: 1),
    ])
    for pair in listing.shown {
      let difference: [TextTable.Cell] =
        pair.shareDifference.map {
          [.init(share: $0, decimals: decimals, style: style), bars.cell($0, natural: 16)]
        } ?? [empty, empty]
      table.rows.append(
        token(pair.first, report.first, pair, decimals)
          + token(pair.second, report.second, pair, decimals) + difference
          + [
            .init(
              pair.overlap.map { numbers.fixed($0.meanSquaredCosine, decimals: 3) } ?? "",
              style: style)
          ])
    }
    func apart(_ name: String, _ values: (Double, Double)) -> [TextTable.Cell] {
      let sides = [values.0, values.1].flatMap {
        [
          TextTable.Cell(name, .faint, style: style),
          .init(share: $0, decimals: decimals, style: style), empty,
        ]
      }
      let change = values.1 - values.0
      return sides + [
        report.hasOneTarget ? .init(share: change, decimals: decimals, style: style) : empty, empty,
        empty,
      ]
    }
    if let others = listing.others { table.footer.append(apart(others.name, others.values)) }
    table.footer.append(apart(listing.baselineName, listing.baseline))
    let sums = sides.flatMap { side in
      [
        TextTable.Cell("sum", .strong, style: style),
        .init(share: side.shares.sum, decimals: decimals, style: style), empty,
      ]
    }
    let change = report.second.shares.sum - report.first.shares.sum
    table.footer.append(
      sums + [
        report.hasOneTarget ? .init(share: change, decimals: decimals, style: style) : empty, empty,
        .init(
          report.overlap.map { numbers.fixed($0.meanSquaredCosine, decimals: 3) } ?? "",
          style: style),
      ])
    if report.pairs.allSatisfy({ $0.shareDifference == nil }) { table.remove(columns: 6...7) }
    if !hasOverlaps { table.remove(columns: table.columns.count - 1...table.columns.count - 1) }
    let hasMaps = sides.contains { !$0.jacobians.isEmpty }
    if !hasMaps { for column in [5, 2] { table.remove(columns: column...column) } }
    text.heading(
      "Each token's share\(hasMaps ? " and map" : ""), side by side"
        + (listing.others == nil ? "" : ": the \(listing.shown.count) largest"))
    text.lines(table.lines(style))
    let remarks = sides.compactMap { $0.shares.baselineRemark($0.prompt, style.token, numbers) }
    if let remark = remarks.first { text.paragraph(remark, .faint) }
  }

  private func token(
    _ position: Int?, _ side: ExplanationReport, _ pair: ComparisonReport.Pair, _ decimals: Int
  ) -> [TextTable.Cell] {
    let empty = TextTable.Cell("", style: style)
    guard let position else { return [empty, empty, empty] }
    let share = side.shares.tokens.indices.contains(position) ? side.shares.tokens[position] : nil
    let map = side.jacobians.first { $0.position == position }
    return [
      .init(
        side.prompt.name(at: position, style.token), pair.isSameToken ? .plain : .strong,
        style: style),
      share.map {
        $0.isBaseline
          ? .init("baseline", .faint, style: style)
          : .init(share: $0.value, decimals: decimals, style: style)
      } ?? empty,
      .init(map?.singularValues.first.map(numbers.short) ?? "", style: style),
    ]
  }

  // MARK: - Words

  private func appendWords(to text: inout TerminalText) {
    guard sides.contains(where: { $0.jacobians.contains { !$0.triplets.isEmpty } }) else { return }
    let vector = style.spell("u₁", "u1")
    var table = TextTable(columns: [
      .init(title: "token", minimum: 18, maximum: 22),
      .init(title: "\(vector) writes in A", minimum: 10),
      .init(title: "\(vector) writes in B", minimum: 10, dropRank: 1),
    ])
    for pair in report.pairs {
      if words(pair).allSatisfy(\.isEmpty) { continue }
      let names = [
        pair.first.map { report.first.prompt.name(at: $0, style.token) },
        pair.second.map { report.second.prompt.name(at: $0, style.token) },
      ].compactMap(\.self)
      let name =
        pair.isSameToken
        ? names.prefix(1).joined() : names.joined(separator: style.spell(" → ", " > "))
      table.rows.append(
        [.init(wrapping: name)] + words(pair).map { TextTable.Cell(items: $0, style: style) })
    }
    text.heading("What each token's leading direction writes")
    text.lines(table.lines(style))
  }

  private func words(_ pair: ComparisonReport.Pair) -> [[String]] {
    report.leadingWords(of: pair).map { $0.map { style.token($0.text) } }
  }
}

extension ComparisonReport {
  /// What the leading directions of a pair write, on either side.
  func leadingWords(of pair: Pair) -> [[ExplanationReport.DecodedToken]] {
    [(pair.first, first), (pair.second, second)].map { position, side in
      let map = position.flatMap { place in side.jacobians.first { $0.position == place } }
      return map?.triplets.first?.left ?? []
    }
  }
}

extension TextTable {
  /// Removes columns and their cells.
  fileprivate mutating func remove(columns range: ClosedRange<Int>) {
    columns.removeSubrange(range)
    for row in rows.indices { rows[row].removeSubrange(range) }
    for row in footer.indices { footer[row].removeSubrange(range) }
  }
}
