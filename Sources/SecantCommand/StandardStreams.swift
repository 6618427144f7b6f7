import Foundation
import Secant

/// Where results go.
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
      try write(report.jsonData())
    } else {
      try write(text(report, TerminalDevice.output.style))
    }
  }

  /// Writes bytes at once.
  ///
  /// - Throws: `Failure` where the bytes cannot be written, as on a full disk.
  static func write(_ data: Data) throws {
    do {
      try FileHandle.standardOutput.write(contentsOf: data)
    } catch {
      throw Failure(
        .inputOutput,
        "standard output: expected to write \(data.count) bytes, found that it fails; "
          + "check the disk or the program that reads it")
    }
  }
}

/// Where failures, progress and notes go.
enum StandardError {
  /// Writes text at once; that nobody can read it is no further failure.
  static func write(_ text: String) {
    try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
  }
}
