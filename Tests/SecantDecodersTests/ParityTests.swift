import SecantCheckpoints
import SecantDecoders
import SecantOperators
import Testing

/// Law L8: the decoder and its Jacobians equal an independent implementation's, at every site.
///
/// What this does not prove: anything about widths, depths and lengths far beyond these fixtures'.
@Suite struct ParityTests {
  @Test(arguments: Fixture.all)
  func forwardInFloat(_ fixture: Fixture) throws { try forward(Float.self, fixture) }

  @Test(arguments: Fixture.all)
  func forwardInDouble(_ fixture: Fixture) throws { try forward(Double.self, fixture) }

  private func forward<S: Scalar>(_: S.Type, _ fixture: Fixture) throws {
    let (decoder, reference) = (try fixture.decoder(S.self), try fixture.reference())
    let (tokens, bound) = (try reference.tokens(), Bounds.of(S.self).stream)

    var cache = KeyValueCache<S>(decoder.configuration)
    let outputs = try decoder.forward(tokens, cache: &cache)
    #expect(relativeError(outputs.elements, try reference.values("outputs_all")) < bound)
    let logits = decoder.unembedding.logits(outputs)
    #expect(relativeError(logits.elements, try reference.values("logits_all")) < bound)

    let frozen = try decoder.linearize(at: tokens)
    #expect(relativeError(frozen.input.elements, try reference.values("input")) < bound)
    #expect(relativeError(frozen.output(), try reference.values("output")) < bound)
    for n in frozen.blocks.indices {
      let hidden = frozen.value(at: .block(n, .residual)).elements
      #expect(relativeError(hidden, try reference.values("hidden.\(n)")) < bound)
    }
  }

  /// One position at a time through the cache gives what all at once gives.
  ///
  /// Where the rotation depends on the length of the stream, positions are compared from that on at
  /// which the stream has the rotation of the whole.
  @Test(arguments: Fixture.all)
  func cachedForward(_ fixture: Fixture) throws {
    let (decoder, reference) = (try fixture.decoder(Double.self), try fixture.reference())
    let (tokens, width) = (try reference.tokens(), decoder.configuration.width)
    let rotary = decoder.configuration.blocks[0].rotary
    let whole = rotary.frequencies(streamLength: tokens.count)
    let compared = tokens.indices.filter { rotary.frequencies(streamLength: $0 + 1) == whole }
    #expect(compared.last == tokens.count - 1)

    var cache = KeyValueCache<Double>(decoder.configuration)
    var outputs: [Double] = []
    for token in tokens {
      outputs += try decoder.forward([token], cache: &cache).elements
    }
    let expected = try reference.values("outputs_all")
    let rows = { (values: [Double]) in compared.flatMap { values[$0 * width..<($0 + 1) * width] } }
    let bound = Bounds.of(Double.self).stream
    #expect(relativeError(rows(outputs), rows(expected)) < bound)
  }

  @Test(arguments: Fixture.all)
  func jacobiansInFloat(_ fixture: Fixture) throws { try jacobians(Float.self, fixture) }

  @Test(arguments: Fixture.all)
  func jacobiansInDouble(_ fixture: Fixture) throws { try jacobians(Double.self, fixture) }

  private func jacobians<S: Scalar>(_: S.Type, _ fixture: Fixture) throws {
    let (decoder, reference) = (try fixture.decoder(S.self), try fixture.reference())
    let (tokens, bound) = (try reference.tokens(), Bounds.of(S.self).jacobian)
    let d = decoder.configuration.width

    for rule in GateRule.allCases {
      let frozen = try decoder.linearize(at: tokens, gate: rule)
      let suffix = rule == .up ? "" : ".\(rule.rawValue)"
      let jacobian = dense(frozen.jacobians(), d)
      #expect(relativeError(jacobian, try reference.values("jacobian" + suffix)) < bound)
      #expect(relativeError(frozen.offset(), try reference.values("offset" + suffix)) < bound)
    }

    let frozen = try decoder.linearize(at: tokens)
    for n in frozen.blocks.indices {
      for place in Site.BlockSite.allCases {
        let jacobian = dense(frozen.jacobians(to: .block(n, place)), d)
        let expected = try reference.values("layer.\(n).\(place.rawValue)")
        #expect(relativeError(jacobian, expected) < bound, "block \(n) \(place)")
      }
    }

    let position = try reference.otherPosition()
    let earlier = dense(frozen.jacobians(position: position), d)
    let expected = try reference.values("jacobian.position.\(position)")
    #expect(relativeError(earlier, Array(expected.prefix(earlier.count))) < bound)
    #expect(expected.dropFirst(earlier.count).allSatisfy { $0 == 0 }, "later tokens reach it")
  }

  /// All members' matrices, one after the other, each `[output, input]`.
  private func dense<S: Scalar>(_ family: TokenJacobians<S>, _ width: Int) -> [S] {
    family.applyAdjointToAll(.identity(width)).flatMap(\.elements)
  }
}
