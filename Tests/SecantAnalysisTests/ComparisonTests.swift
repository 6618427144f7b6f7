import Secant
import SecantTestSupport
import Testing

/// Two explanations side by side.
@Suite struct ComparisonTests {
  @Test(arguments: Fixture.all)
  func aPromptEqualsItself(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = PromptInput.tokens(try fixture.tokens())
    let report = try model.compare(tokens, with: tokens)
    #expect(report.first == report.second && report.hasOneTarget)
    #expect(report.predictionDistance == 0 && report.overlapSpace == "output")
    for pair in report.pairs {
      #expect(pair.isSameToken && pair.first == pair.second && pair.shareDifference == 0)
      // Vectors that are orthonormal to rounding.
      #expect(pair.overlap.map { abs($0.meanSquaredCosine - 1) <= 1e-10 } == true)
    }
    #expect(report.overlap.map { abs($0.meanSquaredCosine - 1) <= 1e-10 } == true)
  }

  @Test func twoPromptsAreThoseThatWereExplained() throws {
    let model = try Fixture.plain.model(Double.self)
    var options = ExplanationOptions()
    options.target = .init("#3")
    let (a, b) = (PromptInput.tokens([5, 6, 7, 8]), PromptInput.tokens([5, 9, 7, 8, 4]))
    let report = try model.compare(a, with: b, options)
    #expect(report.first == (try model.explain(a, options)))
    #expect(report.second == (try model.explain(b, options)))
    #expect(report.hasOneTarget)
    #expect(report.pairs.map(\.first) == [0, 1, 2, 3, nil])
    #expect(report.pairs.map(\.second) == [0, 1, 2, 3, 4])
    #expect(report.pairs.map(\.isSameToken) == [true, false, true, true, false])
    let difference = report.pairs.compactMap(\.shareDifference).reduce(0, +)
    let expected = report.second.shares.sum - report.first.shares.sum
    #expect(abs(difference - expected) <= 1e-12 * max(1, abs(report.first.shares.sum)))
    #expect(!report.candidates.isEmpty)
    #expect(report.candidates.allSatisfy { $0.first != nil && $0.second != nil })
    #expect(report.predictionDistance.map { 0...1 ~= $0 } == true)
    let overlaps = report.pairs.compactMap(\.overlap)
    #expect(overlaps.count == 4)
    for overlap in overlaps {
      #expect(!overlap.cosines.isEmpty && overlap.cosines.allSatisfy { 0...1 ~= $0 })
    }
  }

  /// Models of one vocabulary meet in their logits; of two, by text alone.
  @Test func modelsMeetWhereTheyCan() throws {
    let tokens = PromptInput.tokens([5, 6, 7])
    let model = try Fixture.plain.model(Double.self)
    let same = try model.compare(tokens, by: Fixture.plain.model(Double.self))
    #expect(same.overlapSpace == "output")
    let relative = try Fixture.biases.model(Double.self)
      .compare(tokens, by: Fixture(name: "llama-gelu").model(Double.self))
    #expect(relative.overlapSpace == "logits")
    #expect(relative.pairs.allSatisfy { $0.isSameToken && $0.overlap != nil })
    let stranger = try SpeakingModel().model(Double.self)
    let strange = try model.compare(tokens, by: stranger)
    #expect(strange.overlapSpace == nil && strange.overlap == nil)
    #expect(strange.predictionDistance == nil && !strange.notes.isEmpty)
  }
}
