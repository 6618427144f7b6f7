public import SecantOperators

/// A feed-forward layer with its nonlinear factors frozen: at every position a sum of gated layers,
/// `x ↦ Σ_e W_down,e (Σ_b c_eb ⊙ (W_eb x + b_eb) + k_e) + p_e b_down,e`.
///
/// An ordinary layer is one term that serves all positions. In a mixture, each chosen expert is a
/// term that serves the positions that chose it, and c_e and k_e include its router weight p_e.
public struct FrozenFeedForward<S: Scalar>: Sendable {
  /// A projection whose outputs are multiplied by frozen coefficients.
  public struct Branch: Sendable {
    /// Which of both it is: `up` or `gate`.
    public var kind = ProjectionKind.up
    /// W_up or W_gate, with its bias.
    public let projection: Projection<S>
    /// The frozen factor at every position that the layer serves, `[n, f]`.
    public let coefficients: Matrix<S>
  }

  /// One gated layer with its gate frozen.
  public struct Layer: Sendable {
    /// The positions that it serves, ascending; nil for all.
    public let positions: [Int]?
    /// Its number among the experts of a mixture; nil if it is the only layer.
    public let expert: Int?
    /// One branch for the rules `up` and `gate`, both for `half`.
    public let branches: [Branch]
    /// W_down `[d, f]`, with its bias.
    public let down: Projection<S>
    /// k: what the hidden activations have besides the branches' outputs at every position that the layer
    /// serves, `[n, f]`; nil if nothing.
    public var constants: Matrix<S>? = nil
    /// p: the router weight at every position that the layer serves, `[n]`; nil if it is 1.
    public var routerWeights: [S]? = nil

    /// Width f of the layer.
    var hiddenWidth: Int { down.weight.inputWidth }

    /// The row of a position in the coefficients; nil if the layer does not serve it.
    func row(of position: Int) -> Int? {
      guard let positions else { return position }
      return positions.firstIndex(of: position)
    }
  }

  /// The layers whose sum is the output, at least one.
  public let layers: [Layer]
  /// The linear part at some positions as matrices `[d, d]`, formed in advance for many products.
  private(set) var formed: [Int: Matrix<S>] = [:]

  /// A sum of at least one layer.
  init(layers: [Layer]) { self.layers = layers }

  /// One layer that serves all positions.
  init(branches: [Branch], down: Projection<S>, constants: Matrix<S>? = nil) {
    self.init(layers: [
      Layer(
        positions: nil, expert: nil, branches: branches, down: down, constants: constants)
    ])
  }

  /// The same layer with its matrices formed at some positions: d² numbers each.
  ///
  /// Products there then cost 2·d² operations per row, whatever the number of rows.
  func forming(at positions: [Int]) -> FrozenFeedForward {
    var result = self
    for (position, matrix) in zip(positions, map.formed(at: positions)) {
      result.formed[position] = matrix
    }
    return result
  }

  /// The linear part.
  public var map: FrozenFeedForwardMap<S> { FrozenFeedForwardMap(self) }

  /// The contribution of the biases and constants, that is, the image of zero `[T, d]`; nil if there are
  /// none.
  public var offset: Matrix<S>? {
    guard layers.contains(where: \.hasOffset) else { return nil }
    if layers.count == 1, layers[0].positions == nil { return layers[0].offset }
    // Every position has an expert.
    let count = layers.reduce(0) { max($0, ($1.positions?.last ?? -1) + 1) }
    var result = Matrix<S>.zero(rows: count, columns: map.outputWidth)
    for layer in layers where layer.hasOffset {
      Kernels.scatterRows(
        layer.offset.elements, width: result.columns, rows: layer.positions ?? [],
        to: &result.elements)
    }
    return result
  }
}

extension FrozenFeedForward.Layer {
  /// Whether the image of zero may differ from zero.
  fileprivate var hasOffset: Bool {
    constants != nil || down.bias != nil || branches.contains { $0.projection.bias != nil }
  }

  /// The image of zero at the positions that the layer serves, `[n, d]`.
  fileprivate var offset: Matrix<S> {
    let shape = branches[0].coefficients
    var hidden = constants ?? .zero(rows: shape.rows, columns: shape.columns)
    for branch in branches where branch.projection.bias != nil {
      var part = branch.projection.addingBias(to: .zero(rows: shape.rows, columns: shape.columns))
      Kernels.multiply(&part.elements, by: branch.coefficients.elements)
      hidden += part
    }
    return output(of: hidden, routerWeights: routerWeights)
  }

  /// `W_down h + p b_down` for hidden activations h `[n, f]` and a router weight p for each row; nil
  /// stands for 1.
  func output(of hidden: Matrix<S>, routerWeights: [S]?) -> Matrix<S> {
    guard let routerWeights, let bias = down.bias else { return down.forward(hidden) }
    var biases = Matrix<S>.repeating(row: bias, count: hidden.rows)
    Kernels.scaleRows(&biases.elements, width: biases.columns, by: routerWeights)
    return down.weight.multiply(hidden) + biases
  }
}
