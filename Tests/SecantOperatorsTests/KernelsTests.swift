import Foundation
import SecantOperators
import SecantTestSupport
import Testing

/// Kernels against one-line definitions, at lengths around the unrolling of each.
@Suite struct KernelsTests {
  @Test(arguments: precisions, [0, 1, 3, 4, 5, 31])
  func elementwise(_ precision: any Scalar.Type, _ n: Int) {
    func check<S: Scalar>(_: S.Type) {
      let (x, y) = (
        Matrix<S>.random(1, n, seed: 1).elements, Matrix<S>.random(1, n, seed: 2).elements
      )
      var sum = y
      Kernels.add(3, x, to: &sum)
      var scaled = y
      Kernels.scale(&scaled, by: 3)
      var product = y
      Kernels.multiply(&product, by: x)
      for i in 0..<n {
        #expect(abs(sum[i] - (y[i] + 3 * x[i])) <= 4 * S.ulpOfOne)
        #expect(scaled[i] == 3 * y[i])
        #expect(product[i] == y[i] * x[i])
      }
      let dot = zip(x, y).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      #expect(abs(Kernels.dot(x.span, y.span) - dot) <= Double.rounding)
    }
    check(precision)
  }

  @Test(arguments: precisions)
  func rows(_ precision: any Scalar.Type) {
    func check<S: Scalar>(_: S.Type) {
      let (y, table) = (Matrix<S>.random(4, 5, seed: 3), Matrix<S>.random(3, 5, seed: 4))
      let rows = [2, 0, 0, 1]
      let product = Kernels.productOfRows(
        y.elements.span, width: 5, by: table.elements, rows: rows)
      // A longer table goes over the rows again.
      let repeated = Kernels.productOfRows(
        y.elements.span, width: 5, by: table.elements, rows: rows + rows.reversed())
      #expect(Array(repeated.prefix(20)) == product)
      for c in 0..<5 { #expect(repeated[20 + c] == y[0, c] * table[rows[3], c]) }
      var scaled = y.elements
      Kernels.scaleRows(&scaled, width: 5, by: [1, -2, 0, 3])
      let factors: [S] = [1, -2, 0, 3]
      for r in 0..<4 {
        for c in 0..<5 {
          #expect(product[r * 5 + c] == y[r, c] * table[rows[r], c])
          #expect(scaled[r * 5 + c] == y[r, c] * factors[r])
        }
      }
    }
    check(precision)
  }

  /// Rows that several threads write stand in their order.
  @Test(arguments: [(0, 3), (1, 1), (5, 0), (40_001, 5), (65_537, 2), (3, 100_000)])
  func rowsInParts(_ rows: Int, _ width: Int) {
    let written: [Double] = Kernels.rows(rows, width: width) { part, output in
      for row in part {
        for column in 0..<width { output.append(Double(row * width + column)) }
      }
    }
    #expect(written == (0..<rows * width).map { Double($0) })
  }

  /// Around the edges of the transpose's tiles.
  @Test(arguments: [(1, 1), (31, 33), (32, 32), (65, 3), (0, 4)])
  func transpose(_ shape: (Int, Int)) {
    let a = Matrix<Double>.random(shape.0, shape.1, seed: 5)
    let expected = Matrix(rows: shape.1, columns: shape.0) { a[$1, $0] }
    #expect(a.transposed == expected)
  }
}

/// The logistic function of activations.
struct LogisticTests {
  /// Numbers of every size, in rows of every length: what a number becomes depends on nothing else.
  @Test func floatsAreThoseOfDoubles() {
    func logistic<S: Scalar>(_ x: [S]) -> [S] {
      var result = x
      var span = result.mutableSpan
      S.logistic(&span)
      return result
    }
    var generator = SeededGenerator(seed: 23)
    for count in 1...40 {
      let x = (0..<count).map { _ in Float.random(in: -80...20, using: &generator) }
      let floats = logistic(x)
      for (a, b) in zip(floats, logistic(x.map(Double.init))) {
        #expect(abs(Double(a) - b) <= 1e-6 * b)
      }
      #expect(logistic(Array(x.reversed())) == floats.reversed())
    }
    let ends: [Float] = [-.infinity, -200, 0, 200, .infinity]
    #expect(logistic(ends) == [0, 0, 0.5, 1, 1])
    #expect(logistic(ends.map(Double.init))[2...] == [0.5, 1, 1])
    #expect(logistic([1, Float.nan])[1].isNaN)
  }
}

/// The softmax of attention.
struct CausalSoftmaxTests {
  /// A sink is one score more in every row, of which nothing is kept; without one, rows sum to 1.
  @Test(arguments: [-40.0, -1, 0.5, 60], [nil, 2])
  func aSinkIsOneScoreMore(sink: Double, window: Int?) {
    let scores = [0.3, -1.2, 2.5, 1.1, 0, -0.4, 3, 0.2, 0.9]
    func probabilities(sink: Double?) -> [Double] {
      var result = scores
      Kernels.causalSoftmax(&result, columns: 3, first: 0, slidingWindow: window, sink: sink)
      return result
    }
    let (without, with) = (probabilities(sink: nil), probabilities(sink: sink))
    for row in 0..<3 {
      let seen = max(0, row + 1 - (window ?? 3))...row
      let powers = seen.map { exp(scores[3 * row + $0]) }
      let total = powers.reduce(exp(sink), +)
      for (power, column) in zip(powers, seen) {
        #expect(abs(with[3 * row + column] - power / total) < 1e-15)
      }
      #expect(abs(without[3 * row..<3 * row + 3].reduce(0, +) - 1) < 1e-15)
      let outside = (0..<3).filter { !seen.contains($0) }
      #expect(outside.allSatisfy { with[3 * row + $0] == 0 })
    }
  }

  /// Rows of every length, of numbers of every size: what a row is made of depends on nothing but its numbers.
  @Test(arguments: [nil, -3, 4] as [Float?])
  func floatsAreThoseOfDoubles(sink: Float?) {
    var generator = SeededGenerator(seed: 17)
    for count in 1...40 {
      let scores = (0..<count).map { _ in Float.random(in: -60...20, using: &generator) }
      func softmax<S: Scalar>(_ scores: [S]) -> [S] {
        var result = scores
        Kernels.causalSoftmax(
          &result, columns: count, first: count - 1, sink: sink.map { S($0) })
        return result
      }
      let floats: [Float] = softmax(scores)
      let doubles: [Double] = softmax(scores.map { Double($0) })
      // A difference of scores is exact to a ten-millionth of itself.
      for (a, b) in zip(floats, doubles) { #expect(abs(Double(a) - b) <= 1e-5 * b + 1e-37) }
      // A reversed row is the row reversed, up to the order of its sum.
      let reversed: [Float] = softmax(Array(scores.reversed()))
      for (a, b) in zip(reversed, floats.reversed()) {
        #expect(abs(a - b) <= 1e-6 * b)
      }
    }
  }

  /// A hidden score gives an exact zero; one that is no number spoils its row and no other.
  @Test func hiddenAndInvalidScores() {
    var rows = [Float](repeating: 1, count: 2 * 19)
    rows[3] = -.infinity
    rows[19 + 5] = .nan
    Kernels.causalSoftmax(&rows, columns: 19, first: 18)
    #expect(rows[3] == 0 && abs(rows[0] - 1 / 18) < 1e-7)
    #expect(abs(rows[..<19].reduce(0, +) - 1) < 1e-6)
    #expect(rows[19...].allSatisfy { $0.isNaN })
  }
}
