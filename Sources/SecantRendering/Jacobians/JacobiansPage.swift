public import SecantReports

extension JacobiansReport {
  /// Both kinds of Jacobian on one self-contained HTML page.
  ///
  /// - Throws: The errors of `jsonData`.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let page = Page(
      Subject(model, prompt, comparisons.first?.prediction),
      answer: [reading.sentence(usesUnicode: true)], head: "",
      sections: [section] + Page.notes(notes) + [provenanceSection])
    return page.document(json: try jsonData(isIndented: false))
  }

  /// The table of errors and the scatter plots.
  var section: PageSection {
    let numbers = NumberText(usesUnicode: true)
    func row(_ name: Markup, _ rebuilt: Reconstruction) -> Markup {
      """
      <tr>\(name)<td class="number">\(numbers.scientific(rebuilt.relativeError))</td>\
      <td class="number">\(numbers.scientific(rebuilt.standardDeviationRatio))</td>\
      <td class="number">\(numbers.fixed(rebuilt.correlation, decimals: 4))</td>\
      <td class="number">\(numbers.fixed(rebuilt.sum, decimals: 4))</td></tr>

      """
    }
    let rows = comparisons.map { comparison -> Markup in
      let precision = comparison.precision
      let name = "\(precision.arithmetic), weights \(precision.weights)"
      return """
        <tr><th scope="row" colspan="5"><bdi>\(VisibleText.prose()(name))</bdi> \
        <span class="soft">logit \(numbers.fixed(comparison.logit, decimals: 4))</span></th></tr>
        \(row("<td>detached</td>", comparison.detached))\
        \(row("<td>ordinary</td>", comparison.ordinary))
        """
    }
    return PageSection(
      "jacobians", "The detached and the ordinary Jacobian",
      """
      <p>Both kinds of Jacobian, of all tokens, put together again: only the detached ones give the \
      output back.</p>
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">rebuilt by</th>\
      <th scope="col" class="number">relative error</th>\
      <th scope="col" class="number">std(error)/std(y)</th>\
      <th scope="col" class="number">correlation with y</th>\
      <th scope="col" class="number">logit of its parts</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      <div class="figures">\(figures.prefix(1).map(\.pageMarkup))</div>
      \("<p class=\"soft\">The pictures of the other precisions look alike: --figures writes them.</p>", if: comparisons.count > 1)
      """)
  }

  private var provenanceSection: PageSection {
    Page.provenance(
      model,
      [
        ("gate rule", gateRule), ("Secant", secantVersion),
        ("schema", "\(Self.schema.name) \(Self.schema.version)"),
      ], commandLine: commandLine)
  }
}
