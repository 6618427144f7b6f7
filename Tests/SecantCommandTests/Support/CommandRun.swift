import Foundation
import SecantTestSupport

/// What a run of the built command said, and how it ended.
struct CommandRun {
  /// The exit status, or the signal that ended it.
  let status: Int32
  /// Whether a signal ended it.
  let wasSignalled: Bool
  let output: Data
  let error: String

  var text: String { String(decoding: output, as: UTF8.self) }

  /// Runs `secant` to its end, as users do.
  ///
  /// - Parameters:
  ///   - arguments: Those after the program's name.
  ///   - folder: Where it runs.
  ///   - environment: What differs from a terminal of 80 columns that shows UTF-8.
  ///   - standardInput: What it reads there; by default nothing.
  ///   - standardOutput: Where its output goes; by default into `output`.
  /// - Throws: Why it could not be run.
  init(
    _ arguments: [String], in folder: URL = Fixtures.folder, environment: [String: String] = [:],
    standardInput: Data = Data(), standardOutput: FileHandle? = nil
  ) throws {
    let process = Process.secant(arguments, in: folder, environment: environment)
    let (input, output, error) = (Pipe(), Pipe(), Pipe())
    process.standardInput = input
    process.standardError = error
    if let standardOutput {
      process.standardOutput = standardOutput
    } else {
      process.standardOutput = output
    }
    // Short enough for the pipe, whether or not it is read.
    try input.fileHandleForWriting.write(contentsOf: standardInput)
    try input.fileHandleForWriting.close()
    try process.run()
    self.output =
      standardOutput == nil ? try output.fileHandleForReading.readToEnd() ?? Data() : Data()
    // One line at most, so that the pipe cannot fill while the output is read.
    self.error = String(
      decoding: try error.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    status = process.terminationStatus
    wasSignalled = process.terminationReason == .uncaughtSignal
  }
}

extension Process {
  /// The built command, ready to run: it lies beside the tests' bundle.
  static func secant(
    _ arguments: [String], in folder: URL, environment: [String: String] = [:]
  ) -> Process {
    let process = Process()
    process.executableURL = secantURL
    process.arguments = arguments
    process.currentDirectoryURL = folder
    var variables = ProcessInfo.processInfo.environment
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "LANG", "LC_CTYPE"] {
      variables[name] = nil
    }
    variables["COLUMNS"] = "80"
    variables["LC_ALL"] = "C.UTF-8"
    process.environment = variables.merging(environment) { $1 }
    return process
  }

  /// Where the built command lies.
  static var secantURL: URL { productsFolder.appending(path: "secant") }

  private static var productsFolder: URL {
    #if canImport(Darwin)
      Bundle(for: BundleMarker.self).bundleURL.deletingLastPathComponent()
    #else
      Bundle.main.bundleURL
    #endif
  }

  private final class BundleMarker {}
}

/// The small checkpoints of the repository; none has a tokenizer.
enum Fixtures {
  static let folder = Repository.folder.appending(path: "Tests/Fixtures")
}

extension TemporaryFolder {
  /// Copies a fixture into the folder.
  func copy(_ fixture: String) throws -> URL {
    try copy(of: Fixtures.folder.appending(path: fixture))
  }
}

/// The bytes that lie so far in what becomes the files of a folder; 0 where nothing is being written there.
func bytesBeingWritten(in folder: URL) -> Int {
  // What is listed may be gone before it is looked into.
  func names(_ url: URL) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []
  }
  return names(folder).filter { $0.hasSuffix(".partial") }.reduce(0) { sum, name in
    let inner = folder.appending(path: name)
    return sum
      + names(inner).reduce(0) {
        let file = inner.appending(path: $1)
        return $0 + ((try? file.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? 0)
      }
  }
}
