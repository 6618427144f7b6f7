public import SecantOperators

/// The linear part of a frozen feed-forward layer, by whichever of two orders of products is cheaper.
///
/// Few rows at a position are carried through both weight matrices, 4·d·f operations each. Many are
/// multiplied by the matrix `W_down diag(c) W_up`, formed once per position for 2·d²·f operations,
/// which then costs 2·d² a row: cheaper from k = d·f/(2f − d) rows on.
public struct FrozenFeedForwardMap<S: Scalar>: LinearOperator {
  /// The frozen layer.
  public let layer: FrozenFeedForward<S>

  /// Hidden activations that are held at once, in elements.
  private static var hiddenElements: Int { 1 << 24 }
  /// Elements of W_down that are scaled at once while the product of both matrices is formed.
  private static var formedElements: Int { 1 << 22 }

  /// Width d of the stream.
  public var inputWidth: Int { layer.branches[0].projection.weight.inputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { layer.down.weight.outputWidth }
  private var hiddenWidth: Int { layer.down.weight.inputWidth }

  /// `W_down Σ_b c_b ⊙ W_b x`.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    product(x) { rows, positions in
      let parts = layer.branches.map { branch in
        branch.projection.weight.multiply(rows)
          .multiplyingRows(by: branch.coefficients, at: positions)
      }
      return layer.down.weight.multiply(parts.dropFirst().reduce(parts[0], +))
    } formed: {
      $0.transposed
    }
  }

  /// `Σ_b W_bᵀ c_b ⊙ W_downᵀ y`.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    product(y) { rows, positions in
      let hidden = layer.down.weight.multiplyTransposed(rows)
      let images = layer.branches.map { branch in
        branch.projection.weight.multiplyTransposed(
          hidden.multiplyingRows(by: branch.coefficients, at: positions))
      }
      return images.dropFirst().reduce(images[0], +)
    } formed: {
      $0
    }
  }

  private func product(
    _ x: Tangents<S>, carried: (Matrix<S>, [Int]) -> Matrix<S>,
    formed: (MatrixWindow) -> MatrixWindow
  ) -> Tangents<S> {
    let runs = x.runs
    if runs.count == 1, runs[0].count >= formingThreshold, inputWidth == outputWidth {
      return x.replacingRows(byForming(x.rows, run: runs[0], operand: formed))
    }
    let positions = x.positions
    let height = max(64, Self.hiddenElements / max(1, hiddenWidth))
    if x.rows.rows <= height { return x.replacingRows(carried(x.rows, positions)) }
    let parts = stride(from: 0, to: x.rows.rows, by: height).map { start in
      let range = start..<min(start + height, x.rows.rows)
      return carried(x.rows.rows(range), Array(positions[range]))
    }
    return x.replacingRows(.stacking(parts, columns: outputWidth))
  }

  /// Rows at a position from which forming the d by d matrix costs fewer operations.
  private var formingThreshold: Int {
    let (d, f, n) = (inputWidth, hiddenWidth, layer.branches.count)
    // Carried: 2·d·f·(1 + n) a row. Formed: 2·d²·f·n once and 2·d² a row.
    let saved = f * (1 + n) - d
    return saved <= 0 ? Int.max : (d * f * n + saved - 1) / saved
  }

  /// Multiplies the rows of one run, position by position, by the matrix formed there.
  private func byForming(
    _ x: Matrix<S>, run: Tangents<S>.Run, operand: (MatrixWindow) -> MatrixWindow
  ) -> Matrix<S> {
    let (d, length) = (inputWidth, run.strand.support.count)
    var result = Matrix<S>.unwritten(rows: x.rows, columns: d)
    for (t, position) in run.strand.support.enumerated() {
      let matrix = matrix(at: position)
      let rows = MatrixWindow(offset: t * d, rows: run.count, columns: d, stride: length * d)
      S.multiply(
        1, x.elements.span, rows, matrix.elements.span, operand(matrix.window), 0,
        into: &result.elements, rows)
    }
    return result
  }

  /// `W_down Σ_b diag(c_b) W_b` at one position, `[d, d]`.
  public func matrix(at position: Int) -> Matrix<S> {
    var result = Matrix<S>.zero(rows: outputWidth, columns: inputWidth)
    layer.down.weight.forEachTile(atMost: Self.formedElements) { down, rows in
      let target = MatrixWindow(
        offset: rows.lowerBound * inputWidth, rows: rows.count, columns: inputWidth)
      for branch in layer.branches {
        let scaled = Kernels.productOfRows(
          down, width: hiddenWidth, by: branch.coefficients.elements,
          rows: [Int](repeating: position, count: rows.count))
        branch.projection.weight.forEachTile { elements, hidden in
          let part = MatrixWindow(
            offset: hidden.lowerBound, rows: rows.count, columns: hidden.count, stride: hiddenWidth)
          let tile = MatrixWindow(rows: hidden.count, columns: inputWidth)
          S.multiply(1, scaled.span, part, elements, tile, 1, into: &result.elements, target)
        }
      }
    }
    return result
  }
}
