import Foundation
import SecantExplorer
import SecantTestSupport
import Testing

/// What requests are answered with, apart from HTTP.
@Suite struct ExplorerTests {
  /// Who does not know the token, comes from another page, or by another name, gets nothing.
  @Test func refusesStrangers() async {
    let worker = FakeWorker()
    let explorer = Explorer.fake(worker)
    let good = ExplorerRequest.question(#"{"question":"explain","prompt":"a"}"#)
    #expect(await explorer.respond(to: good).status == 202)
    var request = good
    request.host = "evil.example:1"
    #expect(await explorer.respond(to: request).status == 403)
    request.host = nil
    #expect(await explorer.respond(to: request).status == 403)
    request = good
    request.origin = "http://evil.example"
    #expect(await explorer.respond(to: request).status == 403)
    request.origin = "null"
    #expect(await explorer.respond(to: request).status == 403)
    for path in [[], ["secre"], ["secret2", "api", "questions"], ["..", "secret"]] {
      request = good
      request.path = path
      #expect(await explorer.respond(to: request).status == 404)
    }
    request = good
    request.contentType = "text/plain"
    #expect(await explorer.respond(to: request).status == 415)
    request = good
    request.body = nil
    #expect(await explorer.respond(to: request).status == 413)
    #expect(worker.asked.count == 1)
  }

  /// A page asks by names that it may set: none of them names a file, and a text is a text.
  @Test(arguments: [
    (
      #"{"question":"explain","prompt":"--model x","spectra":"3","rank":8,"check":"none"}"#,
      [
        "explain", "--model=/models/one", "--check=none", "--rank=8", "--spectra=3", "--json", "--",
        "--model x",
      ]
    ),
    (
      #"{"question":"compare","model":1,"prompt":"a","with":"-b","target":["--csv","x"],"baseline":false}"#,
      [
        "compare", "--model=two", "--no-baseline", "--target=--csv", "--target=x", "--with=-b",
        "--json", "--", "a",
      ]
    ),
    (
      #"{"question":"shares","prompt":[1,2,30],"sources":"0","chat":true,"system":"s"}"#,
      [
        "shares", "--model=/models/one", "--chat", "--tokens=1,2,30", "--sources=0", "--system=s",
        "--json",
      ]
    ),
    (
      #"{"question":"ablate","prompt":"a","head":["2.1"],"token":[-1,3],"feedForward":[2],"keep":"0.5"}"#,
      [
        "ablate", "--model=/models/one", "--feed-forward=2", "--head=2.1", "--keep=0.5",
        "--token=-1", "--token=3", "--json", "--", "a",
      ]
    ),
    (
      #"{"question":"steer","prompt":"a","block":[3],"toward":"-x","strength":-0.5,"count":4}"#,
      [
        "steer", "toward", "--model=/models/one", "--block=3", "-n", "4", "--strength=-0.5",
        "--token=-x", "--json", "--", "a",
      ]
    ),
    (
      #"{"question":"vocabulary","text":"-n","count":5}"#,
      ["vocabulary", "--model=/models/one", "-n", "5", "--json", "--", "-n"]
    ),
    (
      #"{"question":"generate","prompt":"a","count":5,"temperature":0.5}"#,
      ["generate", "--model=/models/one", "-n", "5", "--temperature=0.5", "--", "a"]
    ),
  ])
  func asksInTheWordsOfTheCommandLine(_ json: String, _ arguments: [String]) async {
    let worker = FakeWorker()
    let answer = await Explorer.fake(worker).respond(to: .question(json))
    #expect(answer.status == 202, "\(answer.message)")
    #expect(worker.asked == [arguments])
  }

  @Test(arguments: [
    "", "[]", "{}", #"{"question":"jacobian","prompt":"a"}"#, #"{"question":"explain"}"#,
    #"{"question":"explain","prompt":7}"#, #"{"question":"explain","prompt":[]}"#,
    #"{"question":"explain","prompt":[-1]}"#, #"{"question":"explain","prompt":"a","model":2}"#,
    #"{"question":"explain","prompt":"a","model":-1}"#,
    #"{"question":"explain","prompt":"a","html":"/tmp/x"}"#,
    #"{"question":"explain","prompt":"a","output":"/tmp/x"}"#,
    #"{"question":"explain","prompt":"a","with":"b"}"#,
    #"{"question":"explain","prompt":"a","spans":"/etc/passwd"}"#,
    #"{"question":"explain","prompt":"a","target":"x"}"#,
    #"{"question":"explain","prompt":"a","rank":1e9}"#,
    #"{"question":"generate","prompt":"a","count":0}"#,
    #"{"question":"ablate","prompt":"a","token":3}"#,
    #"{"question":"ablate","prompt":"a","block":[-1]}"#,
    #"{"question":"explain","prompt":"a","chat":"yes"}"#,
    #"{"question":"vocabulary","prompt":"a"}"#, #"{"question":"vocabulary"}"#,
    #"{"question":"vocabulary","text":"a","chat":true}"#,
    #"{"question":"vocabulary","text":"a","system":"s"}"#, #"{"question":"explain","text":"a"}"#,
  ])
  func refusesWhatItDoesNotUnderstand(_ json: String) async {
    let worker = FakeWorker()
    let answer = await Explorer.fake(worker).respond(to: .question(json))
    #expect(answer.status == 400 && !answer.message.isEmpty)
    #expect(worker.asked.isEmpty)
  }

  /// Progress comes as it happens; who comes late hears how far it is, and the answer.
  @Test func tellsAllWhoListen() async throws {
    let worker = FakeWorker(answersAtOnce: false)
    let explorer = Explorer.fake(worker)
    let json = #"{"question":"explain","prompt":"a"}"#
    let id = try #require(await explorer.respond(to: .question(json)).object["id"] as? String)
    // Asked again while it runs, it is the same question.
    #expect(await explorer.respond(to: .question(json)).object["id"] as? String == id)
    let early = await explorer.respond(to: .plain("GET", "api", "questions", id, "events"))
    worker.answer(id)
    let heard = await early.events()
    #expect(heard.contains { $0["progress"] != nil } && heard.last?["status"] as? Int == 0)
    let late = await explorer.respond(to: .plain("GET", "api", "questions", id, "events"))
    let kept = await late.events()
    #expect(kept.count == 1 && kept[0]["status"] as? Int == 0)
    #expect(
      await explorer.respond(to: .plain("GET", "api", "questions", "q9", "events")).status == 404)
    #expect(worker.asked.count == 1)
  }

  @Test func cancelsOnRequest() async throws {
    let worker = FakeWorker(answersAtOnce: false)
    let explorer = Explorer.fake(worker)
    let asked = await explorer.respond(to: .question(#"{"question":"explain","prompt":"a"}"#))
    let id = try #require(asked.object["id"] as? String)
    #expect(await explorer.respond(to: .plain("DELETE", "api", "questions", id)).status == 200)
    let events = await explorer.respond(to: .plain("GET", "api", "questions", id, "events"))
      .events()
    #expect(events.last?["status"] as? Int == 130 && worker.cancelled == [id])
    #expect(await explorer.respond(to: .plain("DELETE", "api", "questions", "q9")).status == 404)
  }

  /// A client that goes away in the midst of an answer leaves nothing behind.
  @Test func forgetsWhoLeaves() async throws {
    let worker = FakeWorker(answersAtOnce: false)
    let explorer = Explorer.fake(worker)
    let asked = await explorer.respond(to: .question(#"{"question":"explain","prompt":"a"}"#))
    let id = try #require(asked.object["id"] as? String)
    for _ in 0..<50 {
      let response = await explorer.respond(to: .plain("GET", "api", "questions", id, "events"))
      guard case .events(let stream) = response.body else { continue }
      let listening = Task { for await _ in stream {} }
      listening.cancel()
      await listening.value
    }
    while await explorer.listenerCount > 0 { await Task.yield() }
    worker.answer(id)
    let events = await explorer.respond(to: .plain("GET", "api", "questions", id, "events"))
      .events()
    #expect(events.last?["status"] as? Int == 0)
  }

  /// A day of use: what is remembered does not grow with what was asked.
  @Test func remembersTheLastQuestionsOnly() async {
    let worker = FakeWorker()
    let explorer = Explorer.fake(worker)
    for n in 0..<1000 {
      let answer = await explorer.respond(
        to: .question(#"{"question":"explain","prompt":"\#(n)"}"#))
      let id = answer.object["id"] as? String ?? ""
      _ = await explorer.respond(to: .plain("GET", "api", "questions", id, "events")).events()
    }
    #expect(worker.asked.count == 1000)
    #expect(await explorer.jobCount <= 66)
    #expect(await explorer.listenerCount == 0)
  }

  /// More questions than anyone has are refused, and none that was taken is lost.
  @Test func refusesMoreThanCanWait() async {
    let worker = FakeWorker(answersAtOnce: false)
    let explorer = Explorer.fake(worker)
    var statuses: [Int] = []
    for n in 0..<300 {
      statuses.append(
        await explorer.respond(to: .question(#"{"question":"explain","prompt":"\#(n)"}"#)).status)
    }
    #expect(statuses.count { $0 == 202 } == 256 && statuses.count { $0 == 429 } == 44)
    #expect(worker.asked.count == 256)
  }

  /// The page holds a browser to its rules, and no name of a model can become a part of it.
  @Test func thePageLoadsNothing() async throws {
    let explorer = Explorer(
      models: ["/a/</script><script>alert(1)</script>"], worker: FakeWorker(),
      hosts: ["localhost:1"], token: "secret", version: "0")
    let page = await explorer.respond(to: .plain("GET"))
    guard case .data(let data) = page.body else { return }
    let text = String(decoding: data, as: UTF8.self)
    #expect(text.components(separatedBy: "<script").count == 3)
    #expect(!text.contains("http://") || !text.contains("src=\"http"))
    let policy = try #require(page.fields["Content-Security-Policy"])
    #expect(policy.hasPrefix("default-src 'none'") && !policy.contains("unsafe"))
    #expect(
      !text.contains("/*SCRIPT*/") && !text.contains("/*STYLE*/") && !text.contains("/*FACTS*/"))
  }

  /// What was answered once is answered from the disk, until the model or the question is another.
  @Test func answersFromItsCache() async throws {
    let folder = try TemporaryFolder()
    let cache = try AnswerCache(in: folder.url.appending(path: "cache"), limit: 4000, salt: "0")
    let json = #"{"question":"explain","prompt":"a"}"#
    func ask(_ worker: FakeWorker, _ json: String) async -> [[String: Any]] {
      let explorer = Explorer.fake(worker, cache: cache)
      let id = await explorer.respond(to: .question(json)).object["id"] as? String ?? ""
      return await explorer.respond(to: .plain("GET", "api", "questions", id, "events")).events()
    }
    let (first, second, third) = (FakeWorker(), FakeWorker(), FakeWorker())
    let fresh = await ask(first, json)
    let kept = await ask(second, json)
    #expect(first.asked.count == 1 && second.asked.isEmpty)
    #expect(kept.last?["status"] as? Int == 0 && fresh.last?["status"] as? Int == 0)
    _ = await ask(third, #"{"question":"explain","prompt":"b"}"#)
    #expect(third.asked.count == 1)
    // The folder stays within its bound.
    for n in 0..<100 { _ = await ask(FakeWorker(), #"{"question":"explain","prompt":"x\#(n)"}"#) }
    let files = try FileManager.default.contentsOfDirectory(
      at: folder.url.appending(path: "cache"), includingPropertiesForKeys: [.fileSizeKey])
    let total = try files.reduce(0) {
      $0 + (try $1.resourceValues(forKeys: [.fileSizeKey]).fileSize ?? 0)
    }
    #expect(total <= 4000 && !files.isEmpty)
  }
}

/// The same questions for an assistant.
@Suite struct AssistantTests {
  /// A worker whose answers are long texts.
  private struct Teller: Worker {
    func ask(_ id: String, _ arguments: [String]) -> AsyncStream<WorkerMessage> {
      AsyncStream { continuation in
        let text =
          arguments.joined(separator: "|") + "\n" + String(repeating: "line\n", count: 4000)
        let object: [String: Any] = ["id": id, "status": 0, "text": text]
        let line = (try? JSONSerialization.data(withJSONObject: object)) ?? Data()
        continuation.yield(WorkerMessage(line: line, status: 0))
        continuation.finish()
      }
    }

    func cancel(_ id: String) {}
  }

  private func ask(_ json: String) async throws -> [String: Any] {
    let tools = AssistantTools(models: ["one", "two"], worker: Teller(), version: "0")
    let answer = try #require(await tools.answer(Data(json.utf8)))
    return try #require(JSONSerialization.jsonObject(with: answer) as? [String: Any])
  }

  @Test func speaksTheProtocol() async throws {
    let hello = try await ask(
      #"{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26"}}"#)
    let greeting = try #require(hello["result"] as? [String: Any])
    #expect(greeting["protocolVersion"] as? String == "2025-03-26" && hello["id"] as? Int == 1)
    let list = try await ask(#"{"jsonrpc":"2.0","id":"a","method":"tools/list"}"#)
    let tools = try #require((list["result"] as? [String: Any])?["tools"] as? [[String: Any]])
    #expect(tools.count == 10 && tools.allSatisfy { $0["inputSchema"] != nil })
    let unknown = try await ask(#"{"jsonrpc":"2.0","id":2,"method":"tools/sell"}"#)
    #expect((unknown["error"] as? [String: Any])?["code"] as? Int == -32601)
    let tools2 = AssistantTools(models: ["one"], worker: Teller(), version: "0")
    #expect(
      await tools2.answer(Data(#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#.utf8))
        == nil)
  }

  /// An answer is short, and says how to get it again.
  @Test func answersInShort() async throws {
    let call = """
      {"jsonrpc":"2.0","id":3,"method":"tools/call","params":{"name":"explain","arguments":\
      {"prompt":"it's","model":"two","target":["Paris"]}}}
      """
    let result = try #require(try await ask(call)["result"] as? [String: Any])
    let content = try #require((result["content"] as? [[String: Any]])?.first?["text"] as? String)
    #expect(result["isError"] as? Bool == false && content.count < 5400)
    #expect(content.hasPrefix("explain|--model=two|--target=Paris|--|it's\n"))
    #expect(content.hasSuffix(#"Repeat: secant explain --model=two --target=Paris -- 'it'\''s'"#))
    let wrong = """
      {"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"explain","arguments":\
      {"prompt":"a","html":"/tmp/x"}}}
      """
    let refused = try #require(try await ask(wrong)["result"] as? [String: Any])
    #expect(refused["isError"] as? Bool == true)
  }
}
