import Foundation
import Secant
import SecantTestSupport
import Testing

/// Many questions by one process.
@Suite("Sessions")
struct SessionTests {
  /// What a session wrote, line by line.
  private struct Messages {
    let all: [JSONField]

    init(_ run: CommandRun) throws {
      all = try run.text.split(separator: "\n").map {
        try JSONField(parsing: Array($0.utf8), file: "a session")
      }
    }

    /// The answer to a question.
    func answer(_ id: Int) throws -> JSONField {
      try #require(
        all.first { message in
          message["status"].present != nil && (try? message["id"].int()) == id
        })
    }
  }

  private static func line(_ id: Int, _ arguments: [String], folder: String? = nil) throws -> Data {
    var question: [String: Any] = ["id": id, "arguments": arguments]
    question["folder"] = folder
    return try JSONSerialization.data(withJSONObject: question) + Data("\n".utf8)
  }

  private static let explain = [
    "explain", "--tokens", "5,6,7", "--model", "llama-plain", "--rank", "2", "--json",
  ]

  @Test func theGreetingIsGolden() throws {
    let run = try CommandRun(["session"])
    #expect(run.status == 0 && run.error.isEmpty)
    #expect(run.text == "{\"secant\":\"\(SecantVersion.current)\",\"session\":1}\n")
  }

  /// The same report, for any number of questions.
  @Test func answersAreThoseOfTheCommand() throws {
    let alone = try CommandRun(Self.explain)
    let run = try CommandRun(
      ["session"], standardInput: Self.line(1, Self.explain) + Self.line(2, Self.explain))
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    let report = try ExplanationReport(jsonData: alone.output)
    let single = String(decoding: try report.jsonData(isIndented: false).dropLast(), as: UTF8.self)
    for id in 1...2 {
      #expect(run.text.contains("{\"id\":\(id),\"status\":0,\"result\":\(single)}\n"))
    }
  }

  @Test func commandsWithoutAReportAnswerWithTheirText() throws {
    let arguments = ["generate", "--tokens", "5,6", "--model", "llama-plain", "-n", "3"]
    let run = try CommandRun(
      ["session"], standardInput: Self.line(1, arguments) + Self.line(2, ["explain", "--help"]))
    let messages = try Messages(run)
    #expect(try messages.answer(1)["text"].string() == CommandRun(arguments).text)
    #expect(try messages.answer(2)["text"].string() == CommandRun(["explain", "--help"]).text)
  }

  /// The line and the status of the command, and the advice by itself.
  @Test(arguments: [
    ["explain", "--tokens", "5", "--model", "nowhere"], ["explain"], ["explane"],
    ["explain", "--tokens", "5,x"], ["explain", "--tokens", "999999", "--model", "llama-plain"],
  ])
  func failuresAreThoseOfTheCommand(arguments: [String]) throws {
    let alone = try CommandRun(arguments)
    let answer = try Messages(
      CommandRun(["session"], standardInput: Self.line(1, arguments))
    ).answer(1)
    #expect(try Int32(answer["status"].int()) == alone.status)
    let message = try answer["error"]["message"].string()
    #expect("secant: \(message)\n" == alone.error)
    if let remedy = try answer["error"]["remedy"].present?.string() {
      #expect(message.hasSuffix(remedy))
    }
  }

  @Test func aStatusMayComeWithAResult() throws {
    let arguments = [
      "verify", "--model", "llama-biases", "--tokens", "3", "--memory", "1", "--json",
    ]
    let answer = try Messages(
      CommandRun(["session"], standardInput: Self.line(1, arguments))
    ).answer(1)
    #expect(try answer["status"].int() == 2)
    #expect(try answer["result"]["schema"]["name"].string() == "secant.verification")
  }

  @Test(arguments: [
    "no JSON", "[]", "{}", "{\"id\":1}", "{\"id\":1.5,\"arguments\":[]}",
    "{\"id\":1,\"arguments\":[1]}", "{\"id\":1,\"arguments\":[],\"more\":1}",
  ])
  func aLineThatIsNotUnderstoodIsAnError(line: String) throws {
    let run = try CommandRun(
      ["session"], standardInput: Data("\(line)\n".utf8) + Self.line(7, Self.explain))
    let messages = try Messages(run)
    let error = messages.all.first { $0["error"].present != nil && $0["id"].present == nil }
    #expect(try #require(error)["status"].int() >= 64)
    #expect(try messages.answer(7)["status"].int() == 0)
  }

  @Test func standardInputIsNoPromptAndNoSessionIsInASession() throws {
    let input = try Self.line(1, ["explain", "-"]) + Self.line(2, ["session"])
    let messages = try Messages(CommandRun(["session"], standardInput: input))
    for id in 1...2 { #expect(try messages.answer(id)["status"].int() == 64) }
    let message = try messages.answer(1)["error"]["message"].string()
    #expect(message.contains("which has the session's questions"))
  }

  @Test func aQuestionRunsInItsFolderAndItsFilesAppear() throws {
    let folder = try TemporaryFolder()
    let model = try folder.copy("llama-plain").lastPathComponent
    let arguments = [
      "explain", "--tokens", "5,6", "--model", model, "--rank", "1", "--html", "page.html",
    ]
    let messages = try Messages(
      CommandRun(
        ["session"],
        standardInput: Self.line(1, arguments, folder: folder.url.path)
          + Self.line(2, arguments, folder: "/nowhere")))
    #expect(try messages.answer(1)["status"].int() == 0)
    #expect(try messages.answer(2)["status"].int() == 66)
    #expect(try folder.names.contains("page.html"))
  }

  /// A session that is spoken to while it runs.
  private final class Conversation {
    let process: Process
    private let input = Pipe()
    private let output = Pipe()
    private var rest = Data()

    init() throws {
      process = Process.secant(["session"], in: Fixtures.folder)
      process.standardInput = input
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
    }

    func say(_ line: Data) throws { try input.fileHandleForWriting.write(contentsOf: line) }

    /// The next message that fulfils a condition; those before it are passed over.
    func hear(_ condition: (JSONField) -> Bool) throws -> JSONField {
      while true {
        while let end = rest.firstIndex(of: 0x0a) {
          let line = Array(rest[..<end])
          rest = Data(rest[(end + 1)...])
          let message = try JSONField(parsing: line, file: "a session")
          if condition(message) { return message }
        }
        let part = output.fileHandleForReading.availableData
        try #require(!part.isEmpty, "the session ended")
        rest += part
      }
    }

    func end() throws {
      try input.fileHandleForWriting.close()
      process.waitUntilExit()
    }
  }

  /// The running question stops, its files do not appear, and the session goes on as the same process.
  @Test func theRunningQuestionCanBeCancelled() throws {
    let folder = try TemporaryFolder()
    let session = try Conversation()
    let arguments = ["validate", "--csv", folder.path("v.csv"), "--json"]
    try session.say(Self.line(1, arguments) + Self.line(2, Self.explain))
    _ = try session.hear { $0["progress"]["fraction"].present != nil }
    try session.say(Data("{\"cancel\":1}\n".utf8))
    #expect(try session.hear { $0["status"].present != nil }["id"].int() == 1)
    // The one that waited is to be asked again.
    let second = try session.hear { $0["status"].present != nil }
    #expect(try second["id"].int() == 2 && second["status"].int() == 130)
    _ = try session.hear { $0["secant"].present != nil }
    try session.say(Self.line(3, Self.explain))
    let third = try session.hear { $0["status"].present != nil }
    #expect(try third["id"].int() == 3 && third["status"].int() == 0)
    try session.end()
    #expect(session.process.terminationStatus == 0)
    #expect(try folder.names.isEmpty)
  }

  /// Files that have changed are read anew; those that have not stay mapped.
  @Test func aModelThatChangedIsOpenedAgain() throws {
    let folder = try TemporaryFolder()
    func write(seed: UInt64) throws -> URL {
      try RandomCheckpoint(
        width: 32, feedForwardWidth: 32, blocks: 2, vocabulary: 64, seed: seed
      ).write(to: folder.url.appending(path: "model"))
    }
    let model = try write(seed: 1)
    let session = try Conversation()
    let arguments = ["explain", "--tokens", "5,6", "--model", model.path, "--rank", "1", "--json"]
    func fingerprint(_ id: Int) throws -> String {
      try session.say(Self.line(id, arguments))
      let answer = try session.hear { $0["status"].present != nil }
      return try answer["result"]["provenance"]["model"]["fingerprint"].string()
    }
    let first = try fingerprint(1)
    #if os(Linux)
      let maps = try String(
        contentsOfFile: "/proc/\(session.process.processIdentifier)/maps", encoding: .utf8)
      #expect(maps.contains(model.path))
    #endif
    #expect(try fingerprint(2) == first)
    _ = try write(seed: 2)
    #expect(try fingerprint(3) != first)
    try session.end()
  }
}

/// Reports that were kept.
@Suite("Rendering again")
struct RenderTests {
  @Test(arguments: [
    ["explain", "--rank", "2"], ["shares"], ["layers"], ["maps", "--rank", "2"], ["jacobians"],
    ["gate-rules"], ["compare", "--with-tokens", "5,8,7"], ["verify", "--verbose"],
    ["explain", "--dry-run"], ["ablate"], ["ablate", "--head", "0.1", "--direction", "1:2"],
  ])
  func theTextIsThatOfTheCommand(command: [String]) throws {
    let folder = try TemporaryFolder()
    let arguments = command + ["--tokens", "5,6,7", "--model", "llama-plain"]
    let kept = folder.path("report.json")
    let json = try CommandRun(arguments + ["--json"])
    #expect(json.status == 0, "\(json.error)")
    try json.output.write(to: URL(filePath: kept))
    let shown = try CommandRun(["render", kept])
    #expect(shown.status == 0, "\(shown.error)")
    // Estimated seconds differ from run to run.
    guard !command.contains("--dry-run") else { return }
    // The command line is part of what is shown.
    #expect(try shown.text == CommandRun(arguments).text)
    // As much as fits into a pipe before it is read.
    guard json.output.count < 1 << 16 else { return }
    #expect(try CommandRun(["render", "-"], standardInput: json.output).text == shown.text)
  }

  @Test func pagesFiguresAndNumbersAreThoseOfTheCommand() throws {
    let folder = try TemporaryFolder()
    let arguments = ["shares", "--tokens", "5,6,7", "--model", "llama-plain", "--json"]
    func files(_ name: String) -> [String] {
      [
        "--html", folder.path(name + ".html"), "--csv", folder.path(name + ".csv"), "--output",
        folder.path(name + ".safetensors"), "--figures", folder.path(name),
      ]
    }
    let kept = folder.path("report.json")
    let json = try CommandRun(arguments)
    try json.output.write(to: URL(filePath: kept))
    #expect(try CommandRun(arguments + files("one")).status == 0)
    let run = try CommandRun(["render", kept] + files("two"))
    #expect(run.status == 0, "\(run.error)")
    func data(_ name: String) throws -> Data {
      try Data(contentsOf: URL(filePath: folder.path(name)))
    }
    for end in [".csv", ".safetensors"] { #expect(try data("one" + end) == data("two" + end)) }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path("one"))
    #expect(!names.isEmpty)
    for name in names { #expect(try data("one/" + name) == data("two/" + name)) }
    #expect(try !data("two.html").isEmpty)
  }

  @Test func whatIsNoReportIsRefused() throws {
    let folder = try TemporaryFolder()
    let kept = folder.path("report.json")
    func render(_ text: String, _ options: [String] = []) throws -> CommandRun {
      try Data(text.utf8).write(to: URL(filePath: kept))
      return try CommandRun(["render", kept] + options)
    }
    #expect(try render("{}").status == 66)
    #expect(try render("{\"schema\":{\"name\":\"secant.other\",\"version\":1}}").status == 69)
    #expect(try render("{\"schema\":{\"name\":\"secant.shares\",\"version\":99}}").status == 65)
    let plan = try CommandRun(
      ["explain", "--tokens", "5", "--model", "llama-plain", "--dry-run", "--json"])
    let refused = try render(plan.text, ["--html", folder.path("page.html")])
    #expect(refused.status == 64 && refused.error.contains("secant.plan"), "\(refused.error)")
  }
}
