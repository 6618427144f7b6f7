import SecantReports

extension ExplanationReport.Prompt {
  /// The prompt: the user's text, or that of its tokens.
  var wholeText: String { text ?? tokens.map(\.text).joined() }

  /// Whether the explained output is that of the last token.
  var isReadToTheEnd: Bool { analysedPosition >= tokens.count - 1 }

  /// What the explained output depends on: the prompt up to the analysed position.
  var readText: String {
    isReadToTheEnd
      ? wholeText : tokens.prefix(max(0, analysedPosition + 1)).map(\.text).joined()
  }

  /// What comes after the analysed position.
  var unreadText: String {
    isReadToTheEnd
      ? "" : tokens.dropFirst(max(0, analysedPosition + 1)).map(\.text).joined()
  }

  /// The token at a position; empty where the prompt has none.
  func tokenText(at position: Int) -> String {
    tokens.indices.contains(position) ? tokens[position].text : ""
  }
}

extension ExplanationReport.Target {
  /// The target in words, its tokens in the given form.
  func text(_ visible: VisibleText) -> String {
    let shown = visible(token.text)
    return contrast.map { "logit of \(shown) minus logit of \(visible($0.text))" }
      ?? "logit of \(shown)"
  }
}

extension ExplanationReport.Shares {
  /// The tokens by the magnitude of their shares, largest first, equal ones in the prompt's order.
  ///
  /// Shares that are no number come last.
  var order: [Int] { tokens.map(\.value).byMagnitude }
}

extension [Double] {
  /// The places of the values by their magnitude, largest first, equal ones in order; what is no number comes last.
  var byMagnitude: [Int] {
    indices.sorted { first, second in
      let (a, b) = (abs(self[first]), abs(self[second]))
      return a == b || (a.isNaN && b.isNaN) ? first < second : b.isNaN || a > b
    }
  }
}

/// What every rendering of an explanation asks of it.
extension ExplanationReport {
  /// The decomposed maps, those of the largest shares first.
  var jacobiansByShare: [TokenJacobian] {
    let ranks = Dictionary(
      uniqueKeysWithValues: shares.order.enumerated().map { ($0.element, $0.offset) })
    func rank(_ map: TokenJacobian) -> Int { ranks[map.position] ?? .max }
    return jacobians.sorted { (rank($0), $0.position) < (rank($1), $1.position) }
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
    // What is exact has no tolerance, and nothing in it is random.
    let vectors =
      method == "exact"
      ? []
      : [
        method, "tolerance \(style.numbers.scientific(tolerance, decimals: 0))", "seed \(seed)",
      ]
    return
      ([model.summary(style)] + [chat.map { "chat template of \($0.template)" }].compactMap(\.self)
      + [precision, "gate rule \(gateRule)"] + vectors + ["Secant \(secantVersion)"])
      .map { style.message($0) }.joined(separator: style.spell(" · ", ", "))
  }
}

extension ModelIdentity {
  /// The model in one line.
  func summary(_ style: TerminalStyle) -> String {
    [
      name, architecture,
      "\(style.numbers.large(Double(parameterCount))) parameters in \(elementTypes.joined(separator: ", "))",
      String(fingerprint.prefix(23)),
    ].map { style.message($0) }.joined(separator: style.spell(" · ", ", "))
  }
}
