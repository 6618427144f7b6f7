import Secant
import SecantDecoders
import SecantOperators
import Testing

/// What ablations predict and measure, on every kind of shape.
@Suite struct AblationTests {
  private func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 5e-5 : 1e-11 }

  /// A part of each kind, in the first and in the last block.
  private func parts<S: Scalar>(of model: Model<S>, tokens: [Int]) -> [AblatedPart] {
    let last = model.decoder.blocks.count - 1
    return [
      .token(0), .token(-1), .head(block: 0, 0), .head(block: last, 1), .feedForward(block: 0),
      .feedForward(block: last), .block(0), .block(last), .direction(token: tokens.count - 2, 1),
      .direction(token: tokens.count - 1, 3),
    ]
  }

  /// At the factor 1 nothing changes, to the bit; the prediction is a line through that point; and at 0 a token's
  /// change is the effect that an explanation's check measures.
  @Test(arguments: Fixture.all)
  func predictionsAreLinesAndMeasurementsAreRuns(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let model = try fixture.model(S.self)
      let tokens = try fixture.tokens()
      var options = AblationOptions()
      options.parts = parts(of: model, tokens: tokens)
      options.keeps = [1, 0, 0.5, 0.25]
      let report = try model.ablate(.tokens(tokens), options)
      #expect(report.parts.count == options.parts.count && !report.isRanked)
      for part in report.parts {
        #expect(part.points.map(\.keep) == [1, 0, 0.5, 0.25])
        #expect(part.points[0].predicted == 0 && part.points[0].measured == 0)
        #expect(!part.points[0].isParted)
        for point in part.points {
          #expect(abs(point.predicted - (point.keep - 1) * part.share) <= 1e-15 * abs(part.share))
        }
        #expect(part.points[1].measured != 0 && part.share != 0, "\(part.kind)")
      }
      let effects = try model.effects(.tokens(tokens), removing: .mean).effects
      let bound = rounding(S.self) * (1 + abs(report.target.logit))
      for part in report.parts where part.kind == "token" {
        let effect = try #require(effects.first { $0.position == part.position }).effect
        #expect(abs(part.points[1].measured + effect) <= bound)
      }
    }
  }

  /// Near the whole, a run that is scaled a little changes as the derivative says, and at a factor of 0 as the
  /// run without the part does: one of its own.
  @Test(arguments: Fixture.all)
  func aScaledDirectionIsARunOfItsOwn(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let token = tokens.count - 2
    var options = AblationOptions()
    options.parts = [.direction(token: token, 2)]
    options.keeps = [0.25]
    options.explanation.tolerance = 1e-9
    options.explanation.method = .dense
    let report = try model.ablate(.tokens(tokens), options)
    let run = try model.decoder.linearize(at: tokens)
    let matrix = run.jacobians(position: tokens.count - 1).starting(at: [token]).dense()[0]
    let v = DenseSVD().decompose([matrix], rank: 2)[0].right.row(1)
    var input = run.input
    let along = Kernels.dot(v.span, input.row(token).span)
    for column in v.indices { input[token, column] -= 0.75 * along * v[column] }
    let changed = try model.decoder.linearize(at: tokens, entering: input)
    let w = try direction(of: report.target, model)
    let (first, second) = (run.output(), changed.output())
    let expected = Kernels.dot(w.span, second.span) - Kernels.dot(w.span, first.span)
    let point = report.parts[0].points[0]
    #expect(abs(point.measured - expected) <= 1e-9 * (1 + abs(report.target.logit)))
    // The frozen map at the changed vectors is what was predicted.
    let image = run.jacobians(position: tokens.count - 1).starting(at: [token])
      .apply([Matrix(row: v)])[0]
    let frozen = -0.75 * along * Kernels.dot(w.span, image.row(0).span)
    #expect(abs(point.predicted - frozen) <= 1e-9 * (1 + abs(report.target.logit)))
  }

  private func direction(
    of target: ExplanationReport.Target, _ model: Model<Double>
  ) throws -> [Double] {
    let w = model.decoder.unembedding.direction(of: try #require(target.token).id)
    guard let contrast = target.contrast else { return w }
    return zip(w, model.decoder.unembedding.direction(of: contrast.id)).map(-)
  }

  /// After the last block nothing answers but the final norm's scale: what is left of a target, over what is
  /// predicted to be left, is the same for every target.
  @Test(arguments: Fixture.all)
  func ofTheLastBlockOnlyTheFinalNormAnswers(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let model = try fixture.model(S.self)
      // A norm's bias stays whatever is taken away.
      guard model.decoder.finalNorm.bias == nil else { return }
      let last = model.decoder.blocks.count - 1
      var options = AblationOptions()
      options.parts = [.feedForward(block: last), .block(last)]
      options.keeps = [0, 0.5]
      let reports = try [2, 3].map { token in
        options.explanation.target = .logits(of: .tokens([.id(token)]), over: .nothing)
        return try model.ablate(.tokens(try fixture.tokens()), options)
      }
      for part in options.parts.indices {
        // Where half of a feed-forward layer is left, a branch of per-layer inputs answers to it.
        let answers = part == 0 && model.decoder.configuration.hasPerLayerInputs
        for place in answers ? [0] : [0, 1] {
          let ends = reports.map { report in
            let point = report.parts[part].points[place]
            return (
              report.target.logit + point.measured, report.target.logit + point.predicted
            )
          }
          let size = ends.reduce(0) { $0 + abs($1.0) + abs($1.1) }
          let cross = ends[0].0 * ends[1].1 - ends[1].0 * ends[0].1
          #expect(abs(cross) <= rounding(S.self) * size * size)
          #expect(abs(ends[0].0 - ends[0].1) > 1e-4 * size, "the norm does not answer")
        }
      }
    }
  }

  /// The shares are those that other questions divide: a token's directions sum to its share, what passes through
  /// the last block is what it wrote, and a token's vector is the mean's plus what is ablated.
  @Test(arguments: Fixture.all)
  func sharesAreThoseOfOtherQuestions(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let (last, width) = (model.decoder.blocks.count - 1, model.decoder.configuration.width)
    let token = tokens.count - 2
    var options = AblationOptions()
    options.parts =
      (1...width).map { .direction(token: token, $0) }
      + [.token(token), .block(last), .feedForward(block: last)]
    options.keeps = [1]
    options.explanation.method = .dense
    options.explanation.marksBaseline = false
    let report = try model.ablate(.tokens(tokens), options)
    let shares = try model.shares(.tokens(tokens), options.explanation)
    let bound = 1e-9 * shares.shares.tokens.reduce(1) { $0 + abs($1.value) }
    let sum = report.parts.prefix(width).reduce(0) { $0 + $1.share }
    #expect(abs(sum - shares.shares.tokens[token].value) <= bound)
    let run = try model.decoder.linearize(at: tokens)
    let w = try direction(of: report.target, model)
    let asked = run.jacobians(position: tokens.count - 1).applyAdjointToAll(Matrix(row: w))[token]
    let mean = model.decoder.embedding.placed(
      Matrix(row: model.decoder.embedding.mean()), at: [token])
    let ofMean = Kernels.dot(asked.elements.span, mean.elements.span)
    #expect(
      abs(report.parts[width].share + ofMean - shares.shares.tokens[token].value) <= bound)
    let block = shares.blocks[last]
    let written = block.attention.value + block.feedForward.value + block.bias
    #expect(abs(report.parts[width + 1].share - written) <= bound)
    if model.decoder.finalNorm.bias == nil, block.bias == 0 {
      #expect(abs(report.parts[width + 2].share - block.feedForward.value) <= bound)
    }
    #expect(report.parts[0].singularValue.map { $0 > 0 } == true)
  }

  /// Without named parts the largest are taken away, as many as are asked for; as many of each kind.
  @Test func theLargestPartsComeFirst() throws {
    let model = try Fixture.plain.model(Double.self)
    let prompt = PromptInput.tokens([5, 6, 7, 8, 9])
    var options = AblationOptions()
    options.explanation.marksBaseline = false
    let usual = try model.ablate(prompt, options)
    options.count = 1000
    let all = try model.ablate(prompt, options)
    let c = model.decoder.configuration
    #expect(all.parts.count == 5 + c.blockCount * (c.queryHeads + 1))
    let sizes = all.parts.map { abs($0.share) }
    #expect(sizes == sizes.sorted(by: >))
    #expect(all.parts.allSatisfy { $0.points.map(\.keep) == [0] })
    // As many of each kind, and of each the largest.
    #expect(usual.isRanked && usual.parts.count == min(12, all.parts.count))
    for kind in ["token", "head", "feed-forward"] {
      let few = usual.parts.filter { $0.kind == kind }
      let every = all.parts.filter { $0.kind == kind }
      #expect(!few.isEmpty && (few.count == every.count || few.count >= 4))
      #expect(few.map(\.share) == every.prefix(few.count).map(\.share))
    }
    // A part by itself is the same run as among others.
    options.parts = [.head(block: 1, 1)]
    options.keeps = [0]
    options.count = nil
    let one = try model.ablate(prompt, options).parts[0]
    let same = try #require(all.parts.first { $0.block == 1 && $0.head == 1 })
    #expect(abs(one.points[0].measured - same.points[0].measured) <= 1e-12)
  }

  /// Runs are read at any stream and position: without the first block, what is left after it is the token's vector.
  @Test func sitesAndPositions() throws {
    let model = try Fixture.plain.model(Double.self)
    var options = AblationOptions()
    options.explanation.site = .block(0, .residual)
    options.explanation.position = 2
    options.explanation.target = .logits(of: .tokens([.id(3)]), over: .nothing)
    options.parts = [.feedForward(block: 0), .block(0)]
    options.keeps = [0]
    let found = try model.ablate(.tokens([5, 6, 7, 8]), options)
    let other = try model.ablate(.tokens([5, 6, 7]), options)
    let points = [found, other].map { $0.parts[0].points[0] }
    #expect(abs(points[0].measured - points[1].measured) <= 1e-12)
    #expect(abs(points[0].predicted - points[1].predicted) <= 1e-12)
    #expect(points[0].measured != 0)
    let input = model.decoder.embedding.vectors(of: [7])
    let left = model.decoder.finalNorm.forward(input).row(0)
    let w = model.decoder.unembedding.direction(of: 3)
    let expected = Kernels.dot(w.span, left.span)
    #expect(abs(found.target.logit + found.parts[1].points[0].measured - expected) <= 1e-12)
  }

  /// A part that does not exist is refused, with what exists.
  @Test func whatIsNotThereIsRefused() throws {
    let model = try Fixture.plain.model(Double.self)
    let heads = model.decoder.configuration.queryHeads
    let width = model.decoder.configuration.width
    func refusal(_ change: (inout AblationOptions) -> Void) -> String {
      var options = AblationOptions()
      change(&options)
      do {
        _ = try model.ablate(.tokens([5, 6, 7]), options)
        return ""
      } catch {
        return "\(error)"
      }
    }
    let blocks = model.decoder.blocks.count
    #expect(refusal { $0.parts = [.token(3)] }.contains("a position in 0...2"))
    #expect(refusal { $0.parts = [.token(-4)] }.contains("a position in 0...2"))
    #expect(refusal { $0.parts = [.block(blocks)] }.contains("a block in 0...\(blocks - 1)"))
    #expect(refusal { $0.parts = [.head(block: 0, heads)] }.contains("a head in 0...\(heads - 1)"))
    #expect(
      refusal { $0.parts = [.direction(token: 0, width + 1)] }.contains("a number in 1...\(width)"))
    #expect(refusal { $0.keeps = [.infinity] }.contains("a finite number"))
    #expect(refusal { $0.count = 0 }.contains("at least 1"))
    #expect(
      refusal {
        $0.explanation.site = .block(0, .residual)
        $0.parts = [.block(1)]
      }.contains("a block in 0...0"))
    #expect(
      refusal { $0.explanation.site = .block(0, .attention) }.contains("the stream after a block"))
  }
}
