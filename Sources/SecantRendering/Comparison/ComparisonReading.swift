import SecantReports

/// Which pairs of tokens a comparison has rows for.
///
/// All of short prompts, of longer ones those of the largest shares on either side. Baselines stand apart.
struct PairListing {
  /// The pairs that have rows, in the order of these.
  let shown: [ComparisonReport.Pair]
  /// The others together, on either side; nil where there are none.
  let others: (name: String, values: (Double, Double))?
  /// What is set apart on either side: the baseline, or the bias alone.
  let baseline: (Double, Double)
  let baselineName: String
  /// All pairs that are no baseline on both sides they are on, those of the largest shares first where not all are shown.
  let all: [ComparisonReport.Pair]

  private static let short = 24
  private static let leading = 12

  init(_ report: ComparisonReport) {
    let sides = (report.first.shares, report.second.shares)
    func value(_ position: Int?, _ shares: ExplanationReport.Shares) -> Double {
      guard let position, shares.tokens.indices.contains(position) else { return 0 }
      return shares.tokens[position].isBaseline ? 0 : shares.tokens[position].value
    }
    func isApart(_ position: Int?, _ shares: ExplanationReport.Shares) -> Bool {
      position.map(shares.baseline.contains) ?? true
    }
    let pairs = report.pairs.filter { !isApart($0.first, sides.0) || !isApart($0.second, sides.1) }
    func size(_ pair: ComparisonReport.Pair) -> Double {
      let values = [value(pair.first, sides.0), value(pair.second, sides.1)].map(abs)
      return values.filter(\.isFinite).max() ?? 0
    }
    baseline = (
      ShareListing(sides.0).baseline?.value ?? sides.0.bias.value,
      ShareListing(sides.1).baseline?.value ?? sides.1.bias.value
    )
    baselineName = sides.0.baseline.isEmpty && sides.1.baseline.isEmpty ? "bias" : "baseline"
    guard pairs.count > Self.short else {
      (shown, others, all) = (pairs, nil, pairs)
      return
    }
    let sizes = pairs.map(size)
    all = pairs.indices.sorted { sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1 }
      .map { pairs[$0] }
    shown = Array(all.prefix(Self.leading))
    let rest = all.dropFirst(Self.leading)
    others = (
      "\(rest.count) others",
      (
        rest.reduce(0) { $0 + value($1.first, sides.0) },
        rest.reduce(0) { $0 + value($1.second, sides.1) }
      )
    )
  }
}

extension ComparisonReport {
  /// The comparison in one sentence: of what changed where that is accounted for; else of each side.
  func sentences(_ account: DifferenceReading?, usesUnicode: Bool) -> [String] {
    if let account { return [account.sentence] }
    return zip(["A: ", "B: "], [first, second]).map {
      $0 + $1.answer.reading.sentence(usesUnicode: usesUnicode)
    }
  }
}
