import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// The maps to all sites at once are those that are taken one at a time, in both precisions.
///
/// That the latter are right is shown by their parity with references and their own laws.
@Suite struct LayerJacobiansTests {
  /// Some hundred roundings that fall differently in batches of other sizes.
  private func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 3e-5 : 3e-14 }

  private func sites<S: Scalar>(_ frozen: Linearization<S>) -> [Site] {
    frozen.blocks.indices.reversed().flatMap { n in
      Site.BlockSite.allCases.map { .block(n, $0) }
    } + [.output]
  }

  private func expectNear<S: Scalar>(
    _ a: Matrix<S>, _ b: Matrix<S>, _ what: String, scale: Double = 0,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(a.rows == b.rows && a.columns == b.columns, sourceLocation: sourceLocation)
    #expect(
      (a - b).norm <= rounding(S.self) * max(b.norm, scale), "\(what)",
      sourceLocation: sourceLocation)
  }

  /// L1, L3 and L6 for every site: products of all sweeps against products of single families.
  @Test(arguments: Fixture.all)
  func productsAreThoseOfSingleSites(_ fixture: Fixture) throws {
    try products(Float.self, fixture, isPrepared: false)
    try products(Double.self, fixture, isPrepared: false)
    try products(Double.self, fixture, isPrepared: true)
  }

  private func products<S: Scalar>(_: S.Type, _ fixture: Fixture, isPrepared: Bool) throws {
    let frozen = try fixture.decoder(S.self).linearize(at: fixture.reference().tokens())
    let (position, d) = (frozen.tokens.count - 2, frozen.input.columns)
    let tokens = (0...position).map { Jacobians<S>.Member.token($0) }
    var maps = frozen.jacobians(to: sites(frozen), position: position, members: tokens + [.joint])
    // Room for a few matrices only: formed and carried positions are mixed.
    if isPrepared {
      maps = maps.prepared(vectors: 10_000, vectorsPerSite: 0, memory: 3 * d * d * 8)
    }
    let families = maps.sites.map { frozen.jacobians(to: $0, position: position) }
    let width = (position + 1) * d
    let ragged = { (salt: Int) -> [Matrix<S>] in
      (0...position).map { random(S.self, ($0 + salt) % 3, d, seed: UInt64($0 + 10 * salt)) }
    }
    let joint = random(S.self, 2, width, seed: 77)
    let stream = { (k: Int) in Matrix(rows: position + 1, columns: d, elements: joint.row(k)) }

    let all = maps.sweep(ragged(1) + [joint])
    let each = maps.applyEach(maps.sites.indices.map { ragged($0 + 1) + [joint] })
    let y = maps.sites.indices.map { ragged($0 + 2) + [random(S.self, 1, d, seed: UInt64($0))] }
    let back = maps.applyAdjoint(y)
    let shared = random(S.self, 2, d, seed: 5)
    let toAll = maps.applyAdjointToAll(
      maps.sites.indices.map { $0 % 2 == 0 ? shared : .zero(rows: 0, columns: d) })
    for (level, family) in families.enumerated() {
      let expected = family.apply(ragged(1))
      let expectedEach = family.apply(ragged(level + 1))
      let expectedBack = family.applyAdjoint(Array(y[level].dropLast()))
      let expectedAll = family.applyAdjointToAll(shared)
      let name = "\(maps.sites[level])"
      // Maps of tokens out of a window's reach are zero: their size is no scale of rounding.
      let size = expectedAll.map(\.norm).max() ?? 0
      for token in 0...position {
        expectNear(all[level][token], expected[token], name, scale: size)
        expectNear(each[level][token], expectedEach[token], name, scale: size)
        expectNear(back[level][token], expectedBack[token], name, scale: size)
        if level % 2 == 0 { expectNear(toAll[level][token], expectedAll[token], name, scale: size) }
      }
      for image in [all[level][position + 1], each[level][position + 1]] {
        for k in 0..<2 {
          expectNear(image.rows(k..<k + 1), Matrix(row: family.sum(stream(k))), name, scale: size)
        }
      }
      let expectedJoint = family.applyAdjointToAll(y[level][position + 1]).flatMap(\.elements)
      expectNear(back[level][position + 1], Matrix(row: expectedJoint), name, scale: size)
    }
  }

  /// L7 for every site: triplets found together are those of each site's own matrices.
  @Test(
    arguments: Fixture.all.filter {
      [
        "llama-plain", "qwen3-new", "qwen3-moe", "gemma2-new", "gemma3-new", "phi3-window",
        "olmo2-biases",
      ]
      .contains($0.name)
    }, [false, true])
  func tripletsAreThoseOfSingleSites(_ fixture: Fixture, _ isDense: Bool) throws {
    try triplets(Float.self, fixture, isDense, tolerance: 5e-5, limit: 2e-4)
    try triplets(Double.self, fixture, isDense, tolerance: 1e-10, limit: 1e-9)
  }

  private func triplets<S: Scalar>(
    _: S.Type, _ fixture: Fixture, _ isDense: Bool, tolerance: Double, limit: Double
  ) throws {
    let frozen = try fixture.decoder(S.self).linearize(at: fixture.reference().tokens())
    let maps = frozen.jacobians(to: sites(frozen))
    let method = CascadeSVD(tolerance: tolerance, basisSize: 6, isDense: isDense)
    for (level, found) in method.decompose(maps, rank: 2).enumerated() {
      let site = maps.sites[level]
      let exact = frozen.jacobians(to: site).svd(rank: 2, using: .dense())
      for (svd, exact) in zip(found, exact) {
        #expect(svd.isConverged, "\(site): \(svd.residuals)")
        let first = Double(exact.singularValues[0])
        for (a, b) in zip(svd.singularValues, exact.singularValues) {
          #expect(abs(Double(a) - Double(b)) <= limit * first, "\(site)")
        }
      }
    }
  }

  /// A block by itself: its maps and offset give its sites, and follow on those of the blocks before it.
  @Test(arguments: Fixture.all)
  func blocksAloneFollowOnEachOther(_ fixture: Fixture) throws {
    let decoder = try fixture.decoder(Double.self)
    let frozen = try decoder.linearize(at: fixture.reference().tokens())
    // What a block takes from others does not go through the stream before it.
    let follows = !decoder.configuration.sharesKeyValues
    let last = frozen.tokens.count - 1
    let all = 0..<last + 1
    var stream = Tangents(
      stream: random(Double.self, last + 1, frozen.input.columns, seed: 31))
    let start = stream.rows
    for n in frozen.blocks.indices {
      let alone = frozen.alone(n)
      for place in Site.BlockSite.allCases {
        let family = alone.jacobians(to: .block(0, place))
        let rebuilt = zip(family.sum(alone.input), alone.offset(to: .block(0, place))).map(+)
        let value = frozen.output(at: .block(n, place))
        #expect(relativeError(rebuilt, value) < 1e-13, "block \(n) \(place)")
        let cumulative = frozen.jacobians(to: .block(n, place)).sum(start)
        #expect(!follows || relativeError(family.sum(stream.rows), cumulative) < 1e-13)
      }
      stream = frozen.blocks[n].map(positions: all).apply(stream)
    }
    let places = sites(frozen)
    for (site, offset) in zip(places, frozen.offsets(to: places)) {
      let rebuilt = zip(frozen.jacobians(to: site).sum(frozen.input), offset).map(+)
      #expect(relativeError(rebuilt, frozen.output(at: site)) < 1e-13, "\(site)")
    }
  }
}
