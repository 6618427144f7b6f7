package import SecantReports

extension StatsReport: IllustratedReport {
  /// Measures of a kind that a page lists at most.
  private static var listedCount: Int { 40 }

  /// The statistics on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  package func htmlPage() throws(ReportError) -> String {
    let reading = StatsReading(self, usesUnicode: true)
    let prose = VisibleText.prose()
    let prompt = ExplanationReport.Prompt(
      text: "Statistics of \(run)", tokens: [], analysedPosition: 0)
    var compared: Markup = ""
    if let by, let itemsWithoutGroup, let permutations {
      compared = """
        <p class="second">By <bdi>\(prose(by))</bdi> (\(itemsWithoutGroup) items without it): permutation tests \
        with \(permutations) permutations; q is the false discovery rate over all measures of this page.</p>
        """
    }
    var sections: [PageSection] = []
    if !figures.isEmpty {
      sections.append(
        PageSection(
          "figures", "Means over items", introduction: "With bootstrap intervals of 95 %.",
          figures: figures))
    }
    if let clusters { sections.append(section(clusters, reading)) }
    for kind in reading.kinds { sections.append(section(kind, reading)) }
    sections += Page.notes(notes)
    sections.append(
      PageSection(
        "provenance", "Provenance",
        """
        <dl class="facts">
        \(Page.fact("run", prose(run)))
        \(Page.fact("model", prose(model)))
        \(Page.fact("items", "\(items)"))
        \(Page.fact("schema", "\(Self.schema.name) \(Self.schema.version)"))
        </dl>
        """))
    let identity = ModelIdentity(
      name: model, fingerprint: "", architecture: "", parameterCount: 0, elementTypes: [])
    let page = Page(
      Subject(identity, prompt, nil), answer: [reading.sentence], head: compared,
      sections: sections)
    return page.document(json: try jsonData(isIndented: false))
  }

  private func section(_ kind: String, _ reading: StatsReading) -> PageSection {
    let (numbers, prose) = (NumberText(usesUnicode: true), VisibleText.prose())
    let measures = reading.measures(of: kind)
    let listed = reading.listed(kind, Self.listedCount)
    let groups = measures.compactMap { $0.groups?.map(\.name) }.max { $0.count < $1.count } ?? []
    let isTested = measures.contains { $0.p != nil }
    func heading(_ text: String) -> Markup {
      "<th scope=\"col\" class=\"number\"><bdi>\(text)</bdi></th>"
    }
    func cell(_ value: Double?) -> Markup {
      "<td class=\"number\">\(value.map(numbers.short) ?? "–")</td>"
    }
    let rows = listed.map { measure -> Markup in
      let values = groups.map { name in cell(measure.groups?.first { $0.name == name }?.mean) }
      let isFound = (measure.q ?? 1) < 0.05
      let rate = measure.q.map(numbers.short) ?? "–"
      let q: Markup = isFound ? "<strong>\(rate)</strong>" : "\(rate)"
      let tests: Markup =
        isTested ? "\(cell(measure.p))<td class=\"number\">\(q)</td>" : ""
      return """
        <tr><th scope="row"><bdi>\(prose(measure.name))</bdi></th>\
        <td class="number">\(numbers.short(measure.mean.value)) <small class="soft">\
        \(numbers.short(measure.mean.low)) to \(numbers.short(measure.mean.high))</small></td>\
        \(values)\(tests)<td class="number soft">\(measure.items)</td></tr>

        """
    }
    let rest: Markup =
      listed.count < measures.count
      ? "<p class=\"soft\">The \(listed.count) largest of \(measures.count); the CSV has all.</p>"
      : ""
    let tests: Markup = isTested ? "\(heading("p"))\(heading("q"))" : ""
    // Names of kinds are open: an id must not have what an attribute's value may not.
    let id = "measure-\(reading.kinds.firstIndex(of: kind) ?? 0)"
    return PageSection(
      id, reading.title(of: kind),
      """
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col"></th>\
      \(heading("mean"))\(groups.map { heading(prose($0)) })\(tests)\(heading("items"))</tr></thead><tbody>
      \(rows)</tbody></table></div>\(rest)
      """)
  }

  private func section(_ clusters: Clusters, _ reading: StatsReading) -> PageSection {
    let (numbers, token) = (NumberText(usesUnicode: true), VisibleText.token())
    let hasGroups = clusters.clusters.contains { $0.groups != nil }
    let rows = clusters.clusters.map { cluster -> Markup in
      let words = cluster.words.map { word -> Markup in
        "<bdi>\(token(word.text))<small>\(word.count)</small></bdi> "
      }
      let groups: Markup =
        hasGroups ? "<td><bdi>\(reading.groups(of: cluster) ?? "")</bdi></td>" : ""
      return """
        <tr><th scope="row" class="number">\(cluster.count)</th><td class="number">\(cluster.items)</td>\
        <td class="number">\(cluster.opposite)</td>\
        <td class="number">\(numbers.fixed(cluster.cosine, decimals: 2))</td>\
        <td><bdi>\(VisibleText.prose()(cluster.nearest))</bdi></td><td class="words">\(words)</td>\(groups)</tr>

        """
    }
    let groups: Markup = hasGroups ? "<th scope=\"col\">groups</th>" : ""
    return PageSection(
      "clusters", "Clusters of what maps write most",
      """
      <p>\(reading.sentence(on: clusters)) The number beside a word is that of the directions that decode to it; \
      directions that point the other way are not counted there.</p>
      <div class="scroll whole" tabindex="0"><table class="grid audit"><thead><tr>\
      <th scope="col" class="number">directions</th><th scope="col" class="number">items</th>\
      <th scope="col" class="number">opposite</th><th scope="col" class="number">|cos|</th>\
      <th scope="col">nearest</th><th scope="col">words</th>\(groups)</tr></thead><tbody>
      \(rows)</tbody></table></div>
      """)
  }
}
