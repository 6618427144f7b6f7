public import Foundation

/// A program that some tests use where it is installed.
public struct InstalledProgram: Sendable {
  /// Where it lies.
  public let url: URL

  /// The first of some names that `PATH` has; nil where it has none.
  public init?(_ names: String...) {
    let path = ProcessInfo.processInfo.environment["PATH", default: ""]
    let places = names.flatMap { name in
      path.split(separator: ":").map { URL(filePath: String($0)).appending(path: name) }
    }
    let found = places.first {
      FileManager.default.isExecutableFile(atPath: $0.path(percentEncoded: false))
    }
    guard let found else { return nil }
    url = found
  }

  /// Runs it to its end.
  ///
  /// - Parameters:
  ///   - arguments: Those after the program's name.
  ///   - folder: Where it runs; by default where the tests do.
  ///   - path: Folders in which it finds programs before those of `PATH`.
  /// - Returns: Its status, and all that it printed.
  /// - Throws: Why it could not be run.
  public func run(
    _ arguments: [String], in folder: URL? = nil, path: [String] = []
  ) throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = url
    process.arguments = arguments
    if let folder { process.currentDirectoryURL = folder }
    var environment = ProcessInfo.processInfo.environment
    environment["PATH"] = (path + [environment["PATH", default: ""]]).joined(separator: ":")
    process.environment = environment
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = pipe
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }

  /// Whether Python, not older than 3.10, is there and can import a module.
  public static func python(importing module: String = "json") -> InstalledProgram? {
    guard let python = InstalledProgram("python3") else { return nil }
    let probe = "import sys, \(module); sys.exit(sys.version_info < (3, 10))"
    return (try? python.run(["-c", probe]))?.status == 0 ? python : nil
  }
}
