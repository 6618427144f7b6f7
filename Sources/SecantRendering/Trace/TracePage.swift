public import SecantReports

extension TraceReport {
  /// The trace on one HTML page that needs nothing else: prompt and answer as running text, coloured by share.
  ///
  /// With the matrix, choosing a token of the answer or dragging over some recolours the prompt. The JSON is part of
  /// the page as long as that stays small.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let reading = TraceReading(self, usesUnicode: true)
    let page = Page(
      shortSubject, answer: [reading.sentence], head: facts(reading),
      sections: [textSection, spanSection(reading), roleSection]
        + (figures.isEmpty
          ? []
          : [
            PageSection(
              "figures", "By token of the answer, and by head",
              """
              <div class="figures wide">\(figures.map(\.pageMarkup))</div>
              """)
          ]) + Page.notes(notes) + [Page.provenance(provenance, schema: Self.schema)])
    return page.document(json: try jsonData(isIndented: false), limit: Self.pageJSONLimit)
  }

  /// JSON that a page carries: prompts of some thousand tokens keep the page below three megabytes.
  private static let pageJSONLimit = 5 << 18

  /// What the heading shows of the prompt, which stands whole below it.
  private var shortSubject: Subject {
    let lines = prompt.wholeText.split(whereSeparator: \.isNewline).joined(separator: " ")
    let text = lines.truncated(to: 120, ellipsis: "…")
    return Subject(
      provenance.model, .init(text: text.isEmpty ? nil : text, tokens: [], analysedPosition: 0),
      nil)
  }

  private func facts(_ reading: TraceReading) -> Markup {
    let numbers = NumberText(usesUnicode: true)
    let shown = VisibleText.prose()(answer.text.truncated(to: 400, ellipsis: "…"))
    return """
      <p class="answer"><span class="arrow">→</span> <bdi>\(shown)</bdi></p>
      <dl class="facts">
      \(Page.fact("target", reading.targetName))
      \(Page.fact("its value", numbers.fixed(shares.logit, decimals: 4)))
      \(Page.fact("sum of shares", numbers.fixed(shares.sum, decimals: 4)))
      \(Page.fact("difference", numbers.scientific(shares.difference)))
      \(Page.fact("difference over components", numbers.scientific(exactness.difference)))
      \(Page.fact("tokens of the prompt", numbers.count(prompt.tokens.count)))
      \(Page.fact("tokens of the answer", numbers.count(answer.tokens.count)))
      </dl>
      """
  }

  private var textSection: PageSection {
    let text = TraceRunningText(report: self)
    let way: Markup =
      text.hasRows
      ? """
      Choose a token of the answer, or drag over some (arrow keys, with Shift for more; Escape for the whole answer), \
      to see what they were written from.
      """
      : matrix == nil
        ? "The colours are those of the whole answer; with --matrix each token of it has its own."
        : "The colours are those of the whole answer: its rows are too long for a page, and stand in the files."
    let remark = shares.baselineRemark(prompt, .token(), NumberText(usesUnicode: true))
    return PageSection(
      "text", "Prompt and answer",
      """
      <p>\(way) Blue speaks for the answer, orange against it.</p>
      \(remark.map { "<p class=\"soft\"><bdi>\($0)</bdi></p>" as Markup } ?? "")
      \(text.markup)
      """)
  }

  // MARK: - Tables

  /// Spans that a page lists.
  private static let listed = 48

  private func spanSection(_ reading: TraceReading) -> PageSection {
    let numbers = NumberText(usesUnicode: true)
    let listing = ShareListing(shares, limit: Self.listed, leading: Self.listed)
    let largest = listing.shown.map(\.value).filter(\.isFinite).map(abs).max() ?? 0
    let decimals = numbers.decimals(for: listing.values + [shares.sum])
    func number(_ value: Double?) -> Markup {
      let text = value.map { numbers.fixed($0, decimals: decimals, withPlus: true) } ?? ""
      return "<td class=\"number\">\(text)</td>"
    }
    func line(
      _ name: String, _ value: Double, part: Bool, through: Double?, effect: Double?
    ) -> Markup {
      let width = part && largest > 0 && value.isFinite ? min(1, abs(value) / largest) * 100 : 0
      let bar: Markup =
        part
        ? "<i class=\"\(value < 0 ? "against" : "for")\" style=\"width:\(at: width)%\"></i>" : ""
      return """
        <tr><th scope="row"><bdi>\(name.truncated(to: 120, ellipsis: "…"))</bdi></th>\(number(value))\
        <td class="number soft">\(part ? numbers.percent(listing.part(value)) : "")</td>\
        <td class="bar">\(bar)</td>\(self.through == nil ? "" : number(through))\
        \(check == nil ? "" : number(effect))</tr>

        """
    }
    let spans = spans
    let rows = listing.shown.map { row -> Markup in
      let place = spans.firstIndex { $0.positions == row.positions && $0.name == row.name }
      return line(
        reading.name(of: row), row.value, part: true,
        through: place.flatMap { place in
          through.flatMap { $0.spans.indices.contains(place) ? $0.spans[place] : nil }
        }, effect: place.flatMap { check?.effect(of: $0) })
    }
    var rest: [Markup] = []
    if let others = listing.others {
      rest.append(line(others.name, others.value, part: false, through: nil, effect: nil))
    }
    if let own = reading.ownWords {
      rest.append(
        line(
          "the answer's own words", own, part: false, through: through.map { _ in 0 }, effect: nil))
    }
    if let baseline = listing.baseline {
      rest.append(
        line(
          "baseline", baseline.value, part: false,
          through: through.map { $0.baseline + $0.bias }, effect: nil))
    } else if shares.bias.value != 0 {
      rest.append(
        line("bias", shares.bias.value, part: false, through: through?.bias, effect: nil))
    }
    rest.append(
      line(
        "sum", shares.sum, part: false,
        through: through.map { $0.spans.reduce($0.baseline + $0.bias, +) }, effect: nil))
    let title: (String) -> Markup = { "<th scope=\"col\" class=\"number\">\($0)</th>" }
    return PageSection(
      "spans", "By \(reading.listing.unit)",
      """
      \(check.map { "<p><bdi>\(reading.agreement(of: $0))</bdi></p>" as Markup } ?? "")
      \(through == nil ? "" : "<p class=\"soft\">\(TraceReading.throughNote)</p>" as Markup)
      <div class="scroll words-frame" tabindex="0"><table class="grid spans"><thead><tr>\
      <th scope="col">\(reading.listing.unit)</th>\(title("share"))\(title("of all"))<td></td>\
      \(through == nil ? "" : title("through"))\(check == nil ? "" : title("effect"))</tr></thead><tbody>
      \(rows)\(rest)</tbody></table></div>
      """)
  }

  private var roleSection: PageSection {
    let numbers = NumberText(usesUnicode: true)
    let prose = VisibleText.prose()
    let decimals = numbers.decimals(for: roles.map(\.value))
    let lines = roles.map { role -> Markup in
      """
      <tr><th scope="row"><bdi>\(role.name == "answer" ? "the answer itself" : prose(role.name))</bdi></th>\
      <td class="number">\(numbers.count(role.tokenCount))</td>\
      <td class="number">\(numbers.fixed(role.value, decimals: decimals, withPlus: true))</td>\
      <td class="number soft">\(numbers.percent(role.fraction))</td></tr>

      """
    }
    return PageSection(
      "roles", "By who wrote it",
      """
      <table class="grid roles"><thead><tr><th scope="col">written by</th>\
      <th scope="col" class="number">tokens</th><th scope="col" class="number">share</th>\
      <th scope="col" class="number">of the sum</th></tr></thead><tbody>
      \(lines)</tbody></table>
      """)
  }
}
