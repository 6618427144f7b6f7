import SecantOperators
import Testing

/// Triplets of all members by products that serve all, and what is said of their residuals.
@Suite struct SketchSVDTests {
  /// Members whose leading left directions have something in common, as those of one prompt do.
  private func members<S: Scalar>(_: S.Type, count: Int, seed: UInt64) -> [Matrix<S>] {
    let common = Matrix<Double>.random(30, 24, seed: seed &* 1000)
    return (0..<count).map { m in
      let own = Matrix<Double>.random(30, 24, seed: seed &* 1000 &+ UInt64(m) &+ 1)
      return Matrix<S>(rows: 30, columns: 24) {
        S((common[$0, $1] + own[$0, $1]) / Double(1 + $0) / Double(m + 1))
      }
    }
  }

  /// What is said of a triplet: `Aᵀ u = σ v` to rounding, so that all of the residual is what the bound is of.
  @Test(arguments: precisions)
  func tripletsOfTheBasis(_ precision: any Scalar.Type) throws {
    func check<S: Scalar>(_: S.Type) throws {
      let matrices = members(S.self, count: 5, seed: 3)
      let family = MeteredFamily(matrices)
      let sketch = SketchSVD(start: 8, size: 12, probes: 6, seed: 2)
      let found = family.svd(rank: 3, using: .sketch(sketch))
      for (matrix, svd) in zip(matrices, found) {
        #expect(svd.confidence == 0.999 && svd.singularValues.count == 3)
        #expect(svd.left.orthonormalityError < S.rounding)
        #expect(svd.right.orthonormalityError < S.rounding)
        let back = svd.left.times(matrix)
        let first = Double(svd.singularValues[0])
        for k in 0..<3 {
          let rest = back.rows(k..<k + 1) - svd.singularValues[k] * svd.right.rows(k..<k + 1)
          #expect(rest.norm < S.rounding * first)
        }
        let exact = DenseOperator(matrix).svd(rank: 1, using: .dense())
        #expect(abs(Double(exact.singularValues[0]) - first) < 0.2 * first)
        let stable = try #require(svd.frobenius)
        let truth = matrix.norm * matrix.norm
        #expect(stable.lowerBound <= truth * (1 + S.rounding))
        #expect(abs(stable.value - truth) < 0.2 * truth)
        #expect(svd.products == 8 + 12 + 12 + 6 && svd.products == svd.sharedProducts)
      }
      // Products with all members, and one forward product of a mixture for each row of the basis.
      #expect(family.counted.shared == 8 + 12 + 6 && family.counted.forward == 12 * 5)
    }
    try check(precision)
  }

  /// The bound holds as often as it says: in 1,000 trials it fails no more often than chance allows.
  @Test(arguments: [0.9, 0.999])
  func boundsHoldAtTheirConfidence(_ confidence: Double) {
    var failures = 0
    var ratios = 0.0
    let trials = 1000
    for trial in 0..<trials {
      let matrix = members(Double.self, count: 1, seed: UInt64(trial % 25))[0]
      let sketch = SketchSVD(
        start: 3, size: 4, probes: 6, confidence: confidence, seed: UInt64(trial))
      let svd = MeteredFamily([matrix]).svd(rank: 1, using: .sketch(sketch))[0]
      let truth = SVDTests.residuals(svd, of: matrix)[0]
      if truth > svd.residuals[0] { failures += 1 }
      ratios += svd.residuals[0] / truth
    }
    // Four standard deviations of a binomial count above its mean: one in thirty thousand by chance.
    let mean = Double(trials) * (1 - confidence)
    let deviation = (mean * confidence).squareRoot()
    #expect(Double(failures) <= mean + 4 * deviation, "\(failures) of \(trials)")
    // It fails as often as it may, too: a bound that never fails says less than it could.
    if confidence == 0.9 { #expect(Double(failures) >= mean - 4 * deviation) }
    #expect(
      ratios / Double(trials) < 5, "bounds are \(ratios / Double(trials)) times what is there")
  }

  /// A basis that is the whole space leaves nothing out, and the bound is rounding.
  @Test func aWholeBasisIsExact() throws {
    let matrices = members(Double.self, count: 2, seed: 9)
    let found = MeteredFamily(matrices).svd(rank: 4, using: .sketch(SketchSVD(start: 40, size: 40)))
    for (matrix, svd) in zip(matrices, found) {
      #expect(svd.isConverged && svd.residuals.allSatisfy { $0 < Double.rounding })
      let exact = DenseOperator(matrix).svd(rank: 4, using: .dense())
      for (a, b) in zip(svd.singularValues, exact.singularValues) {
        #expect(abs(a - b) < Double.rounding * exact.singularValues[0])
      }
      #expect(svd.frobeniusNormSquared != nil)
    }
  }

  /// Little memory takes more products, member by member, and finds triplets as good.
  @Test func memoryDividesTheWork() {
    let matrices = members(Float.self, count: 5, seed: 4)
    let wide = SketchSVD(start: 8, size: 12, probes: 6, seed: 2)
    let narrow = SketchSVD(start: 8, size: 12, probes: 6, memory: 4000, seed: 2)
    let (one, many) = (MeteredFamily(matrices), MeteredFamily(matrices))
    let (a, b) = (one.svd(rank: 1, using: .sketch(wide)), many.svd(rank: 1, using: .sketch(narrow)))
    #expect(many.counted.batches > one.counted.batches)
    for (x, y) in zip(a, b) {
      #expect(abs(x.singularValues[0] - y.singularValues[0]) < 0.2 * x.singularValues[0])
    }
    #expect(many.svd(rank: 1, using: .sketch(narrow)) == b, "the same seed gives the same bits")
    // Fewer vectors at a time are as many products.
    let thin = MeteredFamily(matrices)
    let c = thin.svd(
      rank: 1, using: .sketch(SketchSVD(start: 8, size: 12, probes: 6, batch: 3, seed: 2)))
    #expect(thin.counted.batches > one.counted.batches)
    for (x, y) in zip(a, c) {
      #expect(x.products == y.products && y.confidence == 0.999)
      #expect(abs(x.singularValues[0] - y.singularValues[0]) < 0.2 * x.singularValues[0])
    }
  }

  @Test func nothingAndZero() {
    let zero = Matrix<Float>.zero(rows: 6, columns: 5)
    let found = MeteredFamily([zero]).svd(rank: 2, using: .sketch())[0]
    #expect(found.singularValues == [0, 0] && found.residuals == [0, 0])
    let none = MeteredFamily([zero]).svd(rank: 0, using: .sketch())[0]
    #expect(none.singularValues.isEmpty && none.isConverged)
    // More triplets than the basis has rows: what is missing is said.
    let matrix = members(Float.self, count: 1, seed: 1)[0]
    let short = MeteredFamily([matrix]).svd(rank: 9, using: .sketch(SketchSVD(start: 3, size: 4)))[
      0]
    #expect(short.singularValues.count == 4 && !short.isConverged)
  }
}
