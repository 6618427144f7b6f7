/// Singular triplets from the matrices themselves, by LAPACK's divide and conquer.
///
/// Exact except for rounding, at a cost of min(input, output) products: rows, by
/// `applyAdjointToAll`, which serves all members at once, or columns if there are fewer of them.
/// Residuals are measured against the formed matrices, without further products.
public struct DenseSVD: Hashable, Sendable {
  /// Rows per product.
  ///
  /// They bound the memory of the products, not of the matrices.
  public let rowBlock: Int

  /// Decomposes matrices formed `rowBlock` rows at a time.
  public init(rowBlock: Int = 256) {
    precondition(rowBlock > 0, "no rows at a time")
    self.rowBlock = rowBlock
  }

  /// The largest number of matrices that are decomposed at the same time.
  ///
  /// Each on one thread; LAPACK takes about ``workspace`` times a square matrix's memory for each.
  package static let decomposedTogether = 4
  /// Numbers that LAPACK and its results take for each number of a square matrix, besides the
  /// matrix itself.
  package static let workspace = 7

  /// The leading triplets of every member.
  public func decompose<F: OperatorFamily>(_ family: F, rank: Int) -> [TruncatedSVD<F.S>] {
    decompose(family.dense(rowBlock: rowBlock), rank: rank)
  }

  /// The leading triplets of some matrices `[output, input]`, several decomposed at the same time.
  ///
  /// - Parameters:
  ///   - matrices: In any number and of any shapes.
  ///   - rank: Triplets of each.
  ///   - finished: Called with the number of matrices finished since the previous call.
  /// - Returns: One decomposition for each, in order.
  public func decompose<S: Scalar>(
    _ matrices: [Matrix<S>], rank: Int, finished: (Int) -> Void = { _ in }
  ) -> [TruncatedSVD<S>] {
    stride(from: 0, to: matrices.count, by: Self.decomposedTogether).flatMap { start in
      let group = matrices[start..<min(start + Self.decomposedTogether, matrices.count)]
      defer { finished(group.count) }
      return concurrentMap(Array(group)) { decompose($0, rank: rank) }
    }
  }

  /// The leading triplets of a matrix `[output, input]`.
  public func decompose<S: Scalar>(_ matrix: Matrix<S>, rank: Int) -> TruncatedSVD<S> {
    let wanted = min(rank, matrix.rows, matrix.columns)
    let products = min(matrix.rows, matrix.columns)
    let tolerance = 100 * S.roundingLevel(of: max(matrix.rows, matrix.columns))
    guard matrix.isFinite, let full = S.thinSVD(matrix) else {
      return .empty(
        input: matrix.columns, output: matrix.rows, tolerance: tolerance,
        products: products, sharedProducts: products, isFailure: true)
    }
    let values = Array(full.values.prefix(wanted))
    let left = full.left.columns(0..<wanted).transposed
    let right = full.rightTransposed.rows(0..<wanted)
    return TruncatedSVD(
      left: left, singularValues: values, right: right,
      residuals: relativeResiduals(
        forward: right.timesTranspose(of: matrix), adjoint: left.times(matrix), left: left,
        values: values, right: right),
      wanted: wanted, tolerance: tolerance, products: products, sharedProducts: products,
      next: wanted < full.values.count ? full.values[wanted] : nil,
      frobenius: FrobeniusEstimate(exactly: matrix.norm * matrix.norm))
  }
}

extension OperatorFamily {
  /// The matrices `[output, input]` of all members.
  ///
  /// Carries `rowBlock` vectors at a time through the family; holds count·output·input numbers.
  public func dense(rowBlock: Int = 256) -> [Matrix<S>] {
    let costs = costs
    let byRows =
      costs.shared * Double(outputWidth) <= costs.members.reduce(0, +) * Double(inputWidth)
    let width = byRows ? outputWidth : inputWidth
    var parts = [[Matrix<S>]](repeating: [], count: count)
    for start in stride(from: 0, to: width, by: rowBlock) {
      let range = start..<min(start + rowBlock, width)
      let units = Matrix<S>(rows: range.count, columns: width) { $0 + start == $1 ? 1 : 0 }
      let images =
        byRows ? applyAdjointToAll(units) : apply([Matrix<S>](repeating: units, count: count))
      for (member, image) in images.enumerated() { parts[member].append(image) }
    }
    return parts.map { images in
      let stacked = Matrix.stacking(images, columns: byRows ? inputWidth : outputWidth)
      return byRows ? stacked : stacked.transposed
    }
  }
}
