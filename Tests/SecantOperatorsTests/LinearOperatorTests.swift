import SecantOperators
import SecantTestSupport
import Testing

/// Laws L1–L3 of every combinator: the dot test, linearity, and agreement with the dense form.
@Suite struct LinearOperatorTests {
  /// Every combinator, as an operator and as the matrix that it should be.
  private func cases<S: Scalar>(
    _: S.Type
  ) -> [(name: String, map: any LinearOperator<Matrix<S>>, matrix: Matrix<S>)] {
    let (a, b) = (Matrix<S>.random(6, 4, seed: 1), Matrix<S>.random(5, 6, seed: 2))
    let c = Matrix<S>.random(6, 4, seed: 3)
    let (mapA, mapB) = (DenseOperator(a), DenseOperator(b))
    return [
      ("dense", mapA, a),
      ("adjoint", mapA.adjoint, a.transposed),
      ("adjoint of the adjoint", mapA.adjoint.adjoint, a),
      ("composition", mapA.then(mapB), b.naiveProduct(a)),
      ("sum", mapA.plus(DenseOperator(c)), a + c),
      ("scaled", mapA.scaled(by: -3), -3 * a),
      (
        "low rank",
        LowRankOperator(
          left: b.rows(0..<2), singularValues: [3, 2], right: c.rows(0..<2)),
        Matrix(rows: 6, columns: 4) { 3 * b[0, $0] * c[0, $1] + 2 * b[1, $0] * c[1, $1] }
      ),
      ("identity", Identity<Matrix<S>>(width: 4), .identity(4)),
      (
        "nested", mapA.plus(DenseOperator(c)).then(mapB).scaled(by: 2).adjoint,
        2 * b.naiveProduct(a + c).transposed
      ),
    ]
  }

  @Test(arguments: precisions)
  func laws(_ precision: any Scalar.Type) {
    func check<S: Scalar>(_: S.Type) {
      for (name, map, matrix) in cases(S.self) {
        let x = Matrix<S>.random(3, map.inputWidth, seed: 4)
        let y = Matrix<S>.random(3, map.outputWidth, seed: 5)
        let (image, back) = (map.apply(x), map.applyAdjoint(y))
        let left = Kernels.dot(image.elements.span, y.elements.span)
        let right = Kernels.dot(x.elements.span, back.elements.span)
        #expect(abs(left - right) < S.rounding * image.norm * y.norm, "\(name): dot test")
        let other = Matrix<S>.random(3, map.inputWidth, seed: 6)
        #expect(
          relativeError(map.apply(5 * x + other), 5 * image + map.apply(other)) < S.rounding,
          "\(name): linearity")
        #expect(relativeError(image.transposed, matrix.naiveProduct(x.transposed)) < S.rounding)
        #expect(relativeError(map.dense(), matrix) < S.rounding, "\(name): dense form")
        #expect(relativeError(map.dense(batch: 2), matrix) < S.rounding, "\(name): in batches")
        #expect(map.inputWidth == matrix.columns && map.outputWidth == matrix.rows)
      }
    }
    check(precision)
  }

  /// A family's dense forms are its members, by rows or by columns, whatever the block.
  @Test(arguments: [1, 3, 256], [(5, 3), (3, 5)])
  func denseFamily(_ rowBlock: Int, _ shape: (Int, Int)) {
    let matrices = (0..<3).map { Matrix<Double>.random(shape.0, shape.1, seed: UInt64($0)) }
    #expect(MeteredFamily(matrices).dense(rowBlock: rowBlock) == matrices)
  }
}
