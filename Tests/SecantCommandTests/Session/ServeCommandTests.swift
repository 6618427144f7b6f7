import Foundation
import Secant
import SecantTestSupport
import Testing

/// `secant serve` as a browser meets it.
@Suite("Serving") struct ServeCommandTests {
  /// The vocabulary is searched by the session, and an id that it names is a target.
  @Test func aTokenOfTheVocabularyIsATarget() async throws {
    let explorer = try ServedExplorer([])
    let search = try await explorer.ask(#"{"question":"vocabulary","text":"gold","count":50}"#)
    let answer = try await explorer.answer(search)
    let result = try #require(answer["result"] as? [String: Any])
    let tokens = try #require(result["tokens"] as? [[String: Any]])
    #expect((1...50).contains(tokens.count))
    #expect(tokens.allSatisfy { ($0["text"] as? String)?.lowercased().contains("gold") == true })
    let id = try #require(tokens.first?["id"] as? Int)
    let question = try await explorer.ask(
      ##"{"question":"explain","prompt":"The bridge out of Marin is the","target":["#\##(id)"]}"##
    )
    let explained = try await explorer.answer(question)
    let target = (explained["result"] as? [String: Any])?["target"] as? [String: Any]
    #expect((target?["token"] as? [String: Any])?["id"] as? Int == id)
  }

  /// A read-only server shows a kept report as the page that it is, and takes no question.
  @Test func savedViewsAreShownWithoutAModel() async throws {
    let folder = try TemporaryFolder()
    let report = try CommandRun(
      ["explain", "--tokens", "5,6,7", "--model", "llama-plain", "--rank", "1", "--json"])
    try report.output.write(to: folder.url.appending(path: "kept.json"))
    try Data("no report".utf8).write(to: folder.url.appending(path: "broken.json"))
    let server = try ServedExplorer(["--read-only", folder.url.path])
    let list = try await server.get("")
    let text = String(decoding: list.data, as: UTF8.self)
    #expect(list.status == 200 && text.contains("kept.json") && text.contains("secant.explanation"))
    let page = try await server.get("pages/kept.json")
    #expect(String(decoding: page.data, as: UTF8.self).hasPrefix("<!DOCTYPE html>"))
    #expect(try await server.get("files/kept.json").data == report.output)
    #expect(try await server.get("pages/broken.json").data == Data("no report".utf8))
    #expect(try await server.get("pages/..%2Fkept.json").status == 404)
    #expect(try await server.get("pages/%2Fetc%2Fpasswd").status == 404)
    let asked = try await server.get(
      "api/questions", method: "POST", body: #"{"question":"explain","prompt":"a"}"#)
    #expect(asked.status == 405)
    #expect(AnonymousMemory.children(of: server.process.processIdentifier).isEmpty)
  }

  @Test(arguments: [
    (["--read-only", ""], 64, "--read-only"),
    (["--read-only", "x", "--model", "demo"], 64, "--model"),
    (["--read-only", "no-such-folder"], 66, "a folder that can be read"),
    (["--port", "70000"], 64, "--port"),
  ])
  func whatCannotBeServedIsRefused(arguments: [String], status: Int32, message: String) throws {
    let run = try CommandRun(["serve"] + arguments)
    #expect(run.status == status && run.error.contains(message), "\(run.status): \(run.error)")
    #expect(run.output.isEmpty)
  }
}

/// A day of use: what the server and its session hold does not grow with the number of questions.
///
/// A thousand questions of the embedded model by HTTP: some equal, most different, some cancelled. What this does not
/// prove: the same of larger models, whose answers are longer.
@Suite(
  "A day of use", .serialized,
  .enabled(if: AnonymousMemory.isTold, "anonymous memory is read from Linux's /proc"))
struct DayOfUseTests {
  /// What the memory of either process may grow by over the least of four times 200 questions, in bytes.
  ///
  /// What is kept of every question grows each time: answers would take some 2 MB. An allocator that takes memory for
  /// another thread, and 8 MB at once were seen, does not.
  private static let bound = 1 << 19

  /// The n-th question.
  private static func question(_ n: Int) -> String {
    let tokens = "[\(1 + n % 7),\(10 + n),\(20 + n / 3)]"
    return switch n % 10 {
    case 0: #"{"question":"explain","prompt":"Always the same","spectra":"none","check":"none"}"#
    case 3, 4, 6: #"{"question":"shares","prompt":\#(tokens),"sources":"all"}"#
    case 5: #"{"question":"vocabulary","text":"a\#(n)"}"#
    case 7: #"{"question":"generate","prompt":\#(tokens),"count":2}"#
    default: #"{"question":"explain","prompt":\#(tokens),"spectra":"none","check":"none"}"#
    }
  }

  @Test(.timeLimit(.minutes(5))) func aThousandQuestionsLeaveNothing() async throws {
    let explorer = try ServedExplorer(["--no-cache"])
    let server = explorer.process.processIdentifier
    var held: [(server: Int, session: Int)] = []
    for n in 1...1000 {
      let id = try await explorer.ask(Self.question(n))
      if n % 40 == 0 {
        // One that waits behind another is forgotten; one that runs ends its session, which begins anew: only early
        // on, for the new one holds nothing yet.
        let other = try await explorer.ask(
          #"{"question":"explain","prompt":[1,2,\#(n)],"spectra":"none","check":"none"}"#)
        let isEarly = n <= 120
        let cancelled = isEarly ? id : other
        #expect(
          try await explorer.get("api/questions/\(cancelled)", method: "DELETE").status == 200)
        _ = try await explorer.answer(other)
      }
      let answer = try await explorer.answer(id)
      let status = try #require(answer["status"] as? Int)
      #expect(status == 0 || (n % 40 == 0 && status == 130), "\(n): \(answer)")
      guard n % 200 == 0 else { continue }
      let children = AnonymousMemory.children(of: server)
      try #require(children.count == 1)
      held.append(
        (
          server: try #require(AnonymousMemory.bytes(of: server)),
          session: try #require(AnonymousMemory.bytes(of: children[0]))
        ))
    }
    let growth = zip(held, held.dropFirst())
    let least = (
      server: growth.map { $1.server - $0.server }.min(),
      session: growth.map { $1.session - $0.session }.min()
    )
    #expect(try #require(least.server) < Self.bound, "\(held)")
    #expect(try #require(least.session) < Self.bound, "\(held)")
  }
}
