import SecantOperators
import SecantTestSupport
import Testing

/// Products that are large enough to be divided, into blocks and among threads.
///
/// What they do not prove: that a division is the fastest.
@Suite struct DividedProductTests {
  /// Few rows with a large matrix, many rows, and wide results: the shapes that are cut differently.
  static let shapes = [
    (3, 2100, 500), (25, 700, 260), (64, 500, 131), (401, 90, 300), (700, 130, 60), (450, 70, 900),
    (1, 3000, 700),
  ]

  /// Sums of some thousand terms, each of the size of the whole.
  private func bound<S: Scalar>(_: S.Type) -> Double { 1000 * Double(S.ulpOfOne) }

  @Test(arguments: precisions, shapes)
  func areThoseOfLoops(_ precision: any Scalar.Type, _ shape: (Int, Int, Int)) {
    func check<S: Scalar>(_: S.Type) {
      let (m, k, n) = shape
      let (a, b) = (Matrix<S>.random(m, k, seed: 31), Matrix<S>.random(k, n, seed: 32))
      let before = Matrix<S>.random(m, n, seed: 33)
      let expected = Matrix<S>(rows: m, columns: n) { r, c in
        before[r, c] / 2 + 3 * (0..<k).reduce(0) { $0 + a[r, $1] * b[$1, c] }
      }
      for (second, view) in [(b, b.view), (b.transposed, b.transposed.view.transposed)] {
        let results = [false, true].map { alone in
          var c = before.elements
          S.multiply(
            3, a.elements.span, a.view, second.elements.span, view, 0.5, into: &c,
            before.view, alone: alone)
          return Matrix(rows: m, columns: n, elements: c)
        }
        #expect(relativeError(results[0], expected) < bound(S.self), "\(view.isTransposed)")
        // Where the work is done decides when, not what.
        #expect(results[0] == results[1], "one thread gives other bits than several")
      }
    }
    check(precision)
  }

  @Test func imagesStandInTheOrderOfTheirValues() {
    #expect(concurrentMap(Array(0..<200)) { $0 * $0 } == (0..<200).map { $0 * $0 })
    #expect(concurrentMap([Int]()) { $0 }.isEmpty)
  }
}
