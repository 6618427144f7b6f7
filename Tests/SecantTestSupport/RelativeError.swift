public import SecantOperators

/// ‖actual − expected‖ / ‖expected‖; the absolute error where nothing is expected.
public func relativeError<S: Scalar>(_ actual: [S], _ expected: [Double]) -> Double {
  guard actual.count == expected.count else { return .infinity }
  var (difference, size) = (0.0, 0.0)
  for (a, b) in zip(actual, expected) {
    difference += (Double(a) - b) * (Double(a) - b)
    size += b * b
  }
  return (size == 0 ? difference : difference / size).squareRoot()
}

/// ‖a − b‖ / ‖b‖; the absolute error where b is zero.
public func relativeError<S: Scalar>(_ a: Matrix<S>, _ b: Matrix<S>) -> Double {
  (a - b).norm / (b.norm > 0 ? b.norm : 1)
}
