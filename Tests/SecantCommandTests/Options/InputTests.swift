import Foundation
import Secant
import SecantTestSupport
import Testing

/// Where a prompt comes from makes no difference to what is said of it.
@Suite("Prompts from elsewhere")
struct InputTests {
  private static let text = "The bridge"
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func tokens(_ arguments: [String], standardInput: String = "") throws -> [Int] {
    let run = try CommandRun(
      ["shares", "--json"] + arguments, standardInput: Data(standardInput.utf8))
    #expect(run.status == 0, "\(run.error)")
    return try SharesReport(jsonData: run.output).prompt.tokens.map(\.id)
  }

  /// One newline at the end does not count, and everything else does.
  @Test(arguments: ["", "\n", "\r\n", "\n\n", " "])
  func filesAndStandardInputAreAsArguments(end: String) throws {
    let file = folder.path("prompt.txt")
    try Data((Self.text + end).utf8).write(to: URL(filePath: file))
    let rest = end == "\r\n" || end == "\n" ? "" : String(end.dropFirst(end == "\n\n" ? 1 : 0))
    let expected = try tokens([Self.text + rest])
    #expect(try tokens(["--file", file]) == expected)
    #expect(try tokens(["-"], standardInput: Self.text + end) == expected)
    #expect(try tokens(["--file", "-"], standardInput: Self.text + end) == expected)
  }

  @Test func everyPromptMayComeFromStandardInput() throws {
    let text = Data("The bridge\n".utf8)
    let file = folder.path("prompt.txt")
    try text.write(to: URL(filePath: file))
    let vectors = ["--rank", "1", "--json"]
    let compared = try ["-"].map {
      try CommandRun(["compare", "The river", "--with", $0] + vectors, standardInput: text).output
    }
    let named = try CommandRun(["compare", "The river", "--with-file", file] + vectors).output
    let plain = try CommandRun(["compare", "The river", "--with", "The bridge"] + vectors).output
    func sides(_ data: Data) throws -> [[Int]] {
      let report = try ComparisonReport(jsonData: data)
      return [report.first, report.second].map { $0.prompt.tokens.map(\.id) }
    }
    #expect(try sides(compared[0]) == sides(plain))
    #expect(try sides(named) == sides(plain))
    let generated = try CommandRun(["generate", "The bridge", "-n", "3"])
    #expect(generated.status == 0)
    for option in [["-", "-n", "3"], ["--file", "-", "--max-tokens", "3", "-m", "demo"]] {
      let run = try CommandRun(["generate"] + option, standardInput: text)
      #expect(run.output == generated.output && run.status == 0, "\(run.error)")
    }
  }

  @Test func inspectTakesTheModelAsAnArgument() throws {
    let named = try CommandRun(["inspect", "--model", "llama-plain"])
    #expect(named.status == 0)
    #expect(try CommandRun(["inspect", "llama-plain"]).output == named.output)
    #expect(try CommandRun(["inspect", "-m", "llama-plain"]).output == named.output)
  }

  @Test(arguments: ["explain \"$1\"", "explain text --target \"$1\"", "explain - < \"$2\""])
  func bytesThatAreNoTextAreRefused(command: String) throws {
    let file = folder.path("bytes")
    try Data([0xff, 0xfe, 0x61]).write(to: URL(filePath: file))
    let shell = try #require(InstalledProgram("sh"))
    let (status, output) = try shell.run(
      ["-c", "\"$0\" \(command.replacing("$1", with: "$(cat \"$2\")"))"]
        + [Process.secantURL.path, "", file])
    #expect(status == 64)
    #expect(output.contains("expected UTF-8, found bytes that are not"), "\(output)")
  }

  @Test func aSeedFixesWhatIsDrawn() throws {
    let draws = try ["1", "1", "2", "3", "4"].map {
      try CommandRun(
        ["generate", "The bridge", "-n", "12", "--temperature", "1.5", "--top-k", "50"]
          + ["--seed", $0]
      ).text
    }
    #expect(draws[0] == draws[1] && Set(draws).count > 1)
  }
}
