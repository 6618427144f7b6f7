public import SecantReports

extension SharesReport {
  /// The pictures of a division: what passes through the blocks at each token, what they wrote because of each,
  /// blocks by heads, and blocks by modules of the adapter.
  public var figures: [Figure] {
    [throughFigure] + (sources.isEmpty ? [] : [blockFigure]) + [headFigure]
      + (adapter.flatMap(adapterFigure).map { [$0] } ?? [])
  }

  var subject: Subject { Subject(provenance.model, prompt, prediction.first) }

  /// What one block wrote because of a token: attention and feed-forward together; nil where it was not asked.
  func given(_ block: Block, _ token: Int) -> Double? {
    guard let attention = made(block.attention, of: token),
      let feedForward = made(block.feedForward, of: token)
    else { return nil }
    return attention + feedForward
  }

  /// What one layer, or the direct path, wrote because of a token; nil where it was not asked.
  private func made(_ part: Part, of token: Int) -> Double? {
    sources.firstIndex(of: token).flatMap {
      part.tokens.indices.contains($0) ? part.tokens[$0] : nil
    }
  }

  /// How much of the logit passes through the layers of a block at a token.
  private func passing(_ block: Block, _ token: Int) -> Double {
    let parts = [block.attention.through, block.feedForward.through]
    return parts.reduce(0) { $0 + ($1.indices.contains(token) ? $1[token] : .nan) }
  }

  /// Tokens that have rows of their own; more are not read one by one.
  private static let rowLimit = 40

  private var throughFigure: Figure {
    let columns = blocks.map { String($0.block) }
    func values(_ token: Int) -> [Double] { blocks.map { passing($0, token) } }
    func size(_ token: Int) -> Double {
      values(token).reduce(0) { $0 + ($1.isFinite ? abs($1) : 0) }
    }
    let sizes = shares.tokens.indices.map(size)
    let shown = sizes.indices.sorted { sizes[$0] != sizes[$1] ? sizes[$0] > sizes[$1] : $0 < $1 }
      .prefix(Self.rowLimit).sorted()
    let map = HeatMap(
      shown.map { token in
        HeatMap.Row(
          name: subject.label(at: token), isToken: true, values: values(token),
          sum: shares.tokens[token].value, isBaseline: shares.tokens[token].isBaseline,
          link: PartLink(token: token))
      }, columns: columns, links: blocks.map { PartLink(block: $0.block) },
      caption: "block, in logits; last column: the token's share")
    return Figure(
      name: "shares-through",
      title: "What of the \(target.text(.token())) passes through each block at each token",
      subject: subject.line,
      caption: """
        Each row is a token of the prompt, each column a block. A cell is the part of the logit that \
        passes through what the block's attention and feed-forward layers wrote at that token, on whatever \
        way it goes on. One part passes through many blocks, so that the cells of a row do not sum to \
        the token's share, which stands in the last column. A token without colours is the baseline.
        """,
      table: NumberTable(
        columns: ["position", "token"] + blocks.map { "block \($0.block)" } + ["share"],
        rows: shares.tokens.indices.map { token in
          [.integer(token), .text(prompt.tokenText(at: token))]
            + values(token).map { .number($0) } + [.number(shares.tokens[token].value)]
        }),
      size: (map.width, map.height), content: map.markup, edges: map.edges)
  }

  private var blockFigure: Figure {
    let names = ["direct"] + blocks.map { String($0.block) }
    func values(_ token: Int) -> [Double] {
      [made(direct, of: token) ?? .nan]
        + blocks.map { given($0, token) ?? .nan }
    }
    let order = shares.order.filter(sources.contains)
    let shown = order.prefix(Self.rowLimit).sorted()
    var rows = shown.map { token in
      HeatMap.Row(
        name: subject.label(at: token), isToken: true, values: values(token),
        sum: shares.tokens[token].value, isBaseline: shares.tokens[token].isBaseline,
        link: PartLink(token: token))
    }
    let rest = order.dropFirst(Self.rowLimit).sorted()
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
        values: [direct.bias ?? 0]
          + blocks.map { ($0.attention.bias ?? 0) + ($0.feedForward.bias ?? 0) + $0.bias },
        sum: shares.bias.value))
    if sources.count == shares.tokens.count {
      rows.append(
        .init(
          name: "sum", isToken: false,
          values: [direct.value]
            + blocks.map { $0.attention.value + $0.feedForward.value + $0.bias },
          sum: exactness.sum, isTotal: true))
    }
    let map = HeatMap(
      rows, columns: names, links: [PartLink()] + blocks.map { PartLink(block: $0.block) },
      caption: "block, in logits")
    return Figure(
      name: "shares-blocks",
      title: "The \(target.text(.token())), by token and block", subject: subject.line,
      caption: """
        Each row is a token of the prompt, each column what one block (attention and feed-forward \
        together, counted from 0) wrote for the target because of that token; “direct” is the path past \
        every block. Blue speaks for the target, orange against it. Rows sum to the tokens' shares, \
        columns to what each block wrote, all of it to the target. A token without colours is the baseline. What a block wrote counts as that of \
        the tokens whose vectors it was made from, however many blocks they went through before.
        """,
      table: NumberTable(
        columns: ["position", "token", "direct"] + blocks.map { "block \($0.block)" } + ["share"],
        rows: sources.filter(shares.tokens.indices.contains).map { token in
          [.integer(token), .text(prompt.tokenText(at: token))]
            + values(token).map { .number($0) } + [.number(shares.tokens[token].value)]
        }),
      size: (map.width, map.height), content: map.markup, edges: map.edges)
  }

  private var headFigure: Figure {
    let heads = blocks.map(\.heads.count).max() ?? 0
    let rows = blocks.map { block in
      HeatMap.Row(
        name: "block \(block.block)", isToken: false,
        values: (0..<heads).map { $0 < block.heads.count ? block.heads[$0].value : .nan }
          + [block.feedForward.value, block.bias],
        sum: block.attention.value + block.feedForward.value + block.bias,
        link: PartLink(block: block.block))
    }
    let columns = (0..<heads).map(String.init) + ["ffn", "bias"]
    let map = HeatMap(
      rows, columns: columns, links: (0..<heads).map { PartLink(head: $0) },
      caption: "head; ffn: the feed-forward layer; in logits")
    return Figure(
      name: "shares-heads", title: "The \(target.text(.token())), by block and head",
      subject: subject.line,
      caption: """
        Each row is a block, each column one of its attention heads, the feed-forward layer or its \
        biases: what each wrote toward the target at the analyzed position, in logits. Rows sum to \
        what the block gave. A head's number says what it wrote, with its attention pattern as given; \
        why it looked where it looked is not in it.
        """,
      table: NumberTable(
        columns: ["block"] + (0..<heads).map { "head \($0)" } + ["feed-forward", "bias"],
        rows: zip(blocks, rows).map { [.integer($0.block)] + $1.values.map { .number($0) } }),
      size: (map.width, map.height), content: map.markup, edges: map.edges)
  }

  /// Blocks by modules of the adapter; nil if no module in a block has a share.
  private func adapterFigure(_ adapter: Adapter) -> Figure? {
    let kinds = [
      "value", "output", "gate", "up", "down", "per-layer gate", "per-layer output",
    ].filter { kind in adapter.modules.contains { $0.module == kind } }
    if kinds.isEmpty { return nil }
    let numbers = Set(adapter.modules.compactMap(\.block)).sorted()
    func value(_ block: Int, _ kind: String) -> Double {
      let parts = adapter.modules.filter { $0.block == block && $0.module == kind }
      return parts.isEmpty ? .nan : parts.reduce(0) { $0 + $1.value }
    }
    let rows = numbers.map { block in
      let values = kinds.map { value(block, $0) }
      return HeatMap.Row(
        name: "block \(block)", isToken: false, values: values,
        sum: values.filter { !$0.isNaN }.reduce(0, +), link: PartLink(block: block))
    }
    let map = HeatMap(rows, columns: kinds, caption: "module of the adapter, in logits")
    return Figure(
      name: "shares-adapter",
      title: "What the adapter gave to the \(target.text(.token())), by block and module",
      subject: subject.line,
      caption: """
        Each row is a block, each column one of its adapted matrices: what its adapter gave to the target, in \
        logits. The patterns, gates and norms are those of the run with the adapter. What enters a \
        module comes from adapted weights below it, and what leaves it goes on through the weights without \
        the adapter. All cells and what these weights give alone sum to the target.
        """,
      table: NumberTable(
        columns: ["block"] + kinds,
        rows: zip(numbers, rows).map { [.integer($0)] + $1.values.map { .number($0) } }),
      size: (map.width, map.height), content: map.markup, edges: map.edges)
  }
}
