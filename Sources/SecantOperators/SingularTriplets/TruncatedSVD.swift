/// The leading singular triplets of a linear map, each with the residual that was measured for it.
///
/// `A v_k ≈ σ_k u_k` and `Aᵀ u_k ≈ σ_k v_k`. The residuals say how closely; that an iteration
/// stopped proves nothing. The sign of each pair makes the component of u_k of largest magnitude
/// positive.
public struct TruncatedSVD<S: Scalar>: Hashable, Sendable {
  /// The left singular vectors u_k, orthonormal rows `[r, output]`.
  public let left: Matrix<S>
  /// The singular values `[r]`, descending.
  public let singularValues: [S]
  /// The right singular vectors v_k, orthonormal rows `[r, input]`.
  public let right: Matrix<S>
  /// `√(‖A v_k − σ_k u_k‖² + ‖Aᵀ u_k − σ_k v_k‖²) / σ_1`, measured; 0 for the zero map.
  ///
  /// Some singular value of A lies within `residuals[k]·σ_1` of σ_k. If there is a ``confidence``,
  /// these are upper bounds.
  public let residuals: [Double]
  /// The probability that a residual's bound holds; nil if the residuals were measured.
  ///
  /// It is taken over the random vectors behind the bounds, for each triplet separately.
  public let confidence: Double?
  /// The requested residual.
  public let tolerance: Double
  /// Whether there are as many triplets as requested (or as the map has), and no residual is above
  /// `tolerance`.
  public let isConverged: Bool
  /// The number of vectors multiplied by this map or its adjoint, including products that served
  /// other maps too.
  public let products: Int
  /// The number of these that were adjoint products for all members of a family at once.
  public let sharedProducts: Int
  /// Triplets as subspaces: a partition of 0..<r into ranges, most of a single triplet.
  ///
  /// The residuals leave a vector u_k uncertain by an angle of about ρ_k σ_1 / gap. If that exceeds
  /// `clusterAngle`, only the span of the range is meaningful, not its single vectors.
  public let clusters: [Range<Int>]
  /// Whether the last cluster may continue beyond the requested triplets.
  public let isLastClusterOpen: Bool
  /// `‖A‖_F²`, or an estimate of it; nil if there are no triplets.
  public let frobenius: FrobeniusEstimate?

  /// The angle in radians up to which a singular vector counts as determined: 0.1.
  public static var clusterAngle: Double { 0.1 }

  /// `‖A‖_F²` if a dense decomposition gave it exactly, otherwise nil.
  public var frobeniusNormSquared: Double? {
    frobenius.flatMap { $0.isExact ? $0.value : nil }
  }

  /// The stable rank `‖A‖_F² / σ_1²` with the standard error of the estimate; nil for the zero map.
  public var stableRank: FrobeniusEstimate? {
    guard let frobenius, let first = singularValues.first, first > 0 else { return nil }
    return frobenius.divided(by: Double(first) * Double(first))
  }
}

extension TruncatedSVD {
  /// Orders, signs and clusters triplets that were found and measured.
  ///
  /// `next` is the singular value after the last, if it is known.
  init(
    left: Matrix<S>, singularValues: [S], right: Matrix<S>, residuals: [Double], wanted: Int,
    confidence: Double? = nil, tolerance: Double, products: Int, sharedProducts: Int, next: S?,
    frobenius: FrobeniusEstimate?
  ) {
    let signs = (0..<left.rows).map { k -> S in
      let row = left.row(k)
      let peak = row.reduce(S(0)) { abs($1) > abs($0) ? $1 : $0 }
      return peak < 0 ? -1 : 1
    }
    self.left = left.scalingRows(by: signs)
    self.right = right.scalingRows(by: signs)
    self.singularValues = singularValues
    self.residuals = residuals
    self.confidence = confidence
    self.tolerance = tolerance
    self.products = products
    self.sharedProducts = sharedProducts
    self.frobenius = frobenius
    isConverged = singularValues.count == wanted && residuals.allSatisfy { $0 <= tolerance }

    let values = (singularValues + (next.map { [$0] } ?? [])).map(Double.init)
    let floor = S.roundingLevel(of: max(left.columns, right.columns))
    let known = residuals.map { max($0, floor) }
    // Whether the gap below triplet k is too small for the residuals on either side of it.
    let joined = (0..<max(0, values.count - 1)).map { k in
      let residual = max(known[k], k + 1 < known.count ? known[k + 1] : known[k])
      return values[k] - values[k + 1] <= residual * values[0] / Self.clusterAngle
    }
    var starts = [0]
    for k in singularValues.indices.dropFirst() where !joined[k - 1] { starts.append(k) }
    let ends = starts.dropFirst() + [singularValues.count]
    clusters = singularValues.isEmpty ? [] : zip(starts, ends).map { $0..<$1 }
    isLastClusterOpen = next != nil && !singularValues.isEmpty && joined[joined.count - 1]
  }

  /// No triplets: none were requested, or the map's products are not finite.
  static func empty(
    input: Int, output: Int, tolerance: Double, products: Int, sharedProducts: Int, isFailure: Bool
  ) -> TruncatedSVD {
    TruncatedSVD(
      left: .zero(rows: 0, columns: output), singularValues: [],
      right: .zero(rows: 0, columns: input), residuals: [], wanted: isFailure ? 1 : 0,
      tolerance: tolerance,
      products: products, sharedProducts: sharedProducts, next: nil, frobenius: nil)
  }
}

extension Scalar {
  /// `ε·√n`: the size of rounding errors in a relative residual of vectors of n components.
  static func roundingLevel(of n: Int) -> Double {
    Double(Self.ulpOfOne) * Double(n).squareRoot()
  }
}
