extension AblationReport: TabularReport {
  /// One row for each part and factor; `measured` and `predicted` are changes of the target in logits.
  ///
  /// `index` is a head's number, or a direction's from 1.
  public var numbers: NumberTable {
    func cell(_ number: Int?) -> NumberTable.Cell { number.map { .integer($0) } ?? .text("") }
    return NumberTable(
      columns: [
        "part", "block", "index", "position", "token_text", "share", "keep", "predicted",
        "measured", "parted",
      ],
      rows: parts.flatMap { part in
        part.points.map { point in
          [
            .text(part.kind), cell(part.block), cell(part.head ?? part.triplet),
            cell(part.position),
            .text(
              part.position.flatMap {
                prompt.tokens.indices.contains($0) ? prompt.tokens[$0].text : nil
              } ?? ""), .number(part.share), .number(point.keep), .number(point.predicted),
            .number(point.measured), .text(point.isParted ? "yes" : "no"),
          ]
        }
      })
  }

  /// For P parts and K factors: `shares` `[P]`, and `keep`, `predicted` and `measured` `[P, K]`.
  public var arrays: [NumberArray] {
    let count = parts.map(\.points.count).max() ?? 0
    return [
      .init("shares", parts.map(\.share)),
      .init("keep", rows: parts.map { $0.points.map(\.keep) }, width: count),
      .init("predicted", rows: parts.map { $0.points.map(\.predicted) }, width: count),
      .init("measured", rows: parts.map { $0.points.map(\.measured) }, width: count),
    ]
  }
}
