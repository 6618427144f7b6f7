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
    // What is subtracted on the first side is so on the second, whatever is likeliest there.
    options.target = options.target.settled(as: report.first.target)
    #expect(report.second == (try model.explain(b, options)))
    #expect(report.first.target.over?.tokens == report.second.target.over?.tokens)
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

  /// What the memory holds changes no number: blocks that do not fit beside each other are frozen anew.
  @Test(arguments: [[5, 9, 7, 8], [5, 9, 7, 8, 4]])
  func aComparisonFitsIntoTheMemory(_ other: [Int]) throws {
    let model = try Fixture.plain.model(Double.self)
    let (a, b) = (PromptInput.tokens([5, 6, 7, 8]), PromptInput.tokens(other))
    var options = ExplanationOptions()
    options.spectra = .none
    options.check = .none
    let whole = try model.compare(a, with: b, options)
    var refused = 0
    for kibibytes in stride(from: 16, through: 256, by: 16) {
      options.memory = kibibytes << 10
      do {
        #expect(
          try model.planComparison(a, with: b, options).estimates[0].peakMemoryBytes
            <= options.memory)
        #expect(try model.compare(a, with: b, options) == whole, "\(kibibytes)K")
      } catch let error {
        #expect(error.subject == "memory", "\(error)")
        refused += 1
      }
    }
    #expect(0 < refused && refused < 16)
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

  /// The differences of aligned tokens' maps are those of the formed matrices.
  @Test(arguments: Fixture.all)
  func mapsAreSubtractedBeforeTheyAreDecomposed(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let others = [tokens[0], tokens[2]] + tokens.dropFirst(2) + [tokens[1]]
    var options = ExplanationOptions()
    options.rank = 3
    options.tolerance = 1e-9
    options.spectra = .all
    let report = try model.compare(.tokens(tokens), with: .tokens(others), options)
    let found = try #require(report.mapDifferences)
    let aligned = report.pairs.filter { $0.first != nil && $0.second != nil }
    #expect(found.map(\.first) == aligned.compactMap(\.first) && found.count >= 2)
    #expect(found.map(\.second) == aligned.compactMap(\.second))
    let (a, b) = try (
      model.decoder.linearize(at: tokens), model.decoder.linearize(at: others)
    )
    func change(_ difference: ComparisonReport.MapDifference) -> Matrix<Double> {
      a.jacobian(from: .input(token: difference.first), to: .output).dense()
        - b.jacobian(from: .input(token: difference.second), to: .output).dense()
    }
    for difference in found {
      let expected = DenseOperator(change(difference)).svd(rank: 3, using: .dense())
      #expect(difference.isConverged && difference.triplets.count == 3)
      let first = expected.singularValues[0]
      for (value, other) in zip(difference.singularValues, expected.singularValues) {
        #expect(abs(value - other) <= 1e-8 * first)
      }
    }
    options.spectra = .positions([0])
    #expect(
      try model.compare(.tokens(tokens), with: .tokens(others), options).mapDifferences?.map(
        \.first)
        == [0])
    options.spectra = .none
    #expect(
      try model.compare(.tokens(tokens), with: .tokens(others), options).mapDifferences == [])
    #expect(
      try model.compare(.tokens(tokens), with: .tokens(tokens), options).mapDifferences == nil)
  }

  /// Parts of the text stand side by side as tokens do, with the sums of their tokens' shares.
  @Test func partsOfTheTextAreCompared() throws {
    let model = try SpeakingModel().model(Double.self)
    let (a, b) = (PromptInput.text("The city is q."), PromptInput.text("The city is z."))
    var options = ExplanationOptions()
    options.rank = 0
    options.grouping = .word
    options.target = .init("#5")
    let report = try model.compare(a, with: b, options)
    let pairs = try #require(report.spanPairs)
    #expect(pairs.count { !$0.isSame } == 1 && pairs.count { $0.isSame } >= 3)
    let spans = [report.first, report.second].map { $0.shares.grouping?.spans ?? [] }
    for pair in pairs {
      let (i, j) = (try #require(pair.first), try #require(pair.second))
      #expect(pair.isSame == (spans[0][i].name == spans[1][j].name))
      #expect(pair.shareDifference == spans[1][j].value - spans[0][i].value)
    }
    // A named part is the first prompt's; where it stands in the second nothing is called so.
    options.grouping = .spans([.init(name: "colour", place: .text("q"))])
    let named = try model.compare(a, with: b, options)
    #expect(named.second.shares.grouping?.spans.map(\.name).contains("colour") == true)
    options.grouping = .token
    #expect(try model.compare(a, with: b, options).spanPairs == nil)
  }
}
