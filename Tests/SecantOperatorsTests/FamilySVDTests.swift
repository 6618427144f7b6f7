import SecantOperators
import Testing

/// The lockstep iteration over families: its members, its counts, its limits.
@Suite struct FamilySVDTests {
  /// Members with a common left structure, as the Jacobians of one prompt have; one of rank two, one
  /// zero.
  private func members<S: Scalar>(_: S.Type, count: Int = 5) -> [Matrix<S>] {
    let (rows, columns) = (48, 40)
    let weights = (0..<rows).map { 1 / Double(1 + $0) }
    return (0..<count).map { m in
      let noise = Matrix<Double>.random(rows, columns, seed: UInt64(m) + 1)
      let common = Matrix<Double>.random(rows, columns, seed: 99)
      return Matrix<S>(rows: rows, columns: columns) { r, c in
        if m == count - 1 { return 0 }
        if m == count - 2 && r > 1 { return 0 }
        return S(weights[r] * (noise[r, c] + common[r, c]) / Double(m + 1))
      }
    }
  }

  @Test(arguments: precisions, [1, 2, 5])
  func familyIsItsMembers(_ precision: any Scalar.Type, _ block: Int) {
    func check<S: Scalar>(_: S.Type) {
      let tolerance = SVDTests.tolerance(S.self)
      let matrices = members(S.self)
      let method = SVDMethod.krylov(KrylovSVD(tolerance: tolerance, block: block, seed: 3))
      let together = MeteredFamily(matrices).svd(rank: 5, using: method)
      for (matrix, svd) in zip(matrices, together) {
        #expect(svd.isConverged)
        let alone = DenseOperator(matrix).svd(rank: 5, using: .dense())
        let first = max(Double(alone.singularValues[0]), .leastNormalMagnitude)
        for (a, b) in zip(svd.singularValues, alone.singularValues) {
          #expect(abs(Double(a) - Double(b)) / first <= tolerance + S.rounding)
        }
        for (reported, actual) in zip(svd.residuals, SVDTests.residuals(svd, of: matrix)) {
          #expect(abs(reported - actual) < S.rounding)
        }
      }
    }
    check(precision)
  }

  /// What the results count is what the family counted: no product is made that no result tells of.
  @Test(arguments: [1, 2, 3])
  func products(_ block: Int) {
    let family = MeteredFamily(members(Float.self))
    let results = family.svd(rank: 4, using: .krylov(KrylovSVD(block: block, probes: 3)))
    let counted = family.counted
    let own = results.reduce(0) { $0 + $1.products - $1.sharedProducts }
    #expect(own == counted.forward + counted.adjoint)
    #expect(results.allSatisfy { $0.sharedProducts == block + 3 } && counted.shared == block + 3)
    let dense = MeteredFamily(members(Float.self))
    #expect(dense.svd(rank: 4, using: .dense()).allSatisfy { $0.products == 40 })
  }

  /// The difference of two families is that of their matrices, by every product, and so are its triplets.
  @Test(arguments: precisions)
  func differencesAreThoseOfTheMembers(_ precision: any Scalar.Type) {
    func check<S: Scalar>(_: S.Type) {
      let (a, b) = (members(S.self), Array(members(S.self).reversed()))
      let whole = zip(a, b).map { $0 - $1 }
      let family = FamilyDifference(MeteredFamily(a), less: MeteredFamily(b))
      let expected = MeteredFamily(whole)
      #expect(
        family.count == 5 && family.costs.shared == 10 && family.costs.members == [2, 2, 2, 2, 2])
      let x = whole.indices.map { Matrix<S>.random(3, 40, seed: UInt64($0) + 40) }
      let y = whole.indices.map { Matrix<S>.random(2, 48, seed: UInt64($0) + 60) }
      let pairs = [
        (family.apply(x), expected.apply(x)), (family.applyAdjoint(y), expected.applyAdjoint(y)),
        (family.applyAdjointToAll(y[0]), expected.applyAdjointToAll(y[0])),
        (family.applyAdjoint(y[0], toAll: 1..<3), expected.applyAdjoint(y[0], toAll: 1..<3)),
        ([family.applySum(x)], [expected.applySum(x)]),
      ]
      for (found, wanted) in pairs {
        #expect(found.count == wanted.count)
        for (one, other) in zip(found, wanted) {
          #expect((one - other).norm <= S.rounding * (1 + other.norm))
        }
      }
      let tolerance = SVDTests.tolerance(S.self)
      let method = SVDMethod.krylov(KrylovSVD(tolerance: tolerance, seed: 3))
      for (matrix, svd) in zip(whole, family.svd(rank: 4, using: method)) {
        #expect(svd.isConverged)
        let alone = DenseOperator(matrix).svd(rank: 4, using: .dense())
        let first = max(Double(alone.singularValues[0]), .leastNormalMagnitude)
        for (one, other) in zip(svd.singularValues, alone.singularValues) {
          #expect(abs(Double(one) - Double(other)) / first <= tolerance + S.rounding)
        }
      }
    }
    check(precision)
  }

  /// Members go in step: as many batches as the slowest of them takes alone.
  @Test func batchesServeAllMembers() {
    let matrices = members(Double.self, count: 8)
    let method = SVDMethod.krylov(KrylovSVD(block: 1))
    let together = MeteredFamily(matrices)
    _ = together.svd(rank: 6, using: method)
    let alone = matrices.map { matrix -> Int in
      let family = MeteredFamily([matrix])
      _ = family.svd(rank: 6, using: method)
      return family.counted.batches
    }
    // Members start alike but for what is drawn anew where one's space closes.
    #expect(together.counted.batches <= (alone.max() ?? 0) + 2)
  }

  /// Fewer vectors a round take fewer products; where a batch is dear, more of them are taken.
  @Test func blocksFollowThePrice() {
    let method = KrylovSVD()
    func block(rows: Double, batch: Double) -> Int {
      method.block(for: FamilyCosts(members: [rows], shared: rows, batch: batch), rank: 8)
    }
    #expect(block(rows: 400, batch: 24) == 1)
    #expect(block(rows: 36, batch: 6) == 1)
    #expect(block(rows: 4, batch: 24) > 1)
    #expect(block(rows: 4, batch: 400) > block(rows: 4, batch: 24))
    let (one, two) = (method.expectedProducts(rank: 8), method.expectedProducts(rank: 8, block: 2))
    #expect(one < two && method.expectedProducts(rank: 0) == 0)
  }

  /// The same seed gives the same bits; another seed the same triplets within the tolerance.
  @Test(arguments: [1, 4])
  func seeds(_ block: Int) {
    let matrices = members(Float.self)
    func run(_ seed: UInt64) -> [TruncatedSVD<Float>] {
      MeteredFamily(matrices)
        .svd(rank: 4, using: .krylov(KrylovSVD(tolerance: 1e-4, block: block, seed: seed)))
    }
    let (first, again, other) = (run(1), run(1), run(2))
    #expect(first == again)
    #expect(first != other)
    for (a, b) in zip(first, other) {
      for (x, y) in zip(a.singularValues, b.singularValues) {
        #expect(abs(x - y) <= 2e-4 * a.singularValues[0])
      }
    }
  }

  /// A limit on products is kept, and falling short of the tolerance is reported.
  @Test(arguments: [1, 3], [40, 60])
  func limit(_ block: Int, _ maximum: Int) {
    let matrices = (0..<4).map { Matrix<Double>.random(80, 80, seed: UInt64($0)) }
    let method = KrylovSVD(tolerance: 1e-8, block: block, maximumProducts: maximum)
    let results = MeteredFamily(matrices).svd(rank: 5, using: .krylov(method))
    for (matrix, svd) in zip(matrices, results) {
      #expect(svd.products <= maximum && !svd.isConverged)
      for (reported, actual) in zip(svd.residuals, SVDTests.residuals(svd, of: matrix)) {
        #expect(abs(reported - actual) < Double.rounding && reported.isFinite)
      }
    }
  }

  /// A tolerance below what the precision can reach ends, says so, and is as good as it gets.
  @Test func unreachableTolerance() {
    let matrix = Matrix<Float>.random(30, 30, seed: 6)
    let svd = DenseOperator(matrix).svd(rank: 4, using: .krylov(KrylovSVD(tolerance: 1e-14)))
    #expect(!svd.isConverged && svd.residuals.allSatisfy { $0 < Float.rounding })
  }

  /// One member that is not finite fails alone.
  @Test func poison() {
    var matrices = members(Float.self)
    matrices[1][3, 3] = .nan
    for method in [SVDMethod.dense(), .krylov(), .sketch()] {
      let results = MeteredFamily(matrices).svd(rank: 3, using: method)
      #expect(results.map(\.isConverged) == [true, false, true, true, true])
    }
  }

  /// The cost model: few triplets of large maps by products, all triplets of small ones whole.
  @Test func automaticChoice() {
    let small = MeteredFamily([Matrix<Float>.zero(rows: 16, columns: 16)])
    guard case .dense = SVDMethod.automatic.preferred(for: small, rank: 8) else {
      Issue.record("small maps are cheaper whole")
      return
    }
    let large = MeteredFamily([Matrix<Float>.zero(rows: 2048, columns: 2048)])
    guard case .krylov = SVDMethod.automatic.preferred(for: large, rank: 8) else {
      Issue.record("eight triplets of a large map are cheaper by products")
      return
    }
  }
}
