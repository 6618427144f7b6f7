public import SecantReports

extension TraceReport {
  /// The pictures of a trace: blocks by heads and, where each answer token was divided, answer tokens by spans.
  public var figures: [Figure] { [matrixFigure, headFigure].compactMap(\.self) }

  var subject: Subject {
    Subject(
      provenance.model, prompt,
      .init(id: 0, text: answer.text, logit: 0, probability: 0))
  }

  /// Spans and answer tokens that have columns and rows of their own; more are not read one by one.
  private static let columnLimit = 16
  private static let rowLimit = 80

  private var matrixFigure: Figure? {
    guard let matrix, !matrix.rows.isEmpty else { return nil }
    let reading = TraceReading(self, usesUnicode: true)
    let columns = shares.rows.bySize.prefix(Self.columnLimit).sorted {
      $0.positions[0] < $1.positions[0]
    }
    func token(_ row: Row) -> String {
      answer.tokens.indices.contains(row.answer)
        ? VisibleText.token()(answer.tokens[row.answer].text) : ""
    }
    func values(_ row: Row) -> [Double] { columns.map { row.value(at: $0.positions) } }
    let names = columns.map { reading.name(of: $0).truncated(to: 6, ellipsis: "…") }
    if columns.isEmpty { return nil }
    let map = HeatMap(
      matrix.rows.prefix(Self.rowLimit).map {
        HeatMap.Row(name: token($0), isToken: true, values: values($0), sum: $0.sum)
      }, columns: names, caption: "spans with the largest shares, in logits; last: the whole row")
    return Figure(
      name: "trace-matrix", title: "What each span gave to each token of the answer",
      subject: subject.line,
      caption: """
        Each row is a token of the answer, each column one of the spans with the largest shares. A cell is what \
        was written from that span toward that token. Other spans, the answer's own words, the baseline and the \
        biases make up the rest of the row, whose sum stands in the last column.
        """,
      table: NumberTable(
        columns: ["answer", "token"] + columns.map { reading.name(of: $0) } + ["sum"],
        rows: matrix.rows.map { row in
          [
            .integer(row.answer),
            .text(answer.tokens.indices.contains(row.answer) ? answer.tokens[row.answer].text : ""),
          ] + values(row).map { .number($0) } + [.number(row.sum)]
        }),
      size: (map.width, map.height), content: map.markup, edges: map.edges)
  }

  private var headFigure: Figure? {
    let heads = blocks.map(\.heads.count).max() ?? 0
    if blocks.isEmpty { return nil }
    let isBiased = blocks.contains { $0.bias != 0 }
    func values(_ block: Block) -> [Double] {
      (0..<heads).map { $0 < block.heads.count ? block.heads[$0].value : .nan }
        + [block.feedForward] + (isBiased ? [block.bias] : [])
    }
    let columns = (0..<heads).map(String.init) + ["ff"] + (isBiased ? ["bias"] : [])
    let map = HeatMap(
      blocks.map {
        HeatMap.Row(
          name: "block \($0.block)", isToken: false, values: values($0),
          sum: $0.attention + $0.feedForward + $0.bias, link: PartLink(block: $0.block))
      }, columns: columns, links: (0..<heads).map { PartLink(head: $0) },
      caption: "head; ff: feed-forward layer; in logits")
    return Figure(
      name: "trace-heads", title: "What each head and layer wrote toward the answer",
      subject: subject.line,
      caption: """
        Each row is a block, each column one of its heads or its feed-forward layer: what it wrote toward the answer \
        at the positions that predict its tokens, added up. With the direct path the cells sum to the target.
        """,
      table: NumberTable(
        columns: ["block"] + (0..<heads).map { "head \($0)" } + ["feed-forward"]
          + (isBiased ? ["biases"] : []),
        rows: blocks.map { [.integer($0.block)] + values($0).map { .number($0) } }),
      size: (map.width, map.height), content: map.markup, edges: map.edges)
  }
}
