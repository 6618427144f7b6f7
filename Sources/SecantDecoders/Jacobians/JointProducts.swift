public import SecantOperators

extension TokenJacobians {
  /// `J_iᵀ y` for some members and the same rows: cotangents go no further back than the first of them.
  ///
  /// Costs p + 1 − i positions a row for the first token i of the members.
  public func applyAdjoint(_ y: Matrix<S>, toAll members: Range<Int>) -> [Matrix<S>] {
    if members.isEmpty { return [] }
    return starting(at: tokens[members]).applyAdjointToAll(y)
  }

  /// `Σ_i J_i x_i` for every row of `x[i]`: one sweep of streams, k rows a member.
  ///
  /// Costs the positions from the first token on a row, however many tokens there are.
  public func applySum(_ x: [Matrix<S>]) -> Matrix<S> {
    precondition(x.count == count, "one matrix per member")
    let rows = x.first?.rows ?? 0
    guard rows > 0, let first = tokens.first, let last = tokens.last else {
      return .zero(rows: 0, columns: outputWidth)
    }
    let support = first..<last + 1
    let strand = Strand(support: support, window: first..<position + 1)
    // Streams one after the other: vector j of every member stands before vector j + 1 of any.
    var streams = Matrix<S>.zero(rows: rows * support.count, columns: inputWidth)
    for (token, vectors) in zip(tokens, x) {
      for j in 0..<rows {
        Kernels.copy(
          vectors.elements, from: j * inputWidth, count: inputWidth, to: &streams.elements,
          at: (j * support.count + token - first) * inputWidth)
      }
    }
    let stream = Tangents(strands: [Strand](repeating: strand, count: rows), rows: streams)
    return map.apply(stream).restricted(to: position..<position + 1).rows
  }
}
