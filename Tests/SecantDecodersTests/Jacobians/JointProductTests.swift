import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Products that serve many tokens at once are those of the tokens one by one.
@Suite struct JointProductTests {
  private func expectNear<S: Scalar>(_ a: Matrix<S>, _ b: Matrix<S>, scale: Double) {
    // A thousand roundings: sums of some thousand terms through all blocks.
    #expect((a - b).norm <= 1000 * Double(S.ulpOfOne) * max(b.norm, scale))
  }

  @Test(arguments: Fixture.all)
  func sumsAndParts(_ fixture: Fixture) throws {
    func check<S: Scalar>(_: S.Type) throws {
      let frozen = try fixture.decoder(S.self).linearize(at: fixture.reference().tokens())
      let all = frozen.jacobians()
      let d = all.inputWidth
      let parts = [all, all.starting(at: 1..<all.count), all.starting(at: 0..<all.count - 1)]
      for family in parts where family.count > 0 {
        let x = (0..<family.count).map { random(S.self, 3, d, seed: UInt64($0) + 5) }
        let y = random(S.self, 2, d, seed: 4)
        let expected = family.apply(x).reduce(.zero(rows: 3, columns: d), +)
        expectNear(family.applySum(x), expected, scale: expected.norm)
        let whole = family.applyAdjointToAll(y)
        let size = whole.map(\.norm).max() ?? 0
        let members = family.count / 2..<family.count
        for (found, expected) in zip(family.applyAdjoint(y, toAll: members), whole[members]) {
          expectNear(found, expected, scale: size)
        }
        #expect(family.applyAdjoint(y, toAll: 0..<0).isEmpty)
      }
    }
    try check(Float.self)
    try check(Double.self)
  }

  /// What the iteration says of a token's triplets is what products made afresh say.
  @Test(arguments: Fixture.all)
  func residualsAreThoseOfFreshProducts(_ fixture: Fixture) throws {
    func check<S: Scalar>(_: S.Type) throws {
      let frozen = try fixture.decoder(S.self).linearize(at: fixture.reference().tokens())
      let family = frozen.jacobians()
      let tolerance = S.self == Float.self ? 1e-3 : 1e-8
      for block in [1, 2] {
        let found = family.svd(
          rank: 3, using: .krylov(KrylovSVD(tolerance: tolerance, block: block)))
        let forward = family.apply(found.map(\.right))
        let back = family.applyAdjoint(found.map(\.left))
        for (m, svd) in found.enumerated() {
          #expect(svd.isConverged)
          for k in svd.singularValues.indices {
            let sigma = svd.singularValues[k]
            let outer = (forward[m].rows(k..<k + 1) - sigma * svd.left.rows(k..<k + 1)).norm
            let inner = (back[m].rows(k..<k + 1) - sigma * svd.right.rows(k..<k + 1)).norm
            // Out of a window's reach maps are zero, and so is what is left of them.
            let first = max(Double(svd.singularValues[0]), .leastNormalMagnitude)
            let fresh = (outer * outer + inner * inner).squareRoot() / first
            // A hundred roundings: of products through all blocks, and of what was kept of them.
            #expect(abs(fresh - svd.residuals[k]) < 100 * Double(S.ulpOfOne))
          }
        }
      }
    }
    try check(Float.self)
    try check(Double.self)
  }
}
