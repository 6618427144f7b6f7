public import SecantReports

extension SharesReport {
  /// The division on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let page = Page(
      subject,
      answer: [reading.sentence(usesUnicode: true)],
      head: Page.head(prediction, title: "How exact", facts),
      sections: [section] + Page.notes(notes) + [
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
      \(Page.fact("sum over components", numbers.fixed(exactness.sum, decimals: 4)))
      \(Page.fact("difference", numbers.scientific(exactness.difference)))
      \(Page.fact("difference over tokens", numbers.scientific(shares.difference)))
      \(adapter.map { Page.fact("difference over the adapter", numbers.scientific($0.difference)) } ?? "")
      </dl>
      """
  }

  /// The heat maps.
  var section: PageSection {
    let numbers = NumberText(usesUnicode: true)
    return PageSection(
      "blocks", "By token, block and head",
      """
      <p>The \(target.text(.token())) as an exact sum over tokens, and over components, which \
      sum to it with a difference of \(numbers.scientific(exactness.difference)).</p>
      \(adapterText)
      <div class="figures wide">\(figures.map(\.pageMarkup))</div>
      """)
  }

  /// What the adapter gave, and what has no share.
  private var adapterText: Markup {
    guard let adapter else { return "" }
    let numbers = NumberText(usesUnicode: true)
    let remark = adapter.frozenRemark.map { "; \($0)" } ?? ""
    return """
      <p>The adapter's modules gave \(numbers.fixed(adapter.total, decimals: 4, withPlus: true)), the base \
      weights \(numbers.fixed(adapter.base, decimals: 4, withPlus: true)); \(adapter.baseRemark)\(remark).</p>
      """
  }

  /// What the blocks made of one token, for the panel that a page shows of it.
  func panel(at position: Int) -> Markup {
    guard let source = sources.firstIndex(of: position), direct.tokens.indices.contains(source)
    else { return "" }
    let numbers = NumberText(usesUnicode: true)
    let values = [direct.tokens[source]] + blocks.map { given($0, position) ?? .nan }
    let largest = values.filter(\.isFinite).map(abs).max() ?? 0
    let decimals = numbers.decimals(for: values)
    let names =
      [("direct", PartLink())] + blocks.map { ("block \($0.block)", PartLink(block: $0.block)) }
    let cells = zip(names, values).map { part, value -> Markup in
      let (name, link) = part
      return """
        <span class="\(PageStyle.tint(value, of: largest))"\(link.attributes)><small>\(name)</small>\
        \(numbers.fixed(value, decimals: decimals, withPlus: true))</span>
        """
    }
    return """
      <h4>Its share, block by block</h4><p class="cells">\(cells)</p>
      """
  }
}
