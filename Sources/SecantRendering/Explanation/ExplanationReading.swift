import SecantReports

extension ExplanationReport.Prompt {
  /// The prompt: the user's text, or that of its tokens.
  var wholeText: String { text ?? tokens.map(\.text).joined() }

  /// Whether the explained output is that of the last token.
  var isReadToTheEnd: Bool { analysedPosition >= tokens.count - 1 }

  /// What the explained output depends on: the prompt up to the analyzed position.
  var readText: String {
    isReadToTheEnd
      ? wholeText : tokens.prefix(max(0, analysedPosition + 1)).map(\.text).joined()
  }

  /// What comes after the analyzed position.
  var unreadText: String {
    isReadToTheEnd
      ? "" : tokens.dropFirst(max(0, analysedPosition + 1)).map(\.text).joined()
  }

  /// The token at a position; empty where the prompt has none.
  func tokenText(at position: Int) -> String {
    tokens.indices.contains(position) ? tokens[position].text : ""
  }

  /// The token at a position by its text, with its position where another token has the same: "·John@9".
  func name(at position: Int, _ visible: VisibleText) -> String {
    let text = tokenText(at: position)
    let isRepeated = tokens.count { $0.text == text } > 1
    return visible(text) + (isRepeated ? "@\(position)" : "")
  }
}

extension ExplanationReport.Target {
  /// The tokens whose logit is explained, in the given form: "·Paris", "the mean of ·Paris and ·London".
  func subjectName(_ visible: VisibleText) -> String {
    tokens.isEmpty ? visible(label) : Self.name(tokens, visible)
  }

  /// What is subtracted, in the given form; nil where nothing is.
  func referenceName(_ visible: VisibleText) -> String? {
    over.map { $0.tokens.isEmpty ? "the mean of the vocabulary" : Self.name($0.tokens, visible) }
  }

  /// The target by its tokens: "·Paris over ·London", "·Paris".
  func name(_ visible: VisibleText) -> String {
    subjectName(visible) + (referenceName(visible).map { " over \($0)" } ?? "")
  }

  /// The target in words, its tokens in the given form: "logit of ·Paris over ·London".
  func text(_ visible: VisibleText) -> String {
    (tokens.isEmpty ? "direction " : "logit of ") + name(visible)
  }

  /// The logits by themselves, of which the target is the difference; nil where they are not known.
  func logitsText(_ numbers: NumberText) -> String? {
    guard let over, let rawLogit, let subtracted = over.logit else { return nil }
    return "\(numbers.fixed(rawLogit, decimals: 4)) less \(numbers.fixed(subtracted, decimals: 4))"
  }

  private static func name(_ tokens: [Token], _ visible: VisibleText) -> String {
    let names = tokens.map { visible($0.text) }
    return names.count == 1 ? names[0] : "the mean of \(names.list)"
  }
}

extension ExplanationReport.Shares {
  /// The tokens by the magnitude of their shares, largest first, equal ones in the prompt's order.
  ///
  /// Shares that are no number come last but for the baseline.
  var order: [Int] {
    let rows = tokens.indices.filter { !tokens[$0].isBaseline }.map {
      ShareListing.Row(positions: [$0], name: nil, value: tokens[$0].value)
    }
    return rows.bySize.map { $0.positions[0] } + baseline
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
