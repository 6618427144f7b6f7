public import SecantOperators

/// A gated product of clamped factors, `(clip(u, ±L) + 1) ⊙ act(min(g, L))`, of the outputs g of W_gate
/// and u of W_up.
///
/// Frozen, a factor that the clamp holds at its bound is a constant, and so is the 1: both belong to the
/// offset, as biases do. Source: OpenAI's gpt-oss, where act is ``Activation/quickGELU``.
public struct GateClamp<S: Scalar>: Hashable, Sendable {
  /// L, above 0.
  public let limit: S

  /// A clamp at a bound above 0.
  public init(limit: S) {
    precondition(limit > 0, "no bound above 0")
    self.limit = limit
  }

  /// The product `[n, f]`, from g and u `[n, f]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  func product(_ g: Matrix<S>, _ u: Matrix<S>, _ activation: Activation) -> Matrix<S> {
    var product = activation(gates(g))
    Kernels.multiply(&product.elements, by: factors(u).elements)
    return product
  }

  /// The coefficients `[n, f]` of u and g, nil for one that the rule freezes, and the constants, so that
  /// their sum is the product.
  ///
  /// By the rule `up`, `act(min(g, L))` is frozen; by `gate`, `clip(u, ±L) + 1` and act(x)/x at min(g, L).
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  func frozen(
    _ g: Matrix<S>, _ u: Matrix<S>, _ activation: Activation, _ rule: GateRule
  ) -> (ofUp: Matrix<S>?, ofGate: Matrix<S>?, constants: Matrix<S>) {
    let (gates, factors) = (gates(g), factors(u))
    var constants = Matrix<S>.zero(rows: g.rows, columns: g.columns)
    var (ofUp, ofGate): (Matrix<S>?, Matrix<S>?)
    let share: S = rule == .half ? 1 / 2 : 1
    if rule != .gate {
      var coefficients = share * activation(gates)
      // What is not linear in u: the 1, and the bound where u is beyond it.
      constants += product(of: coefficients, and: factors, where: u, isFree(up:), free: 1)
      keep(&coefficients, where: u, isFree(up:))
      ofUp = coefficients
    }
    if rule != .up {
      var coefficients = share * activation.factor(gates)
      Kernels.multiply(&coefficients.elements, by: factors.elements)
      constants += product(of: coefficients, and: gates, where: g, isFree(gate:), free: 0)
      keep(&coefficients, where: g, isFree(gate:))
      ofGate = coefficients
    }
    return (ofUp, ofGate, constants)
  }

  /// The derivatives `[n, f]` of the product along u and g; 0 where the clamp holds them.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  func slopes(
    _ g: Matrix<S>, _ u: Matrix<S>, _ activation: Activation
  ) -> (ofUp: Matrix<S>, ofGate: Matrix<S>) {
    let gates = gates(g)
    var (ofUp, ofGate) = (activation(gates), activation.derivative(gates))
    Kernels.multiply(&ofGate.elements, by: factors(u).elements)
    keep(&ofUp, where: u, isFree(up:))
    keep(&ofGate, where: g, isFree(gate:))
    return (ofUp, ofGate)
  }

  /// `min(g, L)`.
  @inline(__always)
  private func gates(_ g: Matrix<S>) -> Matrix<S> {
    Matrix(rows: g.rows, columns: g.columns, elements: g.elements.map { min($0, limit) })
  }

  /// `clip(u, ±L) + 1`.
  @inline(__always)
  private func factors(_ u: Matrix<S>) -> Matrix<S> {
    Matrix(
      rows: u.rows, columns: u.columns, elements: u.elements.map { min(max($0, -limit), limit) + 1 }
    )
  }

  @inline(__always)
  private func isFree(gate g: S) -> Bool { g <= limit }
  @inline(__always)
  private func isFree(up u: S) -> Bool { abs(u) <= limit }

  /// `c ⊙ held` where x is held, and c times the number `free` where it is free.
  @inline(__always)
  private func product(
    of c: Matrix<S>, and held: Matrix<S>, where x: Matrix<S>, _ isFree: (S) -> Bool, free: S
  ) -> Matrix<S> {
    var result = held
    for index in result.elements.indices where isFree(x.elements[index]) {
      result.elements[index] = free
    }
    Kernels.multiply(&result.elements, by: c.elements)
    return result
  }

  /// Sets the coefficients of what is held to 0.
  @inline(__always)
  private func keep(_ c: inout Matrix<S>, where x: Matrix<S>, _ isFree: (S) -> Bool) {
    for index in c.elements.indices where !isFree(x.elements[index]) { c.elements[index] = 0 }
  }
}
