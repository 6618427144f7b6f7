public import SecantOperators

/// Normalization of every position by its own scale, with or without its mean.
///
/// Root-mean-square normalization is `x ↦ w ⊙ x / √(mean(x²) + ε)`. Layer normalization is the same
/// of `C x`, which is x without its mean, plus a bias: `x ↦ w ⊙ C x / √(var(x) + ε) + β`. C is
/// linear, so only the denominator is frozen. Source: Ba et al., "Layer Normalization" (2016).
public struct Normalization<S: Scalar>: Sendable {
  /// The elementwise weight w `[d]`.
  public let weight: [S]
  /// β `[d]`; nil if there is none.
  public let bias: [S]?
  /// The ε under the root.
  public let epsilon: S
  /// Whether the mean is removed first.
  public let removesMean: Bool

  /// A normalization with weight `[d]` and, if there is one, bias `[d]`.
  public init(weight: [S], bias: [S]? = nil, epsilon: S, removesMean: Bool = false) {
    precondition(bias.map { $0.count == weight.count } ?? true, "a bias of another width")
    (self.weight, self.bias) = (weight, bias)
    (self.epsilon, self.removesMean) = (epsilon, removesMean)
  }

  /// The same without the bias.
  var withoutBias: Normalization {
    Normalization(weight: weight, epsilon: epsilon, removesMean: removesMean)
  }

  /// The normalized rows of `[T, d]`, with the bias.
  public func forward(_ x: Matrix<S>) -> Matrix<S> { forward(x, scaledBy: frozen(at: x)) }

  /// The image of rows `[T, d]` under a frozen scale, plus the bias.
  func forward(_ x: Matrix<S>, scaledBy scale: FrozenScale<S>) -> Matrix<S> {
    let image = scale.apply(Tangents(stream: x)).rows
    guard let bias else { return image }
    return image + .repeating(row: bias, count: x.rows)
  }

  /// The rows of `[T, n·d]` with each group of d components normalized separately: the heads of a
  /// query, or the whole query if n is 1.
  func forwardGroups(_ x: Matrix<S>) -> Matrix<S> {
    let groups = x.rows * x.columns / weight.count
    let normalized = forward(Matrix(rows: groups, columns: weight.count, elements: x.elements))
    return Matrix(rows: x.rows, columns: x.columns, elements: normalized.elements)
  }

  /// The linear part with the denominator frozen at its value for x* `[T, d]`: `x ↦ w ⊙ x / rms(x*)`,
  /// or `x ↦ w ⊙ C x / rms(C x*)`.
  ///
  /// Source: the paper's equation (4).
  public func frozen(at x: Matrix<S>) -> FrozenScale<S> {
    precondition(x.columns == weight.count, "\(x.columns) columns for \(weight.count) weights")
    var coefficients = Matrix<S>.repeating(row: weight, count: x.rows)
    Kernels.scaleRows(&coefficients.elements, width: x.columns, by: scales(at: x).map { S($0) })
    return FrozenScale(coefficients, centeredWidth: removesMean ? weight.count : nil)
  }

  /// The same of rows `[T, n·d]` in which each group of d components is normalized separately.
  func frozenGroups(at x: Matrix<S>) -> FrozenScale<S> {
    let groups = x.rows * x.columns / weight.count
    let scale = frozen(at: Matrix(rows: groups, columns: weight.count, elements: x.elements))
    return FrozenScale(
      Matrix(rows: x.rows, columns: x.columns, elements: scale.coefficients.elements),
      centeredWidth: scale.centeredWidth)
  }

  /// The derivative at x* `[T, n·d]`, in which each group of d components is normalized separately.
  public func differential(at x: Matrix<S>) -> NormDifferential<S> {
    let groups = x.rows * x.columns / weight.count
    let grouped = Matrix(rows: groups, columns: weight.count, elements: x.elements)
    var directions = centered(grouped).elements
    let root = Double(weight.count).squareRoot()
    Kernels.scaleRows(
      &directions, width: weight.count, by: scales(at: grouped).map { S($0 / root) })
    return NormDifferential(
      scale: frozenGroups(at: x),
      directions: Matrix(rows: x.rows, columns: x.columns, elements: directions),
      groupWidth: weight.count)
  }

  /// `1 / √(mean(x²) + ε)` for every row of `[T, d]`, of rows without their mean if that is removed.
  package func scales(at x: Matrix<S>) -> [Double] {
    let x = centered(x)
    return (0..<x.rows).map { t in
      let row = x.elements.span.extracting(t * x.columns..<(t + 1) * x.columns)
      // The sum of squares is a Double, to keep its roundings out of the coefficients.
      let meanSquare = Kernels.squaredNorm(row) / Double(x.columns)
      return 1 / (meanSquare + Double(epsilon)).squareRoot()
    }
  }

  /// The rows `[T, d]` without their mean, if that is removed; otherwise the rows themselves.
  package func centered(_ x: Matrix<S>) -> Matrix<S> {
    guard removesMean else { return x }
    var result = x
    Kernels.centerGroups(&result.elements, groupWidth: weight.count)
    return result
  }
}

/// Multiplication of every position by its own coefficients, after the removal of the mean if there
/// is one: a frozen normalization or gate.
public struct FrozenScale<S: Scalar>: LinearOperator {
  /// The coefficients `[T, d]`.
  public let coefficients: Matrix<S>
  /// The number of successive components whose mean is removed first; nil if none is.
  public let centeredWidth: Int?

  /// The map `x[t, i] ↦ coefficients[t, i] · x[t, i]`, of x without the mean of each group of
  /// `centeredWidth` components.
  public init(_ coefficients: Matrix<S>, centeredWidth: Int? = nil) {
    (self.coefficients, self.centeredWidth) = (coefficients, centeredWidth)
  }

  /// Columns of the coefficients.
  public var inputWidth: Int { coefficients.columns }
  /// Columns of the coefficients.
  public var outputWidth: Int { coefficients.columns }

  /// The scaled tangents.
  public func apply(_ x: Tangents<S>) -> Tangents<S> { scaled(centered(x)) }

  /// The same in the other order: both factors are symmetric.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> { centered(scaled(y)) }

  /// The map of the positions in a range, as a stream of its own.
  func rows(_ range: Range<Int>) -> FrozenScale {
    FrozenScale(coefficients.rows(range), centeredWidth: centeredWidth)
  }

  private func scaled(_ x: Tangents<S>) -> Tangents<S> {
    precondition(x.rows.columns == inputWidth)
    return x.replacingRows(x.rows.multiplyingRows(by: coefficients, at: x.positions))
  }

  private func centered(_ x: Tangents<S>) -> Tangents<S> {
    guard let centeredWidth else { return x }
    var rows = x.rows
    Kernels.centerGroups(&rows.elements, groupWidth: centeredWidth)
    return x.replacingRows(rows)
  }
}

/// The derivative of a normalization: the frozen map, minus the effect of the denominator.
///
/// `dy = w ⊙ (dx − e (e·dx)) / rms(x*)` in every group of d components, with
/// `e = x* / (√d · rms(x*))`: a tangent along x* is cancelled by the change of the denominator,
/// except for ε. Layer normalization has C dx in place of dx, and e without its mean.
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
