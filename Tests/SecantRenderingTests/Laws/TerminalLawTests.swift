import Foundation
import SecantRendering
import SecantReports
import SecantTestSupport
import Testing

/// What holds for the text of every report, however strange.
///
/// Widths are counted as the renderer counts them; a terminal with other ideas about emoji may
/// still break a line.
struct TerminalLawTests {
  static let styles: [TerminalStyle] = [1, 2, 7, 30, 80, 133].flatMap {
    [
      TerminalStyle(width: $0), TerminalStyle(width: $0, usesUnicode: false),
      TerminalStyle(width: $0, usesColor: true),
    ]
  }

  private func checkLaws(_ text: String, _ style: TerminalStyle) {
    let plain = style.usesColor ? withoutColor(text) : text
    #expect(plain.isEmpty || plain.hasSuffix("\n"))
    let broken = plain.split(separator: "\n").filter { line in
      terminalColumns(String(line)) > style.width || line.last == " "
        || line.unicodeScalars.contains { $0.properties.generalCategory == .control }
        || (!style.usesUnicode && line.utf8.contains { $0 >= 0x80 })
    }
    #expect(broken.isEmpty, "\(style)")
  }

  private func withoutColor(_ text: String) -> String {
    text.replacing(/\u{1b}\[[0-9]+m/, with: "")
  }

  @Test(arguments: styles) func explanation(style: TerminalStyle) {
    checkLaws(Sample.bridge.terminalText(style, triplets: 3), style)
    for seed in 0..<9 as Range<UInt64> {
      let report = Hostile.report(seed: seed, tokens: Int(seed))
      checkLaws(report.terminalText(style, triplets: Int(seed % 3)), style)
    }
  }

  @Test(arguments: styles) func analyses(style: TerminalStyle) throws {
    checkLaws(Sample.shares.terminalText(style), style)
    checkLaws(Sample.adapted.terminalText(style), style)
    checkLaws(Sample.maps.terminalText(style), style)
    checkLaws(Sample.comparison.terminalText(style), style)
    checkLaws(Sample.checked.terminalText(style), style)
    checkLaws(Sample.validation.terminalText(style), style)
    checkLaws(Sample.trace.terminalText(style), style)
    checkLaws(Sample.audit.terminalText(style), style)
    checkLaws(Sample.emptyAudit.terminalText(style), style)
    checkLaws(Sample.stats.terminalText(style), style)
    checkLaws(Sample.ablation.terminalText(style), style)
    checkLaws(Sample.scaledParts.terminalText(style), style)
    for seed in 0..<9 as Range<UInt64> {
      checkLaws(try Hostile.mutated(Sample.shares, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.adapted, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.maps, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.comparison, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.checked, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.validation, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.trace, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.audit, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.stats, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.scaledParts, seed: seed).terminalText(style), style)
      checkLaws(try Hostile.mutated(Sample.steeringVector, seed: seed).terminalText(style), style)
    }
  }

  @Test(arguments: styles) func otherReports(style: TerminalStyle) {
    for text in [
      Sample.verification.terminalText(style), Sample.inspection.terminalText(style),
      Sample.plan.terminalText(style), Sample.steering.terminalText(style),
      Sample.sweep.terminalText(style), Sample.steeringOperator.terminalText(style),
      Sample.layers.terminalText(style), Sample.models.terminalText(style),
      Sample.vocabulary.terminalText(style),
    ] { checkLaws(text, style) }
    for index in Hostile.texts.indices {
      for text in [
        Hostile.steering(index).terminalText(style), Hostile.sweep(index).terminalText(style),
      ] { checkLaws(text, style) }
    }
    for (index, text) in Hostile.texts.enumerated() {
      let model = ModelIdentity(
        name: text, fingerprint: text, architecture: text, parameterCount: .max, elementTypes: [])
      let number = Hostile.numbers[index % Hostile.numbers.count]
      let law = VerificationReport.Law(
        name: text, measured: text, value: number, bound: number, outcome: .failed, reason: text)
      let estimate = PlanReport.Estimate(
        method: text, operatorProducts: .max, floatingPointOperations: number, seconds: number,
        peakMemoryBytes: .max)
      checkLaws(
        VerificationReport(secantVersion: text, model: model, seed: 0, laws: [law])
          .terminalText(style), style)
      checkLaws(
        PlanReport(
          secantVersion: text, model: model, tokenCount: .max, rank: 1, precision: text,
          method: text, estimates: [estimate], notes: [text]
        ).terminalText(style), style)
      let listed = ModelsReport.Model(
        name: text, option: text, commit: text, revisions: [text], bytes: .max, format: text,
        architecture: text, isRunnable: index.isMultiple(of: 2), reason: text)
      checkLaws(
        ModelsReport(secantVersion: text, cache: text, models: [listed]).terminalText(style),
        style)
      checkLaws(
        VocabularyReport(
          secantVersion: text, model: text, text: text, count: .max,
          tokens: index.isMultiple(of: 2) ? [] : [.init(id: .max, text: text, match: text)]
        ).terminalText(style), style)
      let tensor = InspectionReport.Tensor(
        name: text, elementType: text, shape: [.max, .min], bytes: .max)
      checkLaws(
        InspectionReport(
          secantVersion: text, model: model, configuration: [.init(name: text, value: text)],
          tensorGroups: [
            .init(name: text, count: .max, tensors: [tensor, tensor]), .init(name: "", tensors: []),
          ], memory: [.init(name: text, bytes: .min)], notUnderstood: [text]
        ).terminalText(style), style)
    }
  }

  @Test func colourIsAllThatColourAdds() {
    let plain = Sample.bridge.terminalText(TerminalStyle(width: 90))
    let coloured = Sample.bridge.terminalText(TerminalStyle(width: 90, usesColor: true))
    #expect(withoutColor(coloured) == plain)
  }

  @Test(arguments: [
    ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("한", 2), ("👍", 2), ("ﬁ", 1),
    ("↵", 1), ("σ₁", 2), ("─█▏", 3), ("ｱ", 1), ("Ａ", 2), ("🇫🇷", 2),
  ])
  func columnsAreThoseOfTheStandard(text: String, columns: Int) {
    #expect(terminalColumns(text) == columns)
  }
}
