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
  /// Three tabs: the answer, with a switch of target and gate rule; what is inside, by layers, blocks, heads and
  /// units; and how exact all of it is and where it comes from. A token, block or head that is chosen in one
  /// place is marked in all. The panel of a token shows its share, spectrum, vectors and, of the 32 tokens with
  /// the largest shares, its way through the blocks and the image of its map. The last element holds the
  /// report's JSON, unless it is longer than 256 KiB: a page of a few tokens stays below 1 MB.
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let shown = Set(explanation.shares.order.prefix(32))
    let views = pageViews
    let page = Page(
      explanation.subject, answer: [reading.sentence(usesUnicode: true)], head: "",
      tabs: [
        PageTab(
          title: "Answer",
          sections: [
            explanation.tokenSection(views: views, chooser: viewSwitch(views)) {
              shown.contains($0) ? panel(at: $0) : ""
            },
            PageSection("next", "Next token", Page.predictionTable(explanation.prediction)),
            PageSection(
              "figures", "Shares side by side",
              """
              <div class="figures">\(viewBars(views))\(explanation.effectFigure.map(\.pageMarkup) ?? "")</div>
              """), gateRules.verdictSection,
          ]),
        PageTab(
          title: "Inside",
          sections: [
            layers.section, shares.section, maps.section, maps.unitSection,
          ]),
        PageTab(
          title: "Exactness and provenance",
          sections: [
            PageSection("exact", "How exact", explanation.exactnessFacts), jacobians.section,
            gateRules.figureSection,
          ] + (explanation.jacobians.isEmpty ? [] : [explanation.spectraSection])
            + Page.notes(notes) + [explanation.provenanceSection(schema: Self.schema)]),
      ])
    return page.document(json: try jsonData(isIndented: false), limit: Self.pageJSONLimit)
  }

  /// The longest JSON, in bytes, that the page includes: that of every analysis of a real model is many times as long as
  /// the page.
  private static let pageJSONLimit = 256 << 10

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
