import SecantReports

/// What every rendering of an explanation asks of it.
extension ExplanationReport {
  /// The prompt: the user's text, or that of its tokens.
  var promptText: String { prompt.text ?? prompt.tokens.map(\.text).joined() }

  /// Whether the explained output is that of the last token.
  var isReadToTheEnd: Bool { prompt.analysedPosition >= prompt.tokens.count - 1 }

  /// What the explained output depends on: the prompt up to the analysed position.
  var readText: String {
    isReadToTheEnd
      ? promptText : prompt.tokens.prefix(max(0, prompt.analysedPosition + 1)).map(\.text).joined()
  }

  /// What comes after the analysed position.
  var unreadText: String {
    isReadToTheEnd
      ? "" : prompt.tokens.dropFirst(max(0, prompt.analysedPosition + 1)).map(\.text).joined()
  }

  /// The token at a position; empty where the report has none.
  func tokenText(at position: Int) -> String {
    prompt.tokens.indices.contains(position) ? prompt.tokens[position].text : ""
  }

  /// The target in words, its tokens in the given form.
  func targetText(_ visible: VisibleText) -> String {
    let token = visible(target.token.text)
    return target.contrast.map { "logit of \(token) minus logit of \(visible($0.text))" }
      ?? "logit of \(token)"
  }

  /// The tokens that have both a share and a map, largest share first, by their place in both lists.
  var indicesByShare: [Int] {
    (0..<min(shares.tokens.count, jacobians.count)).sorted { first, second in
      let (a, b) = (abs(shares.tokens[first].value), abs(shares.tokens[second].value))
      // Shares that are no number come last; equal ones keep the prompt's order.
      return a == b || (a.isNaN && b.isNaN) ? first < second : b.isNaN || a > b
    }
  }
}

extension ExplanationReport.TokenJacobian {
  /// The largest residual, or NaN where one is; nil where none was measured.
  var worstResidual: Double? {
    residuals.first(where: \.isNaN) ?? residuals.max()
  }

  /// Whether every residual is within the tolerance, and the method says so too.
  func hasConverged(within tolerance: Double) -> Bool {
    isConverged && residuals.allSatisfy { $0 <= tolerance }
  }
}

extension ExplanationReport.Cluster {
  /// Whether a triplet belongs to the cluster.
  func contains(_ index: Int) -> Bool { index >= first && index - first < count }
}

extension Provenance {
  /// The model and the settings in one line.
  func summary(_ style: TerminalStyle) -> String {
    ([model.summary(style)] + [chat.map { "chat template of \($0.template)" }].compactMap(\.self)
      + [
        precision, "gate rule \(gateRule)", method,
        "tolerance \(style.numbers.scientific(tolerance, decimals: 0))", "seed \(seed)",
        "Secant \(secantVersion)",
      ]).map { style.message($0) }.joined(separator: style.spell(" · ", ", "))
  }
}

extension ModelIdentity {
  /// The model in one line.
  func summary(_ style: TerminalStyle) -> String {
    [
      name, architecture,
      "\(style.numbers.large(Double(parameterCount))) parameters in \(elementTypes.joined(separator: ", "))",
      fingerprint,
    ].map { style.message($0) }.joined(separator: style.spell(" · ", ", "))
  }
}
