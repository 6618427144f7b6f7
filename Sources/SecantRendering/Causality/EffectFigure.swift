import SecantReports

extension ExplanationReport {
  /// Tokens that have a row: those of the largest shares.
  private static let drawn = 40

  /// Each token's share and the effect of removing it; nil where none was removed.
  var effectFigure: Figure? {
    guard let check else { return nil }
    let shown = shares.order.prefix(Self.drawn).sorted()
    let plot = DotPlot(
      shown.map { position in
        .init(
          name: subject.label(at: position), isToken: true,
          values: [
            shares.tokens[position].value, check.effect(at: position)?.effect ?? .nan,
          ], link: PartLink(token: position))
      }, series: ["share", "effect"], caption: "share and effect, in logits")
    return Figure(
      name: "effects", title: "What each token gave, and what removing it does",
      subject: subject.line,
      caption: """
        Each row is a token. Its share is what its own vector gave to the logit with everything else held \
        fixed; its effect is how much the model's own logit falls where the token is removed (\
        \(check.removal(.token()))), by two real forward passes. Where both marks of a row lie together, the \
        share says what the token does. Where they lie apart, the token acts by what a share holds fixed: \
        attention patterns, gates and norms. Shares sum to the logit; effects sum to nothing.
        """,
      table: NumberTable(
        columns: ["position", "token", "share"] + effectColumns,
        rows: shares.tokens.indices.map { position in
          [
            .integer(position), .text(prompt.tokenText(at: position)),
            .number(shares.tokens[position].value),
          ] + effectCells(at: position)
        }),
      size: (DotPlot.width, plot.height), content: plot.markup)
  }

  /// The columns that a table of tokens has for effects; none where there are none.
  var effectColumns: [String] { check == nil ? [] : ["effect", "channel"] }

  /// The cells of a token's effect under those columns.
  func effectCells(at position: Int) -> [NumberTable.Cell] {
    guard let check else { return [] }
    let effect = check.effect(at: position)
    return [.number(effect?.effect ?? .nan), .text(effect?.channel ?? "")]
  }
}
