extension ComparisonReport: TabularReport {
  /// One row for each pair of tokens, and then one for each entry of the account of what changed.
  ///
  /// If one side lacks a token, its cells are empty or NaN. Entries have their own columns, which
  /// exist only if there is an account.
  public var numbers: NumberTable {
    let columns = [
      "first_position", "first_text", "second_position", "second_text", "same_token",
      "first_share", "second_share", "share_difference", "first_singular_value",
      "second_singular_value", "first_stable_rank", "second_stable_rank", "overlap",
    ]
    let rows = pairs.map { pair -> [NumberTable.Cell] in
      let (a, b) = (first.token(at: pair.first), second.token(at: pair.second))
      return a.name + b.name
        + [
          .text(pair.isSameToken ? "true" : "false"), .number(a.share), .number(b.share),
          .number(pair.shareDifference ?? .nan), .number(a.singularValue),
          .number(b.singularValue), .number(a.stableRank), .number(b.stableRank),
          .number(pair.overlap?.meanSquaredCosine ?? .nan),
        ]
    }
    guard let difference else { return NumberTable(columns: columns, rows: rows) }
    func empty(_ columns: [String]) -> [NumberTable.Cell] { columns.map { _ in .text("") } }
    return NumberTable(
      columns: columns + DifferenceLedger.columns,
      rows: rows.map { $0 + empty(DifferenceLedger.columns) }
        + difference.rows.map { empty(columns) + $0 })
  }

  /// The same numbers as arrays, with all cosines and spectra.
  ///
  /// For m pairs: `positions` and `shares` `[m, 2]`, `share_difference` and `overlap` `[m]`, and `cosines`
  /// `[m, k]` of the principal angles; of the n tokens of either side whose maps were decomposed
  /// their positions `SIDE.spectra` `[n]`, `SIDE.singular_values` `[n, r]` and
  /// `SIDE.stable_rank` `[n]`, with SIDE `first` or `second`; `joint.cosines` `[k]`; of c candidates
  /// `candidates` `[c, 2]`, their probabilities; and `prediction_distance` `[1]`. Of the q maps whose differences
  /// were decomposed, where there are any, `map_differences.positions` `[q, 2]`, `map_differences.singular_values`
  /// `[q, r]` and `map_differences.stable_rank` `[q]`. Of the account of what
  /// changed, where there is one, `difference.totals` `[3, 6]`, `difference.heads` `[3, L, h]`, and
  /// `difference.gates` and `difference.norms` `[3, L]`, for the orders forward, reverse and mean.
  public var arrays: [NumberArray] {
    let sides = pairs.map { (first.token(at: $0.first), second.token(at: $0.second)) }
    return [
      .init("positions", rows: pairs.map { [position($0.first), position($0.second)] }, width: 2),
      .init("shares", rows: sides.map { [$0.share, $1.share] }, width: 2),
      .init("share_difference", pairs.map { $0.shareDifference ?? .nan }),
      .init("overlap", pairs.map { $0.overlap?.meanSquaredCosine ?? .nan }),
      .init("cosines", rows: pairs.map { $0.overlap?.cosines ?? [] }),
      .init("first.spectra", first.jacobians.map { Double($0.position) }),
      .init("second.spectra", second.jacobians.map { Double($0.position) }),
      .init("first.singular_values", rows: first.jacobians.map(\.singularValues)),
      .init("second.singular_values", rows: second.jacobians.map(\.singularValues)),
      .init("first.stable_rank", first.jacobians.map(\.stableRank.value)),
      .init("second.stable_rank", second.jacobians.map(\.stableRank.value)),
      .init("joint.cosines", overlap?.cosines ?? []),
      .init(
        "candidates", rows: candidates.map { [$0.first ?? .nan, $0.second ?? .nan] }, width: 2),
      .init("prediction_distance", [predictionDistance ?? .nan]),
    ] + mapArrays + (difference?.arrays ?? [])
  }

  private var mapArrays: [NumberArray] {
    guard let mapDifferences, !mapDifferences.isEmpty else { return [] }
    return [
      .init(
        "map_differences.positions",
        rows: mapDifferences.map { [Double($0.first), Double($0.second)] }, width: 2),
      .init("map_differences.singular_values", rows: mapDifferences.map(\.singularValues)),
      .init("map_differences.stable_rank", mapDifferences.map(\.stableRank.value)),
    ]
  }

  private func position(_ value: Int?) -> Double { value.map(Double.init) ?? .nan }
}

/// One side of a pair of tokens.
private struct SideOfPair {
  var name: [NumberTable.Cell] = [.text(""), .text("")]
  var share = Double.nan
  var singularValue = Double.nan
  var stableRank = Double.nan
}

extension ExplanationReport {
  /// The numbers of a token, by its position; empty if there is no token.
  fileprivate func token(at position: Int?) -> SideOfPair {
    guard let position, shares.tokens.indices.contains(position) else { return SideOfPair() }
    let map = jacobian(at: position)
    return SideOfPair(
      name: [.integer(position), .text(prompt.tokens[position].text)],
      share: shares.tokens[position].value,
      singularValue: map?.singularValues.first ?? .nan,
      stableRank: map?.stableRank.value ?? .nan)
  }
}
