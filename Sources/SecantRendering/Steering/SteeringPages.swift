public import SecantReports

extension SteeringReport: IllustratedReport {
  /// The concept's probability, unsteered and steered.
  public var figures: [Figure] {
    [SteeringTrial.figure(unsteered, steered, concept: setting.concept, setting.subject.line)]
  }

  /// Both continuations on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let style = TerminalStyle()
    let page = Page(
      setting.subject,
      head: "<p class=\"soft\"><bdi>\(setting.operatorLine(style, strength: strength))</bdi></p>",
      sections: [
        SteeringTrial.section(unsteered, steered, concept: setting.concept, figures),
        setting.provenanceSection(schema: Self.schema),
      ])
    return page.document(json: try jsonData(isIndented: false))
  }
}

extension SteeringSweepReport: IllustratedReport {
  /// Effect against damage.
  public var figures: [Figure] { [effectFigure] }

  /// All continuations on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let style = TerminalStyle()
    let page = Page(
      setting.subject, head: "<p class=\"soft\"><bdi>\(setting.operatorLine(style))</bdi></p>",
      sections: [section] + Page.notes(notes) + [setting.provenanceSection(schema: Self.schema)])
    return page.document(json: try jsonData(isIndented: false))
  }

  private var section: PageSection {
    let numbers = NumberText(usesUnicode: true)
    let measures = SteeringTrial.measures(
      concept: setting.conceptName(TerminalStyle()), numbers)
    func row(_ block: Markup, _ method: String, _ strength: String, _ trial: SteeringTrial)
      -> Markup
    {
      let cells = measures.map { "<td class=\"number\">\($0.value(trial))</td>" as Markup }
      return """
        <tr>\(block)<td>\(method)</td><td class="number">\(strength)</td>\(cells)\
        <td><bdi>\(trial.shown(TerminalStyle()))</bdi></td></tr>

        """
    }
    let rows = points.map { point -> Markup in
      row(
        "<th scope=\"row\"\(PartLink(block: point.block).attributes)>\(point.block)</th>",
        point.method.name, numbers.shortest(point.strength), point.trial)
    }
    let titles = measures.map { "<th scope=\"col\" class=\"number\">\($0.name)</th>" as Markup }
    return PageSection(
      "sweep", "Effect and damage",
      """
      <div class="figures wide">\(figures.map(\.pageMarkup))</div>
      <div class="scroll words-frame" tabindex="0"><table class="grid sweep"><thead><tr>\
      <th scope="col">block</th><th scope="col">by</th><th scope="col" class="number">s</th>\(titles)\
      <th scope="col">continuation</th></tr></thead><tbody>
      \(row("<th scope=\"row\"></th>", "unsteered", "0", unsteered))\(rows)</tbody></table></div>
      <p class="soft">J: the operator; mean: a difference of means of the same length. \
      \(SteeringTrial.measureNote)</p>
      """)
  }
}

extension SteeringVectorReport: IllustratedReport {
  /// What the direction raises, and the concept's probability, unsteered and steered.
  public var figures: [Figure] {
    (direction.writes.isEmpty ? [] : [directionFigure]) + [
      SteeringTrial.figure(unsteered, steered, concept: concept, subject.line)
    ]
  }

  /// Both continuations on one HTML page that needs nothing else.
  ///
  /// - Throws: What `jsonData` throws.
  /// - Returns: An HTML document that is well-formed XML too.
  public func htmlPage() throws(ReportError) -> String {
    let page = Page(
      subject, head: "<p class=\"soft\"><bdi>\(directionLine(TerminalStyle()))</bdi></p>",
      sections: [
        SteeringTrial.section(unsteered, steered, concept: concept, figures),
        Page.provenance(
          model,
          [
            ("precision", precision), ("sampling", sampling.line(TerminalStyle())),
            ("length of the direction", NumberText(usesUnicode: true).short(direction.length)),
            ("Secant", secantVersion), ("schema", "\(Self.schema.name) \(Self.schema.version)"),
          ], commandLine: commandLine),
      ])
    return page.document(json: try jsonData(isIndented: false))
  }

  private var subject: Subject { Subject(model, promptText, promptTokens) }

  private var directionFigure: Figure {
    let visible = VisibleText.token()
    let plot = DotPlot(
      direction.writes.map {
        .init(name: visible($0.text), isToken: true, values: [$0.score])
      }, series: ["raised by"], caption: "logits for a push of length 1")
    return Figure(
      name: "steering-direction", title: "What a push along the direction raises most",
      subject: subject.line,
      caption: """
        Each row is a token of the vocabulary: how much its logit rises with a push of length 1 along the \
        direction, through the final norm's weights alone. Blocks between the push and the output may answer it \
        otherwise.
        """,
      table: NumberTable(
        columns: ["id", "token", "score"],
        rows: direction.writes.map { [.integer($0.id), .text($0.text), .number($0.score)] }),
      size: (DotPlot.width, plot.height), content: plot.markup)
  }
}

extension Subject {
  /// The subject of a continuation.
  fileprivate init(_ model: ModelIdentity, _ text: String?, _ tokens: [SteeringToken]) {
    let prompt = ExplanationReport.Prompt(
      text: text,
      tokens: tokens.enumerated().map { .init(position: $0, id: $1.id, text: $1.text) },
      analysedPosition: max(0, tokens.count - 1))
    self.init(model, prompt, nil)
  }
}

extension SteeringSetting {
  fileprivate var subject: Subject { Subject(model, promptText, promptTokens) }

  fileprivate func provenanceSection(schema: ReportSchema) -> PageSection {
    Page.provenance(
      model,
      [
        ("precision", precision), ("sampling", sampling.line(TerminalStyle())),
        ("operator", "block \(steeringOperator.block), \(steeringOperator.form)"),
        ("gate rule", steeringOperator.gateRule), ("Secant", secantVersion),
        ("schema", "\(schema.name) \(schema.version)"),
      ], commandLine: commandLine)
  }
}

extension SteeringTrial {
  /// What the measures mean.
  static var measureNote: String {
    "its tokens: their total probability at each step, on average; perplexity: of the text under the unsteered "
      + "model; KL: of the next token from that model's, on average."
  }

  /// Both continuations side by side, and what was measured of them.
  fileprivate static func section(
    _ unsteered: SteeringTrial, _ steered: SteeringTrial, concept: [SteeringToken],
    _ figures: [Figure]
  ) -> PageSection {
    let style = TerminalStyle()
    let columns = [("as-it-is", "Unsteered", unsteered), ("steered", "Steered", steered)].map {
      PageSection($0.0, $0.1, "<p class=\"running\"><bdi>\($0.2.shown(style))</bdi></p>")
    }
    let rows = measures(concept: concept.conceptName(style), style.numbers).map {
      measure -> Markup in
      """
      <tr><th scope="row"><bdi>\(measure.name)</bdi></th><td class="number">\(measure.value(unsteered))</td>\
      <td class="number">\(measure.value(steered))</td></tr>

      """
    }
    return PageSection(
      "continuations", "How the prompt goes on",
      """
      \(Page.columns(columns))
      <table class="grid"><thead><tr><td></td><th scope="col" class="number">unsteered</th>\
      <th scope="col" class="number">steered</th></tr></thead><tbody>
      \(rows)</tbody></table>
      <p class="soft">\(measureNote)</p>
      <div class="figures">\(figures.map(\.pageMarkup))</div>
      """)
  }

  /// The concept's probability in both continuations.
  fileprivate static func figure(
    _ unsteered: SteeringTrial, _ steered: SteeringTrial, concept: [SteeringToken],
    _ subject: String
  ) -> Figure {
    let name = concept.conceptName(TerminalStyle())
    let rows: [(name: String, value: (SteeringTrial) -> Double?)] = [
      ("follows", \.conceptProbability), ("its tokens", \.conceptShare),
    ]
    let plot = DotPlot(
      rows.map {
        .init(
          name: $0.name, isToken: false,
          values: [$0.value(unsteered) ?? .nan, $0.value(steered) ?? .nan])
      }, series: ["unsteered", "steered"], caption: "probability")
    return Figure(
      name: "steering-effect", title: "The probability of “\(name)”, unsteered and steered",
      subject: subject,
      caption: """
        The first row is the probability that the concept follows the prompt, the second the probability of all \
        its tokens together, averaged over the continuation. The damage, perplexity and KL, stands in the table.
        """,
      table: NumberTable(
        columns: ["measure", "unsteered", "steered"],
        rows: rows.map {
          [
            .text($0.name), .number($0.value(unsteered) ?? .nan),
            .number($0.value(steered) ?? .nan),
          ]
        }),
      size: (DotPlot.width, plot.height), content: plot.markup)
  }
}
