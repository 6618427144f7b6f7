public import SecantReports

extension LayersReport {
  /// The maps for a terminal: for each kind of map the blocks one below the other, then who wrote what.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    LayersText(report: self, style: style).rendered()
  }
}

/// The parts of the text, in reading order.
private struct LayersText {
  let report: LayersReport
  let style: TerminalStyle

  private var numbers: NumberText { style.numbers }

  func rendered() -> String {
    var text = TerminalText(style)
    appendPrompt(to: &text)
    for extent in report.extents {
      for site in report.sites {
        let maps = report.maps(extent, to: site)
        if maps.isEmpty { continue }
        if extent == .cumulative {
          appendLens(maps, site, to: &text)
          if site == report.sites.last { text.append(gridOf: report) }
        }
        appendBlocks(maps, extent, site, to: &text)
        appendEmergence(maps, extent, site, to: &text)
      }
    }
    appendConcepts(to: &text)
    appendNotes(to: &text)
    text.blank()
    text.paragraph(report.provenance.summary(style), .faint)
    return text.rendered()
  }

  private func appendPrompt(to text: inout TerminalText) {
    text.appendAnswer(report.reading?.sentence(usesUnicode: style.usesUnicode))
    let prompt = report.prompt
    text.paragraph(
      style.prose(prompt.text ?? prompt.tokens.map(\.text).joined()), limit: 6)
    if prompt.analysedPosition != prompt.tokens.count - 1 {
      text.paragraph(
        "read after token \(prompt.analysedPosition) of 0-\(prompt.tokens.count - 1)", .faint)
    }
    let likeliest = report.prediction.prefix(3).map {
      "\(style.token($0.text)) \(numbers.percent($0.probability))"
    }
    text.paragraph(
      likeliest.joined(separator: "  "), mark: TerminalSpan("next token  ", .faint))
  }

  // MARK: - The lens

  /// What each place says, and what each block gave to the target.
  private func appendLens(
    _ maps: [LayersReport.LayerMap], _ site: LayersReport.Site, to text: inout TerminalText
  ) {
    guard let target = report.target, maps.contains(where: { $0.lens != nil }) else { return }
    let shares = site == .residual ? report.shares : nil
    let name = target.text(style.token)
    var table = TextTable(columns: [
      .init(title: site == .residual ? "after block" : "block", alignment: .right),
      .init(title: "logit lens", minimum: 12, maximum: 16),
      .init(title: "bits", alignment: .right, dropRank: 3),
      .init(title: "target", alignment: .right, dropRank: 1),
      .init(title: "rank", alignment: .right, dropRank: 2),
    ])
    let values = shares.map { $0.blocks.flatMap { [$0.attention, $0.feedForward, $0.sum] } } ?? []
    let decimals = numbers.decimals(for: values)
    func share(_ value: Double) -> TextTable.Cell {
      .init(share: value, decimals: decimals, style: style)
    }
    if shares != nil {
      table.columns += [
        .init(title: "share", alignment: .right),
        .init(title: "attention", alignment: .right, dropRank: 4),
        .init(title: "feed-forward", alignment: .right, dropRank: 5),
      ]
    }
    let empty = TextTable.Cell("", style: style)
    for map in maps {
      var row: [TextTable.Cell] = [
        .init(String(map.block), .faint, style: style),
        map.output.first.map { word($0) } ?? empty,
        .init(map.lens.map { numbers.fixed($0.entropy, decimals: 1) } ?? "", style: style),
        .init(map.lens.map { numbers.percent($0.probability) } ?? "", style: style),
        .init(map.lens.map { numbers.count($0.rank) } ?? "", style: style),
      ]
      if let shares, shares.blocks.indices.contains(map.block) {
        let block = shares.blocks[map.block]
        row += [share(block.sum), share(block.attention), share(block.feedForward)]
      } else if shares != nil {
        row += [empty, empty, empty]
      }
      table.rows.append(row)
    }
    if let shares {
      func footer(_ name: String, _ value: Double) -> [TextTable.Cell] {
        [empty, .init(name, .faint, style: style), empty, empty, empty, share(value), empty, empty]
      }
      table.footer = [
        footer("embedding", shares.direct),
        footer("sum", shares.direct + shares.blocks.reduce(0) { $0 + $1.sum }),
      ]
    }
    text.heading(
      shares == nil
        ? "The logit lens on the \(place(site)), for the \(name)"
        : "The logit lens on the \(place(site)), and the block's share of the \(name)")
    text.lines(table.lines(style))
  }

  private func place(_ site: LayersReport.Site) -> String {
    switch site {
    case .attention: "attention output"
    case .feedForward: "feed-forward output"
    case .residual: "stream after each block"
    }
  }

  // MARK: - The blocks

  private func name(_ extent: LayersReport.Extent, _ site: LayersReport.Site) -> String {
    (report.kind == "ordinary" ? "derivative of the " : "") + place(site)
      + (extent == .cumulative ? ", from the embeddings" : ", from what enters the block")
  }

  private func appendBlocks(
    _ maps: [LayersReport.LayerMap], _ extent: LayersReport.Extent, _ site: LayersReport.Site,
    to text: inout TerminalText
  ) {
    guard maps.contains(where: { $0.joint != nil }) else { return }
    let first = style.spell("σ₁", "s1")
    text.heading("All tokens together: \(name(extent, site))")
    let tracks = [
      (first, maps.map { $0.joint?.singularValues.first ?? 0 }),
      ("stable rank", maps.map { $0.joint?.stableRank.value ?? 0 }),
    ]
    for (title, values) in tracks where values.count <= style.width - 30 {
      let ends =
        "\(numbers.short(values.first ?? 0)) to \(numbers.short(values.last ?? 0))"
      text.line(
        TerminalSpan(title + String(repeating: " ", count: 13 - title.columns), .faint),
        TerminalSpan(sparkline(values, style)), TerminalSpan("  " + ends, .faint))
    }
    var table = TextTable(columns: [
      .init(title: site == .residual ? "after block" : "block", alignment: .right),
      .init(title: first, alignment: .right, dropRank: 4),
      .init(title: "rank", alignment: .right, dropRank: 2),
      .init(title: "residual", alignment: .right, dropRank: 1),
      .init(
        title: style.spell("cos(u₁, final)", "cos(u1, final)"), alignment: .right, dropRank: 3
      ),
      .init(title: "logit lens", minimum: 12, maximum: 14, dropRank: 5),
      .init(title: style.spell("u₁", "u1") + " writes", minimum: 12),
    ])
    for map in maps {
      guard let joint = map.joint else { continue }
      let residuals = map.tokens.flatMap(\.residuals) + joint.residuals
      let worst = residuals.reduce(0) { $1 <= $0 ? $0 : $1 }
      let isConverged = joint.isConverged && map.tokens.allSatisfy(\.isConverged)
      table.rows.append([
        .init(String(map.block), .faint, style: style),
        .init(joint.singularValues.first.map { numbers.short($0) } ?? "", style: style),
        .init(numbers.estimate(joint.stableRank), style: style),
        .init(
          numbers.scientific(worst, decimals: 0) + (isConverged ? "" : "!"),
          isConverged ? .plain : .warning, style: style),
        .init(
          map.jointOverlap?.cosines.first?.first.map {
            numbers.fixed($0, decimals: 2, withPlus: true)
          } ?? "", style: style),
        map.output.first.map { word($0) } ?? .init("", style: style),
        words(joint.triplets.first?.left ?? []),
      ])
    }
    text.lines(table.lines(style))
  }

  /// One decoded token; one that stands for a concept is marked.
  private func word(_ token: ExplanationReport.DecodedToken) -> TextTable.Cell {
    .init(marked(token), isConcept(token) ? .positive : .plain, style: style)
  }

  private func words(_ tokens: [ExplanationReport.DecodedToken]) -> TextTable.Cell {
    .init(items: tokens.map(marked), style: style)
  }

  private func isConcept(_ token: ExplanationReport.DecodedToken) -> Bool {
    report.concepts.contains { $0.tokens.contains(token.id) }
  }

  private func marked(_ token: ExplanationReport.DecodedToken) -> String {
    (isConcept(token) ? "*" : "") + style.token(token.text)
  }

  // MARK: - Token by token

  /// What each token's first left vector writes after each block, as many tokens beside each other as fit.
  private func appendEmergence(
    _ maps: [LayersReport.LayerMap], _ extent: LayersReport.Extent, _ site: LayersReport.Site,
    to text: inout TerminalText
  ) {
    let count = maps.first?.tokens.count ?? 0
    let isDecoded = maps.contains {
      $0.tokens.contains { !($0.triplets.first?.left ?? []).isEmpty }
    }
    guard count > 0, isDecoded else { return }
    text.heading(
      "Token by token: what \(style.spell("u₁", "u1")) writes, \(name(extent, site))")
    let perRow = max(1, (style.width - 6) / 10)
    let rows = (count + perRow - 1) / perRow
    // Rows of about the same number of tokens.
    let size = (count + rows - 1) / rows
    for start in stride(from: 0, to: count, by: size) {
      if start > 0 { text.blank() }
      let tokens = start..<min(start + size, count)
      var table = TextTable(
        columns: [.init(title: "block", alignment: .right)]
          + tokens.map {
            .init(
              title: style.token(report.prompt.tokenText(at: maps[0].tokens[$0].position))
                .truncated(to: 12, ellipsis: style.ellipsis), minimum: 4, maximum: 14)
          })
      for map in maps {
        table.rows.append(
          [.init(String(map.block), .faint, style: style)]
            + tokens.map { token in
              map.tokens[token].triplets.first?.left.first.map { word($0) }
                ?? .init("", style: style)
            })
      }
      text.lines(table.lines(style))
    }
  }

  // MARK: - Concepts and notes

  private func appendConcepts(to text: inout TerminalText) {
    if report.concepts.isEmpty { return }
    text.heading("Where the words appear")
    for concept in report.concepts {
      text.paragraph(
        summary(of: concept),
        mark: TerminalSpan("\(style.prose(concept.word))  ", .positive))
    }
  }

  /// Where a concept is first written, and in how many maps.
  private func summary(of concept: LayersReport.Concept) -> String {
    let maps = report.maps.filter {
      $0.extent == report.extents.first && $0.site == report.sites.last
    }
    var first: (block: Int, token: Int)?
    var (found, all) = (0, 0)
    for map in maps {
      for token in map.tokens {
        all += 1
        let written = token.triplets.flatMap(\.left)
        guard written.contains(where: { concept.tokens.contains($0.id) }) else { continue }
        found += 1
        if first == nil { first = (map.block, token.position) }
      }
    }
    guard let first else { return "is written by no token's leading vectors" }
    let name = style.token(report.prompt.tokens[first.token].text)
    return "first after block \(first.block), by token \(first.token) \(name); "
      + "in \(found) of \(all) maps of the \(report.sites.last?.rawValue ?? "") site"
  }

  private func appendNotes(to text: inout TerminalText) {
    let bullet = TerminalSpan(style.spell("· ", "- "), .faint)
    text.blank()
    let hasMaps = report.maps.contains { $0.joint != nil }
    text.paragraph(
      "blocks are counted from 0; logit lens: the likeliest token if the model ended at this site"
        + (report.target == nil
          ? ""
          : "; bits: the entropy of all predictions there; target, rank: the target's probability, and its "
            + "place among all tokens"),
      mark: bullet)
    if hasMaps {
      text.paragraph(
        "final: \(style.spell("u₁", "u1")) of the last block; residual: the largest of all tokens' "
          + "triplets; rank of a map: its stable rank, ~ if it is an estimate",
        mark: bullet)
    }
    if !report.concepts.isEmpty {
      text.paragraph("* a word given with --highlight", mark: bullet)
    }
    for note in report.notes {
      text.paragraph(style.message(note), mark: TerminalSpan("! ", .warning))
    }
  }
}

/// The course of some values from 0 to the largest, one character each.
func sparkline(_ values: [Double], _ style: TerminalStyle) -> String {
  let marks = style.usesUnicode ? Array("▁▂▃▄▅▆▇█") : Array("_.-~=+*#")
  let largest = values.filter(\.isFinite).max() ?? 0
  return String(
    values.map { value -> Character in
      guard value.isFinite else { return "?" }
      guard largest > 0, value > 0 else { return marks[0] }
      return marks[min(7, Int(value / largest * 8))]
    })
}
