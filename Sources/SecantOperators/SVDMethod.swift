import RealModule

/// How singular triplets are found.
public enum SVDMethod: Hashable, Sendable {
  /// Form the matrices and decompose them whole.
  case dense(DenseSVD = DenseSVD())
  /// Multiply, and decompose what the products span.
  case krylov(KrylovSVD = KrylovSVD())
  /// Whichever of the two needs less work by `SVDMethod.preferred(for:rank:)`.
  case automatic(dense: DenseSVD = DenseSVD(), krylov: KrylovSVD = KrylovSVD())

  /// The cheaper method with the usual parameters.
  public static var automatic: SVDMethod { .automatic() }

  /// The method that is used for a family and a rank: for `automatic`, the one of less work.
  ///
  /// Work is counted in the unit of `FamilyCosts`. Dense needs every row of the matrices. At r = 8
  /// and a tolerance of 1e-3 the iteration was seen to need about r + 2 forward products of each
  /// member and as many left directions from each; every further digit takes about r/2 more. The
  /// certificate needs r products and the probes. `KrylovSVD.batchOverhead` stands for the
  /// slowness of small batches.
  public func preferred(for family: some OperatorFamily, rank: Int) -> SVDMethod {
    guard case .automatic(let dense, let krylov) = self else { return self }
    let costs = family.costs
    let all = costs.members.reduce(0, +)
    let digits = max(0, -3 - Double.log10(max(krylov.tolerance, 1e-16)))
    let steps = Double(rank + 2) + digits * Double(rank) / 2
    let adjoint =
      krylov.sharesAdjoints(of: costs, active: family.count)
      ? steps * Double(family.count) * costs.shared : 2 * steps * all
    let batches = 2 * steps / Double(krylov.block(for: costs, rank: rank))
    let iteration =
      steps * all + adjoint + Double(rank + krylov.probes) * all + batches
      * KrylovSVD.batchOverhead
    let rows = Double(min(family.outputWidth, family.inputWidth))
    return iteration < rows * costs.shared ? .krylov(krylov) : .dense(dense)
  }
}

extension OperatorFamily {
  /// The leading `rank` singular triplets of every member, or as many as its widths allow.
  ///
  /// Does not throw and does not fail silently: `TruncatedSVD.isConverged` and the measured
  /// residuals say what was reached. A member whose products are not finite has no triplets.
  public func svd(rank: Int, using method: SVDMethod = .automatic) -> [TruncatedSVD<S>] {
    precondition(rank >= 0, "a rank of \(rank)")
    switch method.preferred(for: self, rank: rank) {
    case .dense(let dense): return dense.decompose(self, rank: rank)
    case .krylov(let krylov), .automatic(_, let krylov): return krylov.decompose(self, rank: rank)
    }
  }
}

extension LinearOperator {
  /// The leading `rank` singular triplets, or as many as the widths allow.
  ///
  /// Does not throw and does not fail silently: `TruncatedSVD.isConverged` and the measured
  /// residuals say what was reached. A map whose products are not finite has no triplets.
  public func svd<S>(rank: Int, using method: SVDMethod = .automatic) -> TruncatedSVD<S>
  where Vectors == Matrix<S> {
    FamilyOfOne(self).svd(rank: rank, using: method)[0]
  }
}
