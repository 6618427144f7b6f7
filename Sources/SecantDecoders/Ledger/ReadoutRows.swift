public import SecantOperators

/// Several numbers read off the output, each divided separately: the rows of a matrix.
public struct ReadoutRows: Hashable, Sendable {
  /// What each token gave to each number: of a number that is read at position p, the tokens `0...p`.
  public var tokens: [[Double]]
  /// What the biases gave to each.
  public var biases: [Double]

  /// The sum of each row: the number that was divided, but for rounding.
  public var sums: [Double] { zip(tokens, biases).map { $0.reduce(0, +) + $1 } }
}

extension Linearization {
  /// What each token gave to each of some numbers, w_r·y at position p_r: one adjoint sweep for all.
  ///
  /// Row r is `w_r·J_{p_r,i} x_i` for the tokens i up to p_r, and `w_r·b`. A ``ledger(of:to:observer:)`` of all
  /// rows together gives their sum at the price of one. Costs 2·P operations and attention's mixing for each of the
  /// p_r + 1 positions of each row; a decoder with biases takes one pass more for all rows.
  ///
  /// - Parameters:
  ///   - directions: w_r `[n, d]`.
  ///   - positions: p_r, where each is read.
  ///   - observer: Told, after each block, what part of the way is done.
  /// - Returns: One row for each number.
  public func rows(
    of directions: Matrix<S>, at positions: [Int], observer: (Double) -> Void = { _ in }
  ) -> ReadoutRows {
    precondition(directions.rows == positions.count, "one position a direction")
    precondition(directions.columns == input.columns, "directions of another width")
    precondition(positions.allSatisfy(tokens.indices.contains), "no such position")
    if positions.isEmpty { return ReadoutRows(tokens: [], biases: []) }
    let strands = positions.map { Strand(support: $0..<$0 + 1, reach: 0..<$0 + 1) }
    let start = Tangents(strands: strands, rows: directions)
    let count = (positions.max() ?? 0) + 1
    var cotangents = finalNorm.frozen(at: stream(at: .output)).applyAdjoint(start)
    for n in blocks.indices.reversed() {
      cotangents = blockMap(n, to: .residual, positions: 0..<count).applyAdjoint(cotangents)
      observer(Double(blocks.count - n) / Double(blocks.count))
    }
    let firsts = cotangents.firstRows
    let tokens = cotangents.strands.enumerated().map { index, strand -> [Double] in
      let rows = firsts[index]..<firsts[index] + strand.support.count
      let dots = Kernels.groupDots(
        cotangents.rows.rows(rows).elements, input.rows(strand.support).elements,
        width: input.columns)
      // A token that no head looks at has no part.
      return [Double](repeating: 0, count: strand.support.lowerBound) + dots
    }
    return ReadoutRows(tokens: tokens, biases: biases(of: directions, at: positions))
  }

  /// w_r·b at each position p_r: zero without biases.
  private func biases(of directions: Matrix<S>, at positions: [Int]) -> [Double] {
    guard hasOffset else { return positions.map { _ in 0 } }
    let nothing = Matrix<S>.zero(rows: tokens.count, columns: input.columns)
    let offsets = affineStreams(of: nothing, at: [.output])[0]
    return Kernels.groupDots(
      directions.elements, offsets.gathering(rows: positions).elements, width: input.columns)
  }
}
