public import SecantReports

extension LayersReport {
  /// All layers on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let numbers = NumberText(usesUnicode: true)
    let last = maps(.cumulative, to: .residual).last?.reconstruction
    let worst = maps.flatMap(\.tokens).compactMap(\.worstResidual).max()
    let facts: Markup = """
      <dl class="facts">
      \(Page.fact("blocks", String(blockCount)))
      \(Page.fact("maps to each", "\(sites.map(\.title).joined(separator: ", "))"))
      \(Page.fact("maps begin", "\(extents.map(\.title).joined(separator: ", "))"))
      \(Page.fact("relative error after the last block", last.map { numbers.scientific($0.relativeError) } ?? "–"))
      \(Page.fact("largest residual of a triplet", worst.map { numbers.scientific($0) } ?? "–"))
      </dl>
      """
    let page = Page(
      subject,
      answer: [reading?.sentence(usesUnicode: true)].compactMap(\.self),
      head: Page.head(prediction, title: "How exact", facts),
      sections: [section] + Page.notes(notes) + [
        Page.provenance(provenance, schema: Self.schema)
      ])
    return page.document(json: try jsonData(isIndented: false))
  }

  /// Columns of a table of words; more are for the JSON.
  private static let columnLimit = 24

  /// The tables of words, one open, and the line plots.
  var section: PageSection {
    var isFirst = true
    // The block output from the embeddings comes first: it is what the others lead to.
    let order = sites.sorted { $0 == .residual && $1 != .residual }
    let tables = extents.flatMap { extent in order.map { (extent, $0) } }.map {
      extent, site -> Markup in
      let table = wordTable(extent, site)
      if table.source.isEmpty { return "" }
      defer { isFirst = false }
      return """
        <details\(" open=\"open\"", if: isFirst)><summary>\(site.title), \(extent.title)</summary>
        \(table)</details>

        """
    }
    let plots = figures.filter { !$0.name.hasPrefix("layers-words") }
    let words = concepts.map {
      "<mark><bdi>\(VisibleText.prose()($0.word))</bdi></mark> " as Markup
    }
    let answer = prediction.first.map {
      "<mark class=\"answer\"><bdi>\(VisibleText.token()($0.text))</bdi></mark>" as Markup
    }
    let count = maps.first?.tokens.count ?? 0
    let rest: Markup =
      count > Self.columnLimit
      ? "<p class=\"soft\">The \(Self.columnLimit) tokens that gave most, of \(count).</p>" : ""
    return PageSection(
      "layers", "What emerges, block after block",
      """
      <p>Blocks are counted from 0, as in the checkpoint's tensor names. A cell has what the leading \
      left singular vector of a token's map writes; arrow keys walk, and show the numbers. A token's \
      name above chooses it. Marked: \(words)\(answer ?? "").</p>\(rest)
      \(tables)
      <details><summary>How to read this</summary><p>The last block comes first: read up to see where \
      the answer appears, and whether it stays. “All” is the map of all tokens together, “lens” the tokens nearest to the site's own \
      value; beside it the target's probability there, its rank among all tokens, and the entropy of all \
      predictions in bits. A word stands for one direction of a map that has many: it is no thought, and says \
      nothing of how much passes through it; σ₁ and the stable rank do. “From the embeddings” is the \
      whole way to the block, “from the block's own input” the block alone. The paper's tables count \
      otherwise: their layer m is what is here after block m − 2.</p></details>
      <div class="figures">\(plots.map(\.pageMarkup))</div>
      """)
  }

  private func wordTable(_ extent: Extent, _ site: Site) -> Markup {
    let maps = maps(extent, to: site)
    let shown = shownTokens(limit: Self.columnLimit)
    if maps.isEmpty { return "" }
    let titles = zip(shown, labels(of: shown)).map { token, label -> Markup in
      """
      <th scope="col" data-t="\(position(of: token))"><label for="t\(position(of: token))"><bdi class="token">\(label)</bdi></label></th>
      """
    }
    let hasJoint = maps.contains { $0.joint != nil }
    let numbers = NumberText(usesUnicode: true)
    let hasLens = maps.contains { $0.lens != nil }
    // The last block comes first: what the others lead to.
    let rows = maps.reversed().enumerated().map { row, map -> Markup in
      let cells = shown.filter { $0 < map.tokens.count }.enumerated().map {
        column, token -> Markup in
        let words = map.tokens[token].triplets.first?.left ?? []
        return """
          <td data-n="\(summary(of: map, token: token))" data-t="\(position(of: token))" \
          data-b="\(map.block)"\(" tabindex=\"0\"", if: row == 0 && column == 0)>\
          \(marked(words, count: 2))</td>
          """
      }
      return """
        <tr><th scope="row" data-b="\(map.block)">\(site == .residual ? "after \(map.block)" : "block \(map.block)")</th>\
        \(cells)\("<td>\(marked(map.joint?.triplets.first?.left ?? [], count: 2))</td>", if: hasJoint)\
        <td>\(marked(map.output, count: 2))</td>\("<td class=\"number\">\(lens(map, numbers))</td>", if: hasLens)</tr>

        """
    }
    return """
      <div class="scroll words-frame" tabindex="0"><table class="grid word-grid"><thead><tr><td></td>\(titles)\
      \("<th scope=\"col\">all</th>", if: hasJoint)<th scope="col">lens</th>\
      \("<th scope=\"col\" class=\"number\">probability, rank, bits</th>", if: hasLens)</tr></thead><tbody>
      \(rows)</tbody></table></div>
      """
  }

  /// What a site says of the target, and how open its prediction is.
  private func lens(_ map: LayerMap, _ numbers: NumberText) -> String {
    map.lens.map {
      "\(numbers.percent($0.probability)), \($0.rank), \(numbers.fixed($0.entropy, decimals: 1))"
    } ?? "–"
  }

  /// Decoded tokens, those that are looked for marked.
  ///
  /// In a list all are alike; else those after the first are smaller, below it.
  private func marked(
    _ words: [ExplanationReport.DecodedToken], count: Int, isList: Bool = false
  ) -> [Markup] {
    words.prefix(count).enumerated().map { index, word in
      let text: Markup = "<bdi>\(VisibleText.token()(word.text))</bdi>"
      let shown: Markup =
        word.id == prediction.first?.id
        ? "<mark class=\"answer\">\(text)</mark>"
        : concepts(of: word).isEmpty ? text : "<mark>\(text)</mark>"
      return index == 0 || isList ? shown : "<small>\(shown)</small>"
    }
  }

  /// One token's way through the blocks, for the panel that a page shows of it.
  func panel(at position: Int) -> Markup {
    let maps = maps(
      .cumulative, to: sites.contains(.residual) ? .residual : sites.last ?? .residual)
    let numbers = NumberText(usesUnicode: true)
    let rows = maps.compactMap { map -> Markup? in
      guard let jacobian = map.tokens.first(where: { $0.position == position }) else { return nil }
      return """
        <tr><th scope="row" class="soft" data-b="\(map.block)">\(map.name)</th>\
        <td class="number">\(jacobian.singularValues.first.map(numbers.short) ?? "–")</td>\
        <td class="number">\(numbers.estimate(jacobian.stableRank))</td>\
        <td class="words">\(marked(jacobian.triplets.first?.left ?? [], count: 4, isList: true))</td></tr>

        """
    }
    if rows.isEmpty { return "" }
    return """
      <h4>Its map, block after block</h4><table class="grid path"><thead><tr><td></td>\
      <th scope="col" class="number">σ₁</th><th scope="col" class="number">stable rank</th>\
      <th scope="col">u₁ writes</th></tr></thead><tbody>\(rows)</tbody></table>
      """
  }
}
