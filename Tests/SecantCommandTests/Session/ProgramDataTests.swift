import Foundation
import SecantTestSupport
import Testing

/// Where the program finds what it carries: wherever it is moved to.
@Suite("The program's data")
struct ProgramDataTests {
  private static let arguments = ["explain", "A text", "--rank", "1", "--json"]

  /// A copy of the program in `bin`, a link to it in `links`, and its data in `share/secant`.
  private static func moved(to folder: TemporaryFolder) throws -> URL {
    let files = FileManager.default
    for name in ["bin", "links", "share/secant"] {
      try files.createDirectory(
        at: folder.url.appending(path: name), withIntermediateDirectories: true)
    }
    let program = folder.url.appending(path: "bin/secant")
    try files.copyItem(at: Process.secantURL, to: program)
    let link = folder.url.appending(path: "links/secant")
    try files.createSymbolicLink(at: link, withDestinationURL: program)
    try files.copyItem(
      at: Repository.folder.appending(path: "Sources/SecantDemoModel/Resources/demo"),
      to: folder.url.appending(path: "share/secant/demo"))
    return link
  }

  private static func run(
    _ program: URL, in folder: TemporaryFolder, data: String? = nil
  ) throws -> (status: Int32, error: String) {
    let process = Process.secant(
      arguments, in: folder.url, environment: data.map { ["SECANT_DATA": $0] } ?? [:])
    process.executableURL = program
    let error = Pipe()
    process.standardOutput = FileHandle.nullDevice
    process.standardError = error
    try process.run()
    let text = String(
      decoding: try error.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    return (process.terminationStatus, text)
  }

  @Test func liesBesideTheProgramThatALinkLeadsTo() throws {
    let folder = try TemporaryFolder()
    let run = try Self.run(Self.moved(to: folder), in: folder)
    #expect(run.status == 0, "\(run.error)")
  }

  @Test func isNamedByAVariable() throws {
    let folder = try TemporaryFolder()
    let program = try Self.moved(to: folder)
    let elsewhere = folder.path("elsewhere")
    try FileManager.default.moveItem(atPath: folder.path("share/secant"), toPath: elsewhere)
    let named = try Self.run(program, in: folder, data: elsewhere)
    #expect(named.status == 0, "\(named.error)")
    let wrong = try Self.run(program, in: folder, data: "/nowhere")
    #expect(wrong.status == 66 && wrong.error.contains("SECANT_DATA"), "\(wrong.error)")
    #expect(wrong.error.contains("/nowhere/demo") || wrong.error.contains("demo in /nowhere"))
    let without = try Self.run(program, in: folder)
    #expect(without.status == 66 && without.error.contains("share/secant"), "\(without.error)")
  }
}
