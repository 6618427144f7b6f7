import Foundation
import Secant
import SecantTestSupport
import Testing

/// `secant vocabulary`: tokens by a piece of their text.
@Suite("Vocabulary") struct VocabularyCommandTests {
  @Test func theSchemaIsGolden() throws {
    let run = try CommandRun(["vocabulary", "gold", "--json"])
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    try GoldenFile("vocabulary-schema.txt").expect(JSONSchema.text(of: run.output))
  }

  @Test func theClosestComeFirstAndNoMoreThanAskedFor() throws {
    let all = try VocabularyReport(
      jsonData: CommandRun(["vocabulary", "the", "-n", "4096", "--json"]).output)
    #expect(all.tokens.count == all.count && all.count > 5)
    #expect(["the", " the"].contains(all.tokens[0].text) && all.tokens[0].match == "whole")
    let some = try VocabularyReport(
      jsonData: CommandRun(["vocabulary", "the", "-n", "3", "--json"]).output)
    #expect(some.count == all.count && some.tokens == Array(all.tokens.prefix(3)))
    let none = try CommandRun(["vocabulary", "no token has this"])
    #expect(none.status == 0 && none.text.hasPrefix("no token of demo has"))
  }

  @Test(arguments: [
    ([""], 64, "<text>"), (["a", "-n", "0"], 64, "--count"),
    (["a", "--model", "llama-plain"], 66, "tokenizer"),
  ])
  func whatCannotBeFoundIsRefused(arguments: [String], status: Int32, message: String) throws {
    let run = try CommandRun(["vocabulary"] + arguments)
    #expect(run.status == status && run.error.contains(message), "\(run.status): \(run.error)")
  }
}
