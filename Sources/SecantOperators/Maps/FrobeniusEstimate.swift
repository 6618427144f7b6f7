/// `‖A‖_F²`, or a multiple of it: an exact value, or an estimate with its error.
///
/// For an orthonormal basis L of part of the output space, `‖A‖_F² = ‖Lᵀ A‖_F² + ‖(I − L Lᵀ) A‖_F²`.
/// The iteration has the first part exactly. The second is the mean of `‖(I − L Lᵀ) A g‖²` over
/// random sign vectors g, as in Hutch++ (Meyer, Musco, Musco and Woodruff, 2021).
public struct FrobeniusEstimate: Hashable, Sendable, Codable {
  /// The best value known: unbiased if anything was estimated, otherwise the lower bound.
  public let value: Double
  /// The standard error of `value` from the spread of the probes; 0 where the value is exact.
  ///
  /// Nil if nothing was estimated and `value` is only a lower bound.
  public let standardError: Double?
  /// A lower bound of `value`: the part that is known exactly, except for rounding.
  public let lowerBound: Double

  /// Whether nothing was estimated.
  public var isExact: Bool { standardError == 0 }

  /// An exact value.
  public init(exactly value: Double) {
    self.value = value
    standardError = 0
    lowerBound = value
  }

  /// An exact part, and samples whose mean is the rest.
  ///
  /// Fewer than two samples have no spread and are ignored.
  public init(exactPart: Double, samples: [Double]) {
    guard samples.count >= 2 else {
      self.init(value: exactPart, standardError: nil, lowerBound: exactPart)
      return
    }
    let count = Double(samples.count)
    let mean = samples.reduce(0, +) / count
    let variance = samples.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
    self.init(
      value: exactPart + mean, standardError: (variance / count).squareRoot(),
      lowerBound: exactPart)
  }

  private init(value: Double, standardError: Double?, lowerBound: Double) {
    self.value = value
    self.standardError = standardError
    self.lowerBound = lowerBound
  }

  /// The same in other units.
  public func divided(by divisor: Double) -> FrobeniusEstimate {
    FrobeniusEstimate(
      value: value / divisor, standardError: standardError.map { $0 / divisor },
      lowerBound: lowerBound / divisor)
  }
}
