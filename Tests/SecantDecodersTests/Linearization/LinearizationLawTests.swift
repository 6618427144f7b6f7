import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Laws L1–L6 and L9 of a frozen decoder, each at every gate rule and in both precisions.
@Suite struct LinearizationLawTests {
  /// L4: `y* = Σ J_i x_i + b`.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func reconstruction(_ fixture: Fixture, _ rule: GateRule) throws {
    func error<S: Scalar>(_: S.Type) throws -> Double {
      let decoder = try fixture.decoder(S.self)
      let frozen = try decoder.linearize(at: try fixture.reference().tokens(), gate: rule)
      let parts = frozen.jacobians().sum(frozen.input)
      let rebuilt = zip(parts, frozen.offset()).map(+)
      return relativeError(rebuilt, frozen.output().map { Double($0) })
    }
    let (single, double) = (try error(Float.self), try error(Double.self))
    #expect(single < Bounds.of(Float.self).reconstruction)
    #expect(double < Bounds.of(Double.self).reconstruction)
  }

  /// L9: what Double leaves of an error is eight orders smaller.
  ///
  /// Against the float64 references, which share no code with either precision.
  @Test(arguments: Fixture.all)
  func doubleIsEightOrdersBetter(_ fixture: Fixture) throws {
    func error<S: Scalar>(_: S.Type) throws -> Double {
      let (decoder, reference) = (try fixture.decoder(S.self), try fixture.reference())
      let frozen = try decoder.linearize(at: try reference.tokens())
      let members = frozen.jacobians().applyAdjointToAll(.identity(decoder.configuration.width))
      return relativeError(members.flatMap(\.elements), try reference.values("jacobian"))
    }
    let (single, double) = (try error(Float.self), try error(Double.self))
    // 2^-29 separates the two unit roundoffs; half an order is left for chance.
    #expect(double < single * 1e-8 * 3, "Float \(single), Double \(double)")
  }

  /// L1: `⟨J u, v⟩ = ⟨u, Jᵀ v⟩` for every token and site.
  @Test(arguments: Fixture.all)
  func dotTest(_ fixture: Fixture) throws {
    try dotTest(Float.self, fixture)
    try dotTest(Double.self, fixture)
  }

  private func dotTest<S: Scalar>(_: S.Type, _ fixture: Fixture) throws {
    let tokens = try fixture.reference().tokens()
    expectAdjoints(of: try fixture.decoder(S.self).linearize(at: tokens, gate: .half))
  }

  /// L3: a family, its members one by one, and its joint adjoint are the same matrices.
  @Test(arguments: Fixture.all)
  func familyEqualsMembers(_ fixture: Fixture) throws {
    let tokens = try fixture.reference().tokens()
    let frozen = try fixture.decoder(Double.self).linearize(at: tokens)
    expectFamilyEqualsMembers(of: frozen, position: tokens.count - 1)
  }

  /// L2 and L5: the map is linear, and is the same whatever it is applied to.
  @Test(arguments: Fixture.all)
  func linearity(_ fixture: Fixture) throws {
    let tokens = try fixture.reference().tokens()
    expectLinearity(of: try fixture.decoder(Double.self).linearize(at: tokens))
  }

  /// L6: the blocks' maps compose to the whole; identity, attention and feed-forward add up.
  @Test(arguments: Fixture.all)
  func blocksCompose(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let tokens = try fixture.reference().tokens()
    let frozen = try decoder.linearize(at: tokens)
    let all = 0..<tokens.count
    var stream = Tangents(
      stream: random(Double.self, tokens.count, decoder.configuration.width, seed: 31))
    let start = stream
    for block in frozen.blocks {
      func branch(_ steps: [BlockStep], _ x: Tangents<Double>) -> Tangents<Double> {
        steps.reduce(x) { block.apply($1, to: $0, positions: all) }
      }
      let attended = branch([.attentionNorm, .attention, .attentionPostNorm], stream)
      let middle = stream + attended
      let fed = branch(
        [.feedForwardNorm, .feedForward, .feedForwardPostNorm],
        block.walk == .parallel ? stream : middle)
      let whole = block.map(positions: all).apply(stream)
      var sum = middle + fed
      if block.perLayer != nil { sum = sum + branch([.perLayer, .perLayerPostNorm], sum) }
      sum = branch([.streamFactor], sum)
      #expect(relativeError(whole.rows.elements, sum.rows.elements) < 1e-14)
      stream = whole
    }
    let last = tokens.count - 1
    let scaled = frozen.finalNorm.frozen(
      at: frozen.value(at: .block(frozen.blocks.count - 1, .residual))
    )
    .apply(stream).rows.row(last)
    let whole = frozen.map(to: .output, position: last).apply(start).rows.elements
    #expect(relativeError(whole, scaled) < 1e-14)
  }

  /// Both orders in which a frozen feed-forward layer can be applied give the same product.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func formingChangesNothing(_ fixture: Fixture, _ rule: GateRule) throws {
    let decoder = try fixture.decoder(Double.self)
    let tokens = try fixture.reference().tokens()
    let frozen = try decoder.linearize(at: tokens, gate: rule)
    let d = decoder.configuration.width
    let (many, few) = (4 * d, 1)
    let rows = random(Double.self, many * tokens.count, d, seed: 41)
    let strand = Strand(support: 0..<tokens.count, reach: 0..<tokens.count)
    let map = frozen.blocks[0].feedForward.map
    let formed = Tangents(strands: .init(repeating: strand, count: many), rows: rows)
    for (whole, product) in [
      (map.apply(formed), map.apply as (Tangents<Double>) -> Tangents<Double>),
      (map.applyAdjoint(formed), map.applyAdjoint),
    ] {
      for j in 0..<3 {
        let part = rows.rows(j * tokens.count..<(j + 1) * tokens.count)
        let alone = product(Tangents(strands: .init(repeating: strand, count: few), rows: part))
        let same = whole.rows.rows(j * tokens.count..<(j + 1) * tokens.count)
        #expect(relativeError(same.elements, alone.rows.elements) < 1e-13)
      }
    }
  }

  @Test(arguments: Fixture.all)
  func generationIsGreedy(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let prompt = try fixture.reference().tokens()
    // The last token that is generated is not read again.
    let count = min(5, decoder.configuration.contextLength - prompt.count + 1)
    let generated = try decoder.generate(after: prompt, count: count)
    var tokens = prompt
    for token in generated {
      var cache = KeyValueCache<Double>(decoder.configuration)
      let output = try decoder.forward(tokens, cache: &cache)
      let best = decoder.unembedding.topTokens(for: output.row(output.rows - 1), count: 1)
      #expect(best[0].token == token)
      tokens.append(token)
    }
    #expect(generated.count == count)
  }

  /// A forward pass that overflows is refused, not decoded.
  @Test func overflowIsRefused() throws {
    let decoder = try #require(Fixture.all.first).decoder(Float.self)
    let broken = Decoder(
      configuration: decoder.configuration, embedding: decoder.embedding, blocks: decoder.blocks,
      finalNorm: Normalization(
        weight: decoder.finalNorm.weight.map { _ in Float.greatestFiniteMagnitude }, epsilon: 0),
      unembedding: decoder.unembedding)
    #expect(throws: InputError.self) { try broken.generate(after: [1, 2], count: 3) }
  }
}
