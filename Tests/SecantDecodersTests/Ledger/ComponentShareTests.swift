import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// What components gave to a number read off the output: rows, columns and totals, on every family.
@Suite struct ComponentShareTests {
  /// Bounds on what only rounding separates, relative to the sum of magnitudes: some hundred times the
  /// unit roundoff, a sum of that many terms each some roundings deep.
  private func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 1e-5 : 2e-14 }

  private struct Case<S: Scalar> {
    let frozen: Linearization<S>
    let direction: [S]
    let position: Int
    let tokens: ComponentShares
    let biases: ComponentShares
    /// The sum of magnitudes of all entries: what rounding errors are relative to.
    let size: Double

    init(
      _ fixture: Fixture, _ rule: GateRule, to site: Site = .output, position: Int? = nil
    ) throws {
      let decoder = try fixture.decoder(S.self)
      frozen = try decoder.linearize(at: try fixture.reference().tokens(), gate: rule)
      var generator = SeededGenerator(seed: 51)
      direction = (0..<decoder.configuration.width).map { _ in
        S(Double.random(in: -1...1, using: &generator))
      }
      self.position = position ?? frozen.tokens.count - 1
      tokens = frozen.componentShares(
        of: direction, to: site, position: self.position, tokens: 0..<self.position + 1)
      biases = frozen.biasShares(of: direction, to: site, position: self.position)
      var size = 0.0
      for shares in [tokens, biases] {
        size += shares.direct.reduce(0) { $0 + abs($1) }
        for block in shares.blocks {
          size += (block.attention + block.feedForward + block.bias).reduce(0) { $0 + abs($1) }
        }
      }
      self.size = size
    }
  }

  private func magnitude(_ values: [Double]) -> Double { values.reduce(0) { max($0, abs($1)) } }

  private func difference(_ a: [Double], _ b: [Double]) -> Double {
    precondition(a.count == b.count)
    return magnitude(zip(a, b).map(-))
  }

  /// For every source, direct path, attention, feed-forward layers and biases make the whole map's share.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func columnsSumToEverySourcesShare(_ fixture: Fixture, _ rule: GateRule) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let found = try Case<S>(fixture, rule)
      let bound = rounding(S.self) * found.size
      let family = found.frozen.jacobians()
      let images = family.apply(
        found.frozen.tokens.indices.map { found.frozen.input.rows($0..<$0 + 1) })
      let expected = images.map { Kernels.dot(found.direction.span, $0.elements.span) }
      #expect(difference(found.tokens.totals, expected) <= bound)
      let offset = Kernels.dot(found.direction.span, found.frozen.offset().span)
      #expect(difference(found.biases.totals, [offset]) <= bound)
      for shares in [found.tokens, found.biases] {
        var sums = shares.direct
        for block in shares.blocks {
          for source in sums.indices {
            sums[source] += block.attention[source] + block.feedForward[source] + block.bias[source]
          }
        }
        #expect(difference(sums, shares.totals) <= bound, "\(S.self)")
      }
    }
  }

  /// For every component, the sources make what it wrote into the stream, along the direction.
  @Test(arguments: Fixture.all, GateRule.allCases)
  func sourcesSumToWhatTheComponentWrote(_ fixture: Fixture, _ rule: GateRule) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let found = try Case<S>(fixture, rule)
      let (frozen, p) = (found.frozen, found.position)
      let output = frozen.finalNorm.frozen(
        at: frozen.value(at: .block(frozen.blocks.count - 1, .residual)))
      let place = Strand(support: p..<p + 1, reach: p..<p + 1)
      let read = output.applyAdjoint(
        Tangents(strands: [place], rows: Matrix(row: found.direction))
      ).rows.elements
      var before = frozen.input
      for (n, block) in frozen.blocks.enumerated() {
        let (tokens, biases) = (found.tokens.blocks[n], found.biases.blocks[n])
        let sum = [
          tokens.attention, tokens.feedForward, biases.attention, biases.feedForward, biases.bias,
        ]
        .reduce(0) { $0 + $1.reduce(0, +) }
        // What layers add is multiplied by the numbers of their block and of later ones.
        let written = block.values.residual - (block.streamFactor ?? 1) * before
        let later = frozen.blocks.dropFirst(n + 1).reduce(1.0) {
          $0 * Double($1.streamFactor ?? 1)
        }
        let expected = later * Kernels.dot(read.span, written.row(p).span)
        #expect(abs(sum - expected) <= rounding(S.self) * found.size, "block \(n)")
        before = block.values.residual
      }
    }
  }

  /// Heads make attention; the experts of a mixture make the feed-forward layer.
  @Test(arguments: Fixture.all)
  func partsSumToTheirLayer(_ fixture: Fixture) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let found = try Case<S>(fixture, .half)
      let bound = rounding(S.self) * found.size
      let configuration = try fixture.decoder(S.self).configuration
      for shares in [found.tokens, found.biases] {
        for (n, block) in shares.blocks.enumerated() {
          #expect(block.heads.count == configuration.headCount(ofBlock: n))
          #expect(difference(sum(block.heads, block.attention.count), block.attention) <= bound)
          let experts = configuration.blocks[n].experts
          let shared = experts?.sharedWidth == nil ? 0 : 1
          #expect(block.experts.count == (experts?.expertsPerToken ?? 0) + shared)
          if experts != nil {
            let parts = sum(block.experts.map(\.values), block.feedForward.count)
            #expect(difference(parts, block.feedForward) <= bound)
            #expect(
              zip(block.experts, block.experts.dropFirst()).allSatisfy { $0.index < $1.index })
          }
        }
      }
    }
  }

  /// Sites inside the decoder and earlier positions: later blocks and tokens do not take part.
  @Test(arguments: Fixture.all)
  func earlierPlacesSumToo(_ fixture: Fixture) throws {
    let position = try fixture.reference().otherPosition()
    let site = Site.block(0, .residual)
    let found = try Case<Double>(fixture, .up, to: site, position: position)
    #expect(found.tokens.blocks.count == 1 && found.tokens.totals.count == position + 1)
    let expected = Kernels.dot(
      found.direction.span, found.frozen.output(at: site, position: position).span)
    let sum = (found.tokens.totals + found.biases.totals).reduce(0, +)
    #expect(abs(sum - expected) <= rounding(Double.self) * found.size)
  }

  /// Tokens may be carried in several sweeps.
  @Test(arguments: ["llama-biases", "qwen3-moe", "gemma2-old"].map(Fixture.init))
  func sweepsAppend(_ fixture: Fixture) throws {
    let found = try Case<Double>(fixture, .up)
    let (frozen, p) = (found.frozen, found.position)
    var parts = frozen.componentShares(of: found.direction, position: p, tokens: 0..<2)
    parts.append(frozen.componentShares(of: found.direction, position: p, tokens: 2..<p + 1))
    for (a, b) in zip(parts.blocks, found.tokens.blocks) {
      for (x, y) in zip(a.heads + [a.feedForward], b.heads + [b.feedForward]) {
        #expect(difference(x, y) <= rounding(Double.self) * found.size)
      }
    }
    #expect(difference(parts.direct, found.tokens.direct) == 0)
  }

  /// Only the analyzed token's embedding reaches the output past every block.
  @Test func theDirectPathIsTheLastTokens() throws {
    let found = try Case<Double>(Fixture(name: "llama-plain"), .up)
    #expect(found.tokens.direct.dropLast().allSatisfy { $0 == 0 })
    #expect(found.tokens.direct.last != 0)
    #expect(found.biases.totals == [0])
  }

  private func sum(_ parts: [[Double]], _ count: Int) -> [Double] {
    parts.reduce([Double](repeating: 0, count: count)) { zip($0, $1).map(+) }
  }
}
