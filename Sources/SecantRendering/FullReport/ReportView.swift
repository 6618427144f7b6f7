import SecantReports

/// One way to ask the report's question, as its page shows it: a target under a gate rule.
struct ReportView {
  let view: FullReport.View
  let listing: ShareListing
  /// The largest magnitude of a share that is no baseline: the end of the colours' scale.
  let largest: Double
  var shares: ExplanationReport.Shares { view.shares }

  init(_ view: FullReport.View) {
    self.view = view
    listing = ShareListing(view.shares)
    largest =
      view.shares.tokens.filter { !$0.isBaseline }.map(\.value).filter(\.isFinite).map(abs).max()
      ?? 0
  }
}

extension FullReport {
  /// What the page's switch offers, the report's own question first; empty where there is nothing to choose.
  ///
  /// A report of an earlier version has no other target, and the gate rules that it has.
  var pageViews: [ReportView] {
    let own = explanation.provenance.gateRule
    let all =
      views
      ?? gateRules.answers.map {
        View(target: explanation.target, gateRule: $0.gateRule, shares: $0.shares)
      }
    let isOwn = { (view: View) in
      view.gateRule == own && view.target == explanation.target
    }
    let ordered = all.filter(isOwn) + all.filter { !isOwn($0) }
    return ordered.count > 1 && isOwn(ordered[0]) ? ordered.map(ReportView.init) : []
  }

  /// The switch: a list of targets and one of gate rules; empty where there is nothing to choose.
  ///
  /// It is hidden until the page's script, which it needs, shows it.
  func viewSwitch(_ views: [ReportView]) -> Markup {
    if views.isEmpty { return "" }
    let name = VisibleText.token()
    func once(_ names: [String]) -> [String] {
      names.enumerated().filter { names.firstIndex(of: $0.element) == $0.offset }.map(\.element)
    }
    func list(_ id: String, _ title: String, _ names: [String]) -> Markup {
      let options = names.enumerated().map { index, name -> Markup in
        "<option value=\"\(index)\">\(name)</option>"
      }
      return "<label>\(title) <select id=\"\(id)\">\(options)</select></label> "
    }
    let targets = views.map { $0.view.target.text(name) }
    let rules = views.map { VisibleText.prose()($0.view.gateRule) }
    let (targetNames, ruleNames) = (once(targets), once(rules))
    // Where each view is in both lists, in the order of the views.
    let places = zip(targets, rules).map { target, rule in
      "\(targetNames.firstIndex(of: target) ?? 0).\(ruleNames.firstIndex(of: rule) ?? 0)"
    }
    return """
      <p class="switch" id="switch" hidden="hidden" data-places="\(places.joined(separator: " "))">\
      \(list("view-target", "target", targetNames))\(list("view-rule", "gate rule", ruleNames))</p>
      \(views.enumerated().map { remark($0.offset, $0.element) })
      """
  }

  /// What a view says in a sentence, with its certificate; the report's own stands at the top of the page.
  private func remark(_ index: Int, _ view: ReportView) -> Markup {
    let numbers = NumberText(usesUnicode: true)
    var reading = AnswerReading(target: view.view.target, prompt: explanation.prompt)
    reading.shares = view.shares
    let certificate =
      "sum of shares \(numbers.fixed(view.shares.sum, decimals: 4)), target "
      + "\(numbers.fixed(view.shares.logit, decimals: 4)), difference "
      + numbers.scientific(view.shares.difference)
    let sentence: Markup =
      index == 0 ? "" : "<bdi>\(reading.sentence(usesUnicode: true))</bdi> "
    return """
      <p data-view="\(index)"\(" hidden=\"hidden\"", if: index > 0)>\(sentence)\
      <span class="soft">\(certificate)</span></p>

      """
  }

  /// The bars of each view; the first are those of the explanation.
  func viewBars(_ views: [ReportView]) -> Markup {
    if views.isEmpty { return explanation.shareFigure.pageMarkup }
    let others = views.enumerated().dropFirst().map { index, view -> Markup in
      let chart = ShareChart(explanation.prompt, view.shares)
      return """
        <div data-view="\(index)" hidden="hidden"><svg class="plot" role="img" \
        aria-label="Shares" viewBox="0 0 \(ShareChart.width) \(chart.height)" \
        style="max-width:\(ShareChart.width)px">\(chart.content)</svg></div>
        """
    }
    let title = views.enumerated().map { index, view -> Markup in
      """
      <span data-view="\(index)"\(" hidden=\"hidden\"", if: index > 0)>What each token gave to \
      \(view.view.target.name(.token())), gate rule \(VisibleText.prose()(view.view.gateRule))</span>
      """
    }
    let figure = explanation.shareFigure
    return """
      <figure id="\(figure.name)"><figcaption>\(title)</figcaption>\
      <div data-view="0">\(figure.picture)</div>\(others)
      <details><summary>How to read this</summary><p>\(figure.caption)</p></details>
      \(figure.table.pageMarkup)</figure>
      """
  }
}
