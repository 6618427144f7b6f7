public import SecantReports

extension ExplanationReport {
  /// The explanation for a terminal: the prediction first, then each token's share and map.
  ///
  /// - Parameters:
  ///   - style: What the terminal shows; no line is wider than it.
  ///   - triplets: How many singular triplets of each token are decoded, at least 0.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle(), triplets: Int = 1) -> String {
    answer.terminalText(style) + terminalDetails(style, triplets: triplets)
  }

  /// What ``terminalText(_:triplets:)`` has after the answer: exactness, maps and notes.
  public func terminalDetails(
    _ style: TerminalStyle = TerminalStyle(), triplets: Int = 1
  ) -> String {
    precondition(triplets >= 0, "a number of triplets is not negative")
    return ExplanationText(report: self, style: style, tripletCount: triplets).rendered()
  }
}

extension ExplanationReport.Answer {
  /// The prediction and each token's share for a terminal, without what is found after them.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    terminalHead(style) + terminalShares(style)
  }

  /// The first part of ``terminalText(_:)``: the answer in a sentence, the prompt and the prediction.
  public func terminalHead(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.appendHead(reading, prompt, prediction)
    text.appendTarget(target)
    text.blank()
    return text.rendered()
  }

  /// The second part of ``terminalText(_:)``: each token's share, and its effect where that was measured.
  public func terminalShares(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.appendShares(shares, of: prompt, target: target, check: check)
    text.paragraph(
      "sum of shares \(style.numbers.fixed(shares.sum, decimals: 4)), "
        + "the target \(style.numbers.fixed(shares.logit, decimals: 4)), "
        + "difference \(style.numbers.scientific(shares.difference))", .faint)
    if let check { text.paragraph(check.agreement(style)) }
    return text.rendered()
  }
}

/// The parts of an explanation's text, in reading order.
private struct ExplanationText {
  let report: ExplanationReport
  let style: TerminalStyle
  let tripletCount: Int

  private let showsClusters: Bool
  private let hasUnconverged: Bool
  private var numbers: NumberText { style.numbers }

  init(report: ExplanationReport, style: TerminalStyle, tripletCount: Int) {
    self.report = report
    self.style = style
    self.tripletCount = tripletCount
    showsClusters = report.jacobians.contains { !$0.clusters.isEmpty }
    hasUnconverged = report.jacobians.contains {
      !$0.hasConverged(within: report.provenance.tolerance)
    }
  }

  func rendered() -> String {
    var text = TerminalText(style)
    text.blank()
    text.appendReconstruction(report.reconstruction)
    appendMaps(to: &text)
    appendVectors(to: &text)
    appendNotes(to: &text)
    text.appendProvenance(report.provenance)
    return text.rendered()
  }

  private func appendMaps(to text: inout TerminalText) {
    if report.jacobians.isEmpty { return }
    let sigma = ["₁", "₂", "₃"].enumerated().map { style.spell("σ\($1)", "s\($0 + 1)") }
    var table = TextTable(columns: [
      .init(title: "#", alignment: .right, dropRank: 2),
      .init(title: "token", minimum: 8, maximum: 18),
      .init(title: sigma[0], alignment: .right, dropRank: 1),
      .init(title: sigma[1], alignment: .right, dropRank: 5),
      .init(title: sigma[2], alignment: .right, dropRank: 6),
      .init(title: "stable rank", alignment: .right, dropRank: 4),
      .init(title: "residual", alignment: .right, dropRank: 3),
    ])
    for jacobian in report.jacobians {
      table.rows.append(
        [
          .init(String(jacobian.position), .faint, style: style),
          .init(report.prompt.name(at: jacobian.position, style.token), style: style),
        ] + (0..<3).map { singularValue($0, of: jacobian) } + [
          .init(numbers.estimate(jacobian.stableRank), style: style), worstResidual(of: jacobian),
        ])
    }
    text.heading(
      report.jacobians.count < report.shares.tokens.count
        ? "The maps of \(report.jacobians.count) of \(report.shares.tokens.count) tokens"
        : "The map of each token")
    text.lines(table.lines(style))
  }

  private func singularValue(_ index: Int, of jacobian: ExplanationReport.TokenJacobian)
    -> TextTable.Cell
  {
    guard index < jacobian.singularValues.count else { return .init("", style: style) }
    let isClustered = jacobian.clusters.contains { $0.contains(index) }
    // Where any value has a mark, all others leave room for it, so that digits stay aligned.
    let mark = isClustered ? "~" : showsClusters ? " " : ""
    return .init(numbers.short(jacobian.singularValues[index]) + mark, style: style)
  }

  private func worstResidual(of jacobian: ExplanationReport.TokenJacobian) -> TextTable.Cell {
    guard let worst = jacobian.worstResidual else { return .init("", style: style) }
    let hasConverged = jacobian.hasConverged(within: report.provenance.tolerance)
    let mark = !hasConverged ? "!" : hasUnconverged ? " " : ""
    return .init(
      numbers.scientific(worst, decimals: 0) + mark, hasConverged ? .plain : .warning,
      style: style)
  }

  private func appendVectors(to text: inout TerminalText) {
    guard tripletCount > 0, report.jacobians.contains(where: { !$0.triplets.isEmpty }) else {
      return
    }
    let isSingle = tripletCount == 1
    let names =
      style.usesUnicode
      ? (isSingle ? ("u₁", "v₁") : ("uₖ", "vₖ")) : isSingle ? ("u1", "v1") : ("uk", "vk")
    var table = TextTable(columns: [
      .init(title: "#", alignment: .right, dropRank: 3),
      .init(title: "token", minimum: 8, maximum: 18, dropRank: 1),
      .init(title: "k", alignment: .right, dropRank: 2),
      .init(title: style.spell("σₖ", "sk"), alignment: .right, dropRank: 5),
      .init(title: "residual", alignment: .right, dropRank: 6),
      .init(title: "\(names.0) writes", minimum: 12),
      .init(title: "\(names.1) reads", minimum: 12, dropRank: 4),
    ])
    for jacobian in report.jacobians {
      for (index, triplet) in jacobian.triplets.prefix(tripletCount).enumerated() {
        table.rows.append(vectorRow(index, triplet, of: jacobian))
      }
    }
    if isSingle {
      table.columns.removeSubrange(2...4)
      for row in table.rows.indices { table.rows[row].removeSubrange(2...4) }
    }
    text.heading("What the leading singular vectors write to the output and read from the input")
    text.lines(table.lines(style))
  }

  private func vectorRow(
    _ index: Int, _ triplet: ExplanationReport.DecodedTriplet,
    of jacobian: ExplanationReport.TokenJacobian
  ) -> [TextTable.Cell] {
    let tolerance = report.provenance.tolerance
    let residual = index < jacobian.residuals.count ? jacobian.residuals[index] : nil
    let isBad = residual.map { !($0 <= tolerance) } ?? false
    let isFirst = index == 0
    return [
      .init(isFirst ? String(jacobian.position) : "", .faint, style: style),
      .init(
        isFirst ? report.prompt.name(at: jacobian.position, style.token) : "", style: style),
      .init(String(index + 1), .faint, style: style),
      singularValue(index, of: jacobian),
      .init(
        residual.map { numbers.scientific($0, decimals: 0) + (isBad ? "!" : "") } ?? "",
        isBad ? .warning : .plain, style: style),
      .init(items: triplet.left.map { style.token($0.text) }, style: style),
      .init(items: triplet.right.map { style.token($0.text) }, style: style),
    ]
  }

  private func appendNotes(to text: inout TerminalText) {
    var notes: [(TerminalSpan, String)] = []
    let bullet = style.spell("· ", "- ")
    func add(_ mark: String, _ role: TerminalRole, _ note: String) {
      notes.append((TerminalSpan(mark, role), note))
    }
    if report.jacobians.contains(where: { $0.worstResidual != nil }) {
      add(
        bullet, .faint,
        "residual: the largest of a token's triplets, relative to its \(style.spell("σ₁", "s1")); "
          + "stable rank: the number of directions that share the map's work")
    }
    if hasUnconverged {
      let tolerance = numbers.scientific(report.provenance.tolerance, decimals: 0)
      add(
        "! ", .warning,
        "has not converged: a residual exceeds the tolerance \(tolerance); do not rely on those "
          + "vectors")
    }
    if showsClusters {
      add(
        "~ ", .warning,
        "singular values too close to tell apart: only the space that their vectors span is "
          + "determined, not each vector")
    }
    if report.jacobians.contains(where: { $0.stableRank.standardError != 0 }) {
      add(
        bullet, .faint,
        "a stable rank with ~ is an estimate from random samples; --json gives its error")
    }
    for note in report.notes { add(bullet, .faint, style.message(note)) }
    if notes.isEmpty { return }
    text.blank()
    for (mark, note) in notes { text.paragraph(note, mark: mark) }
  }
}
