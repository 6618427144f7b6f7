extension TraceReport: TabularReport {
  /// One row for each span of the whole answer, whose answer columns are empty, and then for each answer token.
  ///
  /// The rows of one answer token, and those of the whole, add up to its value: the spans, "answer" (its own earlier
  /// words), "baseline" and "bias". The effect is that on the whole answer.
  public var numbers: NumberTable {
    let spans = spans
    func row(
      _ token: Token?, _ index: Int?, _ kind: String, _ span: Int?, _ name: String,
      _ share: Double, _ effect: Double? = nil
    ) -> [NumberTable.Cell] {
      [
        index.map { .integer($0) } ?? .text(""), .text(token?.text ?? ""), .text(kind),
        span.map { .integer($0) } ?? .text(""), .text(name), .number(share),
        effect.map { .number($0) } ?? .text(""),
      ]
    }
    let count = prompt.tokens.count
    let baseline = shares.tokens.indices.filter { shares.tokens[$0].isBaseline }
    func rows(
      _ token: Token?, _ index: Int?, _ value: ([Int]) -> Double, bias: Double
    ) -> [[NumberTable.Cell]] {
      let parts = spans.enumerated().map { place, span in
        row(
          token, index, "span", place, span.name, value(span.positions),
          index == nil ? check?.effect(of: place) : nil)
      }
      return parts + [
        row(token, index, "answer", nil, "", value(Array(count..<max(count, shares.tokens.count)))),
        row(token, index, "baseline", nil, "", value(baseline)),
        row(token, index, "bias", nil, "", bias),
      ]
    }
    let whole = rows(
      nil, nil,
      { positions in
        positions.reduce(0) {
          $0 + (shares.tokens.indices.contains($1) ? shares.tokens[$1].value : 0)
        }
      }, bias: shares.bias.value)
    let each = (matrix?.rows ?? []).flatMap { own in
      rows(
        answer.tokens.indices.contains(own.answer) ? answer.tokens[own.answer] : nil, own.answer,
        own.value, bias: own.bias)
    }
    return NumberTable(
      columns: [
        "answer_index", "answer_token", "kind", "span_index", "span", "share", "effect",
      ], rows: whole + each)
  }

  /// Every number by token and by span.
  ///
  /// For T prompt tokens, N answer tokens, s spans, L blocks and h heads: `totals` `[T + N]`, the shares of the
  /// prompt's tokens, of the answer's earlier words and of the biases; `values` `[N]`, each answer token's part of the
  /// target; `span_of` `[T + N − 1]`, the span of each token, −1 for those in none; `spans` and `effects` `[s]`; `heads`
  /// `[L, h]`, `attention`, `feed_forward` and `biases` `[L]`; and `matrix` `[N, T + N]`, the rows, the biases last. What
  /// was not computed, or comes later than its answer token, is NaN.
  public var arrays: [NumberArray] {
    let (count, spans) = (shares.tokens.count, spans)
    var places = [Double](repeating: -1, count: count)
    for (index, span) in spans.enumerated() {
      for position in span.positions where places.indices.contains(position) {
        places[position] = Double(index)
      }
    }
    let rows = answer.tokens.indices.map { index -> [Double] in
      guard let row = matrix?.row(of: index), row.tokens.count <= count else {
        return [Double](repeating: .nan, count: count + 1)
      }
      return row.tokens + [Double](repeating: .nan, count: count - row.tokens.count) + [row.bias]
    }
    return [
      .init("totals", shares.tokens.map(\.value) + [shares.bias.value]),
      .init("values", answer.tokens.map(\.value)), .init("span_of", places),
      .init("spans", spans.map(\.value)),
      .init("effects", spans.indices.map { check?.effect(of: $0) ?? .nan }),
      .init("attention", blocks.map(\.attention)),
      .init("feed_forward", blocks.map(\.feedForward)), .init("biases", blocks.map(\.bias)),
      .init("heads", rows: blocks.map { $0.heads.map(\.value) }),
    ] + (matrix == nil ? [] : [.init("matrix", rows: rows, width: count + 1)])
  }
}
