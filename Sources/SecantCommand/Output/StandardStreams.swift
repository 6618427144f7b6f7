import Foundation
import Secant

#if canImport(Darwin)
  import Darwin
#elseif canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#endif

/// Where results go: to standard output, or into the answer of a session.
enum StandardOutput {
  /// Writes text at once.
  ///
  /// - Throws: `Failure` where the text cannot be written, as on a full disk.
  static func write(_ text: String) throws { try write(Data(text.utf8)) }

  /// Writes a report, as JSON or as a text that fits the terminal.
  ///
  /// - Throws: `Failure` where it cannot be written.
  static func write<R: Report>(
    _ report: R, asJSON: Bool, text: (R, TerminalStyle) -> String
  ) throws {
    if asJSON {
      if let answer = Invocation.current.answer {
        return answer.add(report: try report.jsonData(isIndented: false))
      }
      let json = try report.jsonData()
      try write(TerminalDevice.output.isTerminal ? escaped(json) : json)
    } else {
      try write(text(report, TerminalDevice.output.style))
    }
  }

  /// Writes bytes at once.
  ///
  /// - Throws: `Failure` where the bytes cannot be written, as on a full disk.
  static func write(_ data: Data) throws {
    if let answer = Invocation.current.answer { return answer.add(text: data) }
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      if Self.isBrokenPipe(error) { throw Interruption.readerLeft }
      throw Failure(
        .inputOutput,
        "standard output: expected to write \(data.count) bytes, found that it fails; "
          + "check the disk or the program that reads it")
    }
  }
}

extension StandardOutput {
  /// Text from outside as standard output takes it: on a terminal nothing in it can steer the terminal.
  static func shown(_ text: String) -> String {
    let device = TerminalDevice.output
    return device.isTerminal ? device.style.harmless(text) : text
  }

  /// JSON that says the same, with escapes for what would steer a terminal.
  private static func escaped(_ json: Data) -> Data {
    let text = String(decoding: json, as: UTF8.self)
    return Data(
      text.unicodeScalars.reduce(into: "") { text, scalar in
        switch scalar.properties.generalCategory {
        case .control where scalar != "\n", .format:
          for unit in UTF16.encode(scalar) ?? .init() {
            let digits = String(unit, radix: 16)
            text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
          }
        default: text.unicodeScalars.append(scalar)
        }
      }.utf8)
  }

  private static func isBrokenPipe(_ error: any Error) -> Bool {
    let error = error as NSError
    if error.domain == NSPOSIXErrorDomain { return error.code == EPIPE }
    return (error.userInfo[NSUnderlyingErrorKey] as? any Error).map(isBrokenPipe) ?? false
  }
}

/// Where failures, progress and notes go.
enum StandardError {
  /// Writes text at once; that nobody can read it is no further failure.
  static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
