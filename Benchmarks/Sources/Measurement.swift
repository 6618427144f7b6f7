import Foundation
import Secant

/// Seconds that a closure took.
func seconds<T>(_ body: () throws -> T) rethrows -> (T, Double) {
  let clock = ContinuousClock()
  let start = clock.now
  let result = try body()
  let elapsed = clock.now - start
  return (
    result, Double(elapsed.components.seconds) + Double(elapsed.components.attoseconds) * 1e-18
  )
}

/// The median of the seconds that several runs took, after one that is not counted.
func median(of runs: Int, _ body: () throws -> Void) rethrows -> Double {
  try body()
  let times = try (0..<runs).map { _ in try seconds(body).1 }.sorted()
  return times[times.count / 2]
}

/// The machine's own rate of a large square product, in operations a second.
func peakRate(size: Int = 2048) -> Double {
  let a = Matrix<Float>(rows: size, columns: size) { Float(($0 * 31 + $1 * 17) % 97) / 97 }
  let time = median(of: 5) { _ = a.timesTranspose(of: a) }
  return 2 * Double(size) * Double(size) * Double(size) / time
}

/// The largest amount of memory that the process has held, in bytes.
func peakMemory() -> Int {
  var usage = rusage()
  #if os(macOS)
    unsafe getrusage(RUSAGE_SELF, &usage)
    return Int(usage.ru_maxrss)
  #else
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return Int(usage.ru_maxrss) * 1024
  #endif
}

/// Seconds that all cores have spent on the process.
func processorSeconds() -> Double {
  var usage = rusage()
  #if os(macOS)
    unsafe getrusage(RUSAGE_SELF, &usage)
  #else
    unsafe getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
  #endif
  return [usage.ru_utime, usage.ru_stime].reduce(0) {
    $0 + Double($1.tv_sec) + Double($1.tv_usec) * 1e-6
  }
}
