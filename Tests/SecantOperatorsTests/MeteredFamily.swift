import SecantOperators
import Synchronization

/// Matrices as a family that counts what it multiplies.
final class MeteredFamily<S: Scalar>: OperatorFamily {
  struct Count: Equatable {
    var forward = 0
    var adjoint = 0
    var shared = 0
    var batches = 0
  }

  let matrices: [Matrix<S>]
  let costs: FamilyCosts
  private let meter = Mutex(Count())

  /// The family of some matrices of one shape.
  init(_ matrices: [Matrix<S>]) {
    self.matrices = matrices
    costs = FamilyCosts(
      members: [Double](repeating: 1, count: matrices.count), shared: Double(matrices.count))
  }

  var counted: Count { meter.withLock { $0 } }
  var count: Int { matrices.count }
  var inputWidth: Int { matrices[0].columns }
  var outputWidth: Int { matrices[0].rows }

  func apply(_ x: [Matrix<S>]) -> [Matrix<S>] {
    meter.withLock {
      $0.forward += x.reduce(0) { $0 + $1.rows }
      $0.batches += 1
    }
    return zip(matrices, x).map { $1.timesTranspose(of: $0) }
  }

  func applyAdjoint(_ y: [Matrix<S>]) -> [Matrix<S>] {
    meter.withLock {
      $0.adjoint += y.reduce(0) { $0 + $1.rows }
      $0.batches += 1
    }
    return zip(matrices, y).map { $1.times($0) }
  }

  func applyAdjointToAll(_ y: Matrix<S>) -> [Matrix<S>] {
    meter.withLock {
      $0.shared += y.rows
      $0.batches += 1
    }
    return matrices.map { y.times($0) }
  }
}
