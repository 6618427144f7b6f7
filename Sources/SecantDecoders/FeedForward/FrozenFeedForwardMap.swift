public import SecantOperators

/// The linear part of a frozen feed-forward layer, by the cheaper of two orders of multiplication.
///
/// A few rows at a position are carried through both weight matrices, at 4·d·f operations each.
/// Many rows are multiplied by the matrix `W_down diag(c) W_up`, which takes 2·d²·f operations to
/// form once per position and then 2·d² per row: cheaper from k = d·f/(2f − d) rows on. In a
/// mixture, f is the total width of a position's experts.
public struct FrozenFeedForwardMap<S: Scalar>: LinearOperator {
  /// The frozen layer.
  public let layer: FrozenFeedForward<S>
  /// Width d of the stream.
  public let inputWidth: Int
  /// Width d of the stream.
  public let outputWidth: Int
  /// The total width f of all layers that serve a position.
  private let activeWidth: Int

  /// The number of hidden activations in memory at a time.
  private static var hiddenElements: Int { 1 << 24 }
  /// The number of elements of the scaled W_down in memory while the product of both matrices is
  /// formed.
  private static var formedElements: Int { 1 << 23 }

  /// The linear part of a frozen layer.
  public init(_ layer: FrozenFeedForward<S>) {
    self.layer = layer
    inputWidth = layer.layers[0].branches[0].projection.weight.inputWidth
    outputWidth = layer.layers[0].down.weight.outputWidth
    // Every position has as many experts as the first.
    activeWidth = layer.layers.reduce(0) { $0 + ($1.row(of: 0) == nil ? 0 : $1.hiddenWidth) }
  }

  /// The width of the widest layer.
  private var hiddenWidth: Int { layer.layers.reduce(0) { max($0, $1.hiddenWidth) } }
  private var branchCount: Int { layer.layers[0].branches.count }

  /// `Σ_e W_down,e Σ_b c_eb ⊙ W_eb x`.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    product(x) { part, rows, positions in
      let images = part.branches.map { branch in
        branch.projection.weight.multiply(rows)
          .multiplyingRows(by: branch.coefficients, at: positions)
      }
      return part.down.weight.multiply(images.dropFirst().reduce(images[0], +))
    } formed: {
      $0.transposed
    }
  }

  /// `Σ_e Σ_b W_ebᵀ c_eb ⊙ W_down,eᵀ y`.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    product(y) { part, rows, positions in
      let hidden = part.down.weight.multiplyTransposed(rows)
      let images = part.branches.map { branch in
        branch.projection.weight.multiplyTransposed(
          hidden.multiplyingRows(by: branch.coefficients, at: positions))
      }
      return images.dropFirst().reduce(images[0], +)
    } formed: {
      $0
    }
  }

  /// Rows carried through one of the layers, each with its row in the layer's coefficients.
  private typealias Carried = (FrozenFeedForward<S>.Layer, Matrix<S>, [Int]) -> Matrix<S>

  private func product(
    _ x: Tangents<S>, carried: Carried, formed: (MatrixView) -> MatrixView
  ) -> Tangents<S> {
    if !layer.formed.isEmpty {
      return x.replacingRows(byFormed(x, carried: carried, operand: formed))
    }
    let runs = x.runs
    if runs.count == 1, runs[0].count >= formingThreshold, inputWidth == outputWidth {
      return x.replacingRows(byForming(x.rows, run: runs[0], operand: formed))
    }
    return x.replacingRows(inParts(x.rows, x.positions, carried))
  }

  /// Rows at some positions, carried in groups that keep the hidden activations small.
  private func inParts(_ x: Matrix<S>, _ positions: [Int], _ carried: Carried) -> Matrix<S> {
    let height = max(64, Self.hiddenElements / max(1, hiddenWidth))
    if x.rows <= height { return sum(x, positions, carried) }
    let parts = stride(from: 0, to: x.rows, by: height).map { start in
      let range = start..<min(start + height, x.rows)
      return sum(x.rows(range), Array(positions[range]), carried)
    }
    return .stacking(parts, columns: outputWidth)
  }

  /// Rows times the matrices that were formed in advance; rows at other positions are carried.
  private func byFormed(
    _ x: Tangents<S>, carried: Carried, operand: (MatrixView) -> MatrixView
  ) -> Matrix<S> {
    let positions = x.positions
    let places = Dictionary(grouping: positions.indices) { positions[$0] }
    var result = Matrix<S>.zero(rows: x.rows.rows, columns: outputWidth)
    for (position, matrix) in layer.formed {
      guard let rows = places[position] else { continue }
      let part = x.rows.gathering(rows: rows)
      var image = Matrix<S>.unwritten(rows: part.rows, columns: outputWidth)
      let view = image.view
      S.multiply(
        1, part.elements.span, part.view, matrix.elements.span, operand(matrix.view), 0,
        into: &image.elements, view)
      Kernels.scatterRows(image.elements, width: outputWidth, rows: rows, to: &result.elements)
    }
    let others = positions.indices.filter { layer.formed[positions[$0]] == nil }
    if !others.isEmpty {
      let image = inParts(x.rows.gathering(rows: others), others.map { positions[$0] }, carried)
      Kernels.scatterRows(image.elements, width: outputWidth, rows: others, to: &result.elements)
    }
    return result
  }

  /// The rows at some positions, each carried through the layers that serve its position.
  private func sum(_ x: Matrix<S>, _ positions: [Int], _ carried: Carried) -> Matrix<S> {
    if layer.layers.count == 1, layer.layers[0].positions == nil {
      return carried(layer.layers[0], x, positions)
    }
    var result = Matrix<S>.zero(rows: x.rows, columns: x.columns)
    for part in layer.layers {
      let places = Dictionary(
        uniqueKeysWithValues: (part.positions ?? []).enumerated().map { ($1, $0) })
      let served = positions.indices.filter { places[positions[$0]] != nil }
      if served.isEmpty { continue }
      let image = carried(
        part, x.gathering(rows: served), served.compactMap { places[positions[$0]] })
      Kernels.scatterRows(image.elements, width: x.columns, rows: served, to: &result.elements)
    }
    return result
  }

  /// The number of rows at a position from which on forming the d by d matrix costs fewer
  /// operations.
  var formingThreshold: Int {
    let (d, f, n) = (inputWidth, activeWidth, branchCount)
    // Carried: 2·d·f·(1 + n) per row. Formed: 2·d²·f·n once and 2·d² per row.
    let saved = f * (1 + n) - d
    return saved <= 0 ? Int.max : (d * f * n + saved - 1) / saved
  }

  /// Multiplies the rows of one run, position by position, by the matrix formed there.
  private func byForming(
    _ x: Matrix<S>, run: Tangents<S>.Run, operand: (MatrixView) -> MatrixView
  ) -> Matrix<S> {
    let (d, length) = (inputWidth, run.strand.support.count)
    var result = Matrix<S>.unwritten(rows: x.rows, columns: d)
    let positions = Array(run.strand.support)
    for first in stride(from: 0, to: length, by: formedTogether) {
      let group = first..<min(first + formedTogether, length)
      let matrices = matrices(at: Array(positions[group]))
      for t in group {
        let rows = MatrixView(offset: t * d, rows: run.count, columns: d, stride: length * d)
        let matrix = MatrixView(offset: (t - first) * d * d, rows: d, columns: d)
        S.multiply(
          1, x.elements.span, rows, matrices.elements.span, operand(matrix), 0,
          into: &result.elements, rows)
      }
    }
    return result
  }

  /// `Σ_e W_down,e Σ_b diag(c_eb) W_eb` at one position, `[d, d]`.
  public func matrix(at position: Int) -> Matrix<S> { matrices(at: [position]) }

  /// The matrices `[d, d]` at some positions.
  func formed(at positions: [Int]) -> [Matrix<S>] {
    stride(from: 0, to: positions.count, by: formedTogether).flatMap { start in
      let group = Array(positions[start..<min(start + formedTogether, positions.count)])
      let matrices = matrices(at: group)
      return group.indices.map { matrices.rows($0 * outputWidth..<($0 + 1) * outputWidth) }
    }
  }

  /// The number of positions whose matrices are formed in one product: taller products are faster.
  ///
  /// It is 1 if W_down alone is large enough, or if different layers serve the positions.
  private var formedTogether: Int {
    guard layer.layers.allSatisfy({ $0.positions == nil }) else { return 1 }
    return max(1, Self.formedElements / max(1, outputWidth * hiddenWidth))
  }

  /// The matrices of some positions, one after the other, `[n·d, d]`; n ≤ ``formedTogether``.
  private func matrices(at positions: [Int]) -> Matrix<S> {
    var result = Matrix<S>.zero(rows: positions.count * outputWidth, columns: inputWidth)
    for part in layer.layers {
      let rows = positions.compactMap { part.row(of: $0) }
      if !rows.isEmpty { add(part, coefficientRows: rows, to: &result) }
    }
    return result
  }

  /// Adds `W_down Σ_b diag(c_b) W_b` of one layer, for each of some rows of coefficients.
  private func add(
    _ part: FrozenFeedForward<S>.Layer, coefficientRows: [Int], to result: inout Matrix<S>
  ) {
    let width = part.hiddenWidth
    let limit = max(width, Self.formedElements / coefficientRows.count)
    part.down.weight.forEachTile(atMost: limit) { down, rows in
      precondition(
        coefficientRows.count == 1 || rows.count == outputWidth, "several parts of several matrices"
      )
      let table = coefficientRows.flatMap { [Int](repeating: $0, count: rows.count) }
      let target = MatrixView(
        offset: rows.lowerBound * inputWidth, rows: table.count, columns: inputWidth)
      for branch in part.branches {
        let scaled = Kernels.productOfRows(
          down, width: width, by: branch.coefficients.elements, rows: table)
        branch.projection.weight.forEachTile { elements, hidden in
          let view = MatrixView(
            offset: hidden.lowerBound, rows: table.count, columns: hidden.count, stride: width)
          let tile = MatrixView(rows: hidden.count, columns: inputWidth)
          let factor = part.down.weight.factor * branch.projection.weight.factor
          S.multiply(factor, scaled.span, view, elements, tile, 1, into: &result.elements, target)
        }
      }
    }
    // After the matrices are formed, the weights are not read for a while.
    part.down.weight.releasePages()
    for branch in part.branches { branch.projection.weight.releasePages() }
  }
}
