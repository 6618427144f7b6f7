import Foundation
import SecantRendering
import SecantReports
import Testing

/// What an ablation's sentence and marks say.
struct AblationTests {
  private func answer(_ report: AblationReport) throws -> String {
    let text = report.terminalText(TerminalStyle(width: 300))
    return String(try #require(text.split(separator: "\n").first))
  }

  private func report(
    _ points: [AblationReport.Point], kind: String = "head"
  ) -> AblationReport {
    let usual = Sample.ablation
    return AblationReport(
      provenance: usual.provenance, prompt: usual.prompt, prediction: usual.prediction,
      target: usual.target, isRanked: false,
      parts: [.init(kind: kind, block: 23, head: 3, share: 2.1, points: points)])
  }

  /// The sentence tells the largest measured change, and says so where the prediction has the other sign.
  @Test func theSentenceAnswers() throws {
    let logit = Sample.ablation.target.logit
    func ends(_ change: Double) -> String {
      let numbers = [logit, logit + change].map { String(format: "%.2f", $0) }
      return "from \(numbers[0]) to \(numbers[1])."
    }
    let falls = try answer(report([.init(keep: 0, predicted: -2.1, measured: -1.92)]))
    #expect(falls.hasPrefix("Without head 23.3, "), "\(falls)")
    #expect(falls.contains(" falls by 1.92 (predicted 2.10), "))
    #expect(falls.contains(ends(-1.92)), "\(falls)")
    let rises = try answer(report([.init(keep: 0.5, predicted: -1, measured: 0.25)]))
    #expect(rises.hasPrefix("With 0.5 of head 23.3, "), "\(rises)")
    #expect(rises.contains(" rises by 0.25 (predicted a fall by 1.00), "))
    #expect(try answer(Sample.ablation).hasPrefix("Without ·bridge, "))
    #expect(try answer(Sample.scaledParts).hasPrefix("Without block 4, "))
  }

  /// Where no part was named, the token comes first, and then the largest change of all.
  @Test func theTokenComesFirst() throws {
    let usual = Sample.ablation
    func ablation(isRanked: Bool) -> AblationReport {
      AblationReport(
        provenance: usual.provenance, prompt: usual.prompt, prediction: usual.prediction,
        target: usual.target, isRanked: isRanked,
        parts: usual.parts + [
          .init(
            kind: "feed-forward", block: 29, share: 4,
            points: [.init(keep: 0, predicted: -4, measured: -7.5)])
        ])
    }
    let ranked = try answer(ablation(isRanked: true))
    #expect(
      ranked.hasPrefix("Without ·bridge, ") && ranked.contains(" falls by 5.60 "), "\(ranked)")
    #expect(
      ranked.hasSuffix(
        "The largest change of all parts: without feed-forward layer 29, it falls by 7.50 (predicted 4.00)."
      ))
    let named = try answer(ablation(isRanked: false))
    #expect(
      named.hasPrefix("Without feed-forward layer 29, ") && !named.contains("Without ·bridge"))
  }

  /// A change parts from its prediction where they differ by more than half of the larger one.
  @Test func marksStandWhereChangesPart() {
    for (predicted, measured, isParted) in [
      (-2.0, -1.0, false), (-2, -0.99, true), (1, 2, false), (1, 2.01, true), (1, -0.1, true),
      (0, 0, false), (0, 1e-9, true),
    ] {
      let point = AblationReport.Point(keep: 0, predicted: predicted, measured: measured)
      #expect(point.isParted == isParted, "\(predicted) \(measured)")
      let text = report([point]).terminalText()
      #expect(text.contains("in \(isParted ? 1 : 0) of 1 rows"))
      #expect(
        text.split(separator: "\n").contains { $0.contains("23.3 ") && $0.contains("≠") }
          == isParted)
    }
  }

  /// Factors have a column where there are several, and a picture for each part.
  @Test func factorsHaveAColumnAndAPicture() {
    #expect(Sample.scaledParts.terminalText().contains("keep"))
    #expect(
      Sample.scaledParts.figures.map(\.name) == [
        "ablation-parts", "ablation-1", "ablation-2", "ablation-3",
      ])
    #expect(Sample.ablation.figures.map(\.name) == ["ablation-parts"])
    // The end of every line is the run as it is.
    for figure in Sample.scaledParts.figures.dropFirst() {
      #expect(figure.table.rows.last == [.number(1), .number(0), .number(0)])
    }
    #expect(Sample.scaledParts.numbers.rows.count == 9)
    #expect(Sample.scaledParts.arrays.map(\.shape) == [[3], [3, 3], [3, 3], [3, 3]])
  }
}
