import Foundation
public import SecantReports

extension MapsReport {
  /// The maps for a terminal: each token's map in a line, its units, and the directions of the
  /// joint map.
  ///
  /// - Parameters:
  ///   - style: What the terminal shows; no line is wider than it.
  ///   - units: The number of rows and columns listed for each map, at least 0.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle(), units: Int = 2) -> String {
    precondition(units >= 0, "a number of units is not negative")
    return MapsText(report: self, style: style, unitCount: units).rendered()
  }
}

/// The parts of the text, in reading order.
private struct MapsText {
  let report: MapsReport
  let style: TerminalStyle
  let unitCount: Int
  private var numbers: NumberText { style.numbers }

  func rendered() -> String {
    var text = TerminalText(style)
    text.appendHead(report.reading, report.prompt, report.prediction)
    if let target = report.target { text.appendTarget(target) } else { text.blank() }
    text.appendReconstruction(report.reconstruction)
    appendMaps(to: &text)
    appendUnits(to: &text)
    appendDirections(to: &text)
    appendGeneration(to: &text)
    text.appendNotes(
      [
        "50 % in: the fraction of all entries, rows and columns, largest first, that carries half of "
          + "the map's squared Frobenius norm \(normTitle); 50% would be evenly spread.",
        "Spectrum: the logarithm of all singular values, largest first, on the same scale for all tokens.",
        "rank: the stable rank, ~ if it is an estimate.",
      ] + report.notes)
    text.appendProvenance(report.provenance)
    return text.rendered()
  }

  private var normTitle: String { style.spell("‖J‖²", "|J|^2") }

  private func name(_ position: Int) -> String {
    report.prompt.name(at: position, style.token)
  }

  // MARK: - Maps

  private func appendMaps(to text: inout TerminalText) {
    if report.jacobians.isEmpty { return }
    let spectra = report.jacobians.map { logarithms($0.spectrum) }
    let lines = Sparkline(spectra.flatMap(\.self), style: style)
    let sigma = ["₁", "₂"].enumerated().map { style.spell("σ\($1)", "s\($0 + 1)") }
    var table = TextTable(columns: [
      .init(title: "#", alignment: .right, dropRank: 4),
      .init(title: "token", minimum: 8, maximum: 18),
      .init(title: sigma[0], alignment: .right),
      .init(title: sigma[1], alignment: .right, dropRank: 5),
      .init(title: "rank", alignment: .right, dropRank: 1),
      .init(title: "spectrum", minimum: 8, maximum: 24, dropRank: 2),
      .init(title: "50 % in: entries", alignment: .right, dropRank: 3),
      .init(title: "rows", alignment: .right, dropRank: 3),
      .init(title: "columns", alignment: .right, dropRank: 3),
    ])
    for (map, spectrum) in zip(report.jacobians, spectra) {
      let values = map.singular.singularValues
      table.rows.append([
        .init(String(map.singular.position), .faint, style: style),
        .init(name(map.singular.position), style: style),
        .init(values.first.map(numbers.short) ?? "", style: style),
        .init(values.count > 1 ? numbers.short(values[1]) : "", style: style),
        .init(numbers.estimate(map.singular.stableRank), style: style),
        lines.cell(spectrum),
        .init(half(map.concentration.entries), style: style),
        .init(half(map.concentration.rows), style: style),
        .init(half(map.concentration.columns), style: style),
      ])
    }
    text.heading("Each token's map")
    text.lines(table.lines(style))
  }

  /// The drawn curve: log σ over log k, without values that are only rounding errors.
  private func logarithms(_ curve: MapsReport.Curve) -> [Double] {
    let floor = (curve.y.first ?? 0) * 1e-7
    return curve.y.map { log(max($0, floor, .leastNormalMagnitude)) }
  }

  /// The fraction of the parts at which the curve reaches one half.
  private func half(_ curve: MapsReport.Curve) -> String {
    let points = Array(zip(curve.x, curve.y))
    for (a, b) in zip(points, points.dropFirst()) where b.1 >= 0.5 {
      let part = b.1 > a.1 ? (0.5 - a.1) / (b.1 - a.1) : 0
      return numbers.percent(a.0 + part * (b.0 - a.0))
    }
    return ""
  }

  // MARK: - Units

  private func appendUnits(to text: inout TerminalText) {
    let hasUnits = report.jacobians.contains { !$0.rows.isEmpty || !$0.columns.isEmpty }
    guard unitCount > 0, hasUnits else { return }
    var table = TextTable(columns: [
      .init(title: "token", minimum: 8, maximum: 14, dropRank: 1),
      .init(title: "row", alignment: .right),
      .init(title: "norm", alignment: .right, dropRank: 3),
      .init(title: "reads", minimum: 10),
      .init(title: "column", alignment: .right, dropRank: 2),
      .init(title: "norm", alignment: .right, dropRank: 3),
      .init(title: "writes", minimum: 10, dropRank: 2),
    ])
    for map in report.jacobians {
      let count = min(unitCount, max(map.rows.count, map.columns.count))
      for index in 0..<count {
        table.rows.append(
          [.init(index == 0 ? name(map.singular.position) : "", style: style)]
            + unit(map.rows, index) + unit(map.columns, index))
      }
    }
    text.heading("The largest rows (units of the output) and columns (units of the input)")
    text.lines(table.lines(style))
  }

  private func unit(_ units: [MapsReport.Unit], _ index: Int) -> [TextTable.Cell] {
    guard units.indices.contains(index) else {
      return [TextTable.Cell](repeating: .init("", style: style), count: 3)
    }
    return [
      .init(String(units[index].index), .faint, style: style),
      .init(numbers.short(units[index].norm), style: style),
      .init(items: units[index].tokens.map { style.token($0.text) }, style: style),
    ]
  }

  // MARK: - Directions of all tokens together

  private func appendDirections(to text: inout TerminalText) {
    guard let map = report.joint, !map.triplets.isEmpty else { return }
    var table = TextTable(columns: [
      .init(title: "k", alignment: .right, dropRank: 3),
      .init(title: style.spell("σₖ", "sk"), alignment: .right),
      .init(title: "residual", alignment: .right, dropRank: 6),
      .init(title: style.spell("cos(uₖ, y)", "cos(uk, y)"), alignment: .right, dropRank: 4),
      .init(title: style.spell("uₖ writes", "uk writes"), minimum: 12),
      .init(
        title: style.spell("vₖ reads, and where", "vk reads, and where"), minimum: 24, dropRank: 1),
    ])
    for (k, triplet) in map.triplets.enumerated() {
      let residual = k < map.residuals.count ? map.residuals[k] : nil
      let isBad = residual.map { !($0 <= report.provenance.tolerance) } ?? false
      table.rows.append([
        .init(String(k + 1), .faint, style: style),
        .init(
          k < map.singularValues.count ? numbers.short(map.singularValues[k]) : "", style: style),
        .init(
          residual.map { numbers.scientific($0, decimals: 0) + (isBad ? "!" : "") } ?? "",
          isBad ? .warning : .plain, style: style),
        .init(numbers.fixed(triplet.outputCosine, decimals: 2), style: style),
        .init(items: triplet.left.map { style.token($0.text) }, style: style),
        .init(items: triplet.right.map { words($0, of: triplet) }, style: style),
      ])
    }
    text.heading("The joint map of all tokens: its leading directions")
    text.lines(table.lines(style))
    text.paragraph("stable rank \(numbers.estimate(map.stableRank))", .faint)
  }

  private func words(
    _ part: MapsReport.PositionTokens, of triplet: MapsReport.Triplet
  ) -> String {
    let word = part.tokens.first.map { style.token($0.text) } ?? ""
    let weight =
      triplet.weights.indices.contains(part.position) ? triplet.weights[part.position] : .nan
    return "\(word) at \(name(part.position)) \(numbers.percent(weight))"
  }

  // MARK: - Generation

  private func appendGeneration(to text: inout TerminalText) {
    guard let generation = report.generation, !generation.steps.isEmpty else { return }
    var table = TextTable(columns: [
      .init(title: "step", alignment: .right, dropRank: 3),
      .init(title: "says", minimum: 8, maximum: 18),
      .init(title: "probability", alignment: .right, dropRank: 2),
      .init(title: "over", minimum: 6, maximum: 14, dropRank: 4),
      .init(title: "by", alignment: .right, dropRank: 4),
      .init(title: "error", alignment: .right, dropRank: 5),
      .init(title: "largest shares", minimum: 14, dropRank: 1),
    ])
    for (index, step) in generation.steps.enumerated() {
      let shares = step.shares.order.prefix(4).map { token in
        let known = generation.tokens.indices.contains(token) ? generation.tokens[token].text : ""
        return "\(style.token(known)) "
          + numbers.fixed(step.shares.tokens[token].value, decimals: 2, withPlus: true)
      }
      table.rows.append([
        .init(String(index), .faint, style: style),
        .init(style.token(step.prediction.text), .strong, style: style),
        .init(numbers.percent(step.prediction.probability), style: style),
        .init(step.target?.referenceName(style.token) ?? "", style: style),
        .init(numbers.short(step.target?.logit ?? step.prediction.logit), style: style),
        .init(numbers.scientific(step.reconstruction.relativeError, decimals: 0), style: style),
        .init(items: shares, style: style),
      ])
    }
    let first = generation.tokens.first.map { style.token($0.text) } ?? ""
    text.heading("A generation from \(first) alone, step by step")
    text.lines(table.lines(style))
  }
}
