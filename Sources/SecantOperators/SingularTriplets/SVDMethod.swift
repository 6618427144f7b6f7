/// How singular triplets are found.
public enum SVDMethod: Hashable, Sendable {
  /// Form the matrices and decompose them whole.
  case dense(DenseSVD = DenseSVD())
  /// Multiply, and decompose what the products span.
  case krylov(KrylovSVD = KrylovSVD())
  /// Multiply random vectors by all members at once: a quick first look at many maps, with bounds
  /// for residuals.
  case sketch(SketchSVD = SketchSVD())
  /// `dense` or `krylov`, whichever needs less work according to `SVDMethod.preferred(for:rank:)`.
  case automatic(dense: DenseSVD = DenseSVD(), krylov: KrylovSVD = KrylovSVD())

  /// The cheaper method with the usual parameters.
  public static var automatic: SVDMethod { .automatic() }

  /// The method for a family and a rank: for `automatic`, the one with less work.
  ///
  /// Work is counted in the unit of `FamilyCosts`. `dense` needs every row of the matrices, and
  /// `krylov` needs ``KrylovSVD/expectedCost(of:rank:)``. A sketch is never chosen: its residuals
  /// are bounds.
  public func preferred(for family: some OperatorFamily, rank: Int) -> SVDMethod {
    guard case .automatic(let dense, let krylov) = self else { return self }
    let rows = Double(min(family.outputWidth, family.inputWidth))
    let iteration = krylov.expectedCost(of: family.costs, rank: rank)
    return iteration < rows * family.costs.shared ? .krylov(krylov) : .dense(dense)
  }
}

extension OperatorFamily {
  /// The leading `rank` singular triplets of every member, or as many as its widths allow.
  ///
  /// Does not throw and does not fail silently: `TruncatedSVD.isConverged` and the
  /// residuals say what was reached. A member whose products are not finite has no triplets.
  public func svd(rank: Int, using method: SVDMethod = .automatic) -> [TruncatedSVD<S>] {
    precondition(rank >= 0, "a rank of \(rank)")
    switch method.preferred(for: self, rank: rank) {
    case .dense(let dense): return dense.decompose(self, rank: rank)
    case .krylov(let krylov), .automatic(_, let krylov): return krylov.decompose(self, rank: rank)
    case .sketch(let sketch): return sketch.decompose(self, rank: rank)
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
