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

  /// The rows of `[T, n·d]` with each group of d components normalized separately: the heads of a
  /// query, or the whole query if n is 1.
  func forwardGroups(_ x: Matrix<S>) -> Matrix<S> {
    let groups = x.rows * x.columns / weight.count
    let normalized = forward(Matrix(rows: groups, columns: weight.count, elements: x.elements))
    return Matrix(rows: x.rows, columns: x.columns, elements: normalized.elements)
  }

  /// The map `x ↦ w ⊙ x / rms(x*)`, with the denominator frozen at its value for x* `[T, d]`.
  ///
  /// Source: the paper's equation (4).
  public func frozen(at x: Matrix<S>) -> FrozenScale<S> {
    precondition(x.columns == weight.count, "\(x.columns) columns for \(weight.count) weights")
    var coefficients = Matrix<S>.repeating(row: weight, count: x.rows)
    Kernels.scaleRows(&coefficients.elements, width: x.columns, by: scales(at: x).map { S($0) })
    return FrozenScale(coefficients)
  }

  /// The derivative at x* `[T, n·d]`, in which each group of d components is normalized separately.
  public func differential(at x: Matrix<S>) -> NormDifferential<S> {
    let groups = x.rows * x.columns / weight.count
    let grouped = Matrix(rows: groups, columns: weight.count, elements: x.elements)
    var directions = x.elements
    let root = Double(weight.count).squareRoot()
    Kernels.scaleRows(
      &directions, width: weight.count, by: scales(at: grouped).map { S($0 / root) })
    let coefficients = frozen(at: grouped).coefficients.elements
    return NormDifferential(
      scale: FrozenScale(Matrix(rows: x.rows, columns: x.columns, elements: coefficients)),
      directions: Matrix(rows: x.rows, columns: x.columns, elements: directions),
      groupWidth: weight.count)
  }

  /// `1 / √(mean(x²) + ε)` for every row of `[T, d]`.
  private func scales(at x: Matrix<S>) -> [Double] {
    (0..<x.rows).map { t in
      let row = x.elements.span.extracting(t * x.columns..<(t + 1) * x.columns)
      // The sum of squares is a Double, to keep its roundings out of the coefficients.
      let meanSquare = Kernels.squaredNorm(row) / Double(x.columns)
      return 1 / (meanSquare + Double(epsilon)).squareRoot()
    }
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

/// The derivative of a normalization: the frozen map, minus the effect of the denominator.
///
/// `dy = w ⊙ (dx − e (e·dx)) / rms(x*)` in every group of d components, with
/// `e = x* / (√d · rms(x*))`: a tangent along x* is cancelled by the change of the denominator,
/// except for ε.
public struct NormDifferential<S: Scalar>: LinearOperator {
  /// The frozen normalization.
  public let scale: FrozenScale<S>
  /// e of every group, `[T, n·d]`; its length is 1, except for ε.
  public let directions: Matrix<S>
  /// Width d of a group.
  public let groupWidth: Int

  /// Columns of the stream that is normalized.
  public var inputWidth: Int { scale.inputWidth }
  /// Columns of the stream that is normalized.
  public var outputWidth: Int { scale.outputWidth }

  /// The scaled tangents, each without its part along e.
  public func apply(_ x: Tangents<S>) -> Tangents<S> { scale.apply(deflated(x)) }

  /// The same in the other order: both factors are symmetric.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> { deflated(scale.applyAdjoint(y)) }

  private func deflated(_ x: Tangents<S>) -> Tangents<S> {
    var rows = x.rows
    Kernels.deflateRows(
      &rows.elements, width: inputWidth, groupWidth: groupWidth, along: directions.elements,
      rows: x.positions)
    return x.replacingRows(rows)
  }
}
