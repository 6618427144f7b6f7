import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

// Laws that hold for the maps to sites of every kind, frozen or ordinary.

/// Bounds on what only rounding separates: some hundred times the unit roundoff.
func rounding<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 2e-5 : 2e-14 }

/// Independent entries between -1 and 1.
func random<S: Scalar>(_: S.Type, _ rows: Int, _ columns: Int, seed: UInt64) -> Matrix<S> {
  var generator = SeededGenerator(seed: seed)
  return Matrix(rows: rows, columns: columns) { _, _ in
    S(Double.random(in: -1...1, using: &generator))
  }
}

/// L1: `⟨J u, v⟩ = ⟨u, Jᵀ v⟩` for every token and site.
func expectAdjoints<Maps: SiteMaps>(of maps: Maps) {
  let d = maps.input.columns
  for site in [Site.output, .block(0, .attention), .block(1, .feedForward)] {
    for token in maps.tokens.indices {
      let jacobian = maps.jacobian(from: .input(token: token), to: site)
      let u = random(Maps.S.self, 1, d, seed: 11), v = random(Maps.S.self, 1, d, seed: 12)
      let (image, back) = (jacobian.apply(u), jacobian.applyAdjoint(v))
      let left = Kernels.dot(image.elements.span, v.elements.span)
      let right = Kernels.dot(u.elements.span, back.elements.span)
      let size = max(image.norm * v.norm, u.norm * back.norm)
      #expect(abs(left - right) <= rounding(Maps.S.self) * size, "token \(token) to \(site)")
    }
  }
}

/// L2: a map is linear, and is the same whatever it is applied to.
func expectLinearity<Maps: SiteMaps>(of maps: Maps) where Maps.S == Double {
  let d = maps.input.columns
  let jacobian = maps.jacobian(from: .input(token: 0), to: .output)
  let u = random(Double.self, 1, d, seed: 21), v = random(Double.self, 1, d, seed: 22)
  let together = jacobian.apply(u + 1e6 * v)
  let apart = jacobian.apply(u) + 1e6 * jacobian.apply(v)
  #expect(relativeError(together.elements, apart.elements) < 1e-13)
  #expect(jacobian.apply(.zero(rows: 1, columns: d)).norm == 0)
}

/// L3: a family, its members one by one, and its joint adjoint are the same matrices.
func expectFamilyEqualsMembers<Maps: SiteMaps>(of maps: Maps, position: Int)
where Maps.S == Double {
  let d = maps.input.columns
  let identity = Matrix<Double>.identity(d)
  let family = maps.jacobians(position: position)
  let joint = family.applyAdjointToAll(identity)
  let forward = family.apply((0...position).map { _ in identity })
  let backward = family.applyAdjoint((0...position).map { _ in identity })
  for token in 0...position {
    let alone = maps.jacobian(from: .input(token: token), to: .output, position: position)
    let expected = alone.dense().elements
    #expect(relativeError(joint[token].elements, expected) < 1e-13)
    #expect(relativeError(backward[token].elements, expected) < 1e-13)
    #expect(relativeError(forward[token].transposed.elements, expected) < 1e-13)
  }
  // Members without rows take no part and disturb no one.
  let ragged = family.apply(
    (0...position).map { $0 % 2 == 1 ? identity.rows(0..<3) : .zero(rows: 0, columns: d) })
  for token in 0...position {
    let expected = token % 2 == 1 ? forward[token].rows(0..<3).elements : []
    #expect(relativeError(ragged[token].elements, expected) < 1e-13)
  }
}
