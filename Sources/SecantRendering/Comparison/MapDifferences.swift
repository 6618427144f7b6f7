import SecantReports

/// The differences of aligned tokens' maps, as text and on a page.
extension ComparisonReport {
  /// Two aligned tokens by one name: both where they differ.
  fileprivate func name(of difference: MapDifference, _ token: VisibleText) -> String {
    let names = [
      first.prompt.tokenText(at: difference.first), second.prompt.tokenText(at: difference.second),
    ]
    let shown = names.map { token($0) }
    return names[0] == names[1] ? shown[0] : "\(shown[0])/\(shown[1])"
  }

  /// The largest singular value of either side's own map, beside which a difference is large or small.
  fileprivate func ownValues(_ difference: MapDifference) -> [Double?] {
    [first.jacobian(at: difference.first), second.jacobian(at: difference.second)]
      .map { $0?.singularValues.first }
  }

  /// The differences that have triplets.
  fileprivate var shownDifferences: [MapDifference] {
    (mapDifferences ?? []).filter { !$0.singularValues.isEmpty }
  }

  /// What each token's map does otherwise, on a page; nil where nothing was decomposed.
  var mapDifferenceSection: PageSection? {
    let shown = shownDifferences
    if shown.isEmpty { return nil }
    let (numbers, token) = (NumberText(usesUnicode: true), VisibleText.token())
    func number(_ value: Double?) -> String { value.map(numbers.short) ?? "–" }
    func words(_ tokens: [ExplanationReport.DecodedToken]) -> String {
      tokens.prefix(5).map { token($0.text) }.joined(separator: " ")
    }
    let rows = shown.flatMap { difference in
      difference.singularValues.prefix(3).enumerated().map { k, value -> Markup in
        let triplet = k < difference.triplets.count ? difference.triplets[k] : nil
        let own = ownValues(difference)
        let cells: Markup =
          k == 0
          ? """
          <th scope="row"><bdi class="token">\(name(of: difference, token))</bdi> \
          <span class="soft">\(difference.first)</span></th>\
          <td class="number">\(number(own[0]))</td><td class="number">\(number(own[1]))</td>\
          <td class="number">\(numbers.estimate(difference.stableRank))</td>
          """ : "<td></td><td></td><td></td><td></td>"
        return """
          <tr>\(cells)<td class="number">\(numbers.short(value))</td>\
          <td class="number">\(number(k < difference.residuals.count ? difference.residuals[k] : nil))</td>\
          <td><bdi>\(words(triplet?.left ?? []))</bdi></td>\
          <td><bdi>\(words(triplet?.right ?? []))</bdi></td></tr>

          """
      }
    }
    return PageSection(
      "map-differences", "What each token's map does otherwise",
      """
      <div class="scroll" tabindex="0"><table class="grid"><thead><tr><th scope="col">token</th>\
      <th scope="col" class="number">σ₁ of A</th><th scope="col" class="number">σ₁ of B</th>\
      <th scope="col" class="number">rank</th><th scope="col" class="number">σ of A − B</th>\
      <th scope="col" class="number">residual</th><th scope="col">u writes</th>\
      <th scope="col">v reads</th></tr></thead>
      <tbody>\(rows)</tbody></table></div>
      <details><summary>How to read this</summary><p>\(Self.mapDifferenceNote)</p></details>
      """)
  }

  /// What a reader of the differences should know.
  static let mapDifferenceNote =
    "The map of a token in A less that of the token beside it in B, as one linear map, by its leading singular "
    + "triplets: what u writes is written by A's map more than by B's, out of what v reads of the token's vector. Its "
    + "triplets are its own, and no differences of both maps' triplets."
}

extension TerminalText {
  /// What each token's map does otherwise; nothing where nothing was decomposed.
  mutating func append(differencesOf report: ComparisonReport) {
    let shown = report.shownDifferences
    if shown.isEmpty { return }
    let (numbers, first) = (style.numbers, style.spell("σ₁", "s1"))
    var table = TextTable(columns: [
      .init(title: "token", minimum: 10, maximum: 20),
      .init(title: "\(first) A - B", alignment: .right),
      .init(title: "of A", alignment: .right, dropRank: 3),
      .init(title: "of B", alignment: .right, dropRank: 4),
      .init(title: "rank", alignment: .right, dropRank: 2),
      .init(title: "\(style.spell("u₁", "u1")) writes", minimum: 10),
      .init(title: "\(style.spell("v₁", "v1")) reads", minimum: 10, dropRank: 1),
    ])
    func value(_ number: Double?) -> TextTable.Cell {
      .init(number.map(numbers.short) ?? "", style: style)
    }
    func words(_ tokens: [ExplanationReport.DecodedToken]) -> TextTable.Cell {
      .init(items: tokens.map { style.token($0.text) }, style: style)
    }
    for difference in shown {
      let own = report.ownValues(difference)
      let triplet = difference.triplets.first
      table.rows.append([
        .init(report.name(of: difference, style.token), style: style),
        .init(
          (difference.singularValues.first.map(numbers.short) ?? "")
            + (difference.isConverged ? "" : "!"),
          difference.isConverged ? .plain : .warning, style: style),
        value(own[0]), value(own[1]),
        .init(numbers.estimate(difference.stableRank), style: style),
        words(triplet?.left ?? []), words(triplet?.right ?? []),
      ])
    }
    heading("What each token's map does otherwise: \(style.spell("J_A − J_B", "J_A - J_B"))")
    lines(table.lines(style))
  }
}
