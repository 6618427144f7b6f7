import Foundation
import Secant
import SecantTestSupport
import Testing

/// `secant trace` on the embedded model, which knows the bridges of San Francisco.
@Suite("Traces")
struct TraceCommandTests {
  private static let prompt = "The bridge out of Marin is the"

  private func trace(_ arguments: [String]) throws -> TraceReport {
    let run = try CommandRun(["trace", Self.prompt, "--json"] + arguments)
    #expect(run.status == 0 && run.error.isEmpty, "\(run.error)")
    return try TraceReport(jsonData: run.output)
  }

  @Test func theAnswerIsTheModelsOwn() throws {
    let own = try trace(["-n", "2"])
    let written = try CommandRun(["generate", Self.prompt, "-n", "2"]).text
    #expect(own.answer.text + "\n" == written || own.answer.text == written)
    #expect(own.answer.origin == "continuation" && own.reference.kind == "runner-up")
    #expect(abs(own.shares.difference) <= 1e-4 && own.matrix == nil && own.check == nil)
    // The same, given as a text: a space is added where that is likelier.
    let given = try trace(["--answer", String(own.answer.text.drop { $0 == " " })])
    #expect(given.answer.tokens.map(\.id) == own.answer.tokens.map(\.id))
    #expect(given.answer.origin == "given" && given.shares.logit == own.shares.logit)
    #expect(given.notes.contains { $0.contains("between quotes") })
    let ids = own.answer.tokens.map { "\($0.id)" }.joined(separator: ",")
    #expect(try trace(["--answer-tokens", ids]).shares == own.shares)
  }

  @Test func everySpellingOfOver() throws {
    for word in ["runner-up", "mean", "none"] {
      #expect(try trace(["-n", "1", "--over", word]).reference.kind == word)
    }
    let other = try trace(["--answer", " Golden", "--over", "Bay"])
    #expect(other.reference.kind == "answer" && other.reference.text == " Bay")
    #expect(other.answer.tokens.map(\.over?.text) == [" Bay"])
  }

  @Test func namedSpansAreDocuments() throws {
    let folder = try TemporaryFolder()
    try folder.write(
      Array(#"[{"name": "place", "text": "Marin"}]"#.utf8), to: "spans.json")
    let traced = try trace(["-n", "1", "--spans", folder.path("spans.json")])
    #expect(traced.spans.map(\.name).contains("place"))
    let role = try #require(traced.roles.first { $0.name == "documents" })
    #expect(role.value == traced.spans.first { $0.name == "place" }?.value)
    #expect(role.tokenCount == 1)
  }

  /// The numbers leave as a table and as arrays, which say the same.
  @Test func numbersAreFiles() throws {
    let folder = try TemporaryFolder()
    let (csv, tensors) = (folder.path("t.csv"), folder.path("t.safetensors"))
    let traced = try trace(
      ["-n", "3", "--matrix", "--check", "mask", "--csv", csv, "-o", tensors])
    let lines = try String(contentsOfFile: csv, encoding: .utf8).split(separator: "\r\n")
    #expect(lines[0] == "answer_index,answer_token,kind,span_index,span,share,effect")
    let spans = traced.spans.count
    #expect(lines.count == 1 + 4 * (spans + 3))
    let file = try SafetensorsFile(at: URL(filePath: tensors))
    let matrix = try #require(file.tensors.first { $0.name == "matrix" })
    #expect(matrix.shape == [3, traced.prompt.tokens.count + 3])
    let values = matrix.values(as: Double.self)
    let row = try #require(traced.matrix?.rows.last)
    #expect(Array(values.suffix(matrix.shape[1]).dropLast()) == row.tokens)
  }

  @Test(arguments: [
    (["--answer", "a", "-n", "2"], "--answer and -n"),
    (["--answer", ""], "--answer: expected a text"), (["-n", "0"], "--count"),
    (["--over", ""], "--over: expected an answer"), (["--check", "mean"], "mask"),
    (["--max-seconds", "-1"], "--max-seconds"),
    (["--spans", "x.json", "--by", "line"], "--spans: expected no --by"),
    (["--answer", " Golden Gate", "--over", " Bay"], "as the answer has"),
    (["--by", "turn"], "shares by turn"),
  ])
  func whatCannotBeMeantIsRefused(options: [String], expected: String) throws {
    let run = try CommandRun(["trace", Self.prompt] + options)
    #expect(run.status == 64 && run.output.isEmpty)
    #expect(run.error.contains(expected), "\(run.error)")
  }
}
