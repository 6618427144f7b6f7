import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Learned vectors of positions are a part of every token's share, and of the whole exactly that.
@Suite struct PositionTests {
  private static let fixtures = ["gpt2", "gpt2-untied"].map(Fixture.init)

  /// `w·J_i x_i = w·J_i e_i + w·J_i p_i`, with the map of each token by itself.
  @Test(arguments: fixtures)
  func aShareIsItsTokensAndItsPositions(_ fixture: Fixture) throws {
    try check(Float.self, bound: 1e-5)
    try check(Double.self, bound: 2e-14)

    func check<S: Scalar>(_: S.Type, bound: Double) throws {
      let decoder = try fixture.decoder(S.self)
      let tokens = try fixture.reference().tokens()
      let frozen = try decoder.linearize(at: tokens)
      let w: [S] = DifferenceTests.direction(decoder.configuration.width, seed: 91)
      let ledger = frozen.ledger(of: Readout(w, at: tokens.count - 1))
      let shares = frozen.shares(of: w)
      let size = ledger.tokens.reduce(0) { $0 + abs($1) }
      let vectors = decoder.embedding.tokenVectors(of: tokens)
      let maps = frozen.jacobians()
      let images = maps.apply(tokens.indices.map { vectors.rows($0..<$0 + 1) })
      for token in tokens.indices {
        let image = images[token].elements
        let own = Kernels.dot(w.span, image.span)
        #expect(abs(ledger.tokens[token] - ledger.positions[token] - own) <= bound * size)
        #expect(abs(shares.tokens[token] - shares.positions[token] - own) <= bound * size)
        #expect(abs(ledger.positions[token]) > 10 * bound * size)
      }
    }
  }

  /// The vectors that enter are those of the tokens and of the positions at which they stand.
  @Test(arguments: fixtures)
  func vectorsFollowTheirPositions(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let whole = decoder.embedding.vectors(of: [3, 4, 5])
    #expect(decoder.embedding.vectors(of: [4, 5], from: 1) == whole.rows(1..<3))
    let placed = decoder.embedding.placed(decoder.embedding.tokenVectors(of: [5]), at: [2])
    #expect(placed == whole.rows(2..<3))
    #expect(decoder.embedding.vectors(of: [4]) != whole.rows(1..<2))
  }

  @Test func aPromptBeyondTheLearnedPositionsIsRefused() throws {
    let decoder = try Fixture(name: "gpt2-untied").decoder(Float.self)
    let count = decoder.configuration.contextLength
    _ = try decoder.linearize(at: [Int](repeating: 1, count: count))
    let error = try #require(throws: InputError.self) {
      try decoder.linearize(at: [Int](repeating: 1, count: count + 1))
    }
    #expect(error.description.contains("\(count) tokens"))
    #expect(error.description.contains("learned"))
  }

  /// Of two decoders, the positions' vectors are a part of their own.
  @Test func positionsOfTwoDecodersDifferApart() throws {
    let fixture = Fixture(name: "gpt2")
    let altered = try AlteredFixture(fixture.name) { tensors in
      for index in tensors["wpe.weight"]?.elements.indices ?? 0..<0 {
        tensors["wpe.weight"]?.elements[index] *= index.isMultiple(of: 3) ? 1.25 : 0.75
      }
    }
    let tokens = try fixture.reference().tokens()
    let other = try Decoder<Double>(altered.checkpoint())
    let pair = try DifferenceTests.Pair<Double>(
      fixture.decoder(Double.self), other, tokens, .up)
    let account = pair.a.difference(from: pair.b, of: pair.readout, and: pair.readout)
    let positions = account.parts.first { $0.component == .positions }
    #expect(try abs(#require(positions).sum) > 1e-6)
    #expect(account.total(of: .content) == 0)
    #expect(abs(account.sum - account.real) <= 1e-13 * account.size)
  }
}
