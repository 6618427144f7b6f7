import Foundation
import GRDB
import SecantCheckpoints
import SecantOperators
import SecantReports

/// Consecutive rows of a file, whose vectors span a space.
package struct RowSpan: Hashable, Sendable {
  /// The first row.
  package let start: Int
  /// The number of rows.
  package let count: Int

  /// Names rows.
  package init(start: Int, count: Int) { (self.start, self.count) = (start, count) }

  /// The rows.
  package var range: Range<Int> { start..<start + count }
}

extension VectorFile {
  /// The spaces that are nearest to one, by the mean cos² of their principal angles.
  ///
  /// The rows of a span are orthonormal but for their rounding to binary16, so that cosines are right to about
  /// 10⁻³. With Q `[r, d]` and U `[s, d]` of length 1 a row, the cosines of the principal angles are the singular
  /// values of Q·Uᵀ, and the mean cos² is ‖Q·Uᵀ‖²/min(r, s). Source: Björck and Golub, "Numerical methods for computing
  /// angles between linear subspaces", 1973. Reads all rows once: 2·r·rows·d operations.
  ///
  /// - Parameters:
  ///   - asked: The rows of Q.
  ///   - spans: The spaces that count, in ascending order, without common rows.
  ///   - count: Spaces that are returned at most.
  /// - Returns: Numbers in `spans`, with the mean cos² and the cosines of the principal angles, largest first; the
  ///   largest mean first, and among equal ones the first space.
  package func nearest(
    to asked: RowSpan, among spans: [RowSpan], count: Int
  ) -> [(span: Int, overlap: Double, cosines: [Double])] {
    let basis = unitRows(asked.range)
    // As many spans in a block as its rows have room for, and at least one.
    var blocks: [Range<Int>] = []
    var next = 0
    while next < spans.count {
      let first = next
      next += 1
      while next < spans.count,
        spans[next].range.upperBound - spans[first].start <= Self.height
      {
        next += 1
      }
      blocks.append(first..<next)
    }
    let found = best(of: blocks, count: count) { block in
      let start = spans[block.lowerBound].start
      let products = basis.timesTranspose(
        of: unitRows(start..<spans[block.upperBound - 1].range.upperBound))
      return block.map { place in
        let range = spans[place].range
        let common = products.columns(range.lowerBound - start..<range.upperBound - start)
        let dimension = min(asked.count, range.count)
        return (
          place, min(1, Kernels.squaredNorm(common.elements.span) / Double(max(1, dimension)))
        )
      }
    }
    return found.map { place, overlap in
      let common = basis.timesTranspose(of: unitRows(spans[place].range))
      let cosines = Float.thinSVD(common)?.values.map { min(1, max(0, Double($0))) } ?? []
      return (span: place, overlap: overlap, cosines: cosines)
    }
  }
}

extension CorpusSearch {
  /// The tokens whose directions span the nearest spaces to that of a token's.
  func nearestSubspaces(
    _ database: Database, _ name: CorpusQuery.TokenName, _ side: CorpusQuery.Side, _ top: Int
  ) throws -> (Int, [SearchReport.Match]) {
    let column = side == .left ? "left_row" : "right_row"
    // The rows of a map's side lie one after the other.
    let rows = try Row.fetchAll(
      database,
      sql: """
        SELECT item, position, min(triplet) AS triplet, min(\(column)) AS start, count(*) AS count
        FROM triplets GROUP BY item, position ORDER BY start
        """)
    let spans = rows.map { RowSpan(start: $0["start"], count: $0["count"]) }
    guard
      let asked = rows.firstIndex(where: {
        $0["item"] == name.item && $0["position"] == name.position
      })
    else {
      let known = rows.filter { $0["item"] == name.item }.map { "\($0["position"] as Int)" }
      throw InputError(
        .invalid, subject: "the token \(name.description)",
        expected: known.isEmpty
          ? "an item with spectra" : "one of the positions \(known.joined(separator: ", "))",
        found: "another", remedy: "name a token whose directions a search lists")
    }
    let vectors = try VectorFile(at: folder.vectorsURL)
    let found = vectors.nearest(to: spans[asked], among: spans, count: top + 1)
      .filter { $0.span != asked }
    return (
      rows.count - 1,
      try found.prefix(top).map { near in
        let row = rows[near.span]
        var match = try match(database, row["item"])
        let token = try String.fetchOne(
          database, sql: "SELECT text FROM shares WHERE item = ? AND position = ?",
          arguments: [match.item, row["position"] as Int])
        match.subspace = SearchReport.Subspace(
          side: side.rawValue, position: row["position"], token: token ?? "",
          dimension: row["count"], overlap: near.overlap,
          // E‖Q·Uᵀ‖² = r·s/d for random spaces.
          randomOverlap: Double(max(spans[asked].count, spans[near.span].count))
            / Double(vectors.width),
          angles: near.cosines.map { acos($0) * 180 / .pi },
          words: try String.fetchAll(
            database, sql: "SELECT text FROM words WHERE triplet = ? AND side = ? ORDER BY rank",
            arguments: [row["triplet"] as Int, side.rawValue]))
        return match
      }
    )
  }
}
