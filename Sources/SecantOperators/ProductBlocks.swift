/// A product of few rows with a large matrix, cut into blocks so small that BLAS reads both where they lie.
///
/// Before it multiplies, BLAS copies its factors into an order of its own. For few rows the copy of the
/// matrix costs more than the product; below a number of multiplications that depends on the platform it
/// is left out. The cut follows from the extents alone and never from how many processors there are:
/// results do not depend on them.
struct ProductBlocks {
  /// Rows of the result.
  let rows: Int
  /// Columns of the result.
  let columns: Int
  /// Terms of every sum.
  let inner: Int
  /// Rows of a block.
  let blockRows: Int
  /// Columns of a block.
  let blockColumns: Int
  /// Terms that a block adds.
  let blockInner: Int
  /// Column blocks of a panel.
  private let panelBlocks: Int

  /// Multiplications that are worth waking another thread for.
  private static var panelWork: Int { 1 << 21 }

  /// Cuts a product `[rows, inner]` times `[inner, columns]`, whose second factor lies transposed or not.
  ///
  /// `limit` is the number of multiplications below which the platform copies nothing. Nil where there is no
  /// such number, for many rows, and where the product is small as it is.
  init?(rows: Int, columns: Int, inner: Int, transposed: Bool, limit: Int) {
    guard limit > 0, rows <= Kernels.fewRows, columns > 1 else { return nil }
    guard rows * columns * inner > limit else { return nil }
    (self.rows, self.columns, self.inner) = (rows, columns, inner)
    // Both factors of a block stay in a core's own cache. Dot products of stored rows with stored rows are
    // fastest where they are long, sums of stored rows where the result is wide.
    blockRows = Self.part(of: rows, atMost: 24)
    blockColumns = Self.part(of: columns, atMost: transposed ? 48 : 128)
    blockInner = Self.part(
      of: inner, atMost: min(limit / (blockRows * blockColumns), transposed ? 4096 : 576))
    panelBlocks = max(1, Self.panelWork / (rows * blockColumns * inner))
  }

  /// How many panels there are: columns of the result that can be computed at the same time.
  var panelCount: Int { Self.count(columns, panelBlocks * blockColumns) }

  /// Calls `body` for the blocks of a panel, those that add to one part of the result in the order of their terms.
  @inline(__always)
  func forEachBlock(
    ofPanel panel: Int,
    _ body: (_ rows: Range<Int>, _ columns: Range<Int>, _ inner: Range<Int>) -> Void
  ) {
    let left = panel * panelBlocks * blockColumns
    let right = min(columns, left + panelBlocks * blockColumns)
    for column in stride(from: left, to: right, by: blockColumns) {
      for term in stride(from: 0, to: inner, by: blockInner) {
        for row in stride(from: 0, to: rows, by: blockRows) {
          body(
            row..<min(row + blockRows, rows), column..<min(column + blockColumns, right),
            term..<min(term + blockInner, inner))
        }
      }
    }
  }

  /// How many parts of a width a whole has, the last of which may be narrower.
  private static func count(_ whole: Int, _ width: Int) -> Int { (whole + width - 1) / width }

  /// A multiple of 8 that cuts a whole into parts as even as such multiples allow, none above a limit.
  private static func part(of whole: Int, atMost limit: Int) -> Int {
    let even = count(whole, count(whole, max(8, limit / 8 * 8)))
    return min(whole, count(even, 8) * 8)
  }
}

extension Kernels {
  /// Rows beyond which BLAS's copy of the other factor pays for itself: at 128 both ways were seen to take as long.
  package static var fewRows: Int { 64 }
}
