import SecantOperators
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

  /// Around the edges of the transpose's tiles.
  @Test(arguments: [(1, 1), (31, 33), (32, 32), (65, 3), (0, 4)])
  func transpose(_ shape: (Int, Int)) {
    let a = Matrix<Double>.random(shape.0, shape.1, seed: 5)
    let expected = Matrix(rows: shape.1, columns: shape.0) { a[$1, $0] }
    #expect(a.transposed == expected)
  }
}
