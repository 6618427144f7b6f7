import Foundation
import Secant
import SecantTestSupport
import Testing

/// The commands whose result is a report, or a text.
@Suite("Reports and texts")
struct ReportCommandTests {
  private static let explain = ["explain", "--tokens", "5,6,7", "--model", "llama-plain"]

  /// The command lines whose JSON is golden in its form, with the names of their files.
  private static let schemas: [(String, [String])] = [
    ("explanation", explain + ["--rank", "3", "--check", "replace:#9"]),
    ("shares", ["shares", "--tokens", "5,6,7", "--model", "llama-plain"]),
    (
      "trace",
      ["trace", "The bridge out of Marin is the", "-n", "3", "--by", "word"]
        + ["--over", "mean", "--through", "--check", "replace"]
    ),
    (
      "maps",
      ["maps", "--tokens", "5,6,7", "--model", "llama-plain", "--rank", "3", "--generate", "2"]
    ),
    (
      "generation",
      ["generate", "--tokens", "5,6,7", "--model", "llama-plain", "-n", "3", "--temperature", "1"]
        + ["--top-k", "9"]
    ),
    (
      "comparison",
      ["compare", "--tokens", "5,6,7", "--with-tokens", "5,8,7", "--model", "llama-plain"]
        + ["--target", "#3 - #4", "--circuit", "0.5"]
    ),
    (
      "ablation",
      ["ablate", "--tokens", "5,6,7", "--model", "llama-plain", "--token", "1", "--head", "0.1"]
        + ["--direction", "2:1"]
    ),
  ]

  @Test(arguments: 0..<schemas.count)
  func theSchemaOfAReportIsGolden(index: Int) throws {
    let (name, arguments) = Self.schemas[index]
    let run = try CommandRun(arguments + ["--json"])
    #expect(run.status == 0, "\(run.error)")
    #expect(run.error.isEmpty)
    try GoldenFile("\(name)-schema.txt").expect(JSONSchema.text(of: run.output))
  }

  @Test(arguments: ["jacobians", "gate-rules"]) func theSchemaOfAComparisonIsGolden(command: String)
    throws
  {
    let run = try CommandRun([command] + Self.explain.dropFirst() + ["--json"])
    #expect(run.status == 0, "\(run.error)")
    try GoldenFile("\(command)-schema.txt").expect(JSONSchema.text(of: run.output))
  }

  @Test func onePrecisionIsNamedOnce() throws {
    let run = try CommandRun(["jacobians", "--tokens", "1", "--precisions", "f32,f32"])
    #expect(run.status == 64 && run.error.contains("expected each precision once"))
    let other = try CommandRun(["jacobians", "--tokens", "1", "--precisions", "f32,f8"])
    #expect(other.status == 64 && other.error.contains("found \"f8\""))
  }

  @Test func anExplanationReadsBackAndAddsUp() throws {
    let run = try CommandRun(
      Self.explain + ["--json", "--precision", "f64", "--target", "#3 - #4"])
    let report = try ExplanationReport(jsonData: run.output)
    #expect(report.prompt.tokens.map(\.id) == [5, 6, 7])
    // Without a tokenizer, ids stand for texts.
    #expect(report.prompt.tokens.map(\.text) == ["[5]", "[6]", "[7]"])
    #expect(report.target.token?.id == 3 && report.target.contrast?.id == 4)
    #expect(report.provenance.precision == "f64")
    #expect(report.provenance.commandLine?.prefix(2) == ["secant", "explain"])
    // Sums over three tokens in double precision.
    #expect(abs(report.shares.difference) < 1e-12 * max(1, report.target.logit.magnitude))
    #expect(report.reconstruction.relativeError < 1e-13)
  }

  @Test func sharesMapsAndComparisonsReadBack() throws {
    let tokens = ["--tokens", "5,6,7", "--model", "llama-biases", "--precision", "f64", "--json"]
    let shares = try SharesReport(jsonData: CommandRun(["shares"] + tokens).output)
    #expect(shares.provenance.method == "exact" && shares.provenance.gateRule == "up")
    let difference = try #require(shares.exactness.largestRowDifference)
    #expect(difference <= 1e-12 * max(1, abs(shares.target.logit)))
    let maps = try MapsReport(
      jsonData: CommandRun(["maps"] + tokens + ["--units", "2"]).output)
    #expect(maps.jacobians.allSatisfy { $0.rows.count == 2 && $0.columns.count == 2 })
    #expect(maps.generation == nil)
    let comparison = try ComparisonReport(
      jsonData: CommandRun(["compare"] + tokens + ["--with-model", "llama-gelu"]).output)
    #expect(comparison.second.provenance.model.name == "llama-gelu")
    #expect(comparison.overlapSpace == "logits")
  }

  @Test func whatAnAdapterChangedIsAccountedFor() throws {
    let (adapter, folder) = ("adapters/llama-biases", "llama-biases")
    func ledger(_ models: [String], named names: [String]) throws -> DifferenceLedger {
      let run = try CommandRun(
        ["compare", "--tokens", "5,6,7", "--model", folder, "--precision", "f64", "--json"]
          + ["--target", "#3", "--over", "#4", "--spectra", "none"] + models)
      #expect(run.status == 0, "\(run.error)")
      let report = try ComparisonReport(jsonData: run.output)
      #expect([report.first, report.second].map(\.provenance.model.name) == names)
      return try #require(report.difference)
    }
    let adapted = "\(folder) + \(adapter)"
    let tuned = try ledger(["--with-adapter", adapter], named: [folder, adapted])
    let untuned = try ledger(
      ["--adapter", adapter, "--with-model", folder], named: [adapted, folder])
    #expect(abs(tuned.mean.real) > 1e-3)
    #expect(abs(tuned.mean.real + untuned.mean.real) < 1e-12)
    #expect(abs(tuned.mean.sum - tuned.mean.real) < 1e-12)
    #expect(tuned.mean.entries.contains { $0.kind == "weights" && $0.value != 0 })
  }

  @Test func sharesAreDividedAmongTheModulesOfAnAdapter() throws {
    let arguments = [
      "shares", "--tokens", "5,6,7", "--model", "llama-biases", "--precision", "f64",
    ]
    let adapted = arguments + ["--adapter", "adapters/llama-biases"]
    let report = try SharesReport(jsonData: CommandRun(adapted + ["--json"]).output)
    let adapter = try #require(report.adapter)
    #expect(abs(adapter.sum - report.target.logit) < 1e-12)
    #expect(adapter.modules.count == 4 * report.blocks.count)
    let text = try CommandRun(adapted)
    #expect(text.status == 0 && text.text.contains("; the adapter gave "))
    #expect(text.text.contains("without a share: query"))
    let plain = try SharesReport(jsonData: CommandRun(arguments + ["--json"]).output)
    #expect(plain.adapter == nil)
  }

  @Test func theNumbersOfAComparisonLeaveAsFiles() throws {
    let folder = try TemporaryFolder()
    let (csv, tensors) = (folder.path("c.csv"), folder.path("c.safetensors"))
    let run = try CommandRun(
      ["compare"] + Self.explain.dropFirst()
        + ["--with-tokens", "5,8", "--rank", "3", "--json", "--csv", csv, "--output", tensors])
    #expect(run.status == 0, "\(run.error)")
    #expect(try folder.names == ["c.csv", "c.safetensors"])
    let report = try ComparisonReport(jsonData: run.output)
    let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\r\n")
    let entries = try #require(report.difference).orders.reduce(0) { $0 + $1.order.entries.count }
    #expect(lines.count == 1 + report.pairs.count + entries)
    let file = try SafetensorsFile(at: URL(filePath: tensors))
    let values = try #require(file.tensors.first { $0.name == "second.singular_values" })
    #expect(values.shape == [2, 3])
    let written = values.values(as: Double.self)
    #expect(written == report.second.jacobians.flatMap { $0.singularValues })
  }

  @Test(arguments: [
    ["--with", "a", "--with-tokens", "1"], [], ["--with", ""], ["--with-tokens", "1,x"],
  ])
  func whatCannotBeComparedIsAUsageError(arguments: [String]) throws {
    let run = try CommandRun(["compare", "--tokens", "5,6", "--model", "llama-plain"] + arguments)
    #expect(run.status == 64)
    #expect(run.output.isEmpty && run.error.split(separator: "\n").count == 1)
  }

  @Test(arguments: ["auto", "dense", "krylov"])
  func oneCommandLineGivesTheSameBytes(method: String) throws {
    let arguments = Self.explain + ["--json", "--seed", "3", "--method", method]
    let runs = try (0..<2).map { _ in try CommandRun(arguments) }
    #expect(runs[0].status == 0 && !runs[0].output.isEmpty)
    #expect(runs[0].output == runs[1].output)
  }

  @Test func thePageAndTheReportGoTogether() throws {
    let folder = try TemporaryFolder()
    let page = folder.path("page.html")
    let run = try CommandRun(Self.explain + ["--json", "--html", page])
    #expect(run.status == 0, "\(run.error)")
    _ = try ExplanationReport(jsonData: run.output)
    #expect(try String(contentsOfFile: page, encoding: .utf8).hasPrefix("<!DOCTYPE html>"))
    #expect(try folder.names == ["page.html"])
  }

  /// The commands that plan, each with options of its own and those of its files, and the triplets that it plans
  /// for.
  private static let plans: [(arguments: [String], files: [String], rank: Int)] = [
    (explain, ["--html"], 8),
    (["layers"] + explain.dropFirst() + ["--local"], ["--html", "--csv", "-o"], 3),
    (
      ["maps"] + explain.dropFirst() + ["--rank", "2", "--generate", "2"],
      ["--html", "--csv", "-o"], 2
    ),
    (["shares"] + explain.dropFirst(), ["--html", "--csv", "-o"], 0),
    (
      ["trace"] + explain.dropFirst() + ["--answer-tokens", "9", "--matrix", "--check", "mask"],
      ["--html", "--csv", "-o"], 0
    ),
    (
      ["compare"] + explain.dropFirst() + ["--with-tokens", "5,8"], ["--html", "--csv", "-o"], 8
    ),
    (["gate-rules"] + explain.dropFirst(), ["--html", "--csv", "-o"], 8),
    (["jacobians"] + explain.dropFirst(), ["--html", "--csv", "-o"], 0),
    (["report"] + explain.dropFirst(), ["-o"], 8),
    (["ablate"] + explain.dropFirst(), ["--html", "--csv", "-o"], 0),
    (["ablate", "--direction", "0:9"] + explain.dropFirst(), ["--html", "--csv", "-o"], 9),
  ]

  @Test(arguments: 0..<plans.count) func aDryRunIsAPlan(index: Int) throws {
    let folder = try TemporaryFolder()
    let (arguments, files, rank) = Self.plans[index]
    let outputs = files.enumerated().flatMap { [$1, folder.path("file\($0)")] }
    let run = try CommandRun(arguments + ["--dry-run", "--json"] + outputs)
    #expect(run.status == 0, "\(run.error)")
    let plan = try PlanReport(jsonData: run.output)
    #expect(plan.tokenCount == (arguments[0] == "compare" ? 5 : 3) && plan.rank == rank)
    #expect(plan.estimates.first?.method == plan.method)
    #expect(plan.estimates.allSatisfy { $0.seconds > 0 && $0.peakMemoryBytes > 0 })
    #expect(try folder.names.isEmpty)
    try GoldenFile("plan-schema.txt").expect(JSONSchema.text(of: run.output))
  }

  @Test func aDryRunOfAJacobianIsAPlan() throws {
    let folder = try TemporaryFolder()
    let run = try CommandRun(
      ["jacobian", "--tokens", "5,6,7", "--model", "llama-plain", "--dry-run", "--json"]
        + ["--output", folder.path("J.safetensors")])
    #expect(run.status == 0, "\(run.error)")
    let plan = try PlanReport(jsonData: run.output)
    #expect(plan.tokenCount == 3 && plan.method == "dense")
    #expect(try folder.names.isEmpty)
  }

  /// Values that cancel to one part in 10⁶ leave single precision nothing of the logit.
  @Test func aFailedLawIsStatus1() throws {
    let folder = try TemporaryFolder()
    let model = try RandomCheckpoint(
      width: 32, feedForwardWidth: 32, blocks: 2, vocabulary: 64, seed: 3, cancels: true
    ).write(to: folder.url.appending(path: "cancelling"))
    let run = try CommandRun(["verify", "--model", model.path])
    #expect(run.status == 1, "\(run.error)")
    #expect(run.text.hasPrefix("The method does not hold on this model: "))
    #expect(run.text.contains("✗") && run.text.contains("f32 against f64"))
  }

  @Test func theLawsHoldOnAFixture() throws {
    let run = try CommandRun(["verify", "--model", "llama-biases", "--json"])
    #expect(run.status == 0, "\(run.error)")
    let report = try VerificationReport(jsonData: run.output)
    #expect(report.isVerified && report.laws.contains { $0.outcome == .passed })
  }

  @Test func aLawWithoutTheMemoryForItIsNotVerified() throws {
    let arguments = ["verify", "--model", "llama-biases", "--tokens", "3"]
    let run = try CommandRun(
      arguments + ["--memory", "1"], environment: ["COLUMNS": "200"])
    #expect(run.status == 2 && run.error.isEmpty, "\(run.error)")
    let size = try #require(run.text.firstMatch(of: #/Not verified: .* --memory (\w+)/#)?.1)
    #expect(try CommandRun(arguments + ["--memory", String(size)]).status == 0)
  }

  @Test func aModelThatCannotRunIsInspectedAllTheSame() throws {
    let folder = try TemporaryFolder()
    let model = try folder.copy("llama-plain")
    try FailureTests.Damage.otherArchitecture.apply(to: model)
    let run = try CommandRun(["inspect", "--model", model.path, "--json"])
    #expect(run.status == 0, "\(run.error)")
    let report = try InspectionReport(jsonData: run.output)
    #expect(!report.notUnderstood.isEmpty && !report.tensorGroups.isEmpty)
  }

  /// Proves the first token alone: the reference has the logits of one prompt.
  @Test func generationBeginsWithTheLikeliestToken() throws {
    let reference = try SafetensorsFile(
      at: Fixtures.folder.appending(path: "llama-plain/reference.safetensors"))
    let tokens = try #require(reference.tensors.first { $0.name == "tokens" })
    let logits = try #require(reference.tensors.first { $0.name == "logits" })
      .values(as: Double.self)
    let run = try CommandRun(
      ["generate", "--tokens", tokens.integers.map(String.init).joined(separator: ","), "-n", "3"]
        + ["--model", "llama-plain"])
    #expect(run.status == 0, "\(run.error)")
    let generated = run.text.split(separator: " ").compactMap {
      Int($0.trimmingCharacters(in: .newlines))
    }
    #expect(generated.count == 3)
    #expect(generated.first == logits.indices.max { logits[$0] < logits[$1] })
  }

  @Test(.enabled(if: LocalData.folder != nil, "real data not at hand"))
  func generationPrintsText() throws {
    let data = try #require(LocalData.folder)
    let run = try CommandRun(
      ["generate", "Once upon a time", "-n", "12"]
        + ["--model", data.appending(path: "models/stories260K/hf").path])
    #expect(run.status == 0, "\(run.error)")
    #expect(run.text.hasPrefix(", there was a little girl"))
    #expect(run.text.hasSuffix("\n"))
  }
}
