import SecantDecoders
import SecantOperators
import SecantReports

/// What some work is expected to take, by counting.
struct WorkEstimate: Hashable, Sendable {
  /// Products of a vector with a map or its transpose, over all maps.
  var products = 0
  /// Floating-point operations; a multiplication and an addition count as two.
  var operations = 0.0
  /// Time that is no operation, such as reading the weights, in operations of a matrix product.
  var overhead = 0.0
  /// Bytes at the peak, beside the weights.
  var peakBytes = 0

  /// One work after the other: sums, but the higher of both peaks.
  ///
  /// - Parameters:
  ///   - next: What follows.
  ///   - kept: Bytes that the first leaves in use while the other is done.
  /// - Returns: What both take.
  func followed(by next: WorkEstimate, keeping kept: Int = 0) -> WorkEstimate {
    WorkEstimate(
      products: products + next.products, operations: operations + next.operations,
      overhead: overhead + next.overhead, peakBytes: max(peakBytes, kept + next.peakBytes))
  }

  /// The estimate as plans report it, at a speed in operations a second.
  func reported(_ method: String, rate: Double) -> PlanReport.Estimate {
    .init(
      method: method, operatorProducts: products, floatingPointOperations: operations.rounded(),
      seconds: (operations + overhead) / rate, peakMemoryBytes: peakBytes)
  }
}

extension CostModel {
  /// The forward pass, one adjoint pass and two of the frozen maps, with nothing decomposed.
  var forward: WorkEstimate {
    WorkEstimate(
      operations: linearization + 3 * pass + reading(vectors: 1),
      overhead: fixedCost(sweeps: 4),
      peakBytes: memory.heldFrozenBytes + memory.sweepBytes(rows: scope.position + 1))
  }

  /// An explanation by a method, with the maps of some tokens decomposed and some triplets of each decoded.
  func explanation(
    _ method: SettledMethod, tokens: [Int], decodedTriplets: Int
  ) -> WorkEstimate {
    var work = forward.followed(by: spectra(of: tokens, method))
    work.operations += decoding(triplets: decodedTriplets, tokens: tokens.count)
    return work
  }

  /// The products of some vectors `[d]` with every row of a vocabulary, in operations.
  func reading(vectors: Int) -> Double {
    2 * Double(vectors) * d * Double(configuration.vocabularySize)
  }

  /// The leading triplets of the joint map `[d, n·d]`, beside what is frozen.
  ///
  /// One row of work passes all n positions. The numbers of products are those of a token's map.
  func joint(_ method: SettledMethod) -> WorkEstimate {
    let n = Double(scope.position + 1)
    let width = configuration.width
    switch method {
    case .dense:
      let rows = min(width, DenseSVD().rowBlock)
      return WorkEstimate(
        products: width, operations: d * n * row + n * decomposition,
        overhead: fixedCost(sweeps: (d / Double(rows)).rounded(.up)),
        peakBytes: memory.frozenBytes
          + 3 * width * width * (scope.position + 1) * memory.scalarBytes
          + memory.sweepBytes(rows: rows * (scope.position + 1)))
    case .krylov:
      let steps = steps(block: 1)
      let vectors = 2 * steps + Double(Self.probes)
      let basis = Int(steps.rounded(.up))
      return WorkEstimate(
        products: Int(vectors),
        operations: vectors * n * row + n * Self.decompositionWork * d * steps * steps,
        overhead: fixedCost(sweeps: 2 * steps / Double(max(1, scope.rank))),
        peakBytes: memory.frozenBytes
          + 3 * basis * width * (scope.position + 2) * memory.scalarBytes
          + memory.sweepBytes(rows: (scope.rank + Self.probes) * (scope.position + 1)))
    }
  }

  /// The method that the triplets of the joint map are found by.
  func concatenatedMethod<S: Scalar>(_ method: SVDMethod, precision: S.Type) -> SettledMethod {
    // The choice asks for the shape of the map alone.
    let width = configuration.width
    let shape = LowRankOperator<S>(
      left: .zero(rows: 0, columns: width), singularValues: [],
      right: .zero(rows: 0, columns: width * (scope.position + 1)))
    switch method.preferred(for: FamilyOfOne(shape), rank: scope.rank) {
    case .dense: return .dense
    case .krylov, .sketch, .automatic: return .krylov
    }
  }
}
