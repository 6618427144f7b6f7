import Foundation
import SecantTestSupport
import Testing

/// Every text that tells how to use the command; a change of the command line shows here.
@Suite("Help")
struct HelpTests {
  static let commands = [
    "explain", "report", "layers", "shares", "trace", "maps", "compare", "jacobians", "gate-rules",
    "jacobian", "verify", "validate", "ablate", "generate", "inspect", "models", "vocabulary",
    "serve", "steer build", "steer run", "steer export", "steer toward", "render", "session",
    "scan run", "scan status", "scan merge", "scan template", "search", "stats", "audit",
  ]

  @Test(arguments: ["secant", "steer", "scan"] + commands)
  func textsAreGolden(command: String) throws {
    let names = command.split(separator: " ").map(String.init)
    let run = try CommandRun(command == "secant" ? ["--help"] : names + ["--help"])
    #expect(run.status == 0)
    #expect(run.error.isEmpty)
    #expect(run.text.split(separator: "\n").allSatisfy { $0.count <= 80 })
    try GoldenFile("\(names.joined(separator: "-"))-help.txt").expect(run.text)
  }

  @Test(arguments: [("features", "maps"), ("kinds", "jacobians"), ("gates", "gate-rules")])
  func formerNamesWorkAndSaySo(former: String, present: String) throws {
    let run = try CommandRun([former, "--help"])
    #expect(run.status == 0)
    #expect(run.text == (try CommandRun([present, "--help"]).text))
    #expect(
      run.error
        == "secant: 'secant \(former)' is now 'secant \(present)'; the old name still works\n")
  }

  @Test func versionIsOneLine() throws {
    let run = try CommandRun(["--version"])
    #expect(run.status == 0)
    #expect(run.text.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test(arguments: ["bash", "zsh", "fish"])
  func completionScriptsNameEveryCommand(shell: String) throws {
    let run = try CommandRun(["--generate-completion-script", shell])
    #expect(run.status == 0)
    for name in Self.commands.flatMap({ $0.split(separator: " ") }) {
      #expect(run.text.contains(name))
    }
  }

  @Test func modelsAreCompletedAlikeWhateverTheOption() throws {
    let script = try CommandRun(["--generate-completion-script", "bash"]).text
    let cases = #/'--(?:with-)?model'(?:\|'-m')?\)\n +(.+)/#
    let found = script.matches(of: cases).map { String($0.1) }
    #expect(found.count > 10 && Set(found).count == 1, "\(Set(found))")
  }
}

/// The pages that document the command.
@Suite("Documentation")
struct DocumentationTests {
  @Test func thePageOfCommandsIsMadeFromTheProgram() throws {
    let run = try CommandRun(["--experimental-dump-help"])
    #expect(run.status == 0)
    let page = try CommandLinePage(dump: run.output).text()
    for command in HelpTests.commands { #expect(page.contains("## secant \(command)\n")) }
    try GoldenFile(documentation: "CommandLine.md").expect(page)
  }

  @Test func everyExitStatusIsDocumented() throws {
    let page = try GoldenFile(documentation: "Scripts.md").text()
    let help = try CommandRun(["--help"]).text
    let statuses = help.matches(of: #/(?m)^ +(\d+)  /#).map(\.1)
    #expect(statuses.count == 12)
    for status in statuses { #expect(page.contains("| \(status) | ")) }
  }
}
