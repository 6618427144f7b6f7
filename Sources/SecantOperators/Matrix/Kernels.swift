import RealModule

/// The elementwise loops of the library, each compiled for both precisions.
///
/// A generic loop that the compiler cannot specialize runs twenty times slower across modules. So
/// they are all here, specialized by name, and everything above them is plain generic code.
package enum Kernels {
  /// `y ← y + α·x`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func add<S: Scalar>(_ alpha: S, _ x: [S], to y: inout [S]) {
    precondition(x.count == y.count)
    let x = x.span
    var y = y.mutableSpan
    for i in x.indices { y[i] += alpha * x[i] }
  }

  /// `y ← α·y`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func scale<S: Scalar>(_ y: inout [S], by alpha: S) {
    var y = y.mutableSpan
    for i in y.indices { y[i] *= alpha }
  }

  /// `y ← y ⊙ x`, element by element.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func multiply<S: Scalar>(_ y: inout [S], by x: [S]) {
    precondition(x.count == y.count)
    let x = x.span
    var y = y.mutableSpan
    for i in x.indices { y[i] *= x[i] }
  }

  /// Copies `count` elements of `x` from index `source` to index `target` of `y`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func copy<S: Scalar>(
    _ x: [S], from source: Int, count: Int, to y: inout [S], at target: Int
  ) {
    let x = x.span
    var y = y.mutableSpan
    for i in 0..<count { y[target + i] = x[source + i] }
  }

  /// Multiplies row r of `y` `[rows, width]` by the number `factors[r]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func scaleRows<S: Scalar>(_ y: inout [S], width: Int, by factors: [S]) {
    precondition(y.count == factors.count * width)
    let factors = factors.span
    var y = y.mutableSpan
    for r in factors.indices {
      let factor = factors[r]
      for i in r * width..<(r + 1) * width { y[i] *= factor }
    }
  }

  /// Rotates the pairs of components of every head of every row.
  ///
  /// With p pairs, component i of a head of width `headWidth` is paired with i + p; what follows the
  /// first 2p components stays as it is. Row r is rotated by the angles whose cosines and sines, with a
  /// common factor, are row r of `[rows, p]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func rotatePairs<S: Scalar>(
    _ y: inout [S], width: Int, headWidth: Int, cosines: [S], sines: [S]
  ) {
    let rows = y.count / max(1, width)
    let half = cosines.count / max(1, rows)
    precondition(sines.count == cosines.count && rows * half == cosines.count)
    precondition(2 * half <= headWidth && width % headWidth == 0)
    let cosines = cosines.span
    let sines = sines.span
    var y = y.mutableSpan
    for r in 0..<rows {
      for head in stride(from: r * width, to: (r + 1) * width, by: headWidth) {
        for i in 0..<half {
          let (c, s) = (cosines[r * half + i], sines[r * half + i])
          let (a, b) = (y[head + i], y[head + half + i])
          y[head + i] = a * c - b * s
          y[head + half + i] = b * c + a * s
        }
      }
    }
  }

  /// `y ← limit · tanh(y / limit)`, which stays within ±limit.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func softcap<S: Scalar>(_ y: inout [S], limit: S) {
    var y = y.mutableSpan
    for i in y.indices { y[i] = limit * .tanh(y[i] / limit) }
  }

  /// Softmax of each row of `scores` `[rows, columns]` over the columns that it may see.
  ///
  /// Row r sees the last `slidingWindow` of the columns `0...first + r`, all of them where that is
  /// nil; the others become exact zeros. With a `sink`, the denominator has `exp(sink)` too, so that a
  /// row sums to less than 1.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func causalSoftmax<S: Scalar>(
    _ scores: inout [S], columns: Int, first: Int, slidingWindow: Int? = nil, sink: S? = nil
  ) {
    let rows = scores.count / max(1, columns)
    var y = scores.mutableSpan
    for r in 0..<rows {
      let row = r * columns
      let seen = min(columns, first + r + 1)
      let start = row + max(0, first + r + 1 - (slidingWindow ?? first + r + 1))
      let end = row + seen
      S.softmax(&y, in: start..<end, sink: sink)
      for i in row..<start { y[i] = 0 }
      for i in end..<row + columns { y[i] = 0 }
    }
  }

  /// What the softmax of logits z is divided by: `m = max z`, `t = Σ exp(z − m)`, and `w = Σ (z − m)·exp(z − m)`.
  ///
  /// The entropy is `log t − w/t`. What is too unlikely for a weight adds nothing. Where a logit is no number, so are
  /// the sums.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func softmaxSums<S: Scalar>(
    _ logits: [S]
  ) -> (peak: S, total: Double, weighted: Double) {
    let z = logits.span
    var peak = -S.infinity
    for i in z.indices { peak = max(peak, z[i]) }
    var (total, weighted) = (0.0, 0.0)
    for i in z.indices {
      let distance = Double(z[i]) - Double(peak)
      let weight = Double.exp(distance)
      total += weight
      if weight != 0 { weighted += weight * distance }
    }
    return (peak, total, weighted)
  }

  /// The number of elements above a value.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func count<S: Scalar>(above value: S, in elements: [S]) -> Int {
    let elements = elements.span
    var count = 0
    for i in elements.indices where elements[i] > value { count += 1 }
    return count
  }

  /// `y ← 1 / cosh²(y / limit)`: the derivative of `limit · tanh(y / limit)`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func softcapSlope<S: Scalar>(_ y: inout [S], limit: S) {
    var y = y.mutableSpan
    for i in y.indices {
      let secant = 1 / S.cosh(y[i] / limit)
      y[i] = secant * secant
    }
  }

  /// The derivative of a softmax p, applied to changes y of its scores, `y ← p ⊙ (y − p·y)`: a
  /// symmetric map.
  ///
  /// For every row r of `[rows, columns]`, with p row `table[r]` of the probabilities. Where a row of p
  /// sums to less than 1, the rest belongs to a score that does not change.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func softmaxResponse<S: Scalar>(
    _ y: inout [S], columns: Int, probabilities: [S], rows table: [Int]
  ) {
    precondition(y.count == table.count * columns)
    let p = probabilities.span
    var y = y.mutableSpan
    for r in table.indices {
      let (row, source) = (r * columns, table[r] * columns)
      var mean: Double = 0
      for i in 0..<columns { mean += Double(p[source + i]) * Double(y[row + i]) }
      let center = S(mean)
      for i in 0..<columns { y[row + i] = p[source + i] * (y[row + i] - center) }
    }
  }

  /// Removes the part along directions, `y ← y − e (e·y)`: a symmetric map.
  ///
  /// For every group of `groupWidth` components of every row r of `[rows, width]`, with e the same group of
  /// row `table[r]` of the directions.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func deflateRows<S: Scalar>(
    _ y: inout [S], width: Int, groupWidth: Int, along directions: [S], rows table: [Int]
  ) {
    precondition(y.count == table.count * width && width % groupWidth == 0)
    let e = directions.span
    for r in table.indices {
      for start in stride(from: 0, to: width, by: groupWidth) {
        let (own, source) = (r * width + start, table[r] * width + start)
        let part = S(
          dot(
            y.span.extracting(own..<own + groupWidth),
            e.extracting(source..<source + groupWidth)))
        var target = y.mutableSpan
        for i in 0..<groupWidth { target[own + i] -= part * e[source + i] }
      }
    }
  }

  /// Removes the mean of every group of `groupWidth` successive elements, a symmetric map; sums use
  /// double precision.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func centerGroups<S: Scalar>(_ y: inout [S], groupWidth: Int) {
    precondition(y.count % groupWidth == 0)
    var target = y.mutableSpan
    for start in stride(from: 0, to: target.count, by: groupWidth) {
      var sum = 0.0
      for i in start..<start + groupWidth { sum += Double(target[i]) }
      let mean = sum / Double(groupWidth)
      for i in start..<start + groupWidth { target[i] = S(Double(target[i]) - mean) }
    }
  }

  /// The rows of `x` `[…, width]` at the indices in `table`, `[table.count, width]`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func gatherRows<S: Scalar>(_ x: [S], width: Int, rows table: [Int]) -> [S] {
    var result = [S](repeating: 0, count: table.count * width)
    let x = x.span
    var y = result.mutableSpan
    for r in table.indices {
      for i in 0..<width { y[r * width + i] = x[table[r] * width + i] }
    }
    return result
  }

  /// Adds row r of `x` `[table.count, width]` to row `table[r]` of `y`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func scatterRows<S: Scalar>(
    _ x: [S], width: Int, rows table: [Int], to y: inout [S]
  ) {
    precondition(x.count == table.count * width)
    let x = x.span
    var y = y.mutableSpan
    for r in table.indices {
      for i in 0..<width { y[table[r] * width + i] += x[r * width + i] }
    }
  }

  /// `Σ x_i y_i`, accumulated in double precision.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func dot<S: Scalar>(_ x: borrowing Span<S>, _ y: borrowing Span<S>) -> Double {
    precondition(x.count == y.count)
    // Four sums let the additions overlap; their order is fixed, so the result is reproducible.
    var sums: (Double, Double, Double, Double) = (0, 0, 0, 0)
    var i = 0
    while i + 4 <= x.count {
      sums.0 += Double(x[i]) * Double(y[i])
      sums.1 += Double(x[i + 1]) * Double(y[i + 1])
      sums.2 += Double(x[i + 2]) * Double(y[i + 2])
      sums.3 += Double(x[i + 3]) * Double(y[i + 3])
      i += 4
    }
    while i < x.count {
      sums.0 += Double(x[i]) * Double(y[i])
      i += 1
    }
    return (sums.0 + sums.1) + (sums.2 + sums.3)
  }

  /// `Σ x_i²`, accumulated in double precision.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func squaredNorm<S: Scalar>(_ x: borrowing Span<S>) -> Double { dot(x, x) }

  /// The dot products of successive groups of `width` elements of x with those of y.
  ///
  /// The groups are rows or heads, depending on `width`.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  package static func groupDots<S: Scalar>(_ x: [S], _ y: [S], width: Int) -> [Double] {
    precondition(x.count == y.count && x.count.isMultiple(of: max(1, width)))
    let (x, y) = (x.span, y.span)
    return (0..<x.count / max(1, width)).map { group in
      let range = group * width..<(group + 1) * width
      return dot(x.extracting(range), y.extracting(range))
    }
  }

  /// `Σ_i x_ri²` for every row r of `[rows, width]`, accumulated in double precision.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  static func rowSquaredNorms<S: Scalar>(_ x: [S], width: Int, rows: Int) -> [Double] {
    precondition(x.count == rows * width)
    let x = x.span
    return (0..<rows).map { squaredNorm(x.extracting($0 * width..<($0 + 1) * width)) }
  }

  /// The transpose of row-major `[rows, columns]`, computed in tiles that stay in cache.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  static func transpose<S: Scalar>(_ x: [S], _ rows: Int, _ columns: Int) -> [S] {
    var result = [S](repeating: 0, count: x.count)
    let x = x.span
    var y = result.mutableSpan
    let tile = 32
    for top in stride(from: 0, to: rows, by: tile) {
      for left in stride(from: 0, to: columns, by: tile) {
        for r in top..<min(top + tile, rows) {
          for c in left..<min(left + tile, columns) { y[c * rows + r] = x[r * columns + c] }
        }
      }
    }
    return result
  }
}
