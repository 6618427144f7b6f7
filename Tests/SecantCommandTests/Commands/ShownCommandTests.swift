import Foundation
import SecantTestSupport
import Testing

/// Every command line that the documentation shows is one that the program accepts.
///
/// A shell splits each line as a user's would. The command then runs with a model that does not exist, so
/// that it ends as soon as its arguments are understood. What this does not prove: what it prints.
@Suite("Commands in the documentation") struct ShownCommandTests {
  private static let bash = InstalledProgram("bash")

  /// Commands that open no model, or name it as an argument.
  private static let withoutModel = [
    "inspect", "models", "vocabulary", "render", "search", "session", "stats",
    "--generate-completion-script",
  ]

  @Test(.enabled(if: bash != nil, "no bash at hand")) func allAreAccepted() throws {
    let bash = try #require(Self.bash)
    let folder = try TemporaryFolder()
    var count = 0
    for page in try Self.pages() {
      let text = try String(contentsOf: page, encoding: .utf8)
      for line in Self.commands(in: text) {
        let arguments = try Self.arguments(of: line, bash, in: folder)
        let run = try CommandRun(
          Self.withMissingModel(arguments), in: folder.url,
          environment: ["HF_HOME": folder.url.path, "HF_HUB_OFFLINE": "1"])
        #expect(
          run.status != 64 && !run.wasSignalled,
          "\(page.lastPathComponent): \(line)\n\(run.error)")
        count += 1
      }
    }
    #expect(count > 100)
  }

  @Test(.enabled(if: bash != nil, "no bash at hand")) func aLineIsSplitAsAShellDoes() throws {
    let text = """
      secant explain "a  b" \\
          --over 'c d' > x.json  # why
      cat x.json
      """
    let lines = Self.commands(in: text)
    #expect(lines.count == 1)
    let arguments = try Self.arguments(
      of: lines[0], try #require(Self.bash), in: try TemporaryFolder())
    #expect(arguments == ["explain", "a  b", "--over", "c d"])
    let run = try CommandRun(Self.withMissingModel(["explain", "a", "--no-such-option"]))
    #expect(run.status == 64)
  }

  /// The README, the pages of `Documentation`, and the catalogues.
  private static func pages() throws -> [URL] {
    let root = Repository.folder
    let documentation = try FileManager.default.contentsOfDirectory(
      at: root.appending(path: "Documentation"), includingPropertiesForKeys: nil)
    let modules = try FileManager.default.contentsOfDirectory(
      at: root.appending(path: "Sources"), includingPropertiesForKeys: nil)
    let catalogues = modules.map { module in
      module.appending(path: "\(module.lastPathComponent).docc/\(module.lastPathComponent).md")
    }
    return [root.appending(path: "README.md")]
      + documentation.filter { $0.pathExtension == "md" }
      + catalogues.filter { FileManager.default.fileExists(atPath: $0.path) }
  }

  /// The lines that begin with the program's name, each with the lines that continue it.
  private static func commands(in text: String) -> [String] {
    text.replacing(#/\\\n\s*/#, with: "").components(separatedBy: "\n")
      .map { $0.trimmingCharacters(in: .whitespaces) }
      // A server never ends.
      .filter { $0.hasPrefix("secant ") && !$0.hasPrefix("secant serve") }
      // Where the output goes is the shell's affair.
      .map { $0.replacing(#/\s>\s*\S+/#, with: "") }
  }

  /// The arguments that the program gets of a line.
  private static func arguments(
    of line: String, _ bash: InstalledProgram, in folder: TemporaryFolder
  ) throws -> [String] {
    let file = folder.path("arguments")
    let script = "secant() { printf '%s\\0' \"$@\" >'\(file)'; }; prompt='a b'\n\(line)\n"
    _ = try bash.run(["-c", script], in: folder.url)
    let data = try Data(contentsOf: URL(filePath: file))
    try FileManager.default.removeItem(atPath: file)
    return data.split(separator: 0, omittingEmptySubsequences: false).dropLast()
      .map { String(decoding: $0, as: UTF8.self) }
  }

  /// The same arguments with a model that does not exist.
  private static func withMissingModel(_ arguments: [String]) -> [String] {
    let missing = "/no/such/model"
    if let option = arguments.firstIndex(where: { ["--model", "-m"].contains($0) }) {
      var result = arguments
      result[option + 1] = missing
      return result
    }
    let isWithout =
      arguments.contains("-hf") || withoutModel.contains(arguments[0])
      || arguments[0] == "scan" && ["status", "merge"].contains(arguments[1])
    return isWithout ? arguments : arguments + ["--model", missing]
  }
}
