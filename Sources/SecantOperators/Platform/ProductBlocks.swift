/// How a matrix product is divided among processors, and into blocks of a size that suits BLAS.
///
/// BLAS multiplies on the thread that calls it, so products that are worth several threads are
/// divided here, by rows or by columns of the result. A product of few rows with a large matrix is
/// cut into blocks so small that BLAS reads both factors in place. Otherwise it would first copy
/// them into its own order, which takes longer than the product itself.
struct ProductBlocks {
  /// Rows of the result.
  private let rows: Int
  /// Columns of the result.
  private let columns: Int
  /// Terms of every sum.
  private let inner: Int
  /// Rows, columns and terms of a block.
  private let block: (rows: Int, columns: Int, inner: Int)
  /// Columns of a panel; its rows are those of a block, or all rows if several panels stand side by
  /// side.
  private let panelColumns: Int

  /// Rows beyond which BLAS's copy of the other factor pays for itself.
  ///
  /// Measured where the result sums stored rows: 400 or more if that factor stays in a core's cache (576
  /// by 1536), 128 if it does not (2048 by 8192) and its rows lie whole pages apart. Where it is made of
  /// dot products, from 32 rows on the copy makes up to twice the speed, the more the shorter the sums.
  private static func fewRows(with factor: Int, dots: Bool) -> Int {
    dots ? 24 : factor <= 1 << 20 ? 400 : 64
  }
  /// The number of multiplications that justifies waking another thread.
  private static var grain: Int { 1 << 21 }

  /// Divides a product `[rows, inner]` times `[inner, columns]`.
  ///
  /// `layout` says which factors are stored transposed. `limit` is the number of multiplications up
  /// to which the platform copies nothing, 0 if it always copies. `threads` is their number.
  init(
    rows: Int, columns: Int, inner: Int, layout: (first: Bool, second: Bool), limit: Int,
    threads: Int
  ) {
    (self.rows, self.columns, self.inner) = (rows, columns, inner)
    let work = rows * columns * inner
    if rows <= Self.fewRows(with: columns * inner, dots: layout.second), !layout.first,
      work > limit, limit > 0
    {
      // Both factors of a block stay in a core's own cache. Dot products of stored rows are fastest
      // if the rows are long; sums of stored rows, if the result is wide.
      let height = Self.part(of: rows, atMost: 24)
      let width = Self.part(of: columns, atMost: layout.second ? 48 : 128)
      let terms = Self.part(
        of: inner, atMost: min(limit / (height * width), layout.second ? 4096 : 576))
      block = (height, width, terms)
      panelColumns = width * max(1, Self.grain / max(1, rows * width * inner))
    } else {
      // BLAS copies the pieces of the factors that a part needs, so the larger factor is divided
      // and the smaller one copied for each part. Two parts per thread let the other threads help
      // if one is held up.
      let count = Self.threads(for: work, of: threads)
      let parts = count == 1 ? 1 : 2 * count
      let isWide = columns >= rows
      block = (
        isWide ? rows : Self.eights(rows, in: parts),
        isWide ? Self.eights(columns, in: parts) : columns, inner
      )
      panelColumns = block.columns
    }
  }

  /// How many threads to use for a number of multiplications.
  static func threads(for work: Int, of all: Int) -> Int { max(1, min(all, work / grain)) }

  /// Parts of the result that can be computed at the same time.
  var panelCount: Int {
    if rows == 0 || columns == 0 { return 0 }
    return isAcross ? Self.count(columns, panelColumns) : Self.count(rows, block.rows)
  }

  private var isAcross: Bool { panelColumns < columns }

  /// Calls `body` for the blocks of a panel.
  ///
  /// Blocks that add to the same part of the result come in the order of their terms.
  @inline(__always)
  func forEachBlock(
    ofPanel panel: Int,
    _ body: (_ rows: Range<Int>, _ columns: Range<Int>, _ inner: Range<Int>) -> Void
  ) {
    let left = isAcross ? panel * panelColumns : 0
    let top = isAcross ? 0 : panel * block.rows
    let right = min(columns, left + panelColumns)
    let bottom = isAcross ? rows : min(rows, top + block.rows)
    for column in stride(from: left, to: right, by: block.columns) {
      // A sum of no terms is a block too: it scales the previous content of the target.
      for term in stride(from: 0, to: max(1, inner), by: max(1, block.inner)) {
        for row in stride(from: top, to: bottom, by: block.rows) {
          body(
            row..<min(row + block.rows, bottom), column..<min(column + block.columns, right),
            term..<min(term + block.inner, inner))
        }
      }
    }
  }

  /// How many parts of a given width cover a whole; the last part may be narrower.
  private static func count(_ whole: Int, _ width: Int) -> Int {
    (whole + width - 1) / max(1, width)
  }

  /// The size of a part, a multiple of 8 or the whole, with which a number of parts covers the
  /// whole.
  private static func eights(_ whole: Int, in parts: Int) -> Int {
    max(1, min(whole, count(count(whole, parts), 8) * 8))
  }

  /// The multiple of 8 that cuts a whole into the most even parts, none above a limit of at least
  /// 8.
  private static func part(of whole: Int, atMost limit: Int) -> Int {
    eights(whole, in: count(whole, limit / 8 * 8))
  }
}
