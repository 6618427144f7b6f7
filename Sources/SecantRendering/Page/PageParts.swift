import SecantReports

// Parts that the pages of several reports share.

extension Page {
  /// A name and its value in a list of facts.
  static func fact(_ name: String, _ value: String) -> Markup {
    "<div><dt>\(name)</dt><dd><bdi>\(value)</bdi></dd></div>"
  }

  /// Sections side by side, if there is room.
  static func columns(_ sections: [PageSection]) -> Markup {
    "<div class=\"columns\">\n\(sections.map(\.markup))</div>"
  }

  /// The likeliest next tokens next to other facts.
  static func head(
    _ prediction: [ExplanationReport.Prediction], title: String, _ body: Markup
  ) -> Markup {
    columns([
      PageSection("next", "Next token", predictionTable(prediction)),
      PageSection("exact", title, body),
    ])
  }

  /// The likeliest next tokens, with bars.
  static func predictionTable(_ prediction: [ExplanationReport.Prediction]) -> Markup {
    let (numbers, token) = (NumberText(usesUnicode: true), VisibleText.token())
    let rows = prediction.map { candidate -> Markup in
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

  /// Caveats, if there are any.
  static func notes(_ notes: [String]) -> [PageSection] {
    if notes.isEmpty { return [] }
    let items = notes.map { "<li><bdi>\(VisibleText.prose()($0))</bdi></li>\n" as Markup }
    return [PageSection("notes", "Notes", "<ul>\n\(items)</ul>")]
  }

  /// The provenance: model, settings, command line, and `more`.
  static func provenance(
    _ model: ModelIdentity, _ settings: [(name: String, value: String)], commandLine: [String]?,
    more: Markup = ""
  ) -> PageSection {
    let prose = VisibleText.prose()
    let command = commandLine.map { arguments -> Markup in
      let line = arguments.map(prose.quotedArgument).joined(separator: " ")
      return "<h3>Command line</h3><pre tabindex=\"0\"><bdi>\(line)</bdi></pre>"
    }
    return PageSection(
      "provenance", "Provenance",
      """
      <dl class="facts">
      \(fact("model", prose(model.name)))
      \(fact("architecture", prose(model.architecture)))
      \(fact("parameters", NumberText(usesUnicode: true).count(model.parameterCount)))
      \(fact("stored as", model.elementTypes.map { prose($0) }.joined(separator: ", ")))
      \(fact("fingerprint", prose(model.fingerprint)))
      \(settings.map { fact($0.name, prose($0.value)) })
      </dl>
      \(command ?? "")
      \(more)
      """)
  }

  /// The provenance, and the schema of the JSON.
  static func provenance(
    _ provenance: Provenance, schema: ReportSchema, more: Markup = ""
  ) -> PageSection {
    Self.provenance(
      provenance.model,
      [
        ("precision", provenance.precision), ("gate rule", provenance.gateRule),
        ("method", provenance.method),
        ("tolerance", NumberText(usesUnicode: true).scientific(provenance.tolerance)),
        ("seed", String(provenance.seed)), ("Secant", provenance.secantVersion),
        ("schema", "\(schema.name) \(schema.version)"),
      ], commandLine: provenance.commandLine, more: more)
  }
}

extension VisibleText {
  /// An argument as a shell reads it, quoted if it has special characters.
  fileprivate func quotedArgument(_ argument: String) -> String {
    let isPlain = argument.unicodeScalars.allSatisfy {
      $0.properties.isAlphabetic || $0.properties.numericType != nil
        || "-_./=:,+@%".unicodeScalars.contains($0)
    }
    if isPlain && !argument.isEmpty { return argument }
    return argument.isEmpty ? "''" : "'" + self(argument).replacing("'", with: "'\\''") + "'"
  }
}
