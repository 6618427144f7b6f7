public import SecantReports

extension ExplanationReport {
  /// The explanation as one HTML page that needs nothing else.
  ///
  /// The page loads nothing and forbids itself to; it works by keyboard and by touch, light and
  /// dark, and without its script. Its last element holds the report's JSON for other programs, unless
  /// it is longer than 4 MiB.
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    Page(
      subject,
      answer: [answer.reading.sentence(usesUnicode: true)], head: pageHead,
      sections: [tokenSection(), figureSection] + Page.notes(notes) + [provenanceSection()]
    ).document(json: try jsonData(isIndented: false))
  }

  /// The next tokens and how exact the decomposition is.
  var pageHead: Markup { Page.head(prediction, title: "How exact", exactnessFacts) }

  /// How exact the decomposition is.
  var exactnessFacts: Markup {
    let numbers = NumberText(usesUnicode: true)
    let exact = reconstruction
    let position =
      "\(prompt.analysedPosition) of 0–\(max(0, prompt.tokens.count - 1)), "
      + VisibleText.prose()(prompt.site)
    return """
      <dl class="facts">
      \(Page.fact("target", target.text(.token())))
      \(Page.fact("its value", numbers.fixed(target.logit, decimals: 4)))
      \(target.logitsText(numbers).map { Page.fact("logits", $0) } ?? "")
      \(Page.fact("shares + bias", numbers.fixed(shares.sum, decimals: 4)))
      \(Page.fact("difference", numbers.scientific(shares.difference)))
      \(Page.fact("relative error", numbers.scientific(exact.relativeError)))
      \(Page.fact("std(error)/std(y)", numbers.scientific(exact.standardDeviationRatio)))
      \(Page.fact("‖y‖, ‖b‖", numbers.short(exact.outputNorm) + ", " + numbers.short(exact.offsetNorm)))
      \(Page.fact("position, site", position))
      </dl>
      <details><summary>How to read this</summary>
      <p>For this one prompt the model is a linear map: its output y is Σ J<sub>i</sub>x<sub>i</sub> \
      + b, one matrix J<sub>i</sub> for each token. The relative error is \
      ‖Σ J<sub>i</sub>x<sub>i</sub> + b − y‖ / ‖y‖: rounding alone, if the map is exact. \
      The map belongs to this prompt; another prompt has another.</p></details>
      """
  }

  /// The prompt as the index of the page: the chosen token shows its map, and `more` on its position.
  ///
  /// - Parameters:
  ///   - views: What the page's switch offers; none where it has none.
  ///   - chooser: The switch.
  ///   - more: What a token's panel has besides.
  /// - Returns: The section.
  func tokenSection(
    views: [ReportView] = [], chooser: Markup = "", more: @escaping (Int) -> Markup = { _ in "" }
  ) -> PageSection {
    PageSection(
      "tokens", "What each token gave",
      """
      <p>The \(target.text(.token())), divided among the tokens. Choose one, by arrow keys too, \
      to see its map.</p>\(chooser)\(baselineNote)
      \(check.map { "<p><bdi>\($0.agreement)</bdi></p>" as Markup } ?? "")
      \(TokenStrip(report: self, views: views, more: more).markup)
      \(Self.readingAids)
      """)
  }

  /// What the baseline is; nothing where there is none.
  private var baselineNote: Markup {
    guard let remark = shares.baselineRemark(prompt, .token(), NumberText(usesUnicode: true))
    else { return "" }
    return "<p class=\"soft\"><bdi>\(remark)</bdi></p>"
  }

  private static let readingAids: Markup = """
    <details><summary>How to read the tokens and their colours</summary>
    <p>The number below a token is its share in logits: the product of the target's direction \
    (the unembedding row of a token, less that of the other) with J<sub>i</sub>x<sub>i</sub>. Blue speaks \
    for the target, orange against it. A hatched token is the baseline: a first token to which much of the \
    attention goes whatever the prompt says. Colours and percentages scale on the others. Baseline, \
    shares and bias sum to the target exactly. A share is not the effect of removing the token: without it, \
    the model would be another linear map.</p>
    <p>A middle dot stands for a space, ↵ for a line break; other invisible characters show as \
    \\u{…}.</p></details>
    <details><summary>How to read spectrum and vectors</summary>
    <p>J<sub>i</sub> is a sum of triplets σ<sub>k</sub>u<sub>k</sub>v<sub>k</sub>ᵀ: a part of the \
    token's vector along v<sub>k</sub> is read, multiplied by σ<sub>k</sub> and written along \
    u<sub>k</sub>. “Writes” lists the tokens whose unembedding rows have the largest product with \
    u<sub>k</sub>; “reads” those whose embeddings have the largest cosine to v<sub>k</sub>. The \
    stable rank ‖J‖²<sub>F</sub>/σ₁² says how many directions share the work.</p>
    <p>A residual says how far a triplet is from exact, relative to σ₁, as measured. A hollow dot \
    and “!” mark a residual above the tolerance; a grey band and “~” mark singular values so close \
    that only the space spanned by their vectors is determined. Faint curves are the other \
    tokens.</p></details>
    """

  /// The spectra of all decomposed maps.
  var spectraSection: PageSection {
    PageSection(
      "spectra-section", "Spectra side by side",
      introduction: "The singular values of the tokens' maps, all at once.",
      figures: [spectraFigure])
  }

  var figureSection: PageSection {
    PageSection(
      "figures", "Shares and spectra side by side",
      introduction: "The same numbers, all tokens at once.", figures: figures)
  }

  /// What the result depends on, residuals and work among it.
  func provenanceSection(schema: ReportSchema = Self.schema) -> PageSection {
    Page.provenance(
      provenance, schema: schema,
      more: """
        <details><summary>Residuals and work, token by token</summary>\(residualTable)</details>
        """)
  }

  private static let residualLimit = 256

  private var residualTable: Markup {
    let numbers = NumberText(usesUnicode: true)
    // Of a long prompt, the tokens whose triplets are least exact.
    let shown =
      jacobians.count <= Self.residualLimit
      ? Array(jacobians.indices)
      : jacobians.indices.sorted {
        (jacobians[$0].worstResidual ?? 0) > (jacobians[$1].worstResidual ?? 0)
      }.prefix(Self.residualLimit).sorted()
    let rest: Markup =
      shown.count < jacobians.count
      ? "<p class=\"soft\">The \(shown.count) tokens with the largest residuals, of \(jacobians.count).</p>"
      : ""
    let rows = shown.map { jacobians[$0] }.map { jacobian -> Markup in
      let norm = jacobian.frobeniusNormSquared
      let isGood = jacobian.hasConverged(within: provenance.tolerance)
      let residual = jacobian.worstResidual.map { numbers.scientific($0) } ?? "not measured"
      return """
        <tr><td class="number">\(jacobian.position)</td>\
        <th scope="row"><bdi class="token">\(subject.label(at: jacobian.position))</bdi></th>\
        <td class="number\(isGood ? "" : " warning")">\(residual)\(isGood ? "" : " !")</td>\
        <td class="number">\(numbers.estimate(norm.value, standardError: norm.standardError))</td>\
        <td class="number">\(numbers.count(jacobian.operatorProducts))</td></tr>

        """
    }
    return """
      \(rest)<div class="scroll" tabindex="0"><table class="grid"><thead><tr>\
      <th scope="col" class="number">#</th><th scope="col">token</th>\
      <th scope="col" class="number">largest residual</th>\
      <th scope="col" class="number">‖J‖²<sub>F</sub></th>\
      <th scope="col" class="number">products</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      """
  }
}
