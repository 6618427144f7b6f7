public import SecantOperators

/// Root-mean-square normalization, `x ↦ w ⊙ x / √(mean(x²) + ε)` at every position.
public struct RMSNorm<S: Scalar>: Sendable {
  /// The elementwise weight w `[d]`.
  public let weight: [S]
  /// The ε under the root.
  public let epsilon: S

  /// A normalization with weight `[d]`.
  public init(weight: [S], epsilon: S) {
    self.weight = weight
    self.epsilon = epsilon
  }

  /// The normalized rows of `[T, d]`.
  public func forward(_ x: Matrix<S>) -> Matrix<S> {
    frozen(at: x).apply(Tangents(stream: x)).rows
  }

  /// The rows of `[T, n·d]` with each group of d components normalized by itself: the heads of a query,
  /// or the whole of it where n is 1.
  func forwardGroups(_ x: Matrix<S>) -> Matrix<S> {
    let groups = x.rows * x.columns / weight.count
    let normalized = forward(Matrix(rows: groups, columns: weight.count, elements: x.elements))
    return Matrix(rows: x.rows, columns: x.columns, elements: normalized.elements)
  }

  /// The map `x ↦ w ⊙ x / rms(x*)`: the denominator is held at its value for x* `[T, d]`.
  ///
  /// Source: the paper's equation (4).
  public func frozen(at x: Matrix<S>) -> FrozenScale<S> {
    precondition(x.columns == weight.count, "\(x.columns) columns for \(weight.count) weights")
    var coefficients = Matrix<S>.repeating(row: weight, count: x.rows)
    let scales = (0..<x.rows).map { t -> S in
      let row = x.elements.span.extracting(t * x.columns..<(t + 1) * x.columns)
      // The sum of squares is a Double, so that T·d roundings do not enter every coefficient.
      let meanSquare = Kernels.squaredNorm(row) / Double(x.columns)
      return S(1 / (meanSquare + Double(epsilon)).squareRoot())
    }
    Kernels.scaleRows(&coefficients.elements, width: x.columns, by: scales)
    return FrozenScale(coefficients)
  }
}

/// Multiplication of every position by its own coefficients: a frozen normalization or gate.
public struct FrozenScale<S: Scalar>: LinearOperator {
  /// The coefficients `[T, d]`.
  public let coefficients: Matrix<S>

  /// The map `x[t, i] ↦ coefficients[t, i] · x[t, i]`.
  public init(_ coefficients: Matrix<S>) { self.coefficients = coefficients }

  /// Columns of the coefficients.
  public var inputWidth: Int { coefficients.columns }
  /// Columns of the coefficients.
  public var outputWidth: Int { coefficients.columns }

  /// The scaled tangents.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    precondition(x.rows.columns == inputWidth)
    return x.replacingRows(x.rows.multiplyingRows(by: coefficients, at: x.positions))
  }

  /// The same: a diagonal map is its own adjoint.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> { apply(y) }
}
