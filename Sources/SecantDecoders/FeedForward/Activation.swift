import RealModule
public import SecantOperators

/// The nonlinearity of a feed-forward layer.
public enum Activation: String, Hashable, Sendable, CaseIterable {
  /// `x · σ(x)`, also called swish.
  case silu
  /// `x · Φ(x)` with the exact normal distribution function.
  case gelu
  /// The approximation of `gelu` by a hyperbolic tangent.
  case geluTanh
  /// The same with √(2/π) rounded to ten digits.
  case geluFast
  /// `x · σ(1.702 x)`, an approximation of `gelu`.
  case quickGELU
  /// `max(x, 0)`.
  case relu

  /// The activation at every element.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public func callAsFunction<S: Scalar>(_ x: Matrix<S>) -> Matrix<S> {
    self == .relu ? each(x) { max($0, 0) } : value(x, factor: factor(x))
  }

  /// The activation, with its factor, which takes most of the time, computed once.
  func withFactor<S: Scalar>(_ x: Matrix<S>) -> (value: Matrix<S>, factor: Matrix<S>) {
    let factor = factor(x)
    return (self == .relu ? self(x) : value(x, factor: factor), factor)
  }

  private func value<S: Scalar>(_ x: Matrix<S>, factor: consuming Matrix<S>) -> Matrix<S> {
    Kernels.multiply(&factor.elements, by: x.elements)
    return factor
  }

  /// The activation's derivative at every element; that of `relu` at 0 is 0.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public func derivative<S: Scalar>(_ x: Matrix<S>) -> Matrix<S> {
    each(x) { slope($0) }
  }

  /// φ(x) of `act(x) = x·φ(x)` at every element; that of `relu` is 1 above 0 and otherwise 0.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  public func factor<S: Scalar>(_ x: Matrix<S>) -> Matrix<S> {
    switch self {
    case .gelu: return each(x) { normal($0) }
    case .relu: return each(x) { $0 > 0 ? 1 : 0 }
    case .silu, .geluTanh, .geluFast, .quickGELU:
      let elements: [S] = Kernels.rows(x.elements.count, width: 1) { range, output in
        for i in range { output.append(argument(x.elements[i])) }
        var arguments = output.mutableSpan
        S.logistic(&arguments)
      }
      return Matrix(rows: x.rows, columns: x.columns, elements: elements)
    }
  }

  /// σ(x) at every element: the factor of `silu`.
  static func sigmoid<S: Scalar>(_ x: Matrix<S>) -> Matrix<S> { Activation.silu.factor(x) }

  /// σ′(x) = σ(x) σ(−x) at every element; 1 − σ(x) would lose digits.
  static func sigmoidSlope<S: Scalar>(_ x: Matrix<S>) -> Matrix<S> {
    var slopes = sigmoid(x)
    Kernels.multiply(&slopes.elements, by: sigmoid(-1 * x).elements)
    return slopes
  }

  @inline(__always)
  private func each<S: Scalar>(
    _ x: Matrix<S>, _ function: @Sendable (S) -> S
  ) -> Matrix<S> {
    let elements: [S] = Kernels.rows(x.elements.count, width: 1) { range, output in
      for i in range { output.append(function(x.elements[i])) }
    }
    return Matrix(rows: x.rows, columns: x.columns, elements: elements)
  }

  /// Φ(x).
  @inline(__always)
  private func normal<S: Real>(_ x: S) -> S { .erfc(-x * S.sqrt(1 / 2)) / 2 }

  /// a(x) of `φ(x) = σ(a(x))`, where there is one: (1 + tanh z)/2 is σ(2z).
  @inline(__always)
  private func argument<S: Real>(_ x: S) -> S {
    switch self {
    case .quickGELU: gain() * x
    case .geluTanh, .geluFast: 2 * root() * (x + cubic() * x * x * x)
    case .silu, .gelu, .relu: x
    }
  }

  /// a′(x).
  @inline(__always)
  private func argumentSlope<S: Real>(_ x: S) -> S {
    switch self {
    case .quickGELU: gain()
    case .geluTanh, .geluFast: 2 * root() * (1 + 3 * cubic() * x * x)
    case .silu, .gelu, .relu: 1
    }
  }

  /// √(2/π), as the approximations of `gelu` have it.
  @inline(__always)
  private func root<S: Real>() -> S {
    self == .geluFast ? 7_978_845_608 / 10_000_000_000 : S.sqrt(2 / .pi)
  }

  /// The factor of x³ in the approximations of `gelu`.
  @inline(__always)
  private func cubic<S: Real>() -> S { 44_715 / 1_000_000 }

  /// The factor of x in the logistic function of `quickGELU`.
  @inline(__always)
  private func gain<S: Real>() -> S { 1702 / 1000 }

  @inline(__always)
  private func slope<S: Real>(_ x: S) -> S {
    switch self {
    case .gelu:
      let density: S = .exp(-x * x / 2) / S.sqrt(2 * .pi)
      return normal(x) + x * density
    case .relu:
      return x > 0 ? 1 : 0
    case .silu, .geluTanh, .geluFast, .quickGELU:
      // φ′ = σ(a)·σ(−a)·a′, where 1 − σ(a) would lose digits.
      let a: S = argument(x)
      let (share, rest): (S, S) = (1 / (1 + .exp(-a)), 1 / (1 + .exp(a)))
      return share * (1 + x * argumentSlope(x) * rest)
    }
  }
}

/// Which factor of the gated product `act(W_gate x) ⊙ (W_up x)` stays linear in x.
///
/// Each rule gives an exact and complete linear map with the same output. The decomposition into
/// inputs is not unique, so a conclusion is reliable only if it does not depend on the rule.
public enum GateRule: String, Hashable, Sendable, CaseIterable, Codable {
  /// act(W_gate x*) is frozen; linear in W_up x. The paper's rule.
  case up
  /// act(g*)/g* and W_up x* are frozen; linear in W_gate x.
  case gate
  /// The mean of both.
  case half
}
