import SecantReports

/// What a trace says in words: its sentence, and the names that its tables and pages share.
struct TraceReading {
  let report: TraceReport
  let listing: ShareListing
  let token: VisibleText
  let prose: VisibleText
  let numbers: NumberText

  init(_ report: TraceReport, usesUnicode: Bool) {
    self.report = report
    listing = ShareListing(report.shares)
    token = .token(usesUnicode: usesUnicode)
    prose = .prose(usesUnicode: usesUnicode)
    numbers = NumberText(usesUnicode: usesUnicode)
  }

  private var ellipsis: String { token.usesUnicode ? "…" : "~" }
  /// The target.
  var target: Double { report.shares.logit }

  /// What the answer's own earlier words gave; nil where it has but one token.
  var ownWords: Double? {
    report.roles.first { $0.name == "answer" }?.value
  }

  /// A span by its name, and its first position where another is called alike.
  func name(of row: ShareListing.Row) -> String {
    report.shares.name(of: row, in: report.prompt, token)
  }

  /// A span by its place among them; a span that does not exist has no name.
  func name(ofSpan index: Int) -> String {
    let rows = report.shares.rows
    return rows.indices.contains(index) ? name(of: rows[index]) : ""
  }

  /// What is subtracted, as the object of a sentence.
  var over: String? {
    switch report.reference.kind {
    case "runner-up": report.answer.tokens.count == 1 ? "the runner-up" : "the runners-up"
    case "mean": "the mean of the vocabulary"
    case "answer": "\"\(prose(String((report.reference.text ?? "").drop(while: \.isWhitespace))))\""
    default: nil
    }
  }

  /// What the target is, for headings: "the answer over the runners-up".
  var targetName: String { "the answer" + (over.map { " over \($0)" } ?? "") }

  private func signed(_ value: Double) -> String {
    numbers.fixed(value, about: target, withPlus: true)
  }

  private func short(_ name: String) -> String {
    "\"\(name.truncated(to: 60, ellipsis: ellipsis))\""
  }

  /// Which spans gave the answer most, over what and by how much; then what else is large.
  var sentence: String {
    let count = report.answer.tokens.count
    let tokens = "\(count) token\(count == 1 ? "" : "s")"
    let whole =
      over.map {
        "the answer (\(tokens)) is \(target < 0 ? "behind" : "ahead of") \($0) by "
          + numbers.fixed(abs(target), about: target)
      } ?? "the logits of the answer (\(tokens)) sum to \(numbers.fixed(target, about: target))"
    let sign = target < 0 ? -1.0 : 1.0
    let leaders = report.shares.rows.bySize.filter { $0.value * sign > 0 }
    guard let first = leaders.first else {
      return "No part of the prompt carried the answer: \(whole)\(beside)."
    }
    let second = leaders.dropFirst().first.map {
      ", then \(short(name(of: $0))) \(signed($0.value))"
    }
    // The baseline may have given more than any part of the prompt.
    return "Of the prompt, \(short(name(of: first))) gave most, \(signed(first.value))"
      + (second ?? "") + ": \(whole)\(beside)."
  }

  /// What no span of the prompt gave.
  private var beside: String {
    let parts =
      [
        ownWords.map { "its own earlier words \(signed($0))" },
        listing.baseline.map { "the baseline \(signed($0.value))" },
      ].compactMap(\.self)
    return parts.isEmpty ? "" : "; beside the prompt, " + parts.list
  }

  /// How far shares agree with effects: one line.
  func agreement(of check: TraceReport.SpanCheck) -> String {
    let way = check.method == "replace" ? "replaced by a text that says nothing" : "masked"
    guard let spearman = check.spearman else {
      return "Effects of spans that are \(way): too few different ones to compare."
    }
    let verb = spearman >= 0.3 ? "agree" : spearman > -0.3 ? "hardly agree" : "disagree"
    let rho = token.usesUnicode ? "ρ" : "rho"
    return "Shares \(verb) with effects of spans that are \(way): \(rho) = "
      + numbers.fixed(spearman, decimals: 2)
  }

  /// What passing on means, for readers.
  static let throughNote = """
    Through: what the answer's own words gave is passed on to the prompt, each word's by the shares of its own row, \
    over all hops. This is a definition, not a measurement.
    """

  // MARK: - Components

  /// A head, feed-forward layer or expert.
  struct Component {
    let block: Int
    let name: String
    let value: Double
    let span: Int?
    let read: Double?
  }

  /// All components, the largest first.
  var components: [Component] {
    let all = report.blocks.flatMap { block -> [Component] in
      let heads = block.heads.enumerated().map {
        Component(
          block: block.block, name: "head \($0)", value: $1.value, span: $1.span, read: $1.read)
      }
      let experts = block.experts.map {
        Component(
          block: block.block, name: "expert \($0.index)", value: $0.value, span: nil, read: nil)
      }
      let layer = Component(
        block: block.block, name: "feed-forward", value: block.feedForward, span: nil, read: nil)
      return heads + (experts.isEmpty ? [layer] : experts)
    }
    return all.largestFirst(by: \.value)
  }

  // MARK: - Answer tokens

  /// The span that gave most to one answer token in the direction of its part; nil where none did, or there is no row.
  func carrier(of index: Int) -> (name: String, value: Double)? {
    guard let row = report.matrix?.row(of: index) else { return nil }
    let sign = row.sum < 0 ? -1.0 : 1.0
    let most = report.shares.rows.map { (row: $0, value: row.value(at: $0.positions)) }
      .filter { $0.value * sign > 0 }.max { $0.value * sign < $1.value * sign }
    return most.map { (name(of: $0.row), $0.value) }
  }
}
