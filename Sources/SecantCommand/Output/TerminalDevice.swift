import Foundation
import Secant

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

// Unsafe code: asking the terminal for its size takes a pointer to a local structure; setting a variable
// takes C strings, which the system copies.

/// What a stream of the program is connected to.
struct TerminalDevice {
  /// Whether it is a terminal, not a file or a pipe.
  let isTerminal: Bool
  /// The columns that it says it has; nil where it does not say.
  let columns: Int?
  private let environment: [String: String]

  /// What standard output is connected to.
  ///
  /// Of a session, it is never a terminal: what it writes is read by a program.
  static var output: TerminalDevice {
    TerminalDevice(descriptor: Invocation.current.answer == nil ? STDOUT_FILENO : nil)
  }
  /// What standard error is connected to.
  static var error: TerminalDevice { TerminalDevice(descriptor: STDERR_FILENO) }

  private init(descriptor: Int32?) {
    environment = ProcessInfo.processInfo.environment
    guard let descriptor else {
      (isTerminal, columns) = (false, nil)
      return
    }
    isTerminal = isatty(descriptor) == 1
    var size = winsize()
    let isKnown = unsafe ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    columns = isKnown ? Int(size.ws_col) : nil
  }

  /// Makes the argument parser assume at least 40 columns: it stops where help's second column has no room.
  static func requireWidthOfHelp() {
    unsafe setenv("COLUMNS", "\(max(40, output.width))", 1)
  }

  /// The width to lay text out for: `COLUMNS`, or what the terminal says, or 80.
  var width: Int {
    if let named = environment["COLUMNS"].flatMap({ Int($0) }), named > 0 { return named }
    return columns ?? 80
  }

  /// Whether the cursor can be moved: true for a terminal that is not `TERM=dumb`.
  var canRedraw: Bool { isTerminal && environment["TERM"] != "dumb" }

  /// What the device shows.
  var style: TerminalStyle {
    TerminalStyle(width: width, usesColor: usesColor, usesUnicode: usesUnicode)
  }

  /// Source: no-color.org and bixense.com/clicolors.
  private var usesColor: Bool {
    if !environment["NO_COLOR", default: ""].isEmpty { return false }
    if !["", "0"].contains(environment["CLICOLOR_FORCE", default: ""]) { return true }
    return canRedraw && environment["CLICOLOR"] != "0"
  }

  /// True unless the locale names another encoding; most bare containers name none and show UTF-8.
  private var usesUnicode: Bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].lazy
      .compactMap { environment[$0] }.first { !$0.isEmpty }
    guard let locale = locale?.lowercased() else { return true }
    return locale.contains("utf-8") || locale.contains("utf8")
  }
}
