import CPlatform
import Foundation

/// The program is to end early: by a signal, as its parent expects of one that was interrupted, or in another way.
struct Interruption: Error {
  private let end: @Sendable () -> Never

  /// An end of another kind.
  init(_ end: @escaping @Sendable () -> Never) { self.end = end }

  private init(signal: Int32) {
    end = {
      secant_end_by_signal(signal)
      fatalError("a signal's default action ends the program")
    }
  }

  /// The reader of standard output has seen enough.
  static let readerLeft = Interruption(signal: SIGPIPE)

  /// Ends the program.
  func endProgram() -> Never { end() }

  /// Puts `secant session`, as it is when it begins, in this program's place; standard streams stay open.
  static func beginSessionAnew() -> Never {
    secant_begin_session_anew()
    fatalError("the program that runs can be run")
  }

  /// Calls `cleanUp` when the user or the system tells the program to end, and then ends it by that signal.
  ///
  /// By SIGINT, SIGTERM or SIGHUP, but for those that the program's parent has it ignore, as `nohup` does. It is
  /// called on a thread of its own, whatever the others are doing, and ends the program itself, by its argument.
  static func watch(_ cleanUp: @escaping @Sendable (Interruption) -> Void) {
    watchAll { _, interruption in cleanUp(interruption) }
  }

  /// Calls `take` for each of the signals of ``watch(_:)`` with its number, and as what the program may end.
  static func watchAll(_ take: @escaping @Sendable (Int32, Interruption) -> Void) {
    let descriptor = secant_take_ending_signals()
    guard descriptor >= 0 else { return }
    Thread.detachNewThread {
      while true {
        let number = secant_next_signal(descriptor)
        take(number, Interruption(signal: number))
      }
    }
  }
}
