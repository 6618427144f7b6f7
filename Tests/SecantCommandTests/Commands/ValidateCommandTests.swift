import Secant
import SecantTestSupport
import Testing

/// Measured effects on the command line: `validate`, `explain --check` and `compare --circuit`.
@Suite("Effects")
struct ValidateCommandTests {
  private static let lines = [("Marin", "Golden"), ("Oakland", "Bay"), ("Brooklyn", "Brooklyn")]

  /// The bridges that the embedded model knows, as items.
  private func items(_ body: (String) throws -> Void) throws {
    let folder = try TemporaryFolder()
    let text = Self.lines.indices.map { index in
      let (a, b) = (Self.lines[index], Self.lines[(index + 1) % Self.lines.count])
      return """
        {"prompt": "The bridge out of \(a.0) is the", "counterfactual": "The bridge out of \(b.0) is the", \
        "target": " \(a.1)", "over": " \(b.1)"}

        """
    }.joined()
    try folder.write(Array(text.utf8), to: "items.jsonl")
    try body(folder.path("items.jsonl"))
  }

  @Test func theSchemaOfAValidationIsGolden() throws {
    try items { path in
      let run = try CommandRun(["validate", "--data", path, "--json"])
      #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
      try GoldenFile("validation-schema.txt").expect(JSONSchema.text(of: run.output))
      let report = try ValidationReport(jsonData: run.output)
      #expect(report.items.count == 3 && report.data == path)
      // The embedded model names its bridges by the places: rules that read it must beat chance.
      let (up, random) = (report.rules[0], report.rules[6])
      #expect(up.name == "up" && random.name == "random")
      #expect(try #require(up.median("comprehensiveness")).items == 3)
    }
  }

  @Test func validationIsPlannedAndWritten() throws {
    try items { path in
      let options = ["--data", path, "--rules", "up,random", "--items", "2"]
      let plan = try CommandRun(["validate", "--dry-run"] + options)
      #expect(plan.status == 0 && plan.text.contains("2 items"), "\(plan.error)")
      let run = try CommandRun(["validate"] + options)
      #expect(run.status == 0, "\(run.error)")
      #expect(run.text.contains("medians over 2 items") && run.text.contains("rank, mask"))
    }
  }

  @Test(arguments: [
    (["--items", "0"], "--items"), (["--rules", "up,down"], "one or more of up"),
    (["--rules", "up,up"], "one or more of up"), (["--max-seconds", "-1"], "--max-seconds"),
    (["--data", ""], "--data"),
  ])
  func whatCannotBeMeantIsRefused(options: [String], expected: String) throws {
    let run = try CommandRun(["validate"] + options)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.contains(expected), "\(run.error)")
  }

  @Test func aFileThatIsMissingIsNamed() throws {
    let run = try CommandRun(["validate", "--data", "/nonexistent.jsonl"])
    #expect(run.status == 66 && run.output.isEmpty && run.error.contains("nonexistent.jsonl"))
  }

  @Test func aCheckStandsBesideTheShares() throws {
    let prompt = "The bridge out of Marin is the"
    let run = try CommandRun(["explain", prompt, "--spectra", "none", "--check", "mask"])
    #expect(run.status == 0, "\(run.error)")
    #expect(run.text.contains("effect  by") && run.text.contains("deletion (mask): "))
    let plain = try CommandRun(["explain", prompt, "--spectra", "none", "--check", "none"])
    #expect(!plain.text.contains("deletion"))
    let wrong = try CommandRun(["explain", prompt, "--check", "delete"])
    #expect(wrong.status == 64 && wrong.error.contains("replace:TEXT"))
    let two = try CommandRun(["explain", prompt, "--check", "replace:no such token"])
    #expect(two.status == 64 && two.error.contains("the replacement"), "\(two.error)")
  }

  @Test func aCircuitIsRun() throws {
    let prompts = ["The bridge out of Marin is the", "--with", "The bridge out of Oakland is the"]
    let run = try CommandRun(["compare"] + prompts + ["--spectra", "none", "--circuit", "0.9"])
    #expect(run.status == 0, "\(run.error)")
    #expect(run.text.contains("Circuit: The "), "\(run.text)")
    let wrong = try CommandRun(["compare"] + prompts + ["--circuit", "0"])
    #expect(wrong.status == 64 && wrong.error.contains("--circuit"))
  }
}
