public import SecantReports

extension ValidationReport: IllustratedReport {
  /// The validation on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let prompt = ExplanationReport.Prompt(
      text: "How well rules predict what really happens", tokens: [], analysedPosition: 0)
    let page = Page(
      Subject(provenance.model, prompt, nil),
      head: "<p class=\"second\">Medians over \(items.count) items, with 95 % intervals</p>",
      sections: [tableSection, ruleSection, itemSection, figureSection] + Page.notes(notes) + [
        Page.provenance(provenance, schema: Self.schema)
      ])
    return page.document(json: try jsonData(isIndented: false))
  }

  private var tableSection: PageSection {
    let (numbers, prose) = (NumberText(usesUnicode: true), VisibleText.prose())
    let head = rules.map {
      "<th scope=\"col\" class=\"number\"><bdi>\(prose($0.name))</bdi></th>" as Markup
    }
    let rows = shown.map { measure -> Markup in
      let medians = rules.map { $0.median(measure.name) }
      let best = measure.best(of: medians.compactMap { $0?.value })
      let cells = medians.map { median -> Markup in
        guard let median else { return "<td class=\"number soft\">–</td>" }
        let value = measure.text(median.value, numbers)
        let shown: Markup = median.value == best ? "<strong>\(value)</strong>" : "\(value)"
        return """
          <td class="number">\(shown) <small>\(measure.text(median.low, numbers)) to \
          \(measure.text(median.high, numbers))</small></td>
          """
      }
      return """
        <tr><th scope="row"><bdi>\(prose(measure.label))</bdi></th>\(cells)\
        <td class="soft"><bdi>\(prose(measure.definition))</bdi></td></tr>

        """
    }
    return PageSection(
      "measures", "Rules against real forward passes",
      """
      <p>Each number is a median over items. The best of a row is strong; what “best” means is in the \
      last column.</p>
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">measure</th>\(head)\
      <th scope="col">what it is</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      """)
  }

  private var ruleSection: PageSection {
    let prose = VisibleText.prose()
    let rows = rules.map { rule -> Markup in
      """
      <tr><th scope="row"><bdi>\(prose(rule.name))</bdi></th>\
      <td><bdi>\(prose(rule.definition))</bdi></td></tr>

      """
    }
    return PageSection(
      "rules", "What each rule predicts",
      """
      <div class="scroll" tabindex="0"><table class="grid"><tbody>
      \(rows)</tbody></table></div>
      """)
  }

  private var itemSection: PageSection {
    let prose = VisibleText.prose()
    let rows = families.map { family -> Markup in
      let counts = [
        family.measured, family.prefersOther, family.unequalLengths, family.notOneToken,
        family.tooLong,
      ].map { "<td class=\"number\">\($0)</td>" as Markup }
      return "<tr><th scope=\"row\"><bdi>\(prose(family.name))</bdi></th>\(counts)</tr>\n"
    }
    return PageSection(
      "items", "Items",
      """
      <p>Items from <bdi>\(prose(data))</bdi>. Left out are those after which the model prefers the other \
      answer, and those that its tokenizer makes unfit.</p>
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">family</th>\
      <th scope="col" class="number">measured</th><th scope="col" class="number">prefers other</th>\
      <th scope="col" class="number">other lengths</th><th scope="col" class="number">not one token</th>\
      <th scope="col" class="number">too long</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      """)
  }

  private var figureSection: PageSection {
    PageSection(
      "figures", "Measure by measure", introduction: "The same medians, with their intervals.",
      figures: figures)
  }
}
