import Foundation
import Secant

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// How the program ends, for scripts: where BSD's sysexits(3) has a number for it, that number.
///
/// Thrown, it ends the program after everything was said.
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

  /// What it tells a script.
  var meaning: String {
    switch self {
    case .success: "done"
    case .lawFailed: "a law of the method failed on the model, or a figure differs (verify)"
    case .notVerified: "no law failed, but one was skipped for want of memory (verify)"
    case .usage: "an option, a prompt or a token that cannot be used"
    case .badData: "a model's files are damaged, or contradict each other"
    case .noInput: "a file or tensor is missing or cannot be read"
    case .unsupported: "well-formed, but nothing that this version understands"
    case .internalError: "a defect of Secant"
    case .noMemory: "the system gives less memory than the work needs"
    case .cannotCreate: "an output file or the cache of models cannot be created"
    case .inputOutput: "writing failed, as on a full disk"
    case .tryAgain: "the Hub or the network fails; later it may not"
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
  /// After a failure nothing else is called: what libraries would still do may wait for what has failed.
  func endProgram() -> Never {
    if self == .success { exit(rawValue) }
    _exit(rawValue)
  }

  /// How the program ends for a kind of unusable input.
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
  private let message: String

  init(_ status: ExitStatus, _ message: String) {
    self.status = status
    self.message = message
  }

  /// The failure that an error amounts to; nil for those of the argument parser.
  init?(_ error: any Error) {
    switch error {
    case let failure as Failure: self = failure
    case let error as InputError:
      self.init(ExitStatus(error.kind), error.namingOptions.description)
    case let error as ReportError: self.init(.internalError, error.description)
    default: return nil
    }
  }

  /// The message on one line; arguments in it cannot steer a terminal.
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
