import Secant
import SecantDecoders
import SecantOperators
import Testing

/// Pushes along one direction: where the directions come from, and what a push is.
@Suite struct SteeringVectorTests {
  private func norm(_ vector: [Double]) -> Double { Matrix(row: vector).norm }

  /// The stream moves by half its length times the strength, along a direction of length 1; at strength 0 it stays
  /// what it is.
  @Test func aPushIsHalfAsLongAsTheStream() throws {
    let model = try Fixture.plain.model(Double.self)
    let tokens = try Fixture.plain.tokens()
    let vector = try model.steeringVector(
      toward: .difference(from: .tokens([1, 2, 3]), to: .tokens([4, 5, 6, 7])), after: 0)
    #expect(abs(norm(vector.vector) - 1) <= 1e-14 && vector.block == 0)
    let run = try model.decoder.linearize(at: tokens)
    let stream = run.stream(after: 0)
    #expect(vector.intervention(strength: 0).transform(stream, run.input) == stream)
    for strength in [0.5, -2] {
      let pushed = vector.intervention(strength: strength).transform(stream, run.input)
      for row in 0..<stream.rows {
        let (before, after) = (stream.row(row), pushed.row(row))
        let change = zip(after, before).map(-)
        #expect(abs(norm(change) - abs(strength) * norm(before) / 2) <= 1e-12 * norm(before))
        let along = Kernels.dot(change.span, vector.vector.span)
        #expect(abs(along - strength * norm(before) / 2) <= 1e-12 * norm(before))
      }
    }
  }

  /// After the last block, a push toward a token raises its logit over the mean of all, and one away lowers it.
  @Test(arguments: Fixture.all)
  func aTokensDirectionRaisesItsLogit(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let decoder = model.decoder
    let tokens = try fixture.tokens()
    let last = decoder.blocks.count - 1
    for token in [3, 7] {
      let vector = try model.steeringVector(toward: .token(.id(token)), after: last)
      let levels = try [-0.2, 0, 0.2].map { strength in
        var cache = KeyValueCache<Double>(decoder.configuration)
        let output = try decoder.forward(
          tokens, cache: &cache, intervention: vector.intervention(strength: strength))
        let logits = decoder.unembedding.products(output.rows(tokens.count - 1..<tokens.count))
          .elements
        return logits[token] - logits.reduce(0, +) / Double(logits.count)
      }
      #expect(levels[0] < levels[1] && levels[1] < levels[2], "\(levels)")
    }
  }

  /// A token's map to the stream is its part of the steering operator, and u_k is a left singular vector of it that
  /// speaks for the stream.
  @Test(arguments: Fixture.all)
  func leftVectorsAreThoseOfTheTokensMap(_ fixture: Fixture) throws {
    let model = try fixture.model(Double.self)
    let tokens = try fixture.tokens()
    let (token, width) = (tokens.count - 2, model.decoder.configuration.width)
    let run = try model.decoder.linearize(at: tokens)
    let block = model.decoder.blocks.count - 1
    let whole = run.jointJacobian(after: block).dense()
    let own = whole.columns(token * width..<(token + 1) * width)
    let map = run.streamJacobian(of: token, after: block).dense()
    #expect((map - own).norm <= 1e-12 * own.norm)
    for k in [1, 2] {
      let u = try model.steeringVector(
        toward: .leftVector(of: .tokens(tokens), token: -2, k), after: block
      ).vector
      #expect(abs(norm(u) - 1) <= 1e-12)
      let expected = DenseSVD().decompose([own], rank: 2)[0].left.row(k - 1)
      #expect(abs(abs(Kernels.dot(u.span, expected.span)) - 1) <= 1e-4)
      let stream = run.stream(after: block)
      #expect(Kernels.dot(u.span, stream.row(stream.rows - 1).span) >= 0)
    }
  }

  /// A difference leads from the mean stream of one text to that of another, without their first positions.
  @Test func differencesAreOfMeans() throws {
    let model = try Fixture.plain.model(Double.self)
    let texts = [[1, 2, 3], [4, 5, 6, 7]]
    let means = try texts.map { tokens in
      let stream = try model.decoder.linearize(at: tokens).stream(after: 1)
      return (0..<stream.columns).map { column in
        (1..<stream.rows).reduce(0) { $0 + stream[$1, column] } / Double(stream.rows - 1)
      }
    }
    let expected = zip(means[1], means[0]).map(-)
    let vector = try model.steeringVector(
      toward: .difference(from: .tokens(texts[0]), to: .tokens(texts[1])), after: 1
    ).vector
    for (found, value) in zip(vector, expected) {
      #expect(abs(found - value / norm(expected)) <= 1e-12)
    }
  }

  /// At strength 0 both continuations are the same; the report says what the direction is.
  @Test func aReportHasBothContinuations() throws {
    let model = try Fixture.plain.model(Double.self)
    var options = SteeringOptions()
    options.count = 5
    let prompt = PromptInput.tokens([2, 4, 6])
    let none = try model.steer(
      prompt, toward: .token(.id(5)), after: 1, strength: 0, options)
    #expect(none.steered == none.unsteered && none.concept.map(\.id) == [5])
    #expect(none.direction.kind == "token" && none.direction.token?.id == 5)
    let pushed = try model.steer(
      prompt, toward: .token(.id(5)), after: 1, strength: 3, options)
    #expect(pushed.unsteered == none.unsteered)
    let levels = (pushed.steered.conceptProbability, pushed.unsteered.conceptProbability)
    #expect(try #require(levels.0) > (try #require(levels.1)))
    let left = try model.steer(
      prompt, toward: .leftVector(of: .tokens([7, 8]), token: 0, 1), after: 0, strength: 1, options)
    #expect(left.direction.position == 0 && left.direction.triplet == 1)
    #expect(left.direction.promptTokens?.map(\.id) == [7, 8])
    #expect(left.concept.map(\.id) == left.direction.writes.prefix(1).map(\.id))
    let difference = try model.steer(
      prompt, toward: .difference(from: .tokens([1, 2]), to: .tokens([3, 4])), after: 0,
      strength: 1, options)
    #expect(difference.direction.fromTokens?.map(\.id) == [1, 2])
    #expect(difference.concept.map(\.id) == [3, 4])
  }

  /// What is no direction is refused.
  @Test func refusals() throws {
    let model = try Fixture.plain.model(Double.self)
    func refusal(_ direction: SteeringDirection, after block: Int = 0) -> String {
      do {
        _ = try model.steeringVector(toward: direction, after: block)
        return ""
      } catch {
        return "\(error)"
      }
    }
    let text = PromptInput.tokens([1, 2, 3])
    #expect(refusal(.difference(from: text, to: text)).contains("a vector that is not 0"))
    #expect(refusal(.leftVector(of: text, token: 3, 1)).contains("a position in 0...2"))
    #expect(refusal(.leftVector(of: text, token: 0, 0)).contains("a number in 1..."))
    #expect(refusal(.token(.id(1 << 30))) != "")
    #expect(refusal(.token(.id(1)), after: 99).contains("block"))
    #expect(throws: InputError.self) {
      try model.steer(text, toward: .token(.id(1)), after: 0, strength: .nan)
    }
  }
}
