import SecantReports

/// An answer in one sentence: what leads over what and by how much, which tokens speak for it, and what else is known.
///
/// "·Mary over ·John by 6.12: mostly ·Mary +3.70 and ·John@9 +2.39, through heads 23.3 and 29.1; the order holds
/// under all gate rules." Each clause stands where a report has what it needs.
struct AnswerReading {
  /// What is explained.
  let target: ExplanationReport.Target
  let prompt: ExplanationReport.Prompt
  /// The target divided among the tokens; nil where it was not.
  var shares: ExplanationReport.Shares?
  /// What components wrote of the target.
  var components: [Component] = []
  /// The target after each block.
  var blocks: [Double] = []
  /// The shares by every gate rule.
  var rules: [ExplanationReport.Shares] = []
  /// The relative error of the output that the ordinary Jacobians rebuild.
  var ordinaryError: Double?
  /// What each module of the model's adapter gave; nil for a model without one.
  var adapter: SharesReport.Adapter?

  /// What one part of the model wrote.
  struct Component {
    /// "head" or "feed-forward layer", "expert".
    let kind: String
    /// Which one, such as "23.3".
    let number: String
    let value: Double
  }

  /// The sentence.
  func sentence(usesUnicode: Bool) -> String {
    let writer = Writer(reading: self, usesUnicode: usesUnicode)
    return writer.sentence
  }

  /// Things that a clause names at most, and what part of the first the last of them has at least.
  private static let named = 3
  private static let least = 1.0 / 3

  /// What part of the target, and of the largest share, a baseline or a token that speaks against it has at least
  /// to be named.
  private static let notable = 0.25

  /// The leading things of a sign, those that are not much smaller than the first.
  private static func leading<Thing>(
    _ things: [Thing], sign: Double, _ value: (Thing) -> Double
  ) -> [Thing] {
    let sorted = things.filter { value($0) * sign > 0 }.sorted { abs(value($0)) > abs(value($1)) }
    guard let first = sorted.first else { return [] }
    return sorted.prefix(named).filter { abs(value($0)) >= least * abs(value(first)) }
  }

  private struct Writer {
    let reading: AnswerReading
    let token: VisibleText
    let numbers: NumberText
    private var target: ExplanationReport.Target { reading.target }
    private var ellipsis: String { token.usesUnicode ? "…" : "~" }
    private var sign: Double { target.logit < 0 ? -1 : 1 }

    init(reading: AnswerReading, usesUnicode: Bool) {
      self.reading = reading
      token = .token(usesUnicode: usesUnicode)
      numbers = NumberText(usesUnicode: usesUnicode)
    }

    var sentence: String {
      let made = ([tokens] + [components.map { ", through " + $0 }]).compactMap(\.self).joined()
      let clauses = [adapter, emergence, rules, ordinary].compactMap { $0.map { "; " + $0 } }
      return subject + made + clauses.joined() + "."
    }

    private func signed(_ value: Double) -> String {
      numbers.fixed(value, about: target.logit, withPlus: true)
    }

    private var size: String { numbers.fixed(abs(target.logit), about: target.logit) }

    private var subject: String {
      guard let reference = target.referenceName(token) else {
        return "The \(target.text(token)) is \(target.logit < 0 ? "-" : "")\(size)"
      }
      return "\(target.subjectName(token)) \(target.logit < 0 ? "behind" : "over") \(reference) "
        + "by \(size)"
    }

    // MARK: - Clauses

    /// The rows that the sentence names.
    private var leaders: [ShareListing.Row] {
      AnswerReading.leading(reading.shares?.rows ?? [], sign: sign) { $0.value }
    }

    private var tokens: String? {
      guard let shares = reading.shares else { return nil }
      let baseline = ShareListing(shares).baseline?.value ?? 0
      let leaders = leaders
      func name(_ row: ShareListing.Row) -> String {
        let name = shares.name(of: row, in: reading.prompt, token)
        return "\(name.truncated(to: 32, ellipsis: ellipsis)) \(signed(row.value))"
      }
      guard !leaders.isEmpty else {
        return baseline * sign > 0 ? ": mostly the baseline \(signed(baseline))" : nil
      }
      if baseline * sign > abs(leaders[0].value) {
        return ": \(signed(baseline)) from the baseline, then mostly \(leaders.map(name).list)"
      }
      let notable = AnswerReading.notable * max(abs(target.logit), abs(leaders[0].value))
      var text = ": mostly " + leaders.map(name).list
      if abs(baseline) >= notable {
        text += ", beside a baseline of \(signed(baseline))"
      }
      let opposite = AnswerReading.leading(shares.rows, sign: -sign) { $0.value }.first
      if let opposite, abs(opposite.value) >= notable {
        text += ", against \(name(opposite))"
      }
      return text
    }

    private var components: String? {
      let leading = AnswerReading.leading(reading.components, sign: sign) { $0.value }
      var kinds: [String] = []
      for part in leading where !kinds.contains(part.kind) { kinds.append(part.kind) }
      let groups = kinds.map { kind in
        let numbers = leading.filter { $0.kind == kind }.map(\.number)
        return "\(kind)\(numbers.count == 1 ? "" : "s") \(numbers.list)"
      }
      return groups.isEmpty ? nil : groups.list
    }

    /// What the adapter gave, and the module that gave most of it.
    private var adapter: String? {
      guard let adapter = reading.adapter else { return nil }
      guard let most = adapter.largest.first else {
        return "the adapter acts only inside frozen patterns and gates"
      }
      func part(_ value: Double) -> String {
        numbers.fixed(value, about: adapter.total, withPlus: true)
      }
      return "the adapter gave \(part(adapter.total)), the largest part being "
        + "\(most.sentenceName) \(part(most.value))"
    }

    /// From which block on the target has the sign that it ends with.
    private var emergence: String? {
      guard let last = reading.blocks.last, last != 0 else { return nil }
      let agreeing = reading.blocks.reversed().prefix { $0 * last > 0 }.count
      let first = reading.blocks.count - agreeing
      let place =
        target.over == nil ? (last < 0 ? "below 0" : "above 0") : last < 0 ? "behind" : "ahead"
      return first == 0 ? "\(place) from the first block on" : "\(place) from block \(first) on"
    }

    /// Whether the named tokens have the same sign and stand in the same order by every rule.
    private var rules: String? {
      guard reading.rules.count > 1 else { return nil }
      let places = leaders.map(\.positions)
      if places.isEmpty { return nil }
      let holds = reading.rules.allSatisfy { shares in
        let values = places.map { positions in
          positions.reduce(0.0) {
            $0 + (shares.tokens.indices.contains($1) ? sign * shares.tokens[$1].value : .nan)
          }
        }
        return zip(values, values.dropFirst()).allSatisfy { $0 >= $1 }
          && values.allSatisfy { $0 > 0 }
      }
      let what = places.count == 1 ? "its sign" : "the order"
      return holds
        ? "\(what) holds under all gate rules" : "\(what) depends on the gate rule"
    }

    private var ordinary: String? {
      reading.ordinaryError.map {
        "the ordinary Jacobians miss the output by \(numbers.percent($0))"
      }
    }
  }
}

extension [String] {
  /// "a", "a and b", "a, b and c".
  var list: String {
    guard count > 1, let last else { return joined() }
    return dropLast().joined(separator: ", ") + " and " + last
  }
}

// MARK: - What each report knows

extension ExplanationReport.Answer {
  var reading: AnswerReading { AnswerReading(target: target, prompt: prompt, shares: shares) }
}

extension SharesReport {
  var reading: AnswerReading {
    let components = blocks.flatMap { block -> [AnswerReading.Component] in
      func named(_ kind: String, _ parts: [Component]) -> [AnswerReading.Component] {
        parts.map { .init(kind: kind, number: "\(block.block).\($0.index)", value: $0.value) }
      }
      let layer = AnswerReading.Component(
        kind: "feed-forward layer", number: "\(block.block)", value: block.feedForward.value)
      return named("head", block.heads)
        + (block.experts.isEmpty ? [layer] : named("expert", block.experts))
    }
    return AnswerReading(
      target: target, prompt: prompt, shares: shares, components: components, adapter: adapter)
  }
}

extension GateRulesReport {
  var reading: AnswerReading {
    AnswerReading(
      target: target, prompt: prompt, shares: answers.first?.shares, rules: answers.map(\.shares))
  }
}

extension JacobiansReport {
  var reading: AnswerReading {
    AnswerReading(
      target: target, prompt: prompt, shares: shares,
      ordinaryError: comparisons.first?.ordinary.relativeError)
  }
}

extension MapsReport {
  /// Nil in reports of earlier versions, which have no target.
  var reading: AnswerReading? {
    target.map { AnswerReading(target: $0, prompt: prompt, shares: shares) }
  }
}

extension LayersReport {
  /// Nil in reports of earlier versions, which have no target.
  var reading: AnswerReading? {
    target.map {
      let blocks = maps(.cumulative, to: .residual).compactMap { $0.lens?.logit }
      return AnswerReading(
        target: $0, prompt: prompt, blocks: blocks.count == blockCount ? blocks : [])
    }
  }
}

extension FullReport {
  var reading: AnswerReading {
    var reading = shares.reading
    reading.shares = explanation.shares
    reading.rules = gateRules.answers.map(\.shares)
    reading.blocks = layers.reading?.blocks ?? []
    return reading
  }
}
