public import SecantOperators

/// The Jacobians of all tokens side by side: `J = [J_0 | J_1 | … | J_{T−1}]`, `[d, T·d]`.
///
/// A vector that it takes is a whole stream, T vectors of width d one after the other, and `J x` is
/// `Σ_i J_i x_i`. Nothing is formed: a product costs one sweep of 2·T·P operations, which serves all
/// tokens together, and so does an adjoint one.
public struct JointJacobian<S: Scalar>: LinearOperator {
  /// The map of the whole stream, read at the last position.
  public let map: any LinearOperator<Tangents<S>>
  /// T: the number of tokens.
  public let tokenCount: Int

  /// The map of a stream of T positions that is read at the last.
  package init(map: any LinearOperator<Tangents<S>>, tokenCount: Int) {
    precondition(tokenCount >= 1, "a map of no token")
    self.map = map
    self.tokenCount = tokenCount
  }

  /// T·d: the width of a stream whose vectors stand one after the other.
  public var inputWidth: Int { tokenCount * map.inputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { map.outputWidth }

  /// That of the whole stream's map.
  public var batchCost: Double { map.batchCost }
  /// T: the positions that a vector passes.
  public var vectorCost: Double { Double(tokenCount) }

  private var all: Range<Int> { 0..<tokenCount }
  private var last: Range<Int> { tokenCount - 1..<tokenCount }

  /// `Σ_i J_i x_i` for every row `[x_0 | … | x_{T−1}]` of `[k, T·d]`, as `[k, d]`.
  public func apply(_ x: Matrix<S>) -> Matrix<S> {
    precondition(x.columns == inputWidth, "\(x.columns) columns for \(inputWidth)")
    if x.rows == 0 { return .zero(rows: 0, columns: outputWidth) }
    let strands = [Strand](repeating: Strand(support: all, window: all), count: x.rows)
    let rows = Matrix(rows: x.rows * tokenCount, columns: map.inputWidth, elements: x.elements)
    return map.apply(Tangents(strands: strands, rows: rows)).restricted(to: last).rows
  }

  /// `[J_0ᵀ y | … | J_{T−1}ᵀ y]` for every row y of `[k, d]`, as `[k, T·d]`.
  public func applyAdjoint(_ y: Matrix<S>) -> Matrix<S> {
    precondition(y.columns == outputWidth, "\(y.columns) columns for \(outputWidth)")
    if y.rows == 0 { return .zero(rows: 0, columns: inputWidth) }
    let strands = [Strand](repeating: Strand(support: last, window: all), count: y.rows)
    let image = map.applyAdjoint(Tangents(strands: strands, rows: y))
    precondition(
      image.strands.allSatisfy { $0.support == all }, "a cotangent reaches every earlier position")
    return Matrix(rows: y.rows, columns: inputWidth, elements: image.rows.elements)
  }
}

extension Linearization {
  /// The map from the whole input stream to the stream after a block, read at one position.
  ///
  /// Unlike the map to that site, it does not go on through the final norm: what it gives is in the
  /// stream's own units.
  public func streamMap(after block: Int, position: Int) -> Composition<Tangents<S>> {
    precondition(tokens.indices.contains(position), "no such position")
    let maps = (0...block).map { n in
      blockMap(
        n, to: .residual, reading: n == block ? position..<position + 1 : 0..<tokens.count)
    }
    return Composition(maps)
  }

  /// The joint map of all tokens to the stream after a block, at the last position: no final norm.
  ///
  /// With h* the stream after the block at the prompt, `J x* = h*_{T−1}`, less what biases bring.
  public func jointJacobian(after block: Int) -> JointJacobian<S> {
    JointJacobian(
      map: streamMap(after: block, position: tokens.count - 1), tokenCount: tokens.count)
  }
}
