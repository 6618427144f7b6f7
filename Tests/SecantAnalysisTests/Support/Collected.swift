import Synchronization

/// Numbers that a handler was called with, in order.
final class Collected: Sendable {
  private let numbers = Mutex<[Double]>([])

  func append(_ number: Double) { numbers.withLock { $0.append(number) } }

  var values: [Double] { numbers.withLock { $0 } }
}
