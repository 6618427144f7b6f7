public import SecantOperators

/// An affine layer, `x ↦ W x + b` at every position.
public struct Projection<S: Scalar>: Sendable {
  /// W `[output, input]`.
  public let weight: Weight<S>
  /// b `[output]`; nil if the checkpoint has none.
  public let bias: [S]?
  /// β `[input]`: a vector that is added before W, whose image is part of the bias; nil for none.
  private var added: [S]?

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
    precondition(added == nil, "two vectors before one layer")
    let image = addingBias(to: weight.multiply(Matrix(row: beta)))
    var result = Projection(weight: weight, bias: image.elements)
    result.added = beta
    return result
  }

  /// The layer without its adapter, and what the adapter adds to its outputs; nil if it has none.
  ///
  /// Both are affine layers, and their sum is this one: `ΔW (x + β)` belongs to the adapter, with β the
  /// bias of a norm that became part of this layer's bias.
  var adaptation: (base: Projection, change: Projection)? {
    weight.adaptation.map { base, change in
      let image = added.map { change.multiply(Matrix(row: $0)).elements }
      let rest = image.map { image in zip(bias ?? [], image).map(-) } ?? bias
      return (Projection(weight: base, bias: rest), Projection(weight: change, bias: image))
    }
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
