import SecantReports

/// What every picture of the layers asks of the report.
extension LayersReport {
  var subject: Subject { Subject(provenance.model, prompt, prediction.first) }

  /// The ids that are marked: the concepts' tokens, and the likeliest next token.
  var markedTokens: Set<Int> {
    Set(concepts.flatMap(\.tokens) + prediction.prefix(1).map(\.id))
  }

  /// Tokens that have columns of their own, by their place among those whose maps were decomposed: those that
  /// gave most at the end.
  func shownTokens(limit: Int) -> [Int] {
    let last =
      maps(.cumulative, to: .residual).last ?? maps.last
    let norms = last?.tokens.map { $0.outputNorm.isFinite ? $0.outputNorm : 0 } ?? []
    return norms.indices.sorted { norms[$0] > norms[$1] }.prefix(limit).sorted()
  }

  /// What a map of one token says of itself, in one line.
  func summary(of map: LayerMap, token: Int) -> String {
    let (numbers, visible) = (NumberText(usesUnicode: true), VisibleText.token())
    let jacobian = map.tokens[token]
    func words(_ tokens: [ExplanationReport.DecodedToken]?) -> String {
      (tokens ?? []).prefix(3).map { "\(visible($0.text)) \(numbers.short($0.score))" }
        .joined(separator: ", ")
    }
    let first = jacobian.triplets.first
    let residual = jacobian.worstResidual.map {
      ", residual \(numbers.scientific($0, decimals: 0))"
    }
    return "\(subject.label(at: jacobian.position)), \(map.name): writes \(words(first?.left)); "
      + "reads \(words(first?.right)); σ₁ \(jacobian.singularValues.first.map(numbers.short) ?? "–"), "
      + "stable rank \(numbers.short(jacobian.stableRank.value))\(residual ?? "")"
  }
}

extension LayersReport.LayerMap {
  /// "after block 3", "attention of block 3": what the map leads to.
  var name: String {
    switch site {
    case .residual: "after block \(block)"
    case .attention: "attention of block \(block)"
    case .feedForward: "feed-forward of block \(block)"
    }
  }
}

extension LayersReport.Site {
  /// The site in words.
  var title: String {
    switch self {
    case .residual: "block output"
    case .attention: "attention output"
    case .feedForward: "feed-forward output"
    }
  }
}

extension LayersReport.Site {
  /// The site in a word.
  var shortTitle: String {
    switch self {
    case .residual: "block"
    case .attention: "attention"
    case .feedForward: "feed-forward"
    }
  }
}

extension LayersReport.Extent {
  /// The extent in words.
  var title: String {
    switch self {
    case .cumulative: "from the embeddings"
    case .local: "from the block's own input"
    }
  }
}
