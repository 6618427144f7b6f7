import Foundation
import Secant
import Synchronization

/// One line on a terminal that says how far the work has come; it appears after two seconds.
///
/// It is removed with the last reference to it.
final class ProgressLine: Sendable {
  private let device: TerminalDevice?
  private let start = ContinuousClock.now
  private let lastDrawn = Mutex<ContinuousClock.Instant?>(nil)

  /// A line on standard error; nothing where that is no terminal, or where it should be quiet.
  init(isQuiet: Bool) {
    let device = TerminalDevice.error
    self.device = device.canRedraw && !isQuiet ? device : nil
  }

  deinit { clear() }

  /// Shows what is being done, how much of the whole is done, from 0 to 1, and the time left.
  func update(_ label: String, fraction: Double) {
    guard let device else { return }
    let now = ContinuousClock.now
    let elapsed = start.duration(to: now)
    guard elapsed > .seconds(2) else { return }
    let text = Self.text(label, fraction: fraction, elapsed: elapsed)
    lastDrawn.withLock { last in
      if let last, last.duration(to: now) < .milliseconds(100) { return }
      last = now
      // The last column stays free: a character there may move some terminals to the next line.
      StandardError.write("\r\u{1b}[K" + text.prefix(max(0, device.width - 1)))
    }
  }

  /// Removes the line.
  func clear() {
    lastDrawn.withLock { last in
      if last != nil { StandardError.write("\r\u{1b}[K") }
      last = nil
    }
  }

  /// The line, such as "finding singular vectors  43 %  about 12 s left".
  private static func text(_ label: String, fraction: Double, elapsed: Duration) -> String {
    let percent = "\(label)  \(Int((100 * min(max(fraction, 0), 1)).rounded(.down))) %"
    // Below one part in a thousand the speed is not known.
    guard fraction >= 1e-3 else { return percent }
    let left = Int((elapsed / .seconds(1) * (1 - min(fraction, 1)) / fraction).rounded(.up))
    switch left {
    case ..<100: return percent + "  about \(left) s left"
    case ..<6000: return percent + "  about \((left + 59) / 60) min left"
    default: return percent + "  about \((left + 3599) / 3600) h left"
    }
  }
}
