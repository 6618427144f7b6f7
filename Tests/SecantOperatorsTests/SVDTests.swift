import SecantOperators
import SecantTestSupport
import Testing

/// Law L7: what makes singular triplets singular triplets, for every method, spectrum and precision.
@Suite struct SVDTests {
  /// Methods as a test names them.
  enum Method: String, CaseIterable, Sendable {
    case dense, krylov, automatic

    func callAsFunction(_ tolerance: Double) -> SVDMethod {
      let krylov = KrylovSVD(tolerance: tolerance, seed: 5)
      return switch self {
      case .dense: .dense()
      case .krylov: .krylov(krylov)
      case .automatic: .automatic(krylov: krylov)
      }
    }
  }

  /// What a residual may be off by: rounding of a product of some dozens of terms.
  static func slack<S: Scalar>(_: S.Type) -> Double { S.rounding }

  /// A tolerance that each precision can reach with room.
  static func tolerance<S: Scalar>(_: S.Type) -> Double { S.self == Float.self ? 1e-4 : 1e-10 }

  /// The residuals as defined, from the matrix.
  static func residuals<S: Scalar>(_ svd: TruncatedSVD<S>, of matrix: Matrix<S>) -> [Double] {
    let forward = svd.right.timesTranspose(of: matrix)
    let adjoint = svd.left.times(matrix)
    return svd.singularValues.indices.map { k in
      let value = svd.singularValues[k]
      let outer = Matrix(row: forward.row(k)) - value * Matrix(row: svd.left.row(k))
      let inner = Matrix(row: adjoint.row(k)) - value * Matrix(row: svd.right.row(k))
      let residual = (outer.norm * outer.norm + inner.norm * inner.norm).squareRoot()
      return residual == 0 ? 0 : residual / Double(svd.singularValues[0])
    }
  }

  @Test(arguments: SpectrumCase.all, Method.allCases)
  func identities(_ spectrum: SpectrumCase, _ method: Method) {
    func check<S: Scalar>(_: S.Type) {
      let matrix = spectrum.matrix.converted(to: S.self)
      let (slack, tolerance) = (Self.slack(S.self), Self.tolerance(S.self))
      let svd = DenseOperator(matrix).svd(rank: 6, using: method(tolerance))
      let rank = min(6, matrix.rows, matrix.columns)
      #expect(svd.isConverged && svd.singularValues.count == rank)
      #expect(svd.left.orthonormalityError < slack && svd.right.orthonormalityError < slack)
      #expect(svd.singularValues == svd.singularValues.sorted(by: >))
      let measured = Self.residuals(svd, of: matrix)
      for (reported, actual) in zip(svd.residuals, measured) {
        #expect(abs(reported - actual) < slack && actual <= max(tolerance, slack))
      }
      let first = max(spectrum.values[0], .leastNormalMagnitude)
      for (value, expected) in zip(svd.singularValues, spectrum.values) {
        // Weyl: a value moves by no more than the perturbation, here the rounding of the matrix.
        #expect(abs(Double(value) - expected) / first < tolerance + slack)
      }
      for row in 0..<svd.left.rows {
        let peak = svd.left.row(row).max { abs($0) < abs($1) } ?? 0
        #expect(peak > 0, "the sign of a pair is fixed")
      }
      #expect(svd.clusters.flatMap(Array.init) == Array(0..<rank), "clusters partition")
    }
    check(Float.self)
    check(Double.self)
  }

  /// Dense and Krylov find the same subspaces: every cluster's principal angles vanish.
  @Test(arguments: SpectrumCase.all)
  func methodsAgree(_ spectrum: SpectrumCase) throws {
    let map = DenseOperator(spectrum.matrix)
    let dense = map.svd(rank: 6, using: .dense())
    let krylov = map.svd(rank: 6, using: .krylov(KrylovSVD(tolerance: 1e-11)))
    // A last cluster that goes on beyond the rank, and a null space, are no determined subspaces.
    let floor = dense.singularValues[0] * 1e-13
    let closed = dense.isLastClusterOpen ? dense.clusters.dropLast() : dense.clusters[...]
    for cluster in closed where dense.singularValues[cluster.upperBound - 1] > floor {
      for (a, b) in [(dense.left, krylov.left), (dense.right, krylov.right)] {
        let cosines = try #require(
          Double.thinSVD(a.rows(cluster).timesTranspose(of: b.rows(cluster))))
        // The angle is residual/gap; cos falls with its square.
        #expect(cosines.values.allSatisfy { $0 > 1 - 1e-2 }, "\(cluster)")
      }
    }
  }

  /// Against values that another program has in a hundred digits: Double is eight orders better.
  @Test(arguments: ["reference hilbert", "reference random"])
  func doubleIsEightOrdersBetter(_ name: String) throws {
    let spectrum = try #require(SpectrumCase.references.first { $0.testDescription == name })
    func error<S: Scalar>(_: S.Type) -> Double {
      let svd = DenseOperator(spectrum.matrix.converted(to: S.self)).svd(rank: 8, using: .dense())
      return zip(svd.singularValues, spectrum.values).reduce(0) {
        max($0, abs(Double($1.0) - $1.1) / spectrum.values[0])
      }
    }
    let (single, double) = (error(Float.self), error(Double.self))
    // 2^-29 separates the two unit roundoffs; an order is left for chance.
    #expect(double < single * 1e-7, "Float \(single), Double \(double)")
  }

  /// A degenerate cluster is a subspace, and says so; cut open by the rank, it says that too.
  @Test(arguments: precisions, Method.allCases)
  func clusters(_ precision: any Scalar.Type, _ method: Method) throws {
    func check<S: Scalar>(_: S.Type) throws {
      let spectrum = try #require(
        SpectrumCase.references.first { $0.testDescription == "reference cluster" })
      let map = DenseOperator(spectrum.matrix.converted(to: S.self))
      let whole = map.svd(rank: 7, using: method(Self.tolerance(S.self)))
      #expect(whole.clusters == [0..<1, 1..<5, 5..<6, 6..<7] && !whole.isLastClusterOpen)
      let cut = map.svd(rank: 3, using: method(Self.tolerance(S.self)))
      #expect(cut.clusters == [0..<1, 1..<3] && cut.isLastClusterOpen)
    }
    try check(precision)
  }

  /// Values that occur several times are found as often as they occur where the space closes, one vector a round.
  @Test(arguments: precisions)
  func multiplicities(_ precision: any Scalar.Type) {
    func check<S: Scalar>(_: S.Type) {
      for spectrum in SpectrumCase.all where spectrum.matrix.rows <= 20 {
        let map = DenseOperator(spectrum.matrix.converted(to: S.self))
        let tolerance = Self.tolerance(S.self)
        let svd = map.svd(rank: 6, using: .krylov(KrylovSVD(tolerance: tolerance, block: 1)))
        let first = max(spectrum.values[0], .leastNormalMagnitude)
        #expect(svd.isConverged, "\(spectrum)")
        for (value, expected) in zip(svd.singularValues, spectrum.values) {
          #expect(
            abs(Double(value) - expected) / first < tolerance + Self.slack(S.self),
            "\(spectrum): \(svd.singularValues), \(svd.products) products")
        }
      }
    }
    check(precision)
  }

  /// The residuals that the iteration measures on what it holds are those of fresh products, however long it
  /// runs, and where it would lose its orthogonality but for the second rejection.
  @Test(arguments: precisions, [1, 3])
  func residualsAreThoseOfFreshProducts(_ precision: any Scalar.Type, _ block: Int) {
    func check<S: Scalar>(_: S.Type) {
      let falling = (0..<80).map { (k: Int) -> Double in Double.pow10(-Double(k) / 4) }
      let paired = (0..<80).map { (k: Int) -> Double in
        1 - Double(k / 2) / 40 + 1e-9 * Double(k % 2)
      }
      let steep = SpectrumCase("steep", rows: 90, columns: 80, seed: 31, values: falling)
      let pairs = SpectrumCase("pairs", rows: 80, columns: 80, seed: 32, values: paired)
      for (spectrum, rank) in [(steep, 12), (pairs, 8), (pairs, 40)] {
        let matrix = spectrum.matrix.converted(to: S.self)
        for tolerance in [1e-1, 1e-3, 1e-12] {
          let method = KrylovSVD(tolerance: tolerance, block: block, seed: 8)
          let svd = DenseOperator(matrix).svd(rank: rank, using: .krylov(method))
          #expect(svd.left.orthonormalityError < S.rounding, "\(spectrum) at \(tolerance)")
          #expect(svd.right.orthonormalityError < S.rounding, "\(spectrum) at \(tolerance)")
          for (reported, actual) in zip(svd.residuals, Self.residuals(svd, of: matrix)) {
            #expect(abs(reported - actual) < S.rounding, "\(spectrum) at \(tolerance)")
          }
        }
      }
    }
    check(precision)
  }

  /// `svd(α A) = α svd(A)`: every threshold is relative to the map.
  @Test(arguments: [1e-12, 1e12], Method.allCases)
  func scale(_ factor: Double, _ method: Method) {
    let matrix = SpectrumCase.all[0].matrix.converted(to: Float.self)
    let svd = DenseOperator(matrix).svd(rank: 6, using: method(1e-4))
    let scaled = DenseOperator(Float(factor) * matrix).svd(rank: 6, using: method(1e-4))
    #expect(scaled.isConverged)
    for (a, b) in zip(svd.singularValues, scaled.singularValues) {
      #expect(abs(Double(b) / factor - Double(a)) < Float.rounding * Double(svd.singularValues[0]))
    }
  }

  @Test(arguments: Method.allCases)
  func noTriplets(_ method: Method) {
    let map = DenseOperator(Matrix<Double>.random(4, 3, seed: 1))
    let none = map.svd(rank: 0, using: method(1e-3))
    #expect(none.isConverged && none.clusters.isEmpty && none.left.columns == 4)
    var broken = Matrix<Float>.random(30, 30, seed: 2)
    for poison in [Float.nan, .infinity] {
      broken[4, 7] = poison
      let svd = DenseOperator(broken).svd(rank: 3, using: method(1e-3))
      #expect(!svd.isConverged && svd.singularValues.isEmpty)
    }
  }

  /// The published mistake: a sketch that projects on its starting random vectors.
  ///
  /// The law that residuals are measured on what is returned tells it from the iteration.
  @Test func startingVectorsAreNoBasis() throws {
    let matrix = SpectrumCase(
      "heavy", rows: 60, columns: 60, seed: 3, values: SpectrumCase.powerLaw
    )
    .matrix
    let start = Double.orthonormalRows(.random(16, 60, seed: 4))
    let (rotation, values, right) = try #require(Double.thinSVD(start.times(matrix)))
    let wrong = (left: rotation.transposeTimes(start), values: values, right: right)
    let error =
      wrong.right.timesTranspose(of: matrix)
      - Matrix(rows: 16, columns: 60) { values[$0] * wrong.left[$0, $1] }
    #expect(error.norm / values[0] > 0.1)
    let found = DenseOperator(matrix).svd(rank: 8, using: .krylov(KrylovSVD(tolerance: 1e-3)))
    #expect(Self.residuals(found, of: matrix).allSatisfy { $0 <= 1e-3 + Double.rounding })
  }

  /// ‖A‖_F² is exact from dense; else unbiased, with an honest error, and above its lower bound.
  @Test func frobenius() throws {
    let spectrum = SpectrumCase(
      "slow", rows: 60, columns: 50, seed: 5, values: SpectrumCase.powerLaw)
    let truth = spectrum.values.reduce(0) { $0 + $1 * $1 }
    let map = DenseOperator(spectrum.matrix)
    let dense = map.svd(rank: 2, using: .dense())
    #expect(abs(try #require(dense.frobeniusNormSquared) - truth) < Double.rounding)
    #expect(abs(try #require(dense.stableRank).value - truth) < Double.rounding)
    var squaredScores = 0.0
    let seeds = 20
    for seed in 0..<UInt64(seeds) {
      let method = KrylovSVD(tolerance: 0.2, block: 1, seed: seed, probes: 16)
      let found = try #require(map.svd(rank: 2, using: .krylov(method)).frobenius)
      #expect(found.lowerBound < truth && !found.isExact)
      let score = (found.value - truth) / (try #require(found.standardError))
      squaredScores += score * score
    }
    // Unit variance is expected; 20 seeds of 15 degrees of freedom stay below 3 but for 1 in 10^5.
    #expect(squaredScores / Double(seeds) < 3)
    let none = map.svd(rank: 2, using: .krylov(KrylovSVD(probes: 0)))
    let bound = try #require(none.frobenius)
    #expect(bound.standardError == nil && bound.value < truth && none.frobeniusNormSquared == nil)
  }
}
