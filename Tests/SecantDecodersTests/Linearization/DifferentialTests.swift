import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// The ordinary Jacobians equal automatic differentiation's, at every site, and are derivatives.
///
/// What this does not prove: anything about widths, depths and lengths far beyond these fixtures', nor
/// about points at which the decoder has no derivative, such as where two experts are equally likely.
@Suite struct DifferentialTests {
  // MARK: - L8: parity

  @Test(arguments: Fixture.all)
  func parityInFloat(_ fixture: Fixture) throws { try parity(Float.self, fixture) }

  @Test(arguments: Fixture.all)
  func parityInDouble(_ fixture: Fixture) throws { try parity(Double.self, fixture) }

  private func parity<S: Scalar>(_: S.Type, _ fixture: Fixture) throws {
    let (decoder, reference) = (try fixture.decoder(S.self), try fixture.reference())
    let differential = try decoder.differentiate(at: try reference.tokens())
    let width = decoder.configuration.width
    let bound = Bounds.of(S.self).jacobian
    let dense = differential.jacobians().applyAdjointToAll(.identity(width)).flatMap(\.elements)
    #expect(relativeError(dense, try reference.values("ordinary")) < bound)
    #expect(
      relativeError(differential.output(), try reference.values("output"))
        < Bounds.of(S.self).stream)

    let products = try fixture.ordinaryProducts()
    let cotangent = Matrix(row: try products.values("cotangent").map { S($0) })
    func error(_ maps: Jacobians<S>, _ name: String) throws -> Double {
      let found = maps.applyAdjointToAll(cotangent).flatMap(\.elements)
      let expected = try products.values(name)
      #expect(expected.dropFirst(found.count).allSatisfy { $0 == 0 }, "later tokens reach it")
      return relativeError(found, Array(expected.prefix(found.count)))
    }
    for n in differential.blocks.indices {
      for place in Site.BlockSite.allCases {
        let name = "layer.\(n).\(place.rawValue)"
        #expect(try error(differential.jacobians(to: .block(n, place)), name) < bound, "\(name)")
      }
    }
    let position = try reference.otherPosition()
    let earlier = differential.jacobians(position: position)
    #expect(try error(earlier, "position.\(position)") < bound)
  }

  /// A block that is differentiated anew for each product gives the bits of one that is held.
  @Test(arguments: Fixture.all)
  func blocksMadeAnewGiveTheSameBits(_ fixture: Fixture) throws {
    let (decoder, tokens) = (try fixture.decoder(Float.self), try fixture.reference().tokens())
    let held = try decoder.differentiate(at: tokens)
    for bytes in [0, 20_000] {
      let anew = try decoder.differentiate(at: tokens, holding: bytes)
      let unit = Matrix<Float>.identity(decoder.configuration.width)
      #expect(
        anew.jacobians().applyAdjointToAll(unit) == held.jacobians().applyAdjointToAll(unit))
      #expect(anew.jacobians().sum(anew.input) == held.jacobians().sum(held.input))
      #expect(anew.output() == held.output())
      for n in held.blocks.indices {
        #expect(anew.stream(after: n) == held.stream(after: n))
        let site = Site.block(0, .feedForward)
        #expect(
          anew.alone(n).jacobians(to: site).applyAdjointToAll(unit)
            == held.alone(n).jacobians(to: site).applyAdjointToAll(unit))
      }
    }
  }

  // MARK: - It is a derivative

  /// `(F(x + h) − F(x − h)) / 2` tends to `K h`, at every site and at the output.
  @Test(arguments: Fixture.all)
  func finiteDifferences(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let differential = try decoder.differentiate(at: try fixture.reference().tokens())
    let (tokens, width) = (differential.tokens.count, decoder.configuration.width)
    let direction = random(Double.self, tokens, width, seed: 51)
    // The error of a central difference: step² from the third derivative, ε/step from rounding.
    let (step, bound) = (2e-6, 1e-7)
    let ahead = try values(decoder, differential, differential.input + step * direction)
    let behind = try values(decoder, differential, differential.input - step * direction)
    for (site, value) in ahead {
      let difference = try (0.5 / step) * (value - #require(behind[site]))
      let image = differential.map(to: site, position: tokens - 1)
        .apply(Tangents(stream: direction)).rows.elements
      #expect(relativeError(image, difference.row(tokens - 1)) < bound, "\(site)")
    }
  }

  /// The streams at every site, through the final norm, for vectors that enter block 0.
  private func values(
    _ decoder: Decoder<Double>, _ differential: Differential<Double>, _ input: Matrix<Double>
  ) throws -> [Site: Matrix<Double>] {
    var result: [Site: Matrix<Double>] = [:]
    let run = try decoder.linearize(at: differential.tokens, entering: input)
    for (n, block) in run.blocks.enumerated() {
      result[.block(n, .attention)] = decoder.finalNorm.forward(block.values.attention)
      result[.block(n, .feedForward)] = decoder.finalNorm.forward(block.values.feedForward)
      result[.block(n, .residual)] = decoder.finalNorm.forward(block.values.residual)
    }
    result[.output] = run.value(at: .output)
    return result
  }

  // MARK: - L1–L3: it is a linear operator

  /// L1: `⟨K u, v⟩ = ⟨u, Kᵀ v⟩` for every token and site.
  @Test(arguments: Fixture.all)
  func dotTest(_ fixture: Fixture) throws {
    try dotTest(Float.self, fixture)
    try dotTest(Double.self, fixture)
  }

  private func dotTest<S: Scalar>(_: S.Type, _ fixture: Fixture) throws {
    let tokens = try fixture.reference().tokens()
    expectAdjoints(of: try fixture.decoder(S.self).differentiate(at: tokens))
  }

  /// L2: the map is linear, and is the same whatever it is applied to.
  @Test(arguments: Fixture.all)
  func linearity(_ fixture: Fixture) throws {
    let tokens = try fixture.reference().tokens()
    expectLinearity(of: try fixture.decoder(Double.self).differentiate(at: tokens))
  }

  /// L3: a family, its members one by one, and its joint adjoint are the same matrices, at the last and at
  /// an earlier position.
  @Test(arguments: Fixture.all)
  func familyEqualsMembers(_ fixture: Fixture) throws {
    let (decoder, reference) = (try fixture.decoder(Double.self), try fixture.reference())
    let differential = try decoder.differentiate(at: try reference.tokens())
    for position in [try reference.otherPosition(), differential.tokens.count - 1] {
      expectFamilyEqualsMembers(of: differential, position: position)
    }
  }

  /// The derivative of a normalization takes its argument to what ε leaves of it.
  @Test func normsForgetLength() {
    let x = random(Double.self, 5, 12, seed: 61)
    let norm = Normalization(weight: random(Double.self, 1, 12, seed: 62).elements, epsilon: 0)
    let image = norm.differential(at: x).apply(Tangents(stream: x)).rows
    #expect(image.norm < 1e-15 * x.norm)
  }

  /// More rows than are held at once give what few give.
  @Test func manyRowsAreTakenInParts() throws {
    let fixture = try #require(Fixture.all.first { $0.name == "llama-rope-dynamic" })
    let decoder = try fixture.decoder(Double.self)
    let differential = try decoder.differentiate(at: try fixture.reference().tokens())
    let (T, d) = (differential.tokens.count, decoder.configuration.width)
    let map = try #require(differential.blocks[0].map(of: .attention, positions: 0..<T))
    let few = random(Double.self, 4 * T, d, seed: 71)
    let strand = Strand(support: 0..<T, reach: 0..<T)
    let copies = 20_000
    let many = Matrix.stacking([Matrix<Double>](repeating: few, count: copies), columns: d)
    let alone = Tangents(strands: .init(repeating: strand, count: 4), rows: few)
    let batch = Tangents(strands: .init(repeating: strand, count: 4 * copies), rows: many)
    for product in [map.apply, map.applyAdjoint] {
      let (part, whole) = (product(alone).rows, product(batch).rows)
      for copy in [0, copies / 2, copies - 1] {
        let rows = whole.rows(copy * 4 * T..<(copy + 1) * 4 * T)
        #expect(relativeError(rows.elements, part.elements) < 1e-13)
      }
    }
  }
}
