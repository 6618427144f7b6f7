package import SecantOperators

/// Directions divided among centres by |cos|: spherical k-means that does not depend on signs.
///
/// A direction belongs to the centre with which it has the largest |cos|. A centre is the sum of its directions, each
/// with the sign for which its product with the centre is not negative, at length 1. Source: Dhillon and Modha,
/// "Concept decompositions for large sparse text data using clustering", 2001; starting centres by Arthur and
/// Vassilvitskii, "k-means++: the advantages of careful seeding", 2007, with the distance 1 − cos².
package struct SphericalClusters: Sendable {
  /// The centre of each direction.
  package let assignments: [Int]
  /// The cosine of each direction with its centre, with its sign.
  package let cosines: [Double]
  /// The mean cos² over all directions, which starts and rounds make larger.
  package let cohesion: Double

  /// Starts from other centres, of which the best result counts.
  private static let starts = 4
  /// Rounds of each start at most.
  private static let rounds = 50

  /// Divides directions.
  ///
  /// Costs 2·n·k·d operations for each round of each start.
  ///
  /// - Parameters:
  ///   - rows: The directions `[n, d]`, each of length 1.
  ///   - count: k: the number of centres, from 1 to n.
  ///   - seed: What starting centres are drawn from.
  package init(of rows: Matrix<Float>, count: Int, seed: UInt64) {
    precondition((1...max(1, rows.rows)).contains(count), "as many centres as directions at most")
    var generator = SplitMix64(seed: seed)
    var best = Self.divided(rows, count, &generator)
    for _ in 1..<Self.starts {
      let other = Self.divided(rows, count, &generator)
      if other.cohesion > best.cohesion { best = other }
    }
    self = best
  }

  private init(_ assignments: [Int], _ cosines: [Double]) {
    (self.assignments, self.cosines) = (assignments, cosines)
    cohesion = cosines.reduce(0) { $0 + $1 * $1 } / Double(max(1, cosines.count))
  }

  /// The result of one start.
  private static func divided(
    _ rows: Matrix<Float>, _ count: Int, _ generator: inout SplitMix64
  ) -> SphericalClusters {
    var centres = starting(rows, count, &generator)
    var result = nearest(rows, centres)
    for _ in 0..<rounds {
      centres = self.centres(rows, result, count)
      let next = nearest(rows, centres)
      let isDone = next.assignments == result.assignments
      result = next
      if isDone { break }
    }
    return result
  }

  /// Centres that are far from each other: each next one is drawn by its distance from those before it.
  private static func starting(
    _ rows: Matrix<Float>, _ count: Int, _ generator: inout SplitMix64
  ) -> Matrix<Float> {
    var chosen = [Int.random(in: 0..<rows.rows, using: &generator)]
    var distances = [Double](repeating: 1, count: rows.rows)
    while chosen.count < count {
      let products = rows.timesTranspose(of: Matrix(row: rows.row(chosen[chosen.count - 1])))
      for row in distances.indices {
        let cosine = Double(products[row, 0])
        distances[row] = min(distances[row], max(0, 1 - cosine * cosine))
      }
      var left = Double.random(in: 0..<1, using: &generator) * distances.reduce(0, +)
      // Where all are centres already, the last of them is one again: it gets no direction.
      chosen.append(
        distances.indices.first { row in
          left -= distances[row]
          return left < 0
        } ?? chosen[chosen.count - 1])
    }
    return .stacking(
      chosen.map { Matrix(row: rows.row($0)) }, columns: rows.columns)
  }

  private static func nearest(
    _ rows: Matrix<Float>, _ centres: Matrix<Float>
  ) -> SphericalClusters {
    let products = rows.timesTranspose(of: centres)
    var (assignments, cosines): ([Int], [Double]) = ([], [])
    for row in 0..<rows.rows {
      var best = 0
      for centre in 1..<max(1, centres.rows)
      where products[row, centre].magnitude > products[row, best].magnitude {
        best = centre
      }
      assignments.append(best)
      cosines.append(min(1, max(-1, Double(products[row, best]))))
    }
    return SphericalClusters(assignments, cosines)
  }

  private static func centres(
    _ rows: Matrix<Float>, _ clusters: SphericalClusters, _ count: Int
  ) -> Matrix<Float> {
    var sums = [[Float]](repeating: [Float](repeating: 0, count: rows.columns), count: count)
    var farthest = clusters.cosines.indices.sorted {
      clusters.cosines[$0].magnitude < clusters.cosines[$1].magnitude
    }[...]
    for row in 0..<rows.rows {
      Kernels.add(
        clusters.cosines[row] < 0 ? -1 : 1, rows.row(row), to: &sums[clusters.assignments[row]])
    }
    return .stacking(
      sums.map { sum in
        let length = Matrix(row: sum).norm
        // A centre without directions begins again at the one that is farthest from its own.
        guard length > 0 else { return Matrix(row: rows.row(farthest.popFirst() ?? 0)) }
        return Matrix(row: sum.map { $0 / Float(length) })
      }, columns: rows.columns)
  }
}
