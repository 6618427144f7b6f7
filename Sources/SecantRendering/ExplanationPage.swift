public import SecantReports

extension ExplanationReport {
  /// The explanation as one HTML page that needs nothing else.
  ///
  /// The page loads nothing and forbids itself to; it works without scripts, by keyboard and by
  /// touch, light and dark. Its last element holds the report's JSON for other programs.
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let json = Markup.json(try jsonData(isIndented: false))
    return ExplanationPage(report: self).document(json: json).source
  }
}

/// The sections of the page, in reading order.
private struct ExplanationPage {
  let report: ExplanationReport
  private let numbers = NumberText(usesUnicode: true)
  private let token = VisibleText.token()
  private let message = VisibleText.prose()

  init(report: ExplanationReport) { self.report = report }

  func document(json: Markup) -> Markup {
    """
    <!DOCTYPE html>
    <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
    <head>
    <meta charset="utf-8"/>
    <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
    style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <link rel="icon" href="data:,"/>
    <title>\(title)</title>
    <style>\(Markup(verbatim: PageStyle.sheet))</style>
    </head>
    <body>
    <main>
    \(header)
    \(sharesSection)
    \(chartSection)
    \(notesSection)
    \(provenanceSection)
    </main>
    <script type="application/json" id="report">\(json)</script>
    </body>
    </html>

    """
  }

  private var title: String {
    let prompt = message(report.promptText).truncated(to: 60, ellipsis: "…")
    return "\(prompt) → \(message(report.target.label)) · Secant"
  }

  private var header: Markup {
    let model = report.provenance.model
    let answer = report.prediction.first.map { first -> Markup in
      "<span class=\"arrow\">→</span> <bdi>\(token(first.text))</bdi>"
    }
    // Line breaks of the prompt stay, each with the sign that shows it.
    let prompt = message(report.readText).replacing("↵", with: "↵\n")
    let unread = report.unreadText.isEmpty ? "" : message(report.unreadText)
    let rest: Markup = unread.isEmpty ? "" : " <bdi class=\"unread\">\(unread)</bdi>"
    // A long prompt scrolls, by keyboard too, and must not take the answer out of sight.
    let isLong = prompt.count + unread.count > 300
    let heading: Markup =
      isLong
      ? """
      <h1 class="long" tabindex="0"><bdi>\(prompt)</bdi>\(rest)</h1>
      <p class="answer">\(answer ?? "")</p>
      """
      : "<h1><bdi>\(prompt)</bdi> <span class=\"answer\">\(answer ?? "")</span>\(rest)</h1>"
    return """
      <header>
      <p class="kicker">Secant · <bdi>\(message(model.name))</bdi></p>
      \(heading)
      <div class="columns">
      <section aria-labelledby="next"><h2 id="next">Next token</h2>\(predictionTable)</section>
      <section aria-labelledby="exact"><h2 id="exact">How exact</h2>\(exactness)</section>
      </div>
      </header>
      """
  }

  private var predictionTable: Markup {
    let rows = report.prediction.map { candidate -> Markup in
      let width = candidate.probability.isFinite ? min(1, max(0, candidate.probability)) * 100 : 0
      return """
        <tr><th scope="row"><bdi class="token">\(token(candidate.text))</bdi></th>\
        <td class="bar"><i style="width:\(at: width)%"></i></td>\
        <td class="number">\(numbers.percent(candidate.probability))</td>\
        <td class="number soft">\(numbers.fixed(candidate.logit, decimals: 2))</td></tr>

        """
    }
    return """
      <table class="prediction"><thead><tr><th scope="col">token</th><td></td>\
      <th scope="col" class="number">probability</th>\
      <th scope="col" class="number">logit</th></tr></thead><tbody>
      \(rows)</tbody></table>
      """
  }

  private var exactness: Markup {
    let exact = report.reconstruction
    let shares = report.shares
    let position =
      "\(report.prompt.analysedPosition) of 0–\(max(0, report.prompt.tokens.count - 1)), "
      + message(report.prompt.site)
    return """
      <dl class="facts">
      \(fact("target", "\(report.targetText(token))"))
      \(fact("its logit", numbers.fixed(report.target.logit, decimals: 4)))
      \(fact("shares + bias", numbers.fixed(shares.sum, decimals: 4)))
      \(fact("difference", numbers.scientific(shares.difference)))
      \(fact("relative error", numbers.scientific(exact.relativeError)))
      \(fact("std(error)/std(y)", numbers.scientific(exact.standardDeviationRatio)))
      \(fact("‖y‖, ‖b‖", numbers.short(exact.outputNorm) + ", " + numbers.short(exact.offsetNorm)))
      \(fact("position, site", position))
      </dl>
      <details><summary>How to read this</summary>
      <p>For this one prompt the model is a linear map: its output y is Σ J<sub>i</sub>x<sub>i</sub> \
      + b, one matrix J<sub>i</sub> for each token. The relative error is \
      ‖Σ J<sub>i</sub>x<sub>i</sub> + b − y‖ / ‖y‖: rounding alone, if the map is exact. \
      The map belongs to this prompt; another prompt has another.</p></details>
      """
  }

  private var sharesSection: Markup {
    """
    <section aria-labelledby="shares">
    <h2 id="shares">What each token gave</h2>
    <p>The \(report.targetText(token)), divided among the tokens. Choose one, by arrow keys too, \
    to see its map.</p>
    \(TokenStrip(report: report).markup)
    \(readingAids)
    </section>
    """
  }

  private var readingAids: Markup {
    """
    <details><summary>How to read the tokens and their colours</summary>
    <p>The number below a token is its share in logits: the product of the target's unembedding \
    row with J<sub>i</sub>x<sub>i</sub>. Blue speaks for the target, orange against it. Shares and \
    bias sum to the logit exactly. A share is not the effect of removing the token: without it, \
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
  }

  private var chartSection: Markup {
    let chart = ShareChart(report)
    return """
      <section aria-labelledby="chart"><h2 id="chart">Shares side by side</h2>
      <figure><svg class="plot" role="img" aria-labelledby="chart" \
      viewBox="0 0 \(ShareChart.width) \(chart.height)">\(chart.content)</svg></figure>
      <details><summary>How to read this</summary><p>Each bar is one token's share of the logit, in \
      the order of the prompt, from a common zero. Of a long prompt the 40 largest have bars of \
      their own; one bar holds the sum of the others.</p></details>
      </section>
      """
  }

  private var notesSection: Markup {
    if report.notes.isEmpty { return "" }
    let items = report.notes.map { "<li><bdi>\(message($0))</bdi></li>\n" as Markup }
    return """
      <section aria-labelledby="notes"><h2 id="notes">Notes</h2>
      <ul>
      \(items)</ul></section>
      """
  }

  private var provenanceSection: Markup {
    let provenance = report.provenance
    let model = provenance.model
    let command = provenance.commandLine.map { arguments -> Markup in
      let line = arguments.map(message.quotedArgument).joined(separator: " ")
      return "<h3>Command line</h3><pre tabindex=\"0\"><bdi>\(line)</bdi></pre>"
    }
    return """
      <section aria-labelledby="provenance"><h2 id="provenance">Provenance</h2>
      <dl class="facts">
      \(fact("model", message(model.name)))
      \(fact("architecture", message(model.architecture)))
      \(fact("parameters", numbers.count(model.parameterCount)))
      \(fact("stored as", model.elementTypes.map { message($0) }.joined(separator: ", ")))
      \(fact("fingerprint", message(model.fingerprint)))
      \(fact("precision", message(provenance.precision)))
      \(fact("gate rule", message(provenance.gateRule)))
      \(fact("method", message(provenance.method)))
      \(fact("tolerance", numbers.scientific(provenance.tolerance)))
      \(fact("seed", String(provenance.seed)))
      \(fact("Secant", message(provenance.secantVersion)))
      \(fact("schema", "\(ExplanationReport.schema.name) \(ExplanationReport.schema.version)"))
      </dl>
      \(command ?? "")
      <details><summary>Residuals and work, token by token</summary>\(residualTable)</details>
      </section>
      """
  }

  private var residualTable: Markup {
    let rows = report.jacobians.map { jacobian -> Markup in
      let norm = jacobian.frobeniusNormSquared
      let isGood = jacobian.hasConverged(within: report.provenance.tolerance)
      let residual = jacobian.worstResidual.map { numbers.scientific($0) } ?? "not measured"
      return """
        <tr><td class="number">\(jacobian.position)</td>\
        <th scope="row"><bdi class="token">\(token(report.tokenText(at: jacobian.position)))</bdi></th>\
        <td class="number\(isGood ? "" : " warning")">\(residual)\(isGood ? "" : " !")</td>\
        <td class="number">\(numbers.estimate(norm.value, standardError: norm.standardError))</td>\
        <td class="number">\(numbers.count(jacobian.operatorProducts))</td></tr>

        """
    }
    return """
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr>\
      <th scope="col" class="number">#</th><th scope="col">token</th>\
      <th scope="col" class="number">largest residual</th>\
      <th scope="col" class="number">‖J‖²<sub>F</sub></th>\
      <th scope="col" class="number">products</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      """
  }

  private func fact(_ name: String, _ value: String) -> Markup {
    "<div><dt>\(name)</dt><dd><bdi>\(value)</bdi></dd></div>"
  }
}

extension VisibleText {
  /// An argument as a shell reads it, quoted where it holds more than plain characters.
  fileprivate func quotedArgument(_ argument: String) -> String {
    let isPlain = argument.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
        || "-_./=:,+@%".unicodeScalars.contains($0)
    }
    if isPlain && !argument.isEmpty { return argument }
    return argument.isEmpty ? "''" : "'" + self(argument).replacing("'", with: "'\\''") + "'"
  }
}
