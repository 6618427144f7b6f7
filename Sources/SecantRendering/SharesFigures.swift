public import SecantReports

extension SharesReport {
  /// The pictures of a division: tokens by blocks, and blocks by heads.
  public var figures: [Figure] { [blockFigure, headFigure] }

  var subject: Subject { Subject(provenance.model, prompt, prediction.first) }

  /// What one block made of a token: attention and feed-forward together.
  func given(_ block: Block, _ token: Int) -> Double {
    guard token < block.attention.tokens.count, token < block.feedForward.tokens.count else {
      return .nan
    }
    return block.attention.tokens[token] + block.feedForward.tokens[token]
  }

  /// Tokens that have rows of their own; more are not read one by one.
  private static let rowLimit = 40

  private var blockFigure: Figure {
    let names = ["direct"] + blocks.map { String($0.block) }
    func values(_ token: Int) -> [Double] {
      let direct = token < direct.tokens.count ? direct.tokens[token] : .nan
      return [direct] + blocks.map { given($0, token) }
    }
    let shown = shares.order.prefix(Self.rowLimit).sorted()
    var rows = shown.map { token in
      HeatMap.Row(
        name: subject.label(at: token), isToken: true, values: values(token),
        sum: shares.tokens[token].value)
    }
    let rest = Set(shares.tokens.indices).subtracting(shown).sorted()
    if !rest.isEmpty {
      rows.append(
        .init(
          name: "\(rest.count) other tokens", isToken: false,
          values: rest.map(values).reduce([Double](repeating: 0, count: blocks.count + 1)) {
            zip($0, $1).map(+)
          }, sum: rest.reduce(0) { $0 + shares.tokens[$1].value }))
    }
    rows.append(
      .init(
        name: "bias", isToken: false,
        values: [direct.bias] + blocks.map { $0.attention.bias + $0.feedForward.bias + $0.bias },
        sum: shares.bias.value))
    rows.append(
      .init(
        name: "sum", isToken: false,
        values: [direct.value] + blocks.map { $0.attention.value + $0.feedForward.value + $0.bias },
        sum: exactness.sum, isTotal: true))
    let map = HeatMap(rows, columns: names, caption: "block, in logits")
    return Figure(
      name: "shares-blocks",
      title: "The \(target.text(.token())), by token and block", subject: subject.line,
      reading: """
        Each row is a token of the prompt, each column what one block (attention and feed-forward \
        together, counted from 0) made of it for the target; “direct” is the path past every block. \
        Blue speaks for the target, orange against it. Rows sum to the tokens' shares, columns to what \
        each block wrote, all of it to the logit. What a block gave counts as that of the tokens \
        whose vectors it was made from, however many blocks they went through before.
        """,
      table: NumberTable(
        columns: ["position", "token", "direct"] + blocks.map { "block \($0.block)" } + ["share"],
        rows: shares.tokens.indices.map { token in
          [.integer(token), .text(prompt.tokenText(at: token))]
            + values(token).map { .number($0) } + [.number(shares.tokens[token].value)]
        }),
      size: (map.width, map.height), content: map.markup)
  }

  private var headFigure: Figure {
    let heads = blocks.map(\.heads.count).max() ?? 0
    let rows = blocks.map { block in
      HeatMap.Row(
        name: "block \(block.block)", isToken: false,
        values: (0..<heads).map { $0 < block.heads.count ? block.heads[$0].value : .nan }
          + [block.feedForward.value, block.bias],
        sum: block.attention.value + block.feedForward.value + block.bias)
    }
    let columns = (0..<heads).map(String.init) + ["ffn", "bias"]
    let map = HeatMap(
      rows, columns: columns, caption: "head; ffn: the feed-forward layer; in logits")
    return Figure(
      name: "shares-heads", title: "The \(target.text(.token())), by block and head",
      subject: subject.line,
      reading: """
        Each row is a block, each column one of its attention heads, the feed-forward layer or its \
        biases: what each wrote toward the target at the analysed position, in logits. Rows sum to \
        what the block gave. A head's number says what it wrote, with its attention pattern as given; \
        why it looked where it looked is not in it.
        """,
      table: NumberTable(
        columns: ["block"] + (0..<heads).map { "head \($0)" } + ["feed-forward", "bias"],
        rows: zip(blocks, rows).map { [.integer($0.block)] + $1.values.map { .number($0) } }),
      size: (map.width, map.height), content: map.markup)
  }
}
