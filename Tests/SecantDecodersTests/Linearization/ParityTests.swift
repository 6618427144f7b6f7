import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
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
    for (name, error) in try Parity<S>(fixture).streams() {
      #expect(error < Bounds.of(S.self).stream, "\(name)")
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
    for (name, error) in try Parity<S>(fixture).jacobians() {
      #expect(error < Bounds.of(S.self).jacobian, "\(name)")
    }
  }
}
