import Foundation
import SecantCheckpoints
import SecantOperators
import SecantTestSupport
import Testing

/// Both precisions: a law that names neither holds in each.
let precisions: [any Scalar.Type] = [Float.self, Double.self]

extension Scalar {
  /// What rounding may leave of sums of some dozens of terms: a hundred times the unit roundoff.
  static var rounding: Double { 100 * Double(ulpOfOne) }
}

extension Matrix {
  /// Elements drawn uniformly from [-1, 1).
  static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
    var generator = SeededGenerator(seed: seed)
    return Matrix(rows: rows, columns: columns) { _, _ in
      S(Double.random(in: -1..<1, using: &generator))
    }
  }

  /// The same numbers in another precision.
  func converted<Other: SecantOperators.Scalar>(to _: Other.Type = Other.self) -> Matrix<Other> {
    Matrix<Other>(rows: rows, columns: columns) { Other(self[$0, $1]) }
  }

  /// The product by definition, without BLAS.
  func naiveProduct(_ other: Matrix) -> Matrix {
    Matrix(rows: rows, columns: other.columns) { r, c in
      (0..<columns).reduce(0) { $0 + self[r, $1] * other[$1, c] }
    }
  }

  /// Largest deviation of the rows from orthonormality.
  var orthonormalityError: Double {
    var worst = 0.0
    for a in 0..<rows {
      for b in 0..<rows {
        let dot = (0..<columns).reduce(0.0) { $0 + Double(self[a, $1]) * Double(self[b, $1]) }
        worst = max(worst, abs(dot - (a == b ? 1 : 0)))
      }
    }
    return worst
  }
}

/// A matrix whose singular values are prescribed.
struct SpectrumCase: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let matrix: Matrix<Double>
  let values: [Double]

  init(_ name: String, rows: Int, columns: Int, seed: UInt64, values: [Double]) {
    let count = min(rows, columns)
    let left = Double.orthonormalRows(.random(count, rows, seed: seed))
    let right = Double.orthonormalRows(.random(count, columns, seed: seed &+ 1))
    self.values = values + [Double](repeating: 0, count: count - values.count)
    let scaled = Matrix(rows: count, columns: columns) { [values = self.values] in
      values[$0] * right[$0, $1]
    }
    matrix = left.transposed.naiveProduct(scaled)
    testDescription = "\(name) \(rows)x\(columns), seed \(seed)"
  }

  init(_ name: String, matrix: Matrix<Double>, values: [Double]) {
    (testDescription, self.matrix, self.values) = (name, matrix, values)
  }

  static let powerLaw = (1...40).map { 1 / Double($0 * $0).squareRoot() }
  static let graded = (0..<20).map { Double.pow10(-12.0 * Double($0) / 19) }

  static let all =
    [
      SpectrumCase("power law", rows: 40, columns: 40, seed: 1, values: powerLaw),
      SpectrumCase("tall", rows: 70, columns: 30, seed: 2, values: Array(powerLaw.prefix(30))),
      SpectrumCase("wide", rows: 30, columns: 70, seed: 3, values: Array(powerLaw.prefix(30))),
      SpectrumCase("one column", rows: 9, columns: 1, seed: 4, values: [3]),
      SpectrumCase("one row", rows: 1, columns: 9, seed: 5, values: [3]),
      SpectrumCase("graded", rows: 20, columns: 20, seed: 6, values: graded),
      SpectrumCase("rank 3", rows: 25, columns: 20, seed: 7, values: [5, 2, 1]),
      SpectrumCase("cluster", rows: 16, columns: 16, seed: 8, values: [8, 4, 4, 4, 2, 1, 0.5]),
      SpectrumCase("flat", rows: 12, columns: 12, seed: 9, values: .init(repeating: 1, count: 12)),
      SpectrumCase("zero", rows: 8, columns: 6, seed: 10, values: []),
    ] + references

  /// Matrices whose singular values another program computed in a hundred digits.
  static let references: [SpectrumCase] = {
    let url = Repository.folder.appending(path: "Tests/Fixtures/svd/matrices.safetensors")
    guard let file = try? SafetensorsFile(at: url) else { return [] }
    func numbers(_ name: String) -> (values: [Double], shape: [Int])? {
      guard let tensor = file.tensor(named: name) else { return nil }
      return (tensor.values(as: Double.self), tensor.shape)
    }
    return ["hilbert", "graded", "cluster", "random"].compactMap { name in
      guard let matrix = numbers("\(name).matrix"), let values = numbers("\(name).singular_values")
      else { return nil }
      return SpectrumCase(
        "reference \(name)",
        matrix: Matrix(rows: matrix.shape[0], columns: matrix.shape[1], elements: matrix.values),
        values: values.values)
    }
  }()
}

extension Double {
  /// 10 to a power.
  static func pow10(_ exponent: Double) -> Double { Foundation.pow(10, exponent) }
}
