public import SecantReports

extension ComparisonReport {
  /// The comparison on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let prose = VisibleText.prose()
    let answer = second.prediction.first.map { " → " + VisibleText.token()($0.text) } ?? ""
    let (text, model) = (prose(second.prompt.readText), prose(second.provenance.model.name))
    let other: Markup =
      text.count > Page.longPrompt
      ? """
      <p class="second">compared with</p>
      <p class="second long" tabindex="0"><bdi>\(text)</bdi></p>
      <p class="second"><bdi>\(answer)</bdi> <span class="soft">by <bdi>\(model)</bdi></span></p>
      """
      : """
      <p class="second">compared with <bdi>\(text)\(answer)</bdi> \
      <span class="soft">by <bdi>\(model)</bdi></span></p>
      """
    let head: Markup = """
      \(other)
      \(Page.columns([
        PageSection("next", "Next token of the first", Page.predictionTable(first.prediction)),
        PageSection("next-2", "Next token of the second", Page.predictionTable(second.prediction)),
      ]))
      """
    let account = DifferenceReading(self, usesUnicode: true)
    let page = Page(
      first.subject, answer: sentences(account, usesUnicode: true), head: head,
      sections: [differenceSection].compactMap(\.self) + [section]
        + [wordSection].compactMap(\.self)
        + [mapDifferenceSection].compactMap(\.self) + Page.notes(notes) + [
          Page.provenance(first.provenance, schema: Self.schema)
        ])
    return page.document(json: try jsonData(isIndented: false))
  }

  /// What each token's leading direction writes, in both runs; nil where no map was decomposed.
  private var wordSection: PageSection? {
    let visible = VisibleText.token()
    let rows = pairs.compactMap { pair -> Markup? in
      let words = leadingWords(of: pair)
      if words.allSatisfy(\.isEmpty) { return nil }
      let cells = words.map { side -> Markup in
        "<td class=\"words\">\(side.map { "<bdi>\(visible($0.text))</bdi> " as Markup })</td>"
      }
      return "<tr><th scope=\"row\"><bdi class=\"token\">\(label(pair))</bdi></th>\(cells)</tr>\n"
    }
    if rows.isEmpty { return nil }
    return PageSection(
      "words", "What each token's leading direction writes",
      """
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">token</th>\
      <th scope="col">u₁ writes in A</th><th scope="col">u₁ writes in B</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      """)
  }

  /// The picture, and each pair's numbers.
  private var section: PageSection {
    let numbers = NumberText(usesUnicode: true)
    func number(_ value: Double?) -> String { value.map(numbers.short) ?? "–" }
    let rows = pairs.map { pair -> Markup in
      """
      <tr><th scope="row"><bdi class="token">\(label(pair))</bdi></th>\
      <td class="number">\(number(pair.first.map { share($0, in: first) }))</td>\
      <td class="number">\(number(pair.second.map { share($0, in: second) }))</td>\
      <td class="number">\(number(pair.shareDifference))</td>\
      <td class="number">\(number(pair.overlap?.meanSquaredCosine))</td></tr>

      """
    }
    func foot(_ name: String, _ values: (Double, Double)) -> Markup {
      """
      <tr><th scope="row">\(name)</th><td class="number">\(numbers.short(values.0))</td>\
      <td class="number">\(numbers.short(values.1))</td>\
      <td class="number">\(hasOneTarget ? numbers.short(values.1 - values.0) : "–")</td><td></td></tr>
      """
    }
    let feet: [Markup] = [
      foot("bias", (first.shares.bias.value, second.shares.bias.value)),
      foot("sum", (first.shares.sum, second.shares.sum)),
    ]
    return PageSection(
      "pairs", "Token beside token",
      """
      <dl class="facts">
      \(Page.fact("distance of the predictions, 0 to 1", number(predictionDistance)))
      \(Page.fact("overlap of the leading output directions, 0 to 1", number(overlap?.meanSquaredCosine)))
      \(Page.fact("one target", hasOneTarget ? "yes: shares may be subtracted" : "no: \(first.target.text(.token())), and \(second.target.text(.token()))"))
      </dl>
      <div class="figures">\(shareFigure.pageMarkup)</div>
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">token</th>\
      <th scope="col" class="number">first share</th><th scope="col" class="number">second share</th>\
      <th scope="col" class="number">difference</th><th scope="col" class="number">overlap</th></tr></thead>
      <tbody>\(rows)</tbody><tfoot>\(feet)</tfoot></table></div>
      <details><summary>How to read this</summary><p>The overlap is the mean squared cosine of the \
      principal angles between the leading output directions of both maps: 1 for the same space, and \
      k/d to expect of k random directions in d dimensions. The distance of the predictions is half the \
      sum of |p − q| over all next tokens.</p></details>
      """)
  }
}
