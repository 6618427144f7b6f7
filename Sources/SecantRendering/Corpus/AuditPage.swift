package import SecantReports

extension AuditReport: IllustratedReport {
  /// Directions that are not found and are listed on a page at most.
  private static var otherLimit: Int { 40 }

  /// The audit on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  package func htmlPage() throws(ReportError) -> String {
    let reading = AuditReading(self, usesUnicode: true)
    let prose = VisibleText.prose()
    let prompt = ExplanationReport.Prompt(
      text: "Audit of \(run) for “\(list.name)”", tokens: [], analysedPosition: 0)
    let found = self.found
    let others = directions.filter { $0.q >= level }
    var sections: [PageSection] = []
    if !found.isEmpty {
      sections.append(
        PageSection(
          "found", "Directions that carry the words",
          "<p>\(reading.saidSentence ?? "")</p>\(table(found, reading))"))
    }
    if let sentence = reading.ablationSentence {
      sections.append(
        PageSection(
          "ablation", "What the model says without them",
          """
          <p>\(sentence)</p>\(ablationTable)<p class="soft">\(reading.ablationMethod)</p>\
          <div class="figures">\(figures.map(\.pageMarkup))</div>
          """))
    }
    if !others.isEmpty {
      let left = others.count - Self.otherLimit
      let rest: Markup =
        left > 0 ? "<p class=\"soft\">\(left) more are in the JSON and the CSV.</p>" : ""
      sections.append(
        PageSection(
          "others", "Directions that do not differ from chance",
          """
          <p>They have words of the list, too, but q is at least \(NumberText(usesUnicode: true).shortest(level)).</p>
          <details><summary>\(others.count) directions</summary>\
          \(table(Array(others.prefix(Self.otherLimit)), reading))\(rest)</details>
          """))
    }
    sections.append(
      PageSection("chance", "What chance is here", "<p>\(reading.method)</p><p>\(bounds)</p>"))
    sections.append(
      PageSection(
        "list", "The list",
        "<p>\(list.words.count) words, \(list.tokenCount) tokens:</p><p><bdi>\(prose(list.words.joined(separator: ", ")))</bdi></p>"
      ))
    sections += Page.notes(notes + list.notes)
    sections.append(
      Page.provenance(
        model,
        [
          ("run", run), ("directions", "\(directionCount) of \(items) items, \(reading.kind)"),
          ("samples", "\(samples)"), ("seed", "\(seed)"), ("Secant", secantVersion),
          ("schema", "\(Self.schema.name) \(Self.schema.version)"),
        ], commandLine: commandLine))
    let page = Page(
      Subject(model, prompt, nil), answer: [reading.sentence, reading.overallSentence], head: "",
      sections: sections)
    return page.document(json: try jsonData(isIndented: false))
  }

  /// What the audit does not show.
  private var bounds: String {
    "A direction that carries a word is a part of what the map of one token writes after one prompt. It says neither "
      + "that the model means it, nor that the model would say it: the ablation measures that for the next token "
      + "alone. No direction found is no proof that there is none."
  }

  private func table(_ directions: [Direction], _ reading: AuditReading) -> Markup {
    let (numbers, prose, token) = (
      NumberText(usesUnicode: true), VisibleText.prose(), VisibleText.token()
    )
    let rows = directions.map { direction -> Markup in
      let words = direction.words.map { word -> Markup in
        let text = token(word.text)
        return word.isListed
          ? "<bdi><mark>\(text)</mark></bdi> " : "<bdi class=\"soft\">\(text)</bdi> "
      }
      return """
        <tr><th scope="row"><bdi>\(direction.name)</bdi></th>\
        <td class="words">\(words)</td>\
        <td class="number">\(direction.count) of \(direction.words.count)</td>\
        <td class="number">\(numbers.short(direction.pRandom))</td>\
        <td class="number">\(numbers.short(direction.pShuffled))</td>\
        <td class="number">\(numbers.short(direction.q))</td>\
        <td>\(reading.said(direction))</td>\
        <td><bdi>\(prose(direction.text).truncated(to: 160, ellipsis: "…"))</bdi> \
        <small class="soft">at <bdi>\(token(direction.token))</bdi></small></td></tr>

        """
    }
    return """
      <div class="scroll whole" tabindex="0"><table class="grid audit"><thead><tr><th scope="col">direction</th>\
      <th scope="col">decodes to</th><th scope="col" class="number">words</th><th scope="col" class="number">p, random</th>\
      <th scope="col" class="number">p, shuffled</th><th scope="col" class="number">q</th>\
      <th scope="col">said in</th><th scope="col">prompt</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      """
  }

  private var ablationTable: Markup {
    let (numbers, token) = (NumberText(usesUnicode: true), VisibleText.token())
    let rows = directions.compactMap { direction -> Markup? in
      guard let ablation = direction.ablation else { return nil }
      let (probability, target) = (ablation.probability, ablation.targetLogit)
      let measured = numbers.short(probability.measured)
      let shown: Markup = ablation.isBeyondControl ? "<strong>\(measured)</strong>" : "\(measured)"
      let next: Markup =
        ablation.prediction == ablation.predictionWithout
        ? "<bdi class=\"token\">\(token(ablation.prediction))</bdi>"
        : """
        <bdi class="token">\(token(ablation.prediction))</bdi> → \
        <bdi class="token">\(token(ablation.predictionWithout))</bdi>
        """
      return """
        <tr><th scope="row"><bdi>\(direction.name)</bdi></th>\
        <td class="number">\(numbers.short(probability.before))</td><td class="number">\(shown)</td>\
        <td class="number">\(numbers.short(probability.predicted))</td>\
        <td class="number">±\(numbers.short(ablation.control))</td>\
        <td class="number">\(numbers.fixed(target.measured - target.before, decimals: 2, withPlus: true)) \
        <small class="soft">predicted \
        \(numbers.fixed(target.predicted - target.before, decimals: 2, withPlus: true))</small></td>\
        <td>\(next)</td></tr>

        """
    }
    return """
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">direction</th>\
      <th scope="col" class="number">words with it</th><th scope="col" class="number">without</th>\
      <th scope="col" class="number">predicted</th><th scope="col" class="number">random</th>\
      <th scope="col" class="number">target, logits</th><th scope="col">next token</th></tr></thead><tbody>
      \(rows)</tbody></table></div>
      """
  }
}
