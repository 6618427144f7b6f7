import Foundation
import Secant
import Testing

/// What an explanation says, held against references and against the library's own parts.
///
/// The models are tiny and random: nothing here shows that an explanation of a trained one makes sense.
@Suite struct ExplanationTests {
  @Test(arguments: Fixture.all)
  func sharesSumToTheLogit(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let model = try fixture.model(S.self)
      for gate in model.decoder.configuration.gateRules {
        var options = ExplanationOptions()
        options.gate = gate
        let report = try model.explain(.tokens(fixture.tokens()), options)
        let bound = Bounds.of(S.self).reconstruction
        #expect(report.reconstruction.relativeError <= bound, "\(S.self), \(gate)")
        #expect(report.reconstruction.standardDeviationRatio <= 2 * bound)
        // The difference is w·e and the rounding of the logit itself: at most ‖w‖ ‖y‖ times the bound.
        let rows = try [report.target.token, report.target.contrast].map {
          Matrix(row: model.decoder.unembedding.direction(of: try #require($0?.id))).norm
        }
        let scale = (rows[0] + rows[1]) * report.reconstruction.outputNorm
        #expect(abs(report.shares.difference) <= 2 * bound * scale, "\(S.self), \(gate)")
        let sum = report.shares.tokens.reduce(0) { $0 + $1.value } + report.shares.bias.value
        #expect(report.shares.sum == sum)
        #expect(report.shares.difference == sum - report.shares.logit)
        #expect(report.shares.logit == report.target.logit)
      }
    }
  }

  @Test func doubleIsEightOrdersBetter() throws {
    for fixture in Fixture.all {
      let tokens = PromptInput.tokens(try fixture.tokens())
      let single = try fixture.model(Float.self).explain(tokens).reconstruction.relativeError
      let double = try fixture.model(Double.self).explain(tokens).reconstruction.relativeError
      // The unit roundoffs differ by 1.9e-9; chance may cost a small factor either way.
      #expect(double <= 1e-7 * max(single, Double(Float.ulpOfOne)), "\(fixture.name)")
    }
  }

  /// A first look at all tokens: what it says of each residual holds, and says that it is a bound.
  @Test(arguments: Fixture.all, [4 << 30, 3 << 20])
  func aSketchBoundsItsResiduals(_ fixture: Fixture, memory: Int) throws {
    let model = try fixture.model(Double.self)
    let prompt = PromptInput.tokens(try fixture.tokens())
    var options = ExplanationOptions()
    (options.rank, options.method, options.memory) = (2, .sketch, memory)
    let sketch = try model.explain(prompt, options)
    options.method = .dense
    let exact = try model.explain(prompt, options)
    #expect(sketch.provenance.method == "sketch")
    #expect(sketch.notes.contains { $0.contains("upper bounds") && $0.contains("99.9 %") })
    #expect(exact.jacobians.allSatisfy { $0.confidence == nil })
    for (found, truth) in zip(sketch.jacobians, exact.jacobians) {
      #expect(found.confidence == 0.999 && found.position == truth.position)
      let first = found.singularValues[0]
      // Some singular value lies within the residual: for the largest found, the largest there is.
      #expect(abs(first - truth.singularValues[0]) <= (found.residuals[0] + 1e-12) * first)
      #expect(first <= truth.singularValues[0] * (1 + 1e-12))
    }
  }

  /// What is known early is told early: the shares first, then with their check.
  @Test func theAnswerComesInTwoParts() throws {
    let model = try Fixture.plain.model(Float.self)
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    for check in [ExplanationOptions.Check.none, .removing(.mean)] {
      var options = ExplanationOptions()
      options.check = check
      var parts: [ExplanationReport.Answer] = []
      let report = try model.explain(prompt, options) { _ in
      } answer: {
        parts.append($0)
      }
      #expect(parts.count == 2 && parts[0].check == nil && parts[0].shares == report.shares)
      #expect(parts[1] == report.answer && (parts[1].check == nil) == (check == .none))
    }
  }

  @Test(arguments: Fixture.all)
  func singularValuesAgreeWithTheReference(_ fixture: Fixture) throws {
    try check(Float.self, .dense, Bounds.of(Float.self).singularValue)
    try check(Double.self, .dense, Bounds.of(Double.self).singularValue)
    // A residual bounds the error of a singular value.
    try check(Float.self, .krylov, 1e-5 + Bounds.of(Float.self).singularValue, tolerance: 1e-5)
    try check(Double.self, .krylov, 1e-9, tolerance: 1e-9)

    func check<S: Scalar>(
      _: S.Type, _ method: ExplanationOptions.Method, _ bound: Double, tolerance: Double = 1e-3
    ) throws {
      var options = ExplanationOptions()
      options.method = method
      options.tolerance = tolerance
      let model = try fixture.model(S.self)
      let report = try model.explain(.tokens(fixture.tokens()), options)
      let expected = try fixture.values("singular_values")
      let width = model.decoder.configuration.width
      #expect(report.provenance.method == method.rawValue)
      #expect(report.jacobians.count == report.prompt.tokens.count)
      for (token, jacobian) in report.jacobians.enumerated() {
        let reference = expected[token * width..<(token + 1) * width]
        #expect(jacobian.singularValues.count == 8)
        for (found, value) in zip(jacobian.singularValues, reference) {
          #expect(abs(found - value) <= bound * (reference.first ?? 0), "\(S.self), \(method)")
        }
        #expect(jacobian.isConverged)
        #expect(jacobian.residuals.allSatisfy { $0 <= tolerance })
        let square = reference.reduce(0) { $0 + $1 * $1 }
        let norm = jacobian.frobeniusNormSquared
        // Exact but for rounding, or from six probes: Student's t with five degrees of freedom exceeds
        // 20 less than once in a hundred thousand times.
        #expect(abs(norm.value - square) <= 1e-4 * square + 20 * norm.standardError)
        // By products it is exact too where they span the whole of a small space.
        if method == .dense { #expect(norm.standardError == 0) }
      }
    }
  }

  @Test(arguments: [ExplanationOptions.Method.dense, .krylov])
  func leftVectorsPointAlongTheOutput(_ method: ExplanationOptions.Method) throws {
    let model = try Fixture.plain.model(Double.self)
    let tokens = try Fixture.plain.tokens()
    var options = ExplanationOptions()
    options.method = method
    let report = try model.explain(.tokens(tokens), options)
    let frozen = try model.decoder.linearize(at: tokens)
    let y = frozen.output()
    for jacobian in report.jacobians {
      let map = frozen.jacobian(from: .input(token: jacobian.position), to: .output)
      let svd = map.svd(rank: 8, using: .dense())
      for (k, triplet) in jacobian.triplets.enumerated() {
        let along = zip(svd.left[k], y).reduce(0) { $0 + $1.0 * $1.1 }
        let (u, v) = (svd.left[k].map { $0 * along.sign }, svd.right[k].map { $0 * along.sign })
        // Only where both methods determine the vector well enough for an order of scores.
        guard !jacobian.clusters.contains(where: { $0.first <= k && k < $0.first + $0.count })
        else { continue }
        let written = model.decoder.unembedding.topTokens(for: u, count: 1)[0]
        let read = model.decoder.embedding.topTokens(for: v, count: 1)[0]
        #expect(abs(triplet.left[0].score - written.score) <= 0.05 * abs(written.score))
        #expect(abs(triplet.right[0].score - read.score) <= 0.05 * abs(read.score))
      }
    }
  }

  @Test func sameSeedGivesSameBytes() throws {
    var options = ExplanationOptions()
    options.method = .krylov
    options.seed = 11
    let prompt = PromptInput.tokens(try Fixture.plain.tokens())
    let first = try Fixture.plain.model(Float.self).explain(prompt, options)
    let second = try Fixture.plain.model(Float.self).explain(prompt, options)
    #expect(try first.jsonData() == second.jsonData())
    #expect(try ExplanationReport(jsonData: first.jsonData()) == first)
    options.seed = 12
    let third = try Fixture.plain.model(Float.self).explain(prompt, options)
    #expect(third.provenance.seed == 12)
    #expect(third.jacobians != first.jacobians)
  }

  @Test func explainsAnEarlierPosition() throws {
    let model = try Fixture.plain.model(Double.self)
    let tokens = try Fixture.plain.tokens()
    var options = ExplanationOptions()
    options.position = try Fixture.plain.otherPosition()
    let report = try model.explain(.tokens(tokens), options)
    #expect(report.prompt.analysedPosition == options.position)
    #expect(report.prompt.tokens.count == tokens.count)
    #expect(report.jacobians.count == options.position + 1)
    #expect(report.reconstruction.relativeError <= Bounds.of(Double.self).reconstruction)
    // Later tokens have no influence: the prompt up to the position says the same.
    let shorter = try model.explain(.tokens(Array(tokens.prefix(options.position + 1))))
    #expect(zip(report.prediction, shorter.prediction).allSatisfy { $0.id == $1.id })
    options.position -= tokens.count
    let counted = try model.explain(.tokens(tokens), options)
    #expect(counted.jacobians == report.jacobians)
  }

  @Test(arguments: Site.BlockSite.allCases)
  func explainsSitesInsideOfBlocks(_ place: Site.BlockSite) throws {
    let model = try Fixture.biases.model(Double.self)
    var options = ExplanationOptions()
    options.site = .block(0, place)
    let report = try model.explain(.tokens(Fixture.biases.tokens()), options)
    #expect(report.prompt.site == "block.0.\(place.rawValue)")
    #expect(report.reconstruction.relativeError <= Bounds.of(Double.self).reconstruction)
    #expect(report.reconstruction.offsetNorm > 0)
  }

  @Test func explainsPromptsOfOneTokenAndOfTheWholeContext() throws {
    let model = try Fixture.plain.model(Double.self)
    let single = try model.explain(.tokens([5]))
    #expect(single.jacobians.count == 1)
    #expect(single.reconstruction.relativeError <= Bounds.of(Double.self).reconstruction)
    let context = model.decoder.configuration.contextLength
    let long = try model.explain(.tokens((0..<context).map { $0 % 60 }))
    #expect(long.jacobians.count == context)
    #expect(long.reconstruction.relativeError <= Bounds.of(Double.self).reconstruction)
  }

  @Test func predictionsAreProbabilities() throws {
    var options = ExplanationOptions()
    options.predictionCount = .max
    let report = try Fixture.plain.model(Float.self).explain(
      .tokens(Fixture.plain.tokens()), options)
    #expect(report.prediction.count == 67)
    // 67 terms, each within a rounding of double precision.
    #expect(abs(report.prediction.reduce(0) { $0 + $1.probability } - 1) <= 1e-13)
    #expect(
      zip(report.prediction, report.prediction.dropFirst()).allSatisfy { $0.logit >= $1.logit })
    #expect(report.target.token?.id == report.prediction[0].id)
    #expect(report.target.contrast?.id == report.prediction[1].id)
  }

  @Test func progressGrowsToTheEnd() throws {
    let collected = Collected()
    _ = try Fixture.plain.model(Float.self).explain(.tokens(Fixture.plain.tokens())) {
      collected.append($0.fraction)
    }
    let fractions = collected.values
    #expect(zip(fractions, fractions.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(fractions.first == 0)
    #expect(fractions.last.map { abs($0 - 1) <= 1e-9 } == true)
  }
}

extension Double {
  fileprivate var sign: Double { self < 0 ? -1 : 1 }
}
