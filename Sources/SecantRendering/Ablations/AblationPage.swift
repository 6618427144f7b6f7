public import SecantReports

extension AblationReport: IllustratedReport {
  /// The ablation on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let reading = AblationReading(self, usesUnicode: true)
    let page = Page(
      subject, answer: [reading.sentence].compactMap(\.self),
      head: Page.head(prediction, title: "What changes", facts),
      sections: [section(reading)] + Page.notes(notes) + [
        Page.provenance(provenance, schema: Self.schema)
      ])
    return page.document(json: try jsonData(isIndented: false))
  }

  private var facts: Markup {
    let numbers = NumberText(usesUnicode: true)
    return """
      <dl class="facts">
      \(Page.fact("target", target.text(.token())))
      \(Page.fact("its value", numbers.fixed(target.logit, decimals: 4)))
      \(target.logitsText(numbers).map { Page.fact("logits", $0) } ?? "")
      </dl>
      """
  }

  private func section(_ reading: AblationReading) -> PageSection {
    let numbers = NumberText(usesUnicode: true)
    let decimals = numbers.decimals(
      for: parts.flatMap { $0.points.flatMap { [$0.predicted, $0.measured] } })
    let rows = parts.map { part -> Markup in
      let points = part.points.map { point -> Markup in
        """
        <tr><th scope="row"><bdi>\(reading.name(of: part))</bdi></th>\
        <td class="number">\(numbers.shortest(point.keep))</td>\
        <td class="number">\(numbers.fixed(point.predicted, decimals: decimals, withPlus: true))</td>\
        <td class="number">\(numbers.fixed(point.measured, decimals: decimals, withPlus: true))</td>\
        <td>\(point.isParted ? "≠ part" : "")</td></tr>

        """
      }
      return "\(points)"
    }
    return PageSection(
      "ablation", "Predicted and measured changes",
      """
      <p>\(reading.method) \(reading.parting)</p>
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">part</th>\
      <th scope="col" class="number">keep</th><th scope="col" class="number">predicted</th>\
      <th scope="col" class="number">measured</th><th scope="col"></th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      <div class="figures">\(figures.map(\.pageMarkup))</div>
      """)
  }
}
