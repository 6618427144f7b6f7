public import SecantReports

extension FullReport {
  /// Every picture of every analysis.
  public var figures: [Figure] {
    explanation.figures + layers.figures + shares.figures + maps.figures
      + jacobians.figures
      + gateRules.figures
  }

  /// All analyses on one HTML page that needs nothing else; its index is the prompt.
  ///
  /// The panel of a token shows its share, spectrum, vectors and, of the 32 tokens with the largest
  /// shares, its way through the blocks and the image of its map. The last element holds the
  /// report's JSON, unless it is longer than 4 MiB.
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let shown = Set(explanation.shares.order.prefix(32))
    let page = Page(
      explanation.subject,
      answer: [reading.sentence(usesUnicode: true)], head: explanation.pageHead,
      sections: [
        explanation.tokenSection { shown.contains($0) ? panel(at: $0) : "" },
        layers.section, shares.section, maps.section, maps.unitSection, jacobians.section,
        gateRules.section, explanation.figureSection,
      ] + Page.notes(notes) + [explanation.provenanceSection(schema: Self.schema)])
    return page.document(json: try jsonData(isIndented: false))
  }

  private func panel(at position: Int) -> Markup {
    let image = maps.jacobians.first { $0.singular.position == position }.map { map -> Markup in
      """
      <figure><h4>The map itself</h4><svg class="plot" role="img" aria-label="This token's map as an image" \
      viewBox="0 0 332 \(MapImage.height)" style="max-width:332px">\(MapImage(map.picture).markup)</svg></figure>
      """
    }
    return """
      \(shares.panel(at: position))<div class="columns"><div>\(layers.panel(at: position))</div>\(image ?? "")</div>
      """
  }

  /// Each caveat once.
  var notes: [String] {
    let all =
      explanation.notes + layers.notes + shares.notes + maps.notes + jacobians.notes
      + gateRules.notes
    var seen: Set<String> = []
    return all.filter { seen.insert($0).inserted }
  }
}
