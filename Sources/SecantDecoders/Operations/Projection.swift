public import SecantOperators

/// An affine layer, `x ↦ W x + b` at every position.
public struct Projection<S: Scalar>: Sendable {
  /// W `[output, input]`.
  public let weight: Weight<S>
  /// b `[output]`; nil if the checkpoint has none.
  public let bias: [S]?

  /// A layer with an optional bias `[output]`.
  public init(weight: Weight<S>, bias: [S]? = nil) {
    precondition(bias.map { $0.count == weight.outputWidth } ?? true)
    self.weight = weight
    self.bias = bias
  }

  /// The layer after the addition of a vector `[input]`, `x ↦ W (x + β) + b`, as one with the bias
  /// `W β + b`; the layer itself for nil.
  func adding(before beta: [S]?) -> Projection {
    guard let beta else { return self }
    let image = addingBias(to: weight.multiply(Matrix(row: beta)))
    return Projection(weight: weight, bias: image.elements)
  }

  /// `x Wᵀ + b` for rows `[n, input]`.
  public func forward(_ x: Matrix<S>) -> Matrix<S> {
    let image = addingBias(to: weight.multiply(x))
    // A prompt passes once, so its weights need not stay in memory. A single row is one of many in
    // a generation.
    if x.rows > 1 { weight.releasePages() }
    return image
  }

  /// The rows `[n, output]` plus the bias.
  func addingBias(to x: Matrix<S>) -> Matrix<S> {
    guard let bias else { return x }
    return x + .repeating(row: bias, count: x.rows)
  }
}
