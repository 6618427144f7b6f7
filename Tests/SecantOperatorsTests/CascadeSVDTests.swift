import SecantOperators
import SecantTestSupport
import Testing

/// Maps that are given by matrices, all of one output width.
private struct DenseCascade<S: Scalar>: OperatorCascade {
  /// By level, then member: `[output, input]`.
  let matrices: [[Matrix<S>]]

  var levelCount: Int { matrices.count }
  var inputWidths: [Int] { matrices[0].map(\.columns) }
  var outputWidth: Int { matrices[0][0].rows }

  func sweep(_ x: [Matrix<S>]) -> [[Matrix<S>]] { applyEach(matrices.map { _ in x }) }

  func applyEach(_ x: [[Matrix<S>]]) -> [[Matrix<S>]] {
    zip(matrices, x).map { zip($0, $1).map { $1.timesTranspose(of: $0) } }
  }

  func applyAdjoint(_ y: [[Matrix<S>]]) -> [[Matrix<S>]] {
    zip(matrices, y).map { zip($0, $1).map { $1.times($0) } }
  }

  func applyAdjointToAll(_ y: [Matrix<S>]) -> [[Matrix<S>]] {
    applyAdjoint(zip(matrices, y).map { level, rows in level.map { _ in rows } })
  }
}

/// Law L7 for the maps of a cascade: triplets, and what is said of them, against whole decompositions.
@Suite struct CascadeSVDTests {
  /// Products of random matrices with spectra that fall like 1/k, each level near the one before.
  private func cascade<S: Scalar>(_: S.Type, seed: UInt64) -> DenseCascade<S> {
    var generator = SeededGenerator(seed: seed)
    func random(_ rows: Int, _ columns: Int) -> Matrix<S> {
      Matrix(rows: rows, columns: columns) { _, _ in
        S(Double.random(in: -1...1, using: &generator))
      }
    }
    // The last member takes longer vectors than the maps return.
    let widths = [40, 40, 90]
    var right = widths.map { random(40, $0) }
    let falling = Matrix<S>(rows: 40, columns: 40) { $0 == $1 ? 1 / S($0 + 1) : 0 }
    return DenseCascade(
      matrices: (0..<5).map { _ in
        for m in right.indices { right[m] += S(0.3) * random(40, widths[m]) }
        return right.map { falling.times($0) }
      })
  }

  private func check<S: Scalar>(
    _: S.Type, _ method: CascadeSVD, seed: UInt64, rank: Int, limit: Double
  ) {
    let cascade = cascade(S.self, seed: seed)
    let found = method.decompose(cascade, rank: rank)
    for (level, members) in found.enumerated() {
      for (member, svd) in members.enumerated() {
        let matrix = cascade.matrices[level][member]
        let exact = DenseSVD().decompose(matrix, rank: rank)
        let first = Double(exact.singularValues[0])
        #expect(svd.isConverged, "\(svd.residuals), seed \(seed)")
        for k in 0..<rank {
          let (u, v) = (svd.left.rows(k..<k + 1), svd.right.rows(k..<k + 1))
          let sigma = svd.singularValues[k]
          #expect(abs(Double(sigma) - Double(exact.singularValues[k])) <= limit * first)
          let outer = (v.timesTranspose(of: matrix) - sigma * u).norm
          let inner = (u.times(matrix) - sigma * v).norm
          let measured = (outer * outer + inner * inner).squareRoot() / first
          #expect(abs(measured - svd.residuals[k]) <= limit, "level \(level), member \(member)")
        }
        let gram = svd.left.timesTranspose(of: svd.left) - .identity(rank)
        #expect(gram.norm < (S.self == Float.self ? 1e-4 : 1e-12))
        if let frobenius = svd.frobenius, let error = frobenius.standardError {
          // Five standard errors of a few samples, and a floor for a spread that is small by chance.
          let distance = abs(frobenius.value - matrix.norm * matrix.norm)
          #expect(distance <= 5 * error + 0.1 * matrix.norm * matrix.norm, "seed \(seed)")
        }
      }
    }
  }

  @Test(arguments: [3, 4, 5] as [UInt64], [false, true])
  func tripletsAreThoseOfTheMatrices(seed: UInt64, isDense: Bool) {
    let loose = CascadeSVD(tolerance: 1e-2, basisSize: 6, isDense: isDense, seed: seed)
    check(Float.self, loose, seed: seed, rank: 3, limit: 1e-2)
    check(Double.self, loose, seed: seed, rank: 3, limit: 1e-2)
    // Rounding of some hundred operations in Float, and a tolerance in Double, bound the rest.
    let tight = { CascadeSVD(tolerance: $0, basisSize: 6, isDense: isDense, seed: seed) }
    check(Float.self, tight(2e-5), seed: seed, rank: 3, limit: 1e-4)
    check(Double.self, tight(1e-10), seed: seed, rank: 3, limit: 1e-9)
  }

  @Test func oneSeedGivesTheSameBits() {
    let cascade = cascade(Float.self, seed: 7)
    let runs = (0..<2).map { _ in CascadeSVD(seed: 9).decompose(cascade, rank: 2) }
    #expect(runs[0] == runs[1], "the same seed gave other bits")
  }

  @Test func aBudgetThatIsSpentIsReported() {
    let cascade = cascade(Double.self, seed: 8)
    let method = CascadeSVD(tolerance: 1e-14, basisSize: 3, maximumRounds: 1)
    for svd in method.decompose(cascade, rank: 3).joined() {
      #expect(!svd.isConverged)
      #expect(svd.singularValues.count == 3 && svd.residuals.allSatisfy { $0 > 1e-14 })
    }
  }

  @Test func zeroMapsAndOverflowsAreTold() {
    let zero = Matrix<Float>.zero(rows: 8, columns: 8)
    let broken = Matrix<Float>(rows: 8, columns: 8) { $0 == $1 ? .infinity : 0 }
    let sound = Matrix<Float>(rows: 8, columns: 8) { $0 == $1 ? Float($0 + 1) : 0 }
    let cascade = DenseCascade(matrices: [[zero, broken, sound]])
    let found = CascadeSVD(basisSize: 3).decompose(cascade, rank: 2)[0]
    #expect(found[0].singularValues == [0, 0] && found[0].residuals == [0, 0])
    #expect(found[1].singularValues.isEmpty && !found[1].isConverged)
    #expect(found[2].isConverged && abs(found[2].singularValues[0] - 8) < 0.01)
    #expect(CascadeSVD().decompose(cascade, rank: 0)[0][2].singularValues.isEmpty)
  }
}
