import Foundation
import SecantOperators
import SecantReports

/// A summary of a formed matrix: its image, its rows and columns, and the concentration of its
/// entries.
///
/// It takes one pass each for the entries, the image, the rows and the columns.
struct MatrixSummary: Sendable {
  /// The image.
  let picture: MapsReport.Picture
  /// How few entries, rows and columns carry the matrix.
  let concentration: MapsReport.Concentration
  /// The norms of the rows.
  let rowNorms: [Double]
  /// The norms of the columns.
  let columnNorms: [Double]

  /// The largest number of cells on a side of a picture; fewer in a report on many tokens.
  static func side(tokens: Int) -> Int {
    // A level takes about four bytes of JSON, so all pictures together stay below 4 MB.
    let fitting = (Double(1 << 20) / Double(max(1, tokens))).squareRoot()
    return min(96, max(8, Int(fitting)))
  }

  /// The summary of a matrix, with an image of at most `side` by `side` cells.
  init<S: Scalar>(_ matrix: Matrix<S>, side: Int) {
    let (rows, columns) = (min(side, matrix.rows), min(side, matrix.columns))
    let cells = extremes(matrix.elements, matrix.rows, matrix.columns, into: rows, by: columns)
    let largest = cells.reduce(0) { max($0, abs($1)) }
    picture = .init(
      matrixRows: matrix.rows, matrixColumns: matrix.columns, rows: rows, columns: columns,
      largest: largest,
      levels: cells.map { value in
        guard largest > 0, largest.isFinite else { return 0 }
        let level = Int((127 * (abs(value) / largest).squareRoot()).rounded())
        return value < 0 ? -level : level
      })
    let rowSquares = squaredRowNorms(matrix)
    let columnSquares = squaredRowNorms(matrix.transposed)
    rowNorms = rowSquares.map { $0.squareRoot() }
    columnNorms = columnSquares.map { $0.squareRoot() }
    concentration = .init(
      entries: .concentration(of: MagnitudeHistogram(matrix.elements)),
      rows: .concentration(ofSquares: rowSquares),
      columns: .concentration(ofSquares: columnSquares))
  }
}

/// The squared norms of the rows, accumulated in double precision.
private func squaredRowNorms<S: Scalar>(_ matrix: Matrix<S>) -> [Double] {
  (0..<matrix.rows).map {
    Kernels.squaredNorm(
      matrix.elements.span.extracting($0 * matrix.columns..<($0 + 1) * matrix.columns))
  }
}

/// The entry of largest magnitude in each of R by C cells of a matrix `[m, n]`, with its sign.
@_specialize(where S == Float)
@_specialize(where S == Double)
private func extremes<S: Scalar>(
  _ elements: [S], _ m: Int, _ n: Int, into rows: Int, by columns: Int
) -> [Double] {
  var cells = [S](repeating: 0, count: rows * columns)
  let elements = elements.span
  for a in 0..<rows {
    for r in a * m / rows..<(a + 1) * m / rows {
      for b in 0..<columns {
        var extreme = cells[a * columns + b]
        for c in b * n / columns..<(b + 1) * n / columns {
          let value = elements[r * n + c]
          if abs(value) > abs(extreme) { extreme = value }
        }
        cells[a * columns + b] = extreme
      }
    }
  }
  return cells.map(Double.init)
}

/// A histogram of magnitudes in eighths of an octave, for any count of numbers.
struct MagnitudeHistogram: Sendable {
  /// The number of values in each class, from small to large magnitudes.
  let counts: [Int]
  /// The sum of their squares.
  let squares: [Double]

  /// Exponent and three further bits of a `Double`: 2¹¹ octaves of eight classes each.
  private static var classes: Int { 1 << 14 }

  /// Counts finite numbers; NaN counts as zero.
  init<S: Scalar>(_ values: [S]) {
    (counts, squares) = Self.counted(values, classes: Self.classes)
  }

  @_specialize(where S == Float)
  @_specialize(where S == Double)
  private static func counted<S: Scalar>(_ values: [S], classes: Int) -> ([Int], [Double]) {
    var counts = [Int](repeating: 0, count: classes)
    var squares = [Double](repeating: 0, count: classes)
    for element in values {
      let value = element.isFinite ? Double(element) : 0
      let index = Int(value.magnitude.bitPattern >> 49)
      counts[index] += 1
      squares[index] += value * value
    }
    return (counts, squares)
  }
}

extension MapsReport.Curve {
  /// The largest number of points of a curve, after the first.
  private static var limit: Int { 64 }

  /// The exact fraction of the sum in the largest squares.
  static func concentration(ofSquares squares: [Double]) -> Self {
    let sorted = squares.sorted(by: >)
    return cumulative(sorted.map { (1, $0) })
  }

  /// The same from a histogram, exact at the borders of classes.
  static func concentration(of histogram: MagnitudeHistogram) -> Self {
    cumulative(zip(histogram.counts, histogram.squares).reversed().filter { $0.0 > 0 })
  }

  /// All numbers by their rank from 1, thinned out evenly over the logarithm of the rank.
  static func spectrum(_ values: [Double], limit: Int = 128) -> Self {
    let places = logarithmicPlaces(count: values.count, limit: limit)
    return Self(x: places.map(Double.init), y: places.map { values[$0 - 1] })
  }

  /// Cumulative counts and sums from (0, 0) to (1, 1), largest parts first, thinned out.
  private static func cumulative(_ parts: [(count: Int, sum: Double)]) -> Self {
    let total = parts.reduce((0, 0.0)) { ($0.0 + $1.count, $0.1 + $1.sum) }
    guard total.0 > 0, total.1 > 0, total.1.isFinite else { return Self(x: [0, 1], y: [0, 1]) }
    // The points are evenly spread over the logarithm of the number of parts.
    let places = logarithmicPlaces(count: total.0, limit: limit)
    var (x, y) = ([0.0], [0.0])
    var (seen, sum, next) = (0, 0.0, 0)
    for part in parts {
      seen += part.count
      sum += part.sum
      guard next < places.count, seen >= places[next] else { continue }
      while next < places.count, places[next] <= seen { next += 1 }
      x.append(Double(seen) / Double(total.0))
      y.append(min(1, sum / total.1))
    }
    return Self(x: x, y: y)
  }

  /// Distinct whole numbers from 1 to the count, evenly spread over their logarithm, with both
  /// ends.
  private static func logarithmicPlaces(count: Int, limit: Int) -> [Int] {
    if count <= limit { return Array(1..<count + 1) }
    let step = log(Double(count)) / Double(limit - 1)
    return (0..<limit).reduce(into: []) { places, index in
      let place = index == limit - 1 ? count : Int(exp(step * Double(index)).rounded())
      if place > places.last ?? 0 { places.append(place) }
    }
  }
}
