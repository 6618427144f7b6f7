import CPlatform
import Foundation

/// The program is to end by a signal, as its parent expects of one that was interrupted.
struct Interruption: Error {
  private let signal: Int32

  private init(_ signal: Int32) { self.signal = signal }

  /// The reader of standard output has seen enough.
  static let readerLeft = Interruption(SIGPIPE)

  /// Ends the program.
  func endProgram() -> Never {
    secant_end_by_signal(signal)
    fatalError("a signal's default action ends the program")
  }

  /// Calls `cleanUp` when the user or the system tells the program to end, and then ends it by that signal.
  ///
  /// By SIGINT, SIGTERM or SIGHUP, but for those that the program's parent has it ignore, as `nohup` does. It is
  /// called on a thread of its own, whatever the others are doing, and ends the program itself, by its argument.
  static func watch(_ cleanUp: @escaping @Sendable (Interruption) -> Void) {
    let descriptor = secant_take_ending_signals()
    guard descriptor >= 0 else { return }
    Thread.detachNewThread {
      cleanUp(Interruption(secant_next_signal(descriptor)))
    }
  }
}
