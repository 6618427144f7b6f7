import Dispatch
import Foundation
import Synchronization

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Unsafe code: sets of signals are filled in place.

/// Lets work that holds a temporary file end in order when the user interrupts it.
///
/// While it lives, SIGINT, SIGTERM and SIGHUP only set a mark, which the work looks at between its steps.
/// Elsewhere they end the program at once, as nothing is left behind.
final class Interruption {
  /// The work was told to stop.
  struct Requested: Error {
    let signal: Int32
  }

  private let received = Received()
  private let sources: [any DispatchSourceSignal]
  private static let signals = [SIGINT, SIGTERM, SIGHUP]

  private final class Received: Sendable {
    let signal = Atomic<Int32>(0)
  }

  private init() {
    sources = Self.signals.map { number in
      signal(number, SIG_IGN)
      return DispatchSource.makeSignalSource(signal: number, queue: .global())
    }
    for (number, source) in zip(Self.signals, sources) {
      source.setEventHandler { [received] in received.signal.store(number, ordering: .relaxed) }
      source.resume()
    }
  }

  deinit {
    for source in sources { source.cancel() }
    for number in Self.signals { signal(number, SIG_DFL) }
  }

  /// Looks whether a signal has come.
  ///
  /// - Throws: `Requested` where one has.
  func check() throws(Requested) {
    let number = received.signal.load(ordering: .relaxed)
    if number != 0 { throw Requested(signal: number) }
  }

  /// Runs work whose temporary files are gone once it has thrown.
  ///
  /// Where a signal has stopped it, the program then ends by that signal, as its parent expects.
  static func postponed<Result>(_ work: (Interruption) throws -> Result) throws -> Result {
    do {
      return try work(Interruption())
    } catch let request as Requested {
      endProgram(by: request.signal)
      throw request
    }
  }

  private static func endProgram(by number: Int32) {
    signal(number, SIG_DFL)
    // On Linux, watching a signal blocks it.
    var set = sigset_t()
    unsafe sigemptyset(&set)
    unsafe sigaddset(&set, number)
    unsafe sigprocmask(SIG_UNBLOCK, &set, nil)
    raise(number)
  }
}
