import Foundation
import SecantRendering
import SecantReports
import Testing

/// The sentence that every screen and page begins with.
struct AnswerSentenceTests {
  private func sentence(_ text: String) -> String {
    String(text.split(separator: "\n\n")[0]).replacing("\n", with: " ")
  }

  private func answer(
    _ shares: [Double], of logit: Double, baseline: Double? = nil,
    over: ExplanationReport.Target.Reference?
  ) -> String {
    let all = (baseline.map { [$0] } ?? []) + shares
    let words = ["<s>", "A", " b", " c", " b", " d"]
    let names = baseline == nil ? Array(words.dropFirst()) : words
    let report = ExplanationReport.Answer(
      prompt: .init(
        text: "A b c b d",
        tokens: names.prefix(all.count).enumerated().map {
          .init(position: $0, id: $0, text: $1)
        }, analysedPosition: all.count - 1),
      prediction: [],
      target: .init(
        label: "x", tokens: [.init(id: 9, text: " x")], over: over, logit: logit, rawLogit: logit),
      shares: .init(
        tokens: all.enumerated().map {
          .init(value: $1, fraction: 0, isBaseline: $0 == 0 && baseline != nil)
        }, bias: .init(value: 0, fraction: 0), sum: logit, logit: logit, difference: 0))
    return sentence(report.terminalText(TerminalStyle(width: 200)))
  }

  private let over = ExplanationReport.Target.Reference(
    kind: "runner-up", tokens: [.init(id: 8, text: " y")], logit: 0)

  @Test func namesWhatSpeaksForTheDifference() {
    #expect(
      answer([3.7, 0.03, 0, 2.39], of: 6.12, over: over)
        == "·x over ·y by 6.12: mostly A +3.70 and ·b@3 +2.39.")
    // At most three, and none below a third of the first.
    #expect(
      answer([3, 0.9, 1.5, 1.2, 1.1], of: 7.7, over: over)
        == "·x over ·y by 7.70: mostly A +3.00, ·c +1.50 and ·b@3 +1.20.")
  }

  @Test func namesWhatSpeaksAgainstItAndTheBaselineWhereTheyCount() {
    #expect(
      answer([2, -1], of: 2, baseline: 1, over: over)
        == "·x over ·y by 2.00: mostly A +2.00, beside a baseline of +1.00, against ·b -1.00.")
    // Beside a large share of a small difference, a small one is not worth a word.
    #expect(
      answer([1.5, -0.09], of: 0.02, baseline: -1.39, over: over)
        == "·x over ·y by 0.020: mostly A +1.500, beside a baseline of -1.390.")
    #expect(
      answer([0.7, 0.1], of: 4.1, baseline: 3.3, over: over)
        == "·x over ·y by 4.10: +3.30 from the baseline, then mostly A +0.70.")
    #expect(
      answer([-0.2], of: 1, baseline: 1.2, over: over).hasPrefix(
        "·x over ·y by 1.00: mostly the baseline +1.20"))
  }

  /// Of a small value two digits are read, and what it is made of can still be added.
  @Test func aSmallDifferenceHasItsDigits() throws {
    #expect(
      answer([1.5, -0.09], of: 0.0041, baseline: -1.4059, over: over)
        == "·x over ·y by 0.0041: mostly A +1.5000, beside a baseline of -1.4059.")
    #expect(
      answer([2e-9, 0], of: 2e-9, over: over) == "·x over ·y by 2.0e-9: mostly A +2.0e-9.")
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(Sample.comparison))
    var comparison = try #require(json as? [String: Any])
    var account = try #require(comparison["difference"] as? [String: Any])
    var forward = try #require(account["forward"] as? [String: Any])
    forward["real"] = -0.00132
    account["forward"] = forward
    comparison["difference"] = account
    let report = try JSONDecoder().decode(
      ComparisonReport.self, from: JSONSerialization.data(withJSONObject: comparison))
    let text = sentence(report.terminalText(TerminalStyle(width: 400)))
    #expect(text.contains("changes by -0.0013: content +3.3"))
    #expect(text.contains(#/content \+[0-9]\.[0-9]{4}, /#))
  }

  @Test func saysWhichIsAheadAndOfWhat() {
    #expect(
      answer([-2, 0.1], of: -1.9, over: over) == "·x behind ·y by 1.90: mostly A -2.00.")
    #expect(answer([2], of: 2, over: nil) == "The logit of ·x is 2.00: mostly A +2.00.")
    #expect(
      answer([2], of: 2, over: .init(kind: "mean", logit: 1))
        == "·x over the mean of the vocabulary by 2.00: mostly A +2.00.")
  }

  /// What the commands know more stands in clauses of its own, and pages begin with the same sentence.
  @Test func hasTheClausesOfItsReport() throws {
    let style = TerminalStyle(width: 400)
    #expect(sentence(Sample.shares.terminalText(style)).contains(", through "))
    let adapted = sentence(Sample.adapted.terminalText(style))
    #expect(adapted.contains("; the adapter gave ") && adapted.contains(" projection of block "))
    #expect(sentence(Sample.layers.terminalText(style)).contains("; ahead from block 1 on."))
    #expect(sentence(Sample.gateRules.terminalText(style)).contains("under all gate rules."))
    #expect(
      sentence(Sample.jacobians.terminalText(style)).contains("; the ordinary Jacobians miss"))
    let full = sentence(Sample.full.terminalText(style))
    #expect(full.contains(", through ") && full.contains("; ahead from block 1 on; "))
    for (text, page) in [
      (Sample.shares.terminalText(style), try Sample.shares.htmlPage()),
      (Sample.adapted.terminalText(style), try Sample.adapted.htmlPage()),
      (Sample.maps.terminalText(style), try Sample.maps.htmlPage()),
      (Sample.full.terminalText(style), try Sample.full.htmlPage()),
      (Sample.comparison.terminalText(style), try Sample.comparison.htmlPage()),
    ] {
      #expect(page.contains("<p class=\"sentence\"><bdi>\(sentence(text))</bdi></p>"))
    }
  }

  /// A comparison's figure has the share of every token, also of those whose maps were not decomposed.
  @Test func aComparisonShowsSharesWithoutMaps() throws {
    func stripped(_ report: ExplanationReport) -> ExplanationReport {
      ExplanationReport(
        provenance: report.provenance, answer: report.answer,
        reconstruction: report.reconstruction, jacobians: Array(report.jacobians.suffix(1)))
    }
    let comparison = ComparisonReport(
      first: stripped(Sample.bridge), second: stripped(Sample.bridge), hasOneTarget: true,
      pairs: Sample.comparison.pairs, overlap: nil, overlapSpace: nil, predictionDistance: nil)
    let figure = try #require(comparison.figures.first { $0.name == "comparison" })
    let shares = figure.table.rows.map { $0[2] }
    #expect(shares == Sample.bridge.shares.tokens.map { .number($0.value) })
    // Without any map there are no columns for what maps have.
    func text(_ count: Int) -> String {
      func side(_ report: ExplanationReport) -> ExplanationReport {
        ExplanationReport(
          provenance: report.provenance, answer: report.answer,
          reconstruction: report.reconstruction, jacobians: Array(report.jacobians.suffix(count)))
      }
      return ComparisonReport(
        first: side(Sample.bridge), second: side(Sample.bridge), hasOneTarget: true,
        pairs: Sample.comparison.pairs, overlap: nil, overlapSpace: nil, predictionDistance: nil
      ).terminalText(TerminalStyle(width: 120))
    }
    #expect(text(1).contains("share and map, side") && text(1).contains("σ₁"))
    #expect(text(0).contains("Each token's share, side by side") && !text(0).contains("σ₁"))
  }

  /// In a long text most words stand in several places; an account says which of them it means.
  @Test func anAccountNamesThePositionOfATokenThatReadsLikeAnother() throws {
    func sentence(_ words: [Int: String]) throws -> String {
      let bridge = Sample.bridge
      let prompt = ExplanationReport.Prompt(
        text: bridge.prompt.text,
        tokens: bridge.prompt.tokens.map {
          .init(position: $0.position, id: $0.id, text: words[$0.position] ?? $0.text)
        }, analysedPosition: bridge.prompt.analysedPosition)
      let side = ExplanationReport(
        provenance: bridge.provenance,
        answer: .init(
          prompt: prompt, prediction: bridge.prediction, target: bridge.target,
          shares: bridge.shares),
        reconstruction: bridge.reconstruction, jacobians: bridge.jacobians)
      let report = ComparisonReport(
        first: side, second: side, hasOneTarget: true, pairs: [], overlap: nil, overlapSpace: nil,
        predictionDistance: nil, difference: Sample.difference)
      return self.sentence(report.terminalText(TerminalStyle(width: 400)))
    }
    let alone = try sentence([:])
    #expect(alone.contains("; ·Marin itself,") && alone.hasSuffix(" of head 2.0 at ·is."))
    let repeated = try sentence([1: " Marin", 4: " is"])
    #expect(repeated.contains("; ·Marin@5 itself,") && repeated.hasSuffix(" of head 2.0 at ·is@6."))
  }

  /// Reports of earlier versions have neither of the new fields, and are read all the same.
  @Test func readsTargetsOfVersionOne() throws {
    let json = """
      {"label":"A - B","token":{"id":3,"text":"A"},"contrast":{"id":4,"text":"B"},"logit":1.5}
      """
    let target = try JSONDecoder().decode(ExplanationReport.Target.self, from: Data(json.utf8))
    #expect(target.tokens.map(\.id) == [3] && target.contrast?.id == 4)
    #expect(target.rawLogit == nil && target.over?.logit == nil && target.logit == 1.5)
  }
}
