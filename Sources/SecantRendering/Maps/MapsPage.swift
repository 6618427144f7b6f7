public import SecantReports

extension MapsReport {
  /// The maps on one self-contained HTML page.
  ///
  /// - Throws: The errors of `jsonData`.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let numbers = NumberText(usesUnicode: true)
    let facts: Markup = """
      <dl class="facts">
      \(Page.fact("relative error", numbers.scientific(reconstruction.relativeError)))
      \(Page.fact("std(error)/std(y)", numbers.scientific(reconstruction.standardDeviationRatio)))
      \(Page.fact("‖y‖", numbers.short(reconstruction.outputNorm)))
      \(Page.fact("‖b‖", numbers.short(reconstruction.offsetNorm)))
      </dl>
      """
    let page = Page(
      subject,
      answer: [reading?.sentence(usesUnicode: true)].compactMap(\.self),
      head: Page.head(prediction, title: "How exact", facts),
      sections: [section, unitSection] + Page.notes(notes) + [
        Page.provenance(provenance, schema: Self.schema)
      ])
    return page.document(json: try jsonData(isIndented: false))
  }

  /// The figures and the directions of the joint map.
  var section: PageSection {
    let numbers = NumberText(usesUnicode: true)
    let values = joint?.singularValues ?? []
    let rows = (joint?.triplets ?? []).enumerated().map { k, triplet -> Markup in
      let value = k < values.count ? values[k] : .nan
      let reads = triplet.right.prefix(4).map { part -> Markup in
        """
        <span class="soft">at \(part.position) \
        <bdi class="token">\(subject.label(at: part.position))</bdi>:</span> \(Self.words(part.tokens, 4))<br/>
        """
      }
      return """
        <tr><td class="number soft">\(k + 1)</td><td class="number">\(numbers.short(value))</td>\
        <td class="number">\(numbers.fixed(triplet.outputCosine, decimals: 2))</td>\
        <td class="words">\(Self.words(triplet.left, 8))</td><td class="words">\(reads)</td></tr>

        """
    }
    let directions: Markup = """
      <h3>Directions of the joint map</h3>
      <div class="scroll" tabindex="0"><table class="grid directions"><thead><tr>\
      <th scope="col" class="number">k</th><th scope="col" class="number">σ</th>\
      <th scope="col" class="number">cos(u, y)</th><th scope="col">u writes (product)</th>\
      <th scope="col">v reads (cosine)</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      """
    return PageSection(
      "maps", "The tokens' maps, and the joint map",
      """
      <p>The maps of the tokens that contributed most to the output, how few parts carry them, and the \
      joint map of all tokens.</p>
      <div class="figures">\(figures.map(\.pageMarkup))</div>
      \(rows.isEmpty ? "" : directions)
      """)
  }

  /// The rows and columns of largest norm, of the maps that contributed most.
  var unitSection: PageSection {
    let numbers = NumberText(usesUnicode: true)
    func table(_ title: String, _ decoded: String, _ units: [Unit]) -> Markup {
      let rows = units.prefix(8).map { unit -> Markup in
        """
        <tr><td class="number soft">\(unit.index)</td>\
        <td class="number">\(numbers.short(unit.norm))</td>\
        <td class="number">\(numbers.short(unit.value))</td>\
        <td class="words">\(Self.words(unit.tokens, 6))</td></tr>

        """
      }
      return """
        <div><h4>\(title)</h4><table class="grid units"><thead><tr><th scope="col" class="number">unit</th>\
        <th scope="col" class="number">norm</th><th scope="col" class="number">value</th>\
        <th scope="col">\(decoded)</th></tr></thead><tbody>\(rows)</tbody></table></div>
        """
    }
    let blocks = leading.map { jacobians[$0] }.map { map -> Markup in
      """
      <h3><bdi class="token">\(subject.label(at: map.singular.position))</bdi> \
      <span class="soft">token \(map.singular.position)</span></h3><div class="columns">
      \(table("Rows: units of the output", "reads (cosine)", map.rows))
      \(table("Columns: units of the token's vector", "writes (product)", map.columns))</div>
      """
    }
    return PageSection(
      "units", "Single units",
      """
      <p>The rows and columns of largest norm of the same maps. A row shows what one component of the \
      output reads; a column shows what one component of the token's vector writes.</p>
      \(blocks)
      <details><summary>How to read this</summary><p>Norm is the length of the row or column; value is \
      the component's value. Tokens are decoded with the sign of the value, so they show the unit's effect \
      at this prompt. A unit with a large norm may have a tiny value: both numbers \
      matter.</p></details>
      """)
  }

  private static func words(_ tokens: [ExplanationReport.DecodedToken], _ limit: Int) -> [Markup] {
    tokens.prefix(limit).map { decoded in
      """
      <bdi>\(VisibleText.token()(decoded.text))\
      <small>\(NumberText(usesUnicode: true).short(decoded.score))</small></bdi> 
      """
    }
  }
}
