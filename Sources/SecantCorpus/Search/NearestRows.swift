import SecantOperators

extension VectorFile {
  /// Rows that are read and multiplied at once: 4 MB of single precision at d = 576.
  static let height = 2048
  /// Blocks of rows that are under way at once, on as many threads as there are processors.
  private static let blocksAtOnce = 16

  /// The rows that are nearest to one by |cos|, which does not depend on signs.
  ///
  /// Reads all rows once, some blocks at a time: 2·rows·d operations for the products, and as many for the lengths.
  ///
  /// - Parameters:
  ///   - row: The row that the others are compared with.
  ///   - candidates: The rows that count, ascending.
  ///   - count: Rows that are returned at most.
  /// - Returns: Rows with |cos|, from 0 to 1, largest first; among equal ones the first row.
  package func nearest(
    to row: Int, among candidates: [Int], count: Int
  ) -> [(row: Int, cosine: Double)] {
    let asked = unitRows(row..<row + 1)
    var blocks: [(rows: Range<Int>, candidates: Range<Int>)] = []
    var next = 0
    for start in stride(from: 0, to: rows, by: Self.height) {
      let range = start..<min(start + Self.height, rows)
      let first = next
      while next < candidates.count, candidates[next] < range.upperBound { next += 1 }
      if first < next { blocks.append((range, first..<next)) }
    }
    return best(of: blocks, count: count) { block in
      let vectors = Matrix(
        rows: block.rows.count, columns: width, elements: values(block.rows))
      let products = asked.timesTranspose(of: vectors)
      let lengths = Kernels.groupDots(vectors.elements, vectors.elements, width: width)
      return candidates[block.candidates].map { candidate in
        let place = candidate - block.rows.lowerBound
        let length = lengths[place].squareRoot()
        return (
          candidate, length > 0 ? min(1, Double(products[0, place].magnitude) / length) : 0
        )
      }
    }.map { (row: $0.number, cosine: $0.value) }
  }

  /// The numbers with the largest values over all blocks, which are looked through on several threads.
  ///
  /// - Parameters:
  ///   - blocks: Ascending parts of what is looked through.
  ///   - count: Numbers that are returned at most.
  ///   - body: The numbers of a block, ascending, each with its value.
  /// - Returns: The largest values first; among equal ones the first number.
  func best<Block: Sendable>(
    of blocks: [Block], count: Int,
    _ body: @Sendable (Block) -> [(number: Int, value: Double)]
  ) -> [(number: Int, value: Double)] {
    var best: [(number: Int, value: Double)] = []
    for start in stride(from: 0, to: blocks.count, by: Self.blocksAtOnce) {
      let group = Array(blocks[start..<min(start + Self.blocksAtOnce, blocks.count)])
      for (number, value) in concurrentMap(group, body).joined() {
        if best.count == count, value <= (best.last?.value ?? 0) { continue }
        let place = best.firstIndex { $0.value < value } ?? best.count
        best.insert((number, value), at: place)
        if best.count > count { best.removeLast() }
      }
    }
    return best
  }

  /// Rows at length 1, `[rows, d]`; those of length 0 stay 0.
  func unitRows(_ range: Range<Int>) -> Matrix<Float> {
    var rows = Matrix(rows: range.count, columns: width, elements: values(range))
    let lengths = Kernels.groupDots(rows.elements, rows.elements, width: width)
    Kernels.scaleRows(
      &rows.elements, width: width, by: lengths.map { $0 > 0 ? Float(1 / $0.squareRoot()) : 0 })
    return rows
  }
}
