import Foundation
import Secant
import SecantTestSupport
import Testing

/// The commands that steer, as users run them.
@Suite("Steering")
struct SteerCommandTests {
  private static let model = ["--model", "llama-gqa-5-1"]

  /// Builds an operator of a tiny model into a folder.
  private func build(_ folder: TemporaryFolder, _ more: [String] = []) throws -> String {
    let path = folder.path("J.safetensors")
    let run = try CommandRun(
      ["steer", "build", "--tokens", "3,5,7", "--layer", "1", "-o", path] + Self.model + more)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.error.isEmpty)
    return path
  }

  private func expectGoldenSchema(_ run: CommandRun, _ name: String) throws {
    #expect(run.status == 0, "\(run.error)")
    try GoldenFile("\(name)-schema.txt").expect(JSONSchema.text(of: run.output))
  }

  @Test func schemasAreGolden() throws {
    let folder = try TemporaryFolder()
    let path = try build(folder, ["--rank", "4"])
    try expectGoldenSchema(
      CommandRun(
        ["steer", "build", "--tokens", "3,5,7", "--layer", "1", "--rank", "4", "--json"]
          + ["-o", folder.path("K.safetensors")] + Self.model), "steering-operator")
    let prompt = ["steer", "run", path, "--tokens", "2,4,6,8", "-n", "5", "--json"] + Self.model
    try expectGoldenSchema(
      CommandRun(prompt + ["--temperature", "0.9", "--seed", "4"]), "steering")
    try expectGoldenSchema(
      CommandRun(prompt + ["--sweep", "--layers", "0,1", "--strengths", "0.5,1"]),
      "steering-sweep")
    try expectGoldenSchema(
      CommandRun(
        ["steer", "toward", "--tokens", "2,4,6", "--block", "1", "--direction", "-1:2", "-n", "3"]
          + ["--json"] + Self.model), "steering-vector")
  }

  /// Every way to steer has a page, and its numbers as a table.
  @Test func everyWayHasAPageAndATable() throws {
    let folder = try TemporaryFolder()
    let path = try build(folder, ["--rank", "4"])
    let run = ["steer", "run", path, "--tokens", "2,4,6,8", "-n", "3"] + Self.model
    let toward = [
      "steer", "toward", "--tokens", "2,4,6", "--block", "1", "--token", "#3", "-n", "3",
    ]
    for (arguments, rows) in [
      (run, 2), (run + ["--sweep", "--layers", "0,1", "--strengths", "0.5,1"], 9),
      (toward + Self.model, 2),
    ] {
      let written = try CommandRun(
        arguments + [
          "--html", folder.path("page.html"), "--csv", folder.path("table.csv"), "--figures",
        ]
          + [folder.path("figures")])
      #expect(written.status == 0, "\(written.error)")
      let page = try String(contentsOfFile: folder.path("page.html"), encoding: .utf8)
      #expect(page.hasPrefix("<!DOCTYPE html>") && page.contains("continuation"))
      let table = try String(contentsOfFile: folder.path("table.csv"), encoding: .utf8)
      let lines = table.split(separator: "\r\n")
      #expect(lines[0].hasPrefix("block,method,strength,concept_probability"))
      #expect(lines.count == rows + 1 && lines[1].hasPrefix(",unsteered,0.0,"))
    }
  }

  /// A push toward one thing is asked for; what does not go together is a usage error.
  @Test(arguments: [
    ([], "found none"), (["--token", "#3", "--direction", "0:1"], "found 2"),
    (["--from", "a"], "--from and --to together"), (["--token", "#3", "--of", "a"], "--of"),
    (["--direction", "1"], "position:k"), (["--token", "#3", "--strength", "inf"], "finite"),
    (["--token", ""], "--token"),
  ])
  func whatCannotBePushed(arguments: [String], complaint: String) throws {
    let run = try CommandRun(
      ["steer", "toward", "--tokens", "2,4", "--block", "1"] + Self.model + arguments)
    #expect(run.status == 64 && run.error.contains(complaint), "\(run.error)")
    #expect(run.output.isEmpty && run.error.split(separator: "\n").count == 1)
  }

  @Test func oneCommandLineGivesTheSameBytes() throws {
    let folder = try TemporaryFolder()
    let path = try build(folder)
    let bytes = try Data(contentsOf: URL(filePath: path))
    _ = try build(folder)
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
    for more in [
      ["--temperature", "1.2", "--top-p", "0.8", "--seed", "9"], ["--mode", "mix", "--sweep"],
    ] {
      let arguments =
        ["steer", "run", path, "--tokens", "2,4,6,8", "--json"] + Self.model + more
      let runs = try (0..<2).map { _ in try CommandRun(arguments) }
      #expect(runs[0].status == 0, "\(runs[0].error)")
      #expect(runs[0].output == runs[1].output)
    }
  }

  @Test(arguments: ["add", "mix"]) func strengthZeroIsTheModelItself(mode: String) throws {
    let folder = try TemporaryFolder()
    let path = try build(folder)
    let run = try CommandRun(
      ["steer", "run", path, "--tokens", "2,4,6", "--strength", "0", "--mode", mode, "--json"]
        + ["-n", "8"] + Self.model)
    let report = try SteeringReport(jsonData: run.output)
    #expect(report.steered == report.unsteered && report.steered.tokens.count == 8)
    let plain = try CommandRun(["generate", "--tokens", "2,4,6", "-n", "8"] + Self.model)
    #expect(plain.text == report.unsteered.text + "\n")
  }

  @Test func theSweepIsDrawn() throws {
    let folder = try TemporaryFolder()
    let path = try build(folder)
    let run = try CommandRun(
      ["steer", "run", path, "--tokens", "2,4", "-n", "4", "--sweep", "--layers", "all"]
        + ["--svg", folder.path("sweep.svg"), "--json"] + Self.model)
    #expect(run.status == 0, "\(run.error)")
    let report = try SteeringSweepReport(jsonData: run.output)
    #expect(Set(report.points.map(\.block)) == [0, 1, 2])
    let picture = try String(contentsOfFile: folder.path("sweep.svg"), encoding: .utf8)
    #expect(picture.hasPrefix("<svg") && picture.contains("after block 2"))
    #expect(try folder.names == ["J.safetensors", "sweep.svg"])
  }

  @Test func aControlVectorIsExported() throws {
    let folder = try TemporaryFolder()
    let path = try build(folder)
    let run = try CommandRun(
      ["steer", "export", path, "--tokens", "2,4,6", "-o", folder.path("v.gguf")] + Self.model)
    #expect(run.status == 0, "\(run.error)")
    #expect(run.text.hasPrefix("\(folder.path("v.gguf")): direction.1 ["))
    let bytes = try Data(contentsOf: URL(filePath: folder.path("v.gguf")))
    #expect(bytes.prefix(4) == Data("GGUF".utf8) && bytes.count.isMultiple(of: 32))
  }

  @Test func whatCannotBeDoneIsSaid() throws {
    let folder = try TemporaryFolder()
    let path = try build(folder)
    func expect(_ arguments: [String], _ status: Int32, _ part: String) throws {
      let run = try CommandRun(arguments)
      #expect(run.status == status, "\(run.error)")
      #expect(run.output.isEmpty)
      #expect(run.error.hasPrefix("secant: ") && run.error.contains(part), "\(run.error)")
      #expect(run.error.split(separator: "\n").count == 1)
    }
    let prompt = ["steer", "run", path, "--tokens", "2,4"]
    try expect(
      prompt + ["--model", "llama-plain"], 65,
      "the steering operator: expected one of llama-plain: width ")
    try expect(prompt + Self.model + ["--mode", "mix", "--strength", "2"], 64, "0 to 1")
    try expect(prompt + Self.model + ["--layers", "1"], 64, "--blocks: expected --sweep")
    try expect(
      prompt + Self.model + ["--sweep", "--strength", "1"], 64, "expected --strengths with --sweep")
    try expect(prompt + Self.model + ["--sweep", "--layers", "9"], 64, "a block in 0..<3")
    try expect(prompt + Self.model + ["--temperature", "-1"], 64, "--temperature")
    try expect(prompt + Self.model + ["--top-p", "0"], 64, "--top-p")
    try expect(
      ["steer", "run", "llama-gqa-5-1/model.safetensors", "--tokens", "2"] + Self.model, 64,
      "format: expected secant.steering-operator")
    try expect(["steer", "run", "nowhere", "--tokens", "2"] + Self.model, 66, "nowhere")
    try expect(
      ["steer", "build", "--tokens", "1", "--layer", "7", "-o", folder.path("K")] + Self.model, 64,
      "block 7: expected a block in 0..<3")
    try expect(
      ["steer", "build", "--tokens", "1", "--layer", "0", "-o", folder.path("none/K")]
        + Self.model, 73, "no such folder")
    let first = folder.path("first.safetensors")
    _ = try CommandRun(
      ["steer", "build", "--tokens", "1", "--layer", "0", "-o", first] + Self.model)
    try expect(
      ["steer", "export", first, "-o", folder.path("v.gguf")] + Self.model, 69, "from 1 on")
    #expect(try folder.names == ["J.safetensors", "first.safetensors"])
  }
}
