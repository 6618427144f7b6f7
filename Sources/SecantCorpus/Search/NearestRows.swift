import SecantOperators

extension VectorFile {
  /// Rows that are read and multiplied at once: 4 MB of single precision at d = 576.
  private static let height = 2048

  /// The rows that are nearest to one by |cos|, which does not depend on signs.
  ///
  /// Reads all rows once, a block at a time: 2·rows·d operations.
  ///
  /// - Parameters:
  ///   - row: The row that the others are compared with.
  ///   - candidates: The rows that count, ascending.
  ///   - count: Rows that are returned at most.
  /// - Returns: Rows with |cos|, from 0 to 1, largest first; among equal ones the first row.
  package func nearest(
    to row: Int, among candidates: [Int], count: Int
  ) -> [(row: Int, cosine: Double)] {
    let asked = Matrix(row: values(row..<row + 1))
    let length = asked.norm
    var best: [(row: Int, cosine: Double)] = []
    var next = 0
    for start in stride(from: 0, to: rows, by: Self.height) {
      let range = start..<min(start + Self.height, rows)
      let first = next
      while next < candidates.count, candidates[next] < range.upperBound { next += 1 }
      guard first < next else { continue }
      let block = Matrix(rows: range.count, columns: width, elements: values(range))
      let products = asked.timesTranspose(of: block)
      for candidate in candidates[first..<next] {
        let product = Double(products[0, candidate - start])
        let other = Kernels.squaredNorm(block.row(candidate - start).span).squareRoot()
        let cosine = other > 0 && length > 0 ? min(1, product.magnitude / (length * other)) : 0
        if best.count == count, cosine <= (best.last?.cosine ?? 0) { continue }
        let place = best.firstIndex { $0.cosine < cosine } ?? best.count
        best.insert((candidate, cosine), at: place)
        if best.count > count { best.removeLast() }
      }
    }
    return best
  }
}
