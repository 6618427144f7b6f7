package import SecantReports

/// The agreement of several decompositions of one output.
///
/// A statement survives the choice of the gate rule if all its cases come out the same under all
/// rules. The definitions below say what a case is. A baseline is not counted as a token.
package struct GateRuleAgreement {
  /// Decompositions of the same output, at least one, for the same tokens.
  package let answers: [GateRulesReport.Answer]
  /// Each token under all rules.
  package let tokens: [GateRulesReport.Token]

  /// The number of largest shares whose tokens are compared.
  private static let leadingCount = 3
  /// Stable ranks count as the same if the largest is at most 1.5 times the smallest.
  ///
  /// The factor is a choice: stable ranks of one prompt's tokens often differ by a factor of
  /// several.
  private static let stableRankFactor = 1.5

  /// Compares answers whose triplets have a given tolerance.
  package init(_ answers: [GateRulesReport.Answer], tolerance: Double) {
    self.answers = answers
    let ranks = answers.map { Self.ranks($0.shares) }
    let count = answers.map(\.shares.tokens.count).min() ?? 0
    tokens = (0..<count).map { token in
      let maps = answers.compactMap { $0.jacobian(at: token) }
      let areKnown = maps.count == answers.count
      let shares = answers.map { $0.shares.tokens[token].value }
      return GateRulesReport.Token(
        position: token, shareRanks: ranks.map { $0[token] },
        hasOneSign: Set(shares.map { $0 == 0 ? 0 : $0 > 0 ? 1 : -1 }).count == 1,
        stableRankRatio: areKnown ? Self.ratio(maps.map(\.stableRank.value)) : nil,
        commonLeftCount: Self.common(maps.map { $0.triplets.first?.left ?? [] }),
        commonRightCount: Self.common(maps.map { $0.triplets.first?.right ?? [] }),
        isLeadingPairDetermined: areKnown
          && maps.allSatisfy { $0.determinesLeadingPair(within: tolerance) })
    }
  }

  /// Every statement, tested.
  package var conclusions: [GateRulesReport.Conclusion] {
    let factor = Self.stableRankFactor
    return [
      conclusion(
        "largest share", "The token whose share is largest in magnitude is the same.",
        [tokens.contains { Set($0.shareRanks) == [1] }]),
      conclusion(
        "leading shares",
        "A token under up is one of the \(leadingCount) whose shares are largest in magnitude; it is "
          + "one of them under every rule.",
        rated.filter { $0.shareRanks[0] <= leadingCount }
          .map { $0.shareRanks.allSatisfy { $0 <= leadingCount } }),
      orderOfShares,
      conclusion(
        "signs of shares", "A token's share has the same sign.", rated.map(\.hasOneSign)),
      conclusion(
        "word written first",
        "The token that a determined leading left vector writes most is the same.",
        words { $0.left }),
      conclusion(
        "word read first",
        "The token that a determined leading right vector reads most is the same.",
        words { $0.right }),
      conclusion(
        "stable ranks",
        "The largest stable rank of a token's map is at most \(factor) times the smallest.",
        tokens.compactMap(\.stableRankRatio).map { $0 <= factor }),
    ]
  }

  /// Caveats on untested cases.
  package var notes: [String] {
    let open = tokens.filter { $0.stableRankRatio != nil && !$0.isLeadingPairDetermined }
      .map(\.position)
    if open.isEmpty { return [] }
    return [
      "Under some rule the leading pair of vectors is not determined for the tokens at positions "
        + open.map(String.init).joined(separator: ", ") + ": their words are not compared."
    ]
  }

  private var leadingCount: Int { min(Self.leadingCount, rated.count) }

  /// The tokens that are not a baseline.
  private var rated: [GateRulesReport.Token] {
    tokens.filter { !answers[0].shares.tokens[$0.position].isBaseline }
  }

  /// For every pair of tokens, whether their order is the same under all rules.
  private var orderOfShares: GateRulesReport.Conclusion {
    let shares = answers.map { $0.shares.tokens.map(\.value) }
    let isApart = answers[0].shares.tokens.map(\.isBaseline)
    var (holding, cases) = (0, 0)
    for later in tokens.indices where !isApart[later] {
      for earlier in 0..<later where !isApart[earlier] {
        cases += 1
        let isLarger = shares[0][earlier] > shares[0][later]
        if shares.allSatisfy({ ($0[earlier] > $0[later]) == isLarger }) { holding += 1 }
      }
    }
    return .init(
      name: "order of shares", definition: "Of a pair of tokens the same has the larger share.",
      holding: holding, cases: cases)
  }

  /// Whether the first decoded token of the leading pair is the same, for determined pairs.
  private func words(
    _ side: (ExplanationReport.DecodedTriplet) -> [ExplanationReport.DecodedToken]
  ) -> [Bool] {
    tokens.indices.filter { tokens[$0].isLeadingPairDetermined }.compactMap { token in
      let first = answers.map {
        $0.jacobian(at: token)?.triplets.first.flatMap { side($0).first?.id }
      }
      guard !first.contains(nil) else { return nil }
      return Set(first).count == 1
    }
  }

  private func conclusion(
    _ name: String, _ definition: String, _ outcomes: [Bool]
  ) -> GateRulesReport.Conclusion {
    .init(
      name: name, definition: definition, holding: outcomes.count { $0 }, cases: outcomes.count)
  }

  /// The rank of each share by magnitude, from 1.
  ///
  /// Equal shares keep their order, and a baseline comes last.
  private static func ranks(_ shares: ExplanationReport.Shares) -> [Int] {
    let sizes = shares.tokens.map { $0.isBaseline ? -1 : abs($0.value) }
    let order = sizes.indices.sorted { sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1 }
    var ranks = sizes.map { _ in 0 }
    for (rank, token) in order.enumerated() { ranks[token] = rank + 1 }
    return ranks
  }

  /// The largest number over the smallest; 1 if all are zero.
  private static func ratio(_ values: [Double]) -> Double {
    let (largest, smallest) = (values.max() ?? 0, values.min() ?? 0)
    return largest == smallest ? 1 : largest / smallest
  }

  /// The number of tokens in all lists.
  private static func common(_ lists: [[ExplanationReport.DecodedToken]]) -> Int {
    let sets = lists.map { Set($0.map(\.id)) }
    return sets.dropFirst().reduce(sets.first ?? []) { $0.intersection($1) }.count
  }
}

extension ExplanationReport.TokenJacobian {
  /// Whether the leading pair of vectors is determined: it converged and belongs to no cluster.
  fileprivate func determinesLeadingPair(within tolerance: Double) -> Bool {
    guard let residual = residuals.first else { return false }
    return residual <= tolerance && !clusters.contains { $0.first == 0 }
  }
}
