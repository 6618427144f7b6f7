public import SecantReports

extension GateRulesReport {
  /// The comparison of gate rules on one self-contained HTML page.
  ///
  /// - Throws: The errors of `jsonData`.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let page = Page(
      subject,
      answer: [reading.sentence(usesUnicode: true)],
      head: answers.first.map { explanation($0).pageHead } ?? "",
      sections: [section] + Page.notes(notes) + [
        Page.provenance(provenance, schema: Self.schema)
      ])
    return page.document(json: try jsonData(isIndented: false))
  }

  /// The answer under one rule, as an explanation.
  func explanation(_ answer: Answer) -> ExplanationReport {
    ExplanationReport(
      provenance: provenance, prompt: prompt, prediction: prediction, target: target,
      reconstruction: answer.reconstruction, shares: answer.shares, jacobians: answer.jacobians)
  }

  /// The statements that survive the choice of a rule, and the figures.
  var section: PageSection {
    PageSection(
      "gate-rules", verdictTitle,
      "\(verdicts)<div class=\"figures\">\(figures.map(\.pageMarkup))</div>")
  }

  /// The statements alone.
  var verdictSection: PageSection { PageSection("gate-rules", verdictTitle, verdicts) }

  /// The figures alone.
  var figureSection: PageSection {
    PageSection(
      "gate-rules-figures", "Under every gate rule",
      introduction: "Each token under every rule, side by side.", figures: figures)
  }

  private var verdictTitle: String { "What does not depend on the gate rule" }

  private var verdicts: Markup {
    let prose = VisibleText.prose()
    let rows = conclusions.map { conclusion -> Markup in
      """
      <tr><th scope="row"><bdi>\(prose(conclusion.name))</bdi></th>\
      <td class="number">\(conclusion.cases == 0 ? "" : "\(conclusion.holding) of \(conclusion.cases)")</td>\
      <td>\(conclusion.survives ? "✓ " : "")\(conclusion.verdict)</td>\
      <td class="soft"><bdi>\(prose(conclusion.definition))</bdi></td></tr>

      """
    }
    let names = answers.map(\.gateRule).map { prose($0) }.joined(separator: ", ")
    return """
      <p>The same question under \(names): three complete decompositions of one output. A statement that \
      holds under all of them does not depend on the choice.</p>
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">statement</th>\
      <th scope="col" class="number">holds in</th><th scope="col">verdict</th>\
      <th scope="col">cases</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      """
  }
}
