/// How a matrix product is divided among processors, and into blocks that suit BLAS.
///
/// BLAS multiplies on the thread that calls it: what is worth several threads is divided here, by rows or
/// by columns of the result. Few rows are multiplied with a large matrix in blocks so small that BLAS reads
/// both factors where they lie: else it copies them into an order of its own first, which takes longer than
/// the product that it serves.
struct ProductBlocks {
  /// Rows of the result.
  private let rows: Int
  /// Columns of the result.
  private let columns: Int
  /// Terms of every sum.
  private let inner: Int
  /// Rows, columns and terms of a block.
  private let block: (rows: Int, columns: Int, inner: Int)
  /// Columns of a panel; its rows are those of a block, or all where there are several panels across.
  private let panelColumns: Int

  /// Rows beyond which BLAS's copy of the other factor pays for itself.
  ///
  /// Seen at 400 and more where that factor stays in a core's cache (576 by 1536), at 128 where it does
  /// not (2048 by 8192) and its rows lie whole pages apart.
  private static func fewRows(with factor: Int) -> Int { factor <= 1 << 20 ? 400 : 64 }
  /// Multiplications that are worth waking another thread for.
  private static var grain: Int { 1 << 21 }

  /// Divides a product `[rows, inner]` times `[inner, columns]`.
  ///
  /// `layout` says which factors lie transposed, `limit` how many multiplications a product may have for the
  /// platform to copy nothing, 0 where it always copies, and `threads` how many there are.
  init(
    rows: Int, columns: Int, inner: Int, layout: (first: Bool, second: Bool), limit: Int,
    threads: Int
  ) {
    (self.rows, self.columns, self.inner) = (rows, columns, inner)
    let work = rows * columns * inner
    if rows <= Self.fewRows(with: columns * inner), !layout.first, work > limit, limit > 0 {
      // Both factors of a block stay in a core's own cache. Dot products of stored rows with stored rows
      // are fastest where they are long, sums of stored rows where the result is wide.
      let height = Self.part(of: rows, atMost: 24)
      let width = Self.part(of: columns, atMost: layout.second ? 48 : 128)
      let terms = Self.part(
        of: inner, atMost: min(limit / (height * width), layout.second ? 4096 : 576))
      block = (height, width, terms)
      panelColumns = width * max(1, Self.grain / max(1, rows * width * inner))
    } else {
      // BLAS copies what of the factors a part needs: the larger one is divided, the smaller one
      // copied for each part. Two parts for each thread, so that one that is held up leaves some to
      // the others.
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

  /// How many threads are worth waking for some multiplications.
  static func threads(for work: Int, of all: Int) -> Int { max(1, min(all, work / grain)) }

  /// Parts of the result that can be computed at the same time.
  var panelCount: Int {
    if rows == 0 || columns == 0 { return 0 }
    return isAcross ? Self.count(columns, panelColumns) : Self.count(rows, block.rows)
  }

  private var isAcross: Bool { panelColumns < columns }

  /// Calls `body` for the blocks of a panel, those that add to one part of the result in the order of their terms.
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
      // A sum of no terms is a block too: it settles what was in the target.
      for term in stride(from: 0, to: max(1, inner), by: max(1, block.inner)) {
        for row in stride(from: top, to: bottom, by: block.rows) {
          body(
            row..<min(row + block.rows, bottom), column..<min(column + block.columns, right),
            term..<min(term + block.inner, inner))
        }
      }
    }
  }

  /// How many parts of a width a whole has, the last of which may be narrower.
  private static func count(_ whole: Int, _ width: Int) -> Int {
    (whole + width - 1) / max(1, width)
  }

  /// The multiple of 8, or the whole, that parts must hold for some of them to cover the whole.
  private static func eights(_ whole: Int, in parts: Int) -> Int {
    max(1, min(whole, count(count(whole, parts), 8) * 8))
  }

  /// Such a multiple that cuts a whole into parts as even as can be, none above a limit of at least 8.
  private static func part(of whole: Int, atMost limit: Int) -> Int {
    eights(whole, in: count(whole, limit / 8 * 8))
  }
}
