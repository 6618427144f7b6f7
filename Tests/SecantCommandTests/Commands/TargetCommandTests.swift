import Foundation
import Secant
import SecantTestSupport
import Testing

/// How targets and groupings are spelled on the command line, and what is refused.
@Suite("Targets and groupings")
struct TargetCommandTests {
  private static let tokens = ["--tokens", "5,6,7", "--model", "llama-plain", "--json"]
  private static let bridge = "The bridge out of Marin is the"

  private func explanation(_ arguments: [String]) throws -> ExplanationReport {
    let run = try CommandRun(["explain", "--spectra", "none"] + arguments)
    #expect(run.status == 0, "\(run.error)")
    return try ExplanationReport(jsonData: run.output)
  }

  @Test func bothSpellingsOfADifferenceAreOne() throws {
    let first = try explanation(Self.tokens + ["--target", "#3 - #4"])
    let second = try explanation(Self.tokens + ["--target", "#3", "--over", "#4"])
    #expect(first.target == second.target && first.shares == second.shares)
    let several = try explanation(
      Self.tokens + ["--target", "#3", "--target", "#5", "--over", "#4", "--over", "#6"])
    #expect(several.target.tokens.map(\.id) == [3, 5])
    #expect(several.target.over?.tokens.map(\.id) == [4, 6])
  }

  @Test func theWordsOfOverSayWhatIsSubtracted() throws {
    #expect(try explanation(Self.tokens).target.over?.kind == "runner-up")
    #expect(
      try explanation(Self.tokens + ["--over", "runner-up"]).target.over?.kind == "runner-up")
    #expect(try explanation(Self.tokens + ["--over", "mean"]).target.over?.kind == "mean")
    let bare = try explanation(Self.tokens + ["--over", "none"]).target
    #expect(bare.over == nil && bare.logit == bare.rawLogit)
    let other = try explanation(Self.tokens + ["--over", "#9"]).target
    #expect(other.over?.kind == "tokens" && other.contrast?.id == 9)
  }

  /// Every command that has a target reads it by the same options.
  @Test(arguments: ["shares", "gate-rules", "layers", "jacobians", "compare", "report"])
  func everyCommandReadsThem(command: String) throws {
    let folder = try TemporaryFolder()
    let extra =
      command == "compare"
      ? ["--with-tokens", "5,8,7"] : command == "report" ? ["-o", folder.path("r.html")] : []
    let run = try CommandRun(
      [command] + Self.tokens + ["--target", "#3", "--over", "#4"] + extra
        // Layers divide nothing among tokens.
        + (command == "layers" ? [] : ["--no-baseline"]))
    #expect(run.status == 0, "\(run.error)")
    #expect(run.text.contains("\"label\" : \"[3] - [4]\""))
    #expect(!run.text.contains("isBaseline"))
  }

  @Test(arguments: [
    (["--target", "#3 - #4", "--over", "#5"], "--over: expected one thing to subtract"),
    (["--over", "mean", "--over", "#3"], "--over: expected tokens or the word mean, found both"),
    (["--target", ""], "--target: expected a token"),
    (["--over", ""], "--over: expected a token"),
    (["--target", "#3", "--over", "#3"], "target: expected two different tokens"),
    (["--target", "#3", "--target", "#3"], "target: expected every token once"),
    (["--by", "turn"], "shares by turn: expected a conversation"),
    (["--by", "verse"], "'verse' is invalid"),
    (["--by", "word", "--spans", "s.json"], "--spans: expected no --by with it, found word"),
  ])
  func whatMeansNothingIsRefused(_ options: [String], _ message: String) throws {
    let run = try CommandRun(["explain"] + Self.tokens + options)
    #expect(run.status == 64 && run.error.contains(message), "\(run.error)")
    #expect(run.output.isEmpty)
  }

  @Test func spansComeFromAFile() throws {
    let folder = try TemporaryFolder()
    let file = folder.path("spans.json")
    func run(_ json: String) throws -> CommandRun {
      try Data(json.utf8).write(to: URL(filePath: file))
      return try CommandRun(
        ["explain", "--spectra", "none", Self.bridge, "--spans", file, "--json"])
    }
    let found = try run(
      #"[{"name": "place", "text": "Marin"}, {"name": "thing", "start": 4, "end": 10}]"#)
    let shares = try ExplanationReport(jsonData: found.output).shares
    let spans = try #require(shares.grouping).spans
    #expect(spans.map(\.name) == ["thing", "place", "other text"])
    #expect(spans[0].positions == [2] && spans[1].positions == [5])
    #expect(spans[0].value == shares.tokens[2].value)
    for (json, status, message) in [
      (#"[{"name": "a", "text": "Rome"}]"#, 64, "found none"),
      (#"[{"name": "a", "start": 0, "end": 99}]"#, 64, "the prompt's characters"),
      (#"[{"name": "a", "start": 5, "end": 5}]"#, 65, "expected a number above start, 5"),
      (#"[{"name": "a", "text": "Marin", "end": 5}]"#, 65, "text, or start and end, not both"),
      (#"[{"name": "a", "words": "Marin"}]"#, 65, "one of the fields name, text, start and end"),
      (#"[{"text": "Marin"}]"#, 66, "[0].name"),
      (#"{"name": "a"}"#, 65, "spans.json"),
    ] {
      let refused = try run(json)
      #expect(refused.error.contains(message), "\(refused.error)")
      #expect(Int(refused.status) == status, "\(refused.error)")
    }
    let missing = try CommandRun(["explain", Self.bridge, "--spans", folder.path("none.json")])
    #expect(missing.status == 66, "\(missing.error)")
  }

  @Test(arguments: ["explain", "shares"])
  func wordsAddUp(command: String) throws {
    let run = try CommandRun([command, Self.bridge, "--by", "word"])
    #expect(run.status == 0 && run.text.contains("What each word gave to"), "\(run.error)")
  }
}
