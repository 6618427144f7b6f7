public import SecantOperators

extension TokenJacobians {
  /// `J_iᵀ y` for some members and the same rows: cotangents go no further back than the first of them.
  ///
  /// Costs p + 1 − i positions a row for the first token i of the members.
  public func applyAdjoint(_ y: Matrix<S>, toAll members: Range<Int>) -> [Matrix<S>] {
    if members.isEmpty { return [] }
    let tokens = tokens.lowerBound + members.lowerBound..<tokens.lowerBound + members.upperBound
    return starting(at: tokens).applyAdjointToAll(y)
  }

  /// `Σ_i J_i x_i` for every row of `x[i]`: one sweep of streams, k rows a member.
  ///
  /// Costs the positions from the first token on a row, however many tokens there are.
  public func applySum(_ x: [Matrix<S>]) -> Matrix<S> {
    precondition(x.count == count, "one matrix per member")
    let rows = x.first?.rows ?? 0
    if rows == 0 { return .zero(rows: 0, columns: outputWidth) }
    let reached = tokens.lowerBound..<position + 1
    let strands = [Strand](
      repeating: Strand(support: tokens, window: reached), count: rows)
    // Streams one after the other: vector j of every member stands before vector j + 1 of any.
    let streams = Matrix.joining(x, rows: rows)
    let stream = Tangents(
      strands: strands,
      rows: Matrix(rows: rows * count, columns: inputWidth, elements: streams.elements))
    return map.apply(stream).restricted(to: position..<position + 1).rows
  }
}
