import SecantReports

extension ComparisonReport {
  /// What changed, on a page: the sentence, totals by kind, the largest entries and the picture; nil where
  /// there is no account.
  var differenceSection: PageSection? {
    guard let reading = DifferenceReading(self, usesUnicode: true) else { return nil }
    let numbers = NumberText(usesUnicode: true)
    let order = reading.ledger.forward
    return PageSection(
      "difference", "What changed, exactly",
      """
      <dl class="facts">
      \(Page.fact("real difference, A less B", numbers.fixed(order.real, decimals: 4)))
      \(Page.fact("sum of all entries", numbers.fixed(order.sum, decimals: 4)))
      \(Page.fact("off by", numbers.scientific(order.sum - order.real)))
      </dl>
      \(reading.circuit.map { "<p><bdi>\($0)</bdi></p>" as Markup } ?? "")
      <div class="columns">\(totals(reading))\(entries(reading))</div>
      \(splits(reading))
      <div class="figures">\(differenceFlow.map { $0.pageMarkup } ?? "")\(differenceFigure.map { $0.pageMarkup } ?? "")</div>
      <details><summary>How to read this</summary><p>\(TerminalText.differenceNote)\(order.weights == nil ? "" : " " + TerminalText.weightsNote)</p></details>
      """)
  }

  private func totals(_ reading: DifferenceReading) -> Markup {
    let orders = reading.ledger.orders.map(\.order)
    func cells(_ value: (DifferenceLedger.Order) -> Double) -> [Markup] {
      orders.map { "<td class=\"number\">\(reading.signed(value($0), decimals: 3))</td>" }
    }
    let kinds = reading.kinds + [("sum", { $0.sum })]
    let rows = kinds.map { name, value -> Markup in
      "<tr><th scope=\"row\">\(name)</th>\(cells(value))</tr>\n"
    }
    return """
      <table class="grid"><thead><tr><th scope="col">kind</th>\
      <th scope="col" class="number">A − B</th><th scope="col" class="number">B − A</th>\
      <th scope="col" class="number">mean</th></tr></thead>
      <tbody>\(rows)</tbody></table>
      """
  }

  /// Entries that a page lists.
  private static let listed = 24

  private func entries(_ reading: DifferenceReading) -> Markup {
    let order = reading.ledger.forward
    let rows = reading.lines(of: order).prefix(Self.listed).map { line -> Markup in
      let (entry, terms) = (line.entry, reading.terms(of: line, in: order))
      return """
        <tr><th scope="row"><bdi>\(reading.part(entry))</bdi></th>\
        <td><bdi class="token">\(reading.place(of: entry))</bdi> \
        <span class="soft">\(entry.position)</span></td>\
        <td class="number">\(reading.signed(entry.value, decimals: 3))</td>\
        <td class="soft"><bdi>\(terms.prefix(3).joined(separator: ", "))</bdi></td></tr>

        """
    }
    return """
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">part</th>\
      <th scope="col">at token</th><th scope="col" class="number">A − B</th>\
      <th scope="col">of it</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      """
  }

  /// What heads' queries and keys gave apart; nothing where this was not asked for.
  private func splits(_ reading: DifferenceReading) -> Markup {
    guard let splits = reading.ledger.forward.splitPatterns, !splits.isEmpty else { return "" }
    let rows = splits.map { split -> Markup in
      let values = [
        split.whole.value, split.whole.queries, split.whole.keys, split.whole.keysFirst,
        split.whole.value - split.whole.queriesFirst,
      ]
      let cells = values.map { value -> Markup in
        "<td class=\"number\">\(reading.signed(value, decimals: 3))</td>"
      }
      return "<tr><th scope=\"row\">head \(split.block).\(split.head)</th>\(cells)</tr>\n"
    }
    return """
      <p>What a pattern gave, divided: queries look, keys are looked for. Either may be exchanged first; \
      the columns “queries” and “keys” are the mean of both orders.</p>
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">head</th>\
      <th scope="col" class="number">A − B</th><th scope="col" class="number">queries</th>\
      <th scope="col" class="number">keys</th><th scope="col" class="number">keys, first</th>\
      <th scope="col" class="number">keys, last</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      """
  }

  /// What changed by block and head; nil where there is no account, or no block.
  var differenceFigure: Figure? {
    guard let reading = DifferenceReading(self, usesUnicode: true) else { return nil }
    let blocks = reading.ledger.forward.blocks
    if blocks.isEmpty { return nil }
    let heads = blocks.map(\.heads.count).max() ?? 0
    let others = ["gates", "norms"] + (reading.ledger.forward.weights == nil ? [] : ["weights"])
    func values(_ block: DifferenceLedger.Block) -> [Double] {
      (0..<heads).map { $0 < block.heads.count ? block.heads[$0] : .nan }
        + [block.gates, block.norms, block.weights ?? 0].prefix(others.count)
    }
    let map = HeatMap(
      blocks.map {
        HeatMap.Row(
          name: "block \($0.block)", isToken: false, values: values($0), sum: $0.sum,
          link: PartLink(block: $0.block))
      }, columns: (0..<heads).map(String.init) + others,
      links: (0..<heads).map { PartLink(head: $0) },
      caption: "head, by its pattern; gates of the feed-forward layer; norms; in logits")
    return Figure(
      name: "difference-heads",
      title: "What changed the \(reading.ledger.target.text(.token())), by block and head",
      subject: "\(first.subject.line) | \(second.subject.line)",
      caption: """
        Each row is a block, each column one of its heads, the gates of its feed-forward layer or its \
        norms: what swapping that part of the second prompt's computation for the first's gave to the \
        difference, at all positions together. With the content and the final norm the cells sum to the real \
        difference of both runs. They do not say what changing one part alone would do.
        """,
      table: NumberTable(
        columns: ["block"] + (0..<heads).map { "head \($0)" } + others,
        rows: blocks.map { [.integer($0.block)] + values($0).map { .number($0) } }),
      size: (map.width, map.height), content: map.markup, edges: map.edges)
  }
}
