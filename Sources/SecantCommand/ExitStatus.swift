import Foundation
import Secant

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// The exit status, for scripts: the number of BSD's sysexits(3), if there is one.
///
/// If thrown, it ends the program after all output.
enum ExitStatus: Int32, Error, CaseIterable {
  case success = 0
  case lawFailed = 1
  case notVerified = 2
  case usage = 64
  case badData = 65
  case noInput = 66
  case unsupported = 69
  case internalError = 70
  case noMemory = 71
  case cannotCreate = 73
  case inputOutput = 74
  case tryAgain = 75

  /// Its meaning for a script.
  var meaning: String {
    switch self {
    case .success: "success"
    case .lawFailed: "verify: a law failed on the model, or a published figure differs"
    case .notVerified: "verify: no law failed, but one was skipped: it needs more memory"
    case .usage: "unusable option, prompt or token"
    case .badData: "damaged or contradictory model files"
    case .noInput: "missing or unreadable file or tensor"
    case .unsupported: "valid, but not supported by this version"
    case .internalError: "internal error: a bug in Secant"
    case .noMemory: "out of memory"
    case .cannotCreate: "cannot create an output file or the model cache"
    case .inputOutput: "write failed, for example because the disk is full"
    case .tryAgain: "try again: Hub or network unavailable, or a scan was told to end"
    }
  }

  /// One line for each status.
  static var table: String {
    allCases.map { status in
      let number = String(status.rawValue)
      return String(repeating: " ", count: 4 - number.count) + number + "  " + status.meaning
    }.joined(separator: "\n")
  }

  /// Ends the program.
  ///
  /// After a failure, exit handlers are not called: those of libraries may wait for what has
  /// failed.
  func endProgram() -> Never {
    if self == .success { exit(rawValue) }
    _exit(rawValue)
  }

  /// The exit status for a kind of unusable input.
  init(_ kind: InputError.Kind) {
    self =
      switch kind {
      case .unreadable, .missing: .noInput
      case .uncreatable: .cannotCreate
      case .unwritable: .inputOutput
      case .malformed, .mismatched: .badData
      case .unsupported: .unsupported
      case .invalid: .usage
      case .unreachable: .tryAgain
      }
  }
}

/// Why the program ends without a result.
struct Failure: Error {
  let status: ExitStatus
  /// The advice to the user by itself; nil where the message has it, or there is none.
  let remedy: String?
  private let message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
    remedy = nil
  }

  /// The failure that an unusable input amounts to.
  init(_ status: ExitStatus, _ error: InputError) {
    self.status = status
    message = error.namingOptions.description
    remedy = error.namingOptions.remedy
  }

  /// The failure for an error; nil for errors of the argument parser.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as InputError:
      self.init(ExitStatus(error.kind), error)
    case let error as ReportError: self.init(.internalError, error.description)
    default: return nil
    }
  }

  /// The message on one line; arguments in it cannot control a terminal.
  var line: String {
    let text = message.split(whereSeparator: \.isNewline)
      .map { $0.trimmingPrefix { $0 == " " } }
      .joined(separator: " ")
    return text.unicodeScalars.reduce(into: "") { line, scalar in
      switch scalar.properties.generalCategory {
      case .control, .format: line += scalar.escaped(asASCII: true)
      default: line.unicodeScalars.append(scalar)
      }
    }
  }
}
