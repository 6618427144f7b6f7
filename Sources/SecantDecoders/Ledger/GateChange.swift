import SecantOperators

/// The change of the gates of one gated layer, which may serve a position in one run or in both.
struct GateChange<S: Scalar> {
  /// The layer in run B; nil if it serves no position there.
  let before: FrozenFeedForward<S>.Layer?
  /// The layer in run A; nil if it serves no position there.
  let after: FrozenFeedForward<S>.Layer?

  /// The change of a layer; nil where it serves no position in either run.
  init?(before: FrozenFeedForward<S>.Layer?, after: FrozenFeedForward<S>.Layer?) {
    guard let given = before ?? after, let carrying = after ?? before else { return nil }
    (self.before, self.after, self.given, self.carrying) = (before, after, given, carrying)
  }

  /// The layer whose weights what enters in run B meets.
  let given: FrozenFeedForward<S>.Layer
  /// The layer whose weights carry what leaves to the readout.
  let carrying: FrozenFeedForward<S>.Layer

  /// The positions in a range that at least one of some layers serves, ascending.
  static func positions(
    of layers: [FrozenFeedForward<S>.Layer?], in range: Range<Int>
  ) -> [Int] {
    let layers = layers.compactMap(\.self)
    if layers.contains(where: { $0.positions == nil }) { return Array(range) }
    return Set(layers.flatMap { $0.positions ?? [] }).filter(range.contains).sorted()
  }

  /// `Σ_i ((c_A - c_B)_i (W x + b)_i + (k_A - k_B)_i) (W_downᵀ y)_i + (p_A - p_B) b_down·y` at some
  /// positions, and the terms of the sum by neuron i if requested.
  ///
  /// The last term, of an expert's router weight and its bias, is no neuron's.
  ///
  /// - Parameters:
  ///   - positions: The positions, which the layer serves in either run.
  ///   - x: What enters the layer there in run B, `[n, d]`.
  ///   - y: The cotangents of what leaves it, `[n, d]`.
  ///   - detail: How many terms are listed.
  /// - Returns: One number and one list for each position, and what y asks of what enters run A's layer, `[n, d]`.
  func effect(
    at positions: [Int], of x: Matrix<S>, on y: Matrix<S>, _ detail: Difference.Detail
  ) -> (values: [Double], terms: [[Difference.Term]], asked: Matrix<S>) {
    let wanted = carrying.down.weight.multiplyTransposed(y)
    var changes = Matrix<S>.zero(rows: wanted.rows, columns: wanted.columns)
    if let constants = constants(after, at: positions) { changes += constants }
    if let constants = constants(before, at: positions) { changes = changes - constants }
    var asked = Matrix<S>.zero(rows: y.rows, columns: y.columns)
    for (index, branch) in given.branches.enumerated() {
      var gates = coefficients(after, index, at: positions)
      var change = gates - coefficients(before, index, at: positions)
      Kernels.multiply(&change.elements, by: branch.projection.forward(x).elements)
      changes += change
      // A layer that serves nothing in run A asks for nothing.
      guard let after else { continue }
      Kernels.multiply(&gates.elements, by: wanted.elements)
      asked += after.branches[index].projection.weight.multiplyTransposed(gates)
    }
    var values = Kernels.groupDots(changes.elements, wanted.elements, width: wanted.columns)
    if let bias = carrying.down.bias, let new = routerWeights(after, at: positions),
      let old = routerWeights(before, at: positions)
    {
      let images = Kernels.groupDots(
        Matrix.repeating(row: bias, count: y.rows).elements, y.elements, width: y.columns)
      for row in values.indices { values[row] += Double(new[row] - old[row]) * images[row] }
    }
    let terms =
      detail.terms == 0
      ? [] : positions.indices.map { detail.listed(Kernels.products(changes, wanted, row: $0)) }
    return (values, terms, asked)
  }

  /// What the projections of two decoders make of the same: W_down as run B's hidden activations meet it, and
  /// then W_up under run A's gates.
  ///
  /// - Parameters: As for ``effect(at:of:on:_:)``.
  /// - Returns: One number for each position, of either.
  func weightEffects(
    at positions: [Int], of x: Matrix<S>, on y: Matrix<S>
  ) -> (down: [Double], up: [Double]) {
    let wanted = carrying.down.weight.multiplyTransposed(y)
    var changes = Matrix<S>.zero(rows: wanted.rows, columns: wanted.columns)
    var hidden = constants(before, at: positions) ?? changes
    for (index, branch) in given.branches.enumerated() {
      let image = branch.projection.forward(x)
      var part = coefficients(before, index, at: positions)
      Kernels.multiply(&part.elements, by: image.elements)
      hidden += part
      var change = carrying.branches[index].projection.forward(x) - image
      Kernels.multiply(
        &change.elements, by: coefficients(after, index, at: positions).elements)
      changes += change
    }
    let weights = routerWeights(before, at: positions)
    let images =
      carrying.output(of: hidden, routerWeights: weights)
      - given.output(of: hidden, routerWeights: weights)
    return (
      Kernels.groupDots(images.elements, y.elements, width: y.columns),
      Kernels.groupDots(changes.elements, wanted.elements, width: wanted.columns)
    )
  }

  /// The frozen factors `[n, f]` of a branch; 0 at positions that the layer does not serve.
  func coefficients(
    _ layer: FrozenFeedForward<S>.Layer?, _ branch: Int, at positions: [Int]
  ) -> Matrix<S> {
    guard let layer else { return .zero(rows: positions.count, columns: given.hiddenWidth) }
    return layer.placing(layer.branches[branch].coefficients, at: positions)
  }

  /// The constants `[n, f]`, 0 at positions that the layer does not serve; nil if there are none.
  func constants(_ layer: FrozenFeedForward<S>.Layer?, at positions: [Int]) -> Matrix<S>? {
    layer.flatMap { layer in layer.constants.map { layer.placing($0, at: positions) } }
  }

  /// The router weights, 0 at positions that the layer does not serve; nil in a layer that is no expert.
  func routerWeights(_ layer: FrozenFeedForward<S>.Layer?, at positions: [Int]) -> [S]? {
    guard given.routerWeights != nil else { return nil }
    guard let layer, let own = layer.routerWeights else { return positions.map { _ in 0 } }
    return layer.placing(Matrix(rows: own.count, columns: 1, elements: own), at: positions).elements
  }
}

extension FrozenFeedForward.Layer {
  /// Rows `[…, n]` of the positions that the layer serves at some positions; 0 at others.
  func placing(_ all: Matrix<S>, at positions: [Int]) -> Matrix<S> {
    guard let own = self.positions else { return all.gathering(rows: positions) }
    let rows = Dictionary(uniqueKeysWithValues: own.enumerated().map { ($1, $0) })
    let served = positions.indices.filter { rows[positions[$0]] != nil }
    var result = Matrix<S>.zero(rows: positions.count, columns: all.columns)
    Kernels.scatterRows(
      all.gathering(rows: served.compactMap { rows[positions[$0]] }).elements,
      width: all.columns, rows: served, to: &result.elements)
    return result
  }
}

extension FrozenFeedForward {
  /// The layer of an expert, or the only layer; nil if the expert serves no position.
  func layer(of expert: Int?) -> Layer? { layers.first { $0.expert == expert } }
}

extension Kernels {
  /// The products of two matrices' elements in one row.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  static func products<S: Scalar>(_ x: Matrix<S>, _ y: Matrix<S>, row: Int) -> [Double] {
    let range = row * x.columns..<(row + 1) * x.columns
    var result = [Double](repeating: 0, count: x.columns)
    for (index, place) in range.enumerated() {
      result[index] = Double(x.elements[place]) * Double(y.elements[place])
    }
    return result
  }
}
