import Foundation
import SecantTestSupport
import Testing

/// How the command behaves towards terminals, pipes and full disks.
@Suite("Standard streams")
struct StreamTests {
  private let inspect = ["inspect", "--model", "llama-plain"]

  @Test func aReaderThatHasSeenEnoughEndsItQuietly() throws {
    let pipe = Pipe()
    try pipe.fileHandleForReading.close()
    let run = try CommandRun(inspect, standardOutput: pipe.fileHandleForWriting)
    #expect(run.wasSignalled && run.status == SIGPIPE)
    #expect(run.error.isEmpty)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "no /dev/full here"))
  func aFullDiskIsToldAsSuch() throws {
    let full = try #require(FileHandle(forWritingAtPath: "/dev/full"))
    let run = try CommandRun(inspect, standardOutput: full)
    #expect(run.status == 74)
    #expect(run.error.hasPrefix("secant: standard output: "))
  }

  @Test(
    arguments: [
      "", "CLICOLOR_FORCE=1", "CLICOLOR_FORCE=0", "CLICOLOR_FORCE=1 NO_COLOR=1",
    ])
  func coloursAreForTerminalsOrOnDemand(variables: String) throws {
    var environment: [String: String] = [:]
    for variable in variables.split(separator: " ") {
      let parts = variable.split(separator: "=")
      environment[String(parts[0])] = String(parts[1])
    }
    let run = try CommandRun(inspect, environment: environment)
    #expect(run.text.contains("\u{1b}[") == (variables == "CLICOLOR_FORCE=1"))
  }

  @Test(arguments: ["C.UTF-8", "en_US.utf8", "C", "POSIX"])
  func otherLocalesGetPlainASCII(locale: String) throws {
    let run = try CommandRun(inspect, environment: ["LC_ALL": locale])
    #expect(run.text.allSatisfy(\.isASCII) == !locale.lowercased().contains("utf"))
  }

  @Test(arguments: ["0", "-5", "1", "wide", "9999999"])
  func strangeWidthsAreSurvived(columns: String) throws {
    for arguments in [inspect, ["--help"], ["explain", "--help"]] {
      let run = try CommandRun(arguments, environment: ["COLUMNS": columns])
      #expect(run.status == 0 && !run.output.isEmpty, "\(run.error)")
    }
  }

  /// What names, prompts and tokens hold that would steer a terminal does not reach it; a pipe gets it as it is.
  @Test(
    .enabled(if: terminal != nil, "no program called script, which makes a terminal"),
    arguments: [
      ["explain", steering, "--rank", "1"], ["explain", steering, "--rank", "1", "--json"],
      ["inspect", steering], ["frob" + steering], ["generate", "--tokens", "1", "-n", "1"],
      ["jacobian", "--tokens", "1", "--model", "llama-plain", "--output", "FOLDER/" + steering],
    ])
  func nothingSteersATerminal(arguments: [String]) throws {
    let folder = try TemporaryFolder()
    let arguments = arguments.map { $0.replacing("FOLDER", with: folder.url.path) }
    let quoted = ([Process.secantURL.path] + arguments).map { "'" + $0 + "'" }
    let (_, output) = try #require(Self.terminal).run(
      ["-qec", quoted.joined(separator: " "), "/dev/null"], in: Fixtures.folder)
    // Colours are the program's own.
    let text = output.replacing(#/\u{1b}\[[0-9;]*m/#, with: "")
    #expect(!text.isEmpty)
    for scalar in text.unicodeScalars where !["\r", "\n", "\t"].contains(scalar) {
      let category = scalar.properties.generalCategory
      #expect(category != .control && category != .format, "\(scalar.escaped(asASCII: true))")
    }
  }

  /// Clears a screen, in two spellings, moves the cursor and turns the direction of the text.
  private static let steering = "a\u{1b}[2J\u{9b}2J\u{7f}\u{8}\u{202e}b"
  private static let terminal = InstalledProgram("script")

  @Test(arguments: [30, 60, 120]) func noLineIsWiderThanAsked(columns: Int) throws {
    let run = try CommandRun(inspect, environment: ["COLUMNS": "\(columns)"])
    #expect(run.text.split(separator: "\n").allSatisfy { $0.count <= columns })
  }
}
