import SecantReports

/// The prompt as a strip of tokens coloured by share; the map of the chosen token is shown below.
///
/// Each token is a radio button, its label and its panel, siblings in one flexible box. The style
/// sheet shows the panel of the checked button and moves it behind all tokens, so choosing needs
/// no script, and arrow keys walk through the prompt.
struct TokenStrip {
  let report: ExplanationReport
  /// Additional content on a token from other reports.
  private let more: (Int) -> Markup

  private let numbers = NumberText(usesUnicode: true)
  private let token = VisibleText.token()
  private let plot: SpectrumPlot
  private let largestShare: Double
  private let listing: ShareListing
  /// The tokens whose panels show spectra and vectors: all, or those with the largest shares.
  private let detailed: Set<Int>
  private let decimals: Int
  /// The same prompt otherwise: what the page's switch shows in place of the report's own shares.
  private let views: [ReportView]

  /// Longer prompts show less of each token, and their panel stays visible while the strip scrolls.
  private static let longPrompt = 64
  private static let veryLongPrompt = 256

  private var isLong: Bool { report.prompt.tokens.count > Self.longPrompt }
  private var tripletLimit: Int {
    report.prompt.tokens.count > Self.veryLongPrompt ? 3 : isLong ? 8 : .max
  }
  private var wordLimit: Int {
    report.prompt.tokens.count > Self.veryLongPrompt ? 5 : isLong ? 8 : .max
  }

  init(report: ExplanationReport, views: [ReportView], more: @escaping (Int) -> Markup) {
    self.report = report
    self.views = views
    self.more = more
    plot = SpectrumPlot(report)
    detailed = Set(report.jacobiansByShare.prefix(Self.veryLongPrompt).map(\.position))
    let values = report.shares.tokens.filter { !$0.isBaseline }.map(\.value)
    listing = ShareListing(report.shares)
    largestShare = values.filter(\.isFinite).map(abs).max() ?? 0
    decimals = numbers.decimals(for: values)
  }

  var markup: Markup {
    let chosen = report.shares.order.first
    let tokens = report.prompt.tokens.indices.map { index -> Markup in
      index < report.shares.tokens.count
        ? explained(index, isChosen: index == chosen) : unexplained(index)
    }
    return """
      <svg class="plot definitions" aria-hidden="true" width="0" height="0"><defs>\
      <g id="frame">\(plot.frame)</g></defs></svg>
      \(legend)
      <fieldset class="\(isLong ? "strip long" : "strip")"><legend>Tokens of the prompt</legend>
      \(tokens)</fieldset>
      """
  }

  private var legend: Markup {
    let steps =
      (1...8).reversed().map { "<i class=\"n\($0)\"></i>" as Markup } + ["<i></i>"]
      + (1...8).map { "<i class=\"p\($0)\"></i>" }
    let ends =
      views.isEmpty
      ? [numbers.fixed(largestShare, decimals: decimals)]
      : views.map { numbers.fixed($0.largest, decimals: decimals) }
    let scales = ends.enumerated().map { index, end -> Markup in
      """
      <span class="scale" data-view="\(index)"\(" hidden=\"hidden\"", if: index > 0)>-\(end) \
      <span aria-hidden="true">\(steps)</span> +\(end)</span>
      """
    }
    return """
      <p class="legend">\(scales) logits against (orange) or for the target (blue); colours by the square root</p>
      """
  }

  private func explained(_ index: Int, isChosen: Bool) -> Markup {
    let share = report.shares.tokens[index]
    let text = report.prompt.tokenText(at: index)
    let value = numbers.fixed(share.value, decimals: decimals, withPlus: true)
    let checked: Markup = isChosen ? " checked=\"checked\"" : ""
    let number: Markup = isLong ? "" : "<small>\(value)</small>"
    return """
      <input type="radio" name="token" id="t\(index)"\(checked)/>\
      <label for="t\(index)" data-t="\(index)"\(otherwise(index)) \
      class="\(share.isBaseline ? "baseline" : PageStyle.tint(share.value, of: largestShare))" \
      title="\(value) logits (\(part(share)))">\
      <bdi>\(token(text))</bdi>\(number)</label>\
      \(panel(index, share: share, value: value))\(lineBreak(after: text))

      """
  }

  /// What the label has in each view: its class, its number, and its part of all; nothing without views.
  private func otherwise(_ index: Int) -> Markup {
    if views.isEmpty { return "" }
    let texts = views.map { view -> String in
      guard index < view.shares.tokens.count else { return "||" }
      let share = view.shares.tokens[index]
      let kind = share.isBaseline ? "baseline" : PageStyle.tint(share.value, of: view.largest)
      let part =
        share.isBaseline ? "baseline" : "\(numbers.percent(view.listing.part(share.value))) of all"
      return "\(kind)|\(numbers.fixed(share.value, decimals: decimals, withPlus: true))|\(part)"
    }
    return " data-views=\"\(texts.joined(separator: ";"))\""
  }

  /// A token after the analyzed position, which cannot have influenced the output.
  private func unexplained(_ index: Int) -> Markup {
    let text = report.prompt.tokens[index].text
    return "<span class=\"later\"><bdi>\(token(text))</bdi></span>\(lineBreak(after: text))\n"
  }

  /// A share as a fraction of all shares, or the word baseline.
  private func part(_ share: ExplanationReport.Shares.Share) -> String {
    share.isBaseline ? "baseline" : "\(numbers.percent(listing.part(share.value))) of all"
  }

  private func lineBreak(after text: String) -> Markup {
    text.unicodeScalars.contains("\n") ? "<i class=\"break\"></i>" : ""
  }

  private func panel(_ index: Int, share: ExplanationReport.Shares.Share, value: String) -> Markup {
    guard let jacobian = report.jacobian(at: index) else {
      return """
        <div class="panel">\(heading(index))
        <dl class="facts">\(headline(share, value))\(effect(at: index))</dl>
        <p class="soft">This token's map was not decomposed: --spectra all, or --spectra \(index).</p>\
        \(more(index))</div>
        """
    }
    let hasConverged = jacobian.hasConverged(within: report.provenance.tolerance)
    let warning: Markup =
      hasConverged ? "" : "<p class=\"warning\">! Not every triplet has converged.</p>"
    let rank = jacobian.stableRank
    let spectrum: Markup = """
      <figure><svg class="plot" role="img" aria-label="Singular values of this token's map" \
      viewBox="0 0 \(SpectrumPlot.width) \(SpectrumPlot.height)"><use href="#frame"/>\
      \(plot.curve(jacobian))</svg></figure>
      """
    let brief: Markup = """
      <p class="soft">Spectrum and vectors are shown for the \(detailed.count) tokens with the largest \
      shares; --json has all.</p>
      """
    return """
      <div class="panel">\(heading(index))\(warning)
      <div class="columns"><dl class="facts">\(headline(share, value))\(effect(at: index))\
      \(fact("‖x‖", numbers.short(jacobian.inputNorm)))\
      \(fact("‖Jx‖", numbers.short(jacobian.outputNorm)))\
      \(fact("σ₁", jacobian.singularValues.first.map(numbers.short) ?? "–"))\
      \(fact("stable rank", numbers.estimate(rank.value, standardError: rank.standardError)))\
      \(fact("largest residual", jacobian.worstResidual.map { numbers.scientific($0) } ?? "–"))\
      </dl>\(detailed.contains(index) ? spectrum : "")</div>
      \(detailed.contains(index) ? vectors(of: jacobian) : brief)\(more(jacobian.position))</div>
      """
  }

  private func heading(_ index: Int) -> Markup {
    """
    <h3><bdi class="token">\(token(report.prompt.tokenText(at: index)))</bdi> \
    <span class="soft">token \(index)</span></h3>
    """
  }

  private func headline(_ share: ExplanationReport.Shares.Share, _ value: String) -> Markup {
    """
    <div class="headline"><dt>share</dt><dd>\(value) <span class="soft">logits, \
    \(part(share))</span></dd></div>
    """
  }

  /// The effect of removing the token, and its main channel; empty if it was not removed.
  private func effect(at index: Int) -> Markup {
    guard let effect = report.check?.effect(at: index) else { return "" }
    let value = numbers.fixed(effect.effect, decimals: decimals, withPlus: true)
    let channel = effect.channel.map { ", mostly by \(VisibleText.prose()($0))" } ?? ""
    return fact("removed, the logit falls by", value + channel)
  }

  private func vectors(of jacobian: ExplanationReport.TokenJacobian) -> Markup {
    let shown = jacobian.triplets.prefix(tripletLimit)
    if shown.isEmpty { return "" }
    let rows = shown.enumerated().map { k, triplet -> Markup in
      let value = k < jacobian.singularValues.count ? jacobian.singularValues[k] : nil
      let residual = k < jacobian.residuals.count ? jacobian.residuals[k] : nil
      let isBad = residual.map { !($0 <= report.provenance.tolerance) } ?? false
      let isClustered = jacobian.clusters.contains { $0.contains(k) }
      return """
        <tr><td class="number soft">\(k + 1)</td>\
        <td class="number">\(value.map(numbers.short) ?? "–")\(isClustered ? " ~" : "")</td>\
        <td class="number\(isBad ? " warning" : "")">\
        \(residual.map { numbers.scientific($0, decimals: 0) } ?? "–")\(isBad ? " !" : "")</td>\
        <td class="words">\(words(triplet.left))</td><td class="words">\(words(triplet.right))</td></tr>

        """
    }
    let rest = jacobian.triplets.count - shown.count
    let more: Markup =
      rest > 0 ? "<p class=\"soft\">\(rest) more in the JSON at the end of this page.</p>" : ""
    return """
      <table class="grid vectors"><thead><tr><th scope="col" class="number">k</th>\
      <th scope="col" class="number">σ</th><th scope="col" class="number">residual</th>\
      <th scope="col">u writes (product)</th><th scope="col">v reads (cosine)</th></tr></thead>
      <tbody>\(rows)</tbody></table>\(more)
      """
  }

  private func words(_ tokens: [ExplanationReport.DecodedToken]) -> [Markup] {
    tokens.prefix(wordLimit).map { decoded in
      isLong
        ? "<bdi>\(token(decoded.text))</bdi> "
        : "<bdi>\(token(decoded.text))<small>\(numbers.short(decoded.score))</small></bdi> "
    }
  }

  private func fact(_ name: String, _ value: String) -> Markup {
    "<div><dt>\(name)</dt><dd>\(value)</dd></div>"
  }
}
