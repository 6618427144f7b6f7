import Foundation
import Secant
import SecantTestSupport
import Testing

/// A scan as users run it: by the embedded model, over prompts in a file.
@Suite("Scans of a corpus") struct ScanCommandTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let lines = (0..<400).map { index in
      "{\"text\":\"The capital of France is \(index)\",\"other\":\"The capital of Spain is \(index)\"}\n"
    }
    try folder.write(lines.joined(), to: "data.jsonl")
  }

  private func run(
    _ arguments: String..., environment: [String: String] = [:], input: String = ""
  ) throws -> CommandRun {
    try CommandRun(
      arguments, in: folder.url, environment: environment, standardInput: Data(input.utf8))
  }

  private func journal(_ run: String) -> URL {
    folder.url.appending(path: "\(run)/shards/0000-of-0001.journal")
  }

  /// Starts a scan, and ends it by a signal when it has some results.
  private func interrupted(_ run: String, _ end: (Process) -> Void) throws -> Process {
    let process = Process.secant(["scan", "data.jsonl", "-o", run], in: folder.url)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let start = Date()
    while Date().timeIntervalSince(start) < 60 {
      let size = try? journal(run).resourceValues(forKeys: [.fileSizeKey]).fileSize
      if (size ?? 0) > 20_000 { break }
      usleep(1000)
    }
    end(process)
    process.waitUntilExit()
    return process
  }

  private func status(_ run: String) throws -> JSON {
    let status = try self.run("scan", "status", run, "--json")
    #expect(status.status == 0, "\(status.error)")
    return try JSON(parsing: Array(status.output), file: "status")
  }

  private func number(_ json: JSON, _ key: String) -> Int? {
    if case .number(let number)? = json[key] { number.int } else { nil }
  }

  @Test func whatASignalEndsGoesOnAsIfNothingHadHappened() throws {
    #expect(try run("scan", "data.jsonl", "-o", "whole").status == 0)
    #expect(try run("scan", "merge", "whole").status == 0)
    let whole = try Data(contentsOf: folder.url.appending(path: "whole/corpus.sqlite"))

    let asked = try interrupted("asked") { $0.terminate() }
    #expect(asked.terminationReason == .exit && asked.terminationStatus == 75)
    let killed = try interrupted("killed") { kill($0.processIdentifier, SIGKILL) }
    #expect(killed.terminationReason == .uncaughtSignal)
    for name in ["asked", "killed"] {
      let done = try #require(number(try status(name), "done"))
      #expect(done > 0 && done < 400, "\(name)")
      let unfinished = try run("scan", "merge", name)
      #expect(unfinished.status == 66 && unfinished.error.contains("item \(done):"))
      let rest = try run("scan", "data.jsonl", "-o", name)
      #expect(rest.status == 0 && rest.text.hasPrefix("\(name): 400 of 400 items done, 0 failed"))
      #expect(try run("scan", "merge", name).status == 0)
      let merged = try Data(contentsOf: folder.url.appending(path: "\(name)/corpus.sqlite"))
      #expect(merged == whole, "\(name)")
    }
  }

  @Test func anotherStartIsRefusedAndSaysWhatDiffers() throws {
    #expect(try run("scan", "data.jsonl", "-o", "run", "--limit", "2").status == 0)
    let option = try run("scan", "data.jsonl", "-o", "run", "--limit", "3")
    #expect(option.status == 65 && option.error.contains("--limit 2, this start has --limit 3"))
    let shards = try run("scan", "data.jsonl", "-o", "run", "--limit", "2", "--shard", "0/2")
    #expect(shards.status == 65 && shards.error.contains("1 shards"))
    try folder.write("{\"text\":\"Another\"}\n{\"text\":\"one\"}\n", to: "data.jsonl")
    let data = try run("scan", "data.jsonl", "-o", "run", "--limit", "2")
    #expect(data.status == 65 && data.error.contains("the data data.jsonl"))
    let model = try run(
      "scan", "data.jsonl", "-o", "run", "--limit", "2", "--model",
      Fixtures.folder.appending(path: "no-such-model").path)
    #expect(model.status == 66)
  }

  @Test func jobSystemsDivideTheCorpus() throws {
    for index in 0..<2 {
      let shard = try run(
        "scan", "data.jsonl", "-o", "run", "--limit", "5", "--shards", "2",
        environment: ["JOB_COMPLETION_INDEX": "\(index)"])
      #expect(shard.status == 0, "\(shard.error)")
      #expect(shard.text.contains("; shard \(index) of 2, by Kubernetes"))
    }
    #expect(number(try status("run"), "left") == 0)
    let two = try run(
      "scan", "data.jsonl", "-o", "run",
      environment: ["PARALLEL_SEQ": "1", "RANK": "0", "WORLD_SIZE": "2"])
    #expect(two.status == 64 && two.error.contains("one job system"))
  }

  @Test func standardInputIsKept() throws {
    let text = "{\"text\":\"The bridge is\"}\n{\"prompt\":\"no text\"}\n"
    let first = try run("scan", "-", "-o", "run", input: text)
    #expect(first.status == 0 && first.text.hasPrefix("run: 2 of 2 items done, 1 failed"))
    #expect(first.error.contains("item 1: "))
    #expect(try run("scan", "-", "-o", "run", input: text).status == 0)
    #expect(try run("scan", "-", "-o", "run", input: text + "{}").status == 65)
  }

  @Test func ledgersAreSearchedByHead() throws {
    let scan = try run(
      "scan", "data.jsonl", "-o", "run", "--ask", "ledger,spectra", "--pair-field", "other",
      "--limit",
      "3")
    #expect(scan.status == 0, "\(scan.error)")
    let early = try run("search", "run", "bridge")
    #expect(early.status == 66 && early.error.contains("secant scan merge"))
    #expect(try run("scan", "merge", "run").status == 0)
    let heads = try run("search", "run", "--head", "0.0", "--json")
    #expect(heads.status == 0)
    let answer = try JSON(parsing: Array(heads.output), file: "search")
    #expect(number(answer, "count") == 3)
    #expect(
      try run("search", "run", "capital France", "--in", "prompts").text.hasPrefix("3 prompts with")
    )
  }

  @Test(arguments: ["slurm", "parallel", "k8s"]) func jobFilesHaveTheCommand(system: String) throws
  {
    let template = try run(
      "scan", "template", system, "data.jsonl", "-o", "my run", "--ask", "layers", "--shards", "4")
    #expect(template.status == 0, "\(template.error)")
    #expect(template.text.contains("400 items in 4 shards"))
    let words =
      switch system {
      case "slurm": ["#SBATCH --array=0-3", "secant scan data.jsonl -o 'my run' --ask layers &"]
      case "parallel": ["seq 0 3 |", "-o 'my run' --ask layers --shard '{}/4'"]
      default: ["completions: 4", "\"-o\", \"my run\", \"--ask\", \"layers\", \"--shards\", \"4\""]
      }
    for word in words { #expect(template.text.contains(word), "\(template.text)") }
    if system == "slurm", let bash = InstalledProgram("bash") {
      try folder.write(template.text, to: "job")
      #expect(try bash.run(["-n", "job"], in: folder.url).status == 0)
    }
  }

  @Test(arguments: [
    (["--ask", "ledger"], "--pair-field"), (["--pair-field", "other"], "--ask ledger"),
    (["--shard", "2/2"], "i/n"), (["--spectra", "auto"], "top:N"),
    (["--ask", "words"], "explain,"),
    (["--field", "prompt"], "found text, other"),
  ]) func unusableOptionsAreRefused(arguments: [String], words: String) throws {
    let run = try CommandRun(["scan", "data.jsonl", "-o", "run"] + arguments, in: folder.url)
    #expect(run.status == 64 && run.error.contains(words), "\(run.error)")
    #expect(!FileManager.default.fileExists(atPath: folder.path("run")))
  }

  @Test func reportsHaveTheirFields() throws {
    let lines = ["--ask", "spectra,ledger", "--pair-field", "other", "--limit", "2"]
    #expect(
      try CommandRun(["scan", "data.jsonl", "-o", "run"] + lines, in: folder.url).status == 0)
    #expect(try run("scan", "merge", "run").status == 0)
    try folder.write(try firstWords() + "\n", to: "words.txt")
    for (name, arguments) in [
      ("scan-schema.txt", ["scan", "status", "run"]),
      ("search-schema.txt", ["search", "run", "--like", "0:0:0"]),
      ("stats-schema.txt", ["stats", "run", "--by", "text", "--permutations", "9"]),
      ("audit-schema.txt", ["audit", "run", "--words", "words.txt", "--samples", "999"]),
    ] {
      var arguments = arguments
      if name == "search-schema.txt" {
        arguments[3] = try firstDirection()
      }
      let report = try CommandRun(arguments + ["--json"], in: folder.url)
      #expect(report.status == 0, "\(report.error)")
      try GoldenFile(name).expect(JSONSchema.text(of: report.output))
    }
  }

  /// The words of a direction, a word a line.
  private func firstWords() throws -> String {
    let search = try run("search", "run", "--like", try firstDirection(), "--json")
    let answer = try JSON(parsing: Array(search.output), file: "search")
    guard case .array(let matches)? = answer["matches"], let match = Array(matches).first,
      case .array(let words)? = match["direction"]?["words"]
    else { return "" }
    return words.compactMap { if case .string(let text) = $0 { text } else { nil } }
      .joined(separator: "\n")
  }

  @Test func auditsAreWrittenAsTextPageAndTable() throws {
    let lines = ["--ask", "spectra", "--limit", "3"]
    #expect(
      try CommandRun(["scan", "data.jsonl", "-o", "run"] + lines, in: folder.url).status == 0)
    #expect(try run("scan", "merge", "run").status == 0)
    try folder.write(try firstWords() + "\n", to: "words.txt")
    let audit = try run(
      "audit", "run", "--words", "words.txt", "--samples", "999", "--html", "a.html", "--csv",
      "a.csv")
    #expect(audit.status == 0, "\(audit.error)")
    #expect(
      audit.text.split(separator: "\n").first?.contains(" directions (what maps write)") == true)
    #expect(audit.text.contains("Without the direction"))
    let page = try String(contentsOf: folder.url.appending(path: "a.html"), encoding: .utf8)
    #expect(page.contains("What the model says without them"))
    let table = try String(contentsOf: folder.url.appending(path: "a.csv"), encoding: .utf8)
    #expect(table.hasPrefix("item,position,rank,token_text,sigma,count,p_random"))
    let plain = try run("audit", "run", "--words", "words.txt", "--samples", "999", "--no-ablation")
    #expect(plain.status == 0 && !plain.text.contains("Without the direction"))
    #expect(plain.text.split(separator: "\n").first == audit.text.split(separator: "\n").first)
    #expect(try run("audit", "run", "--words", "nowhere").status == 66)
    #expect(try run("audit", "run", "--words", "groups", "--samples", "9").status == 64)
    #expect(try run("audit", "run", "--words", "words.txt", "--model", "nowhere").status == 66)
    let stats = try run("stats", "run", "--html", "s.html", "--csv", "s.csv")
    #expect(stats.status == 0 && stats.text.contains("Clusters of what maps write most"))
    let measures = try String(contentsOf: folder.url.appending(path: "s.csv"), encoding: .utf8)
    #expect(measures.hasPrefix("kind,name,group,items,mean,low,high,magnitude,p,q"))
  }

  /// A direction of the first item, which has only some positions.
  private func firstDirection() throws -> String {
    for position in 0..<16 {
      let name = "0:\(position):0"
      if try run("search", "run", "--like", name).status == 0 { return name }
    }
    return "0:0:0"
  }
}
