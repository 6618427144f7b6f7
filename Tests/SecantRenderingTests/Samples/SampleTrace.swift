import SecantReports

extension Sample {
  /// A conversation with four facts, and the answer that one of them gives; with everything on request.
  static let trace: TraceReport = {
    typealias T = TraceReport
    let lines = [
      "<|im_start|>system\n", "The code of the red box is 3306.\n",
      "The code of the green box is 4821.\n", "The code of the blue box is 9075.\n",
      "What is the code of the green box?\n",
    ]
    let words = lines.map { line in
      line.split(separator: " ").enumerated().map { ($0 == 0 ? "" : " ") + $1 }
    }
    let prompt = words.joined().enumerated().map {
      ExplanationReport.Prompt.Token(position: $0, id: 7 * $0 + 1, text: $1)
    }
    let count = prompt.count
    let answer = ["The", " code", " is", " 4821"]
    var positions: [[Int]] = []
    for line in words {
      let start = positions.last?.last.map { $0 + 1 } ?? 0
      positions.append(Array(start..<start + line.count))
    }
    func value(_ row: Int, _ position: Int) -> Double {
      if position == 0 { return 2.125 }
      if position >= count { return 0.25 + 0.125 * Double(row) }
      let isFound = positions[2].contains(position) ? 1.0 : -0.0625
      return isFound * (row == 3 ? 1.5 : 0.25) / Double(1 + position % 3)
    }
    let rows = answer.indices.map { row -> T.Row in
      let tokens = (0..<count + row).map { value(row, $0) }
      let sum = tokens.reduce(0, +)
      return T.Row(answer: row, tokens: tokens, bias: 0, sum: sum, difference: 2.5e-7)
    }
    let totals = (0..<count + answer.count - 1).map { position in
      rows.reduce(0.0) { $0 + (position < $1.tokens.count ? $1.tokens[position] : 0) }
    }
    let sum = totals.reduce(0, +)
    let spans = zip(lines, positions).map { line, positions in
      let own = positions.filter { $0 != 0 }
      let value = own.reduce(0.0) { $0 + totals[$1] }
      return ExplanationReport.Shares.Span(
        name: line, positions: own, value: value, fraction: value / sum)
    }.filter { !$0.positions.isEmpty }
    func role(_ name: String, _ tokens: [Int]) -> T.Role {
      let value = tokens.reduce(0.0) { $0 + totals[$1] }
      return .init(name: name, tokenCount: tokens.count, value: value, fraction: value / sum)
    }
    let effects = spans.indices.map { T.Effect(span: $0, effect: spans[$0].value * 1.25 - 0.5) }
    return T(
      provenance: provenance(method: "exact", tolerance: 0),
      prompt: .init(
        text: lines.dropFirst().joined(), tokens: prompt, analysedPosition: count - 1),
      answer: .init(
        origin: "continuation", isEnded: true,
        tokens: answer.enumerated().map {
          .init(
            position: count + $0, id: 900 + $0, text: $1,
            over: .init(id: 950 + $0, text: [" The", " box", " was", " 3306"][$0]),
            value: rows[$0].sum - 2.5e-7, logit: 21.5, probability: 0.93,
            isLikeliest: $0 != 1)
        }), reference: .init(kind: "runner-up"),
      shares: .init(
        tokens: totals.enumerated().map {
          .init(value: $1, fraction: $1 / sum, isBaseline: $0 == 0)
        }, bias: .init(value: 0, fraction: 0), sum: sum, logit: sum - 1e-6, difference: 1e-6,
        firstToken: .init(attention: 0.61, evenAttention: 0.1, excess: 0.567),
        grouping: .init(by: "line", spans: spans)),
      roles: [
        role("system", [1]), role("user", Array(2..<count)),
        role("answer", Array(count..<totals.count)), role("baseline", [0]),
      ], direct: 0.5,
      blocks: (0..<3).map { n in
        .init(
          block: n, attention: 1.5 * Double(n),
          heads: (0..<4).map { head in
            .init(
              value: 0.375 * Double(n) * (head == 2 ? 2 : 1),
              span: head == 3 ? nil : (head + n) % spans.count,
              read: head == 3 ? nil : 0.25 * Double(n))
          }, feedForward: 0.75 - 0.5 * Double(n), bias: 0)
      }, exactness: .init(sum: sum, difference: 3e-6, largestRowDifference: nil),
      matrix: .init(rows: rows),
      through: .init(
        spans: spans.map { $0.value * 1.125 }, baseline: 3.25, bias: 0,
        weights: rows.map { $0.sum * 1.0625 }, amplification: 1.0625),
      check: .init(method: "mask", effects: effects, spearman: 0.8),
      notes: ["The model was trained on made-up text; do not read facts from it."])
  }()

  /// A trace of a prompt of four thousand tokens, its answer's rows and nothing else on request.
  static let longTrace: TraceReport = {
    typealias T = TraceReport
    let (count, length) = (4000, 60)
    func value(_ row: Int, _ position: Int) -> Double {
      Double((position * 7919 + row * 104_729) % 1009 - 504) / 5040
    }
    let rows = (0..<length).map { row -> T.Row in
      let tokens = (0..<count + row).map { value(row, $0) }
      return T.Row(
        answer: row, tokens: tokens, bias: 0, sum: tokens.reduce(0, +), difference: 0)
    }
    let totals = (0..<count + length - 1).map { position in
      rows.reduce(0.0) { $0 + (position < $1.tokens.count ? $1.tokens[position] : 0) }
    }
    let sum = totals.reduce(0, +)
    let spans = stride(from: 0, to: count, by: 20).map { start in
      let value = totals[start..<start + 20].reduce(0, +)
      return ExplanationReport.Shares.Span(
        name: "line \(start / 20)\n", positions: Array(start..<start + 20), value: value,
        fraction: value / sum)
    }
    return T(
      provenance: provenance(method: "exact", tolerance: 0),
      prompt: .init(
        text: nil,
        tokens: (0..<count).map {
          .init(position: $0, id: $0, text: $0 % 20 == 19 ? " word.\n" : " word\($0 % 89)")
        }, analysedPosition: count - 1),
      answer: .init(
        origin: "given", isEnded: false,
        tokens: rows.map {
          .init(
            position: count + $0.answer, id: $0.answer, text: " said\($0.answer)", over: nil,
            value: $0.sum, logit: $0.sum, probability: 0.5, isLikeliest: true)
        }), reference: .init(kind: "none"),
      shares: .init(
        tokens: totals.map { .init(value: $0, fraction: $0 / sum) },
        bias: .init(value: 0, fraction: 0), sum: sum, logit: sum, difference: 0,
        grouping: .init(by: "line", spans: spans)),
      roles: [.init(name: "prompt", tokenCount: count, value: sum, fraction: 1)], direct: 0,
      blocks: [], exactness: .init(sum: sum, difference: 0, largestRowDifference: nil),
      matrix: .init(rows: rows))
  }()
}
