import FlyingSocks
import Foundation
import SecantExplorer
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// The explorer as clients meet it, by HTTP over the loopback address.
@Suite(.serialized) struct ServerTests {
  /// Runs a server at a free port while `body` talks to it.
  private func serving(
    _ worker: any Worker, _ body: (_ address: String, _ port: UInt16) async throws -> Void
  ) async throws {
    let server = try ExplorerServer(address: "127.0.0.1", port: 0)
    let running = Task { try await server.run() }
    defer { running.cancel() }
    let port = try await server.waitUntilListening()
    #expect(port > 0)
    server.answer(
      by: Explorer(
        models: ["m"], worker: worker, hosts: ["127.0.0.1:\(port)"], token: "secret", version: "0")
    )
    try await body("http://127.0.0.1:\(port)/secret/", port)
  }

  /// A server that knows no answers yet says so, and answers as soon as it does.
  @Test func saysWhenItIsNotReady() async throws {
    let server = try ExplorerServer(address: "127.0.0.1", port: 0)
    let running = Task { try await server.run() }
    defer { running.cancel() }
    let port = try await server.waitUntilListening()
    let address = try url("http://127.0.0.1:\(port)/secret/")
    let (_, early) = try await URLSession.shared.data(from: address)
    #expect(status(early) == 503)
    server.answer(
      by: Explorer(
        models: ["m"], worker: FakeWorker(), hosts: ["127.0.0.1:\(port)"], token: "secret",
        version: "0"))
    let (_, late) = try await URLSession.shared.data(from: address)
    #expect(status(late) == 200)
  }

  private func url(_ text: String) throws -> URL { try #require(URL(string: text)) }

  private func post(_ address: String, _ body: Data) throws -> URLRequest {
    var request = URLRequest(url: try url(address + "api/questions"))
    request.httpMethod = "POST"
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.httpBody = body
    return request
  }

  private func status(_ response: URLResponse) -> Int? {
    (response as? HTTPURLResponse)?.statusCode
  }

  @Test func answersByHTTP() async throws {
    try await serving(FakeWorker()) { address, _ in
      let (page, response) = try await URLSession.shared.data(from: url(address))
      #expect(status(response) == 200 && String(decoding: page, as: UTF8.self).contains("Secant"))
      let fields = (response as? HTTPURLResponse)?.allHeaderFields as? [String: String] ?? [:]
      #expect(fields["X-Content-Type-Options"] == "nosniff")
      #expect(fields["Content-Security-Policy"]?.contains("frame-ancestors 'none'") == true)
      let json = Data(#"{"question":"explain","prompt":"é \"quoted\""}"#.utf8)
      let (taken, accepted) = try await URLSession.shared.data(for: post(address, json))
      #expect(status(accepted) == 202)
      let id = try #require(
        (try JSONSerialization.jsonObject(with: taken) as? [String: Any])?["id"] as? String)
      let events = try url(address + "api/questions/\(id)/events")
      let (stream, streamed) = try await URLSession.shared.data(from: events)
      let text = String(decoding: stream, as: UTF8.self)
      #expect((streamed as? HTTPURLResponse)?.mimeType == "text/event-stream")
      #expect(text.contains(#""status":0"#) && text.hasSuffix("event: end\ndata: {}\n\n"))
    }
  }

  /// Two hundred requests at once: each gets the answer to its own question.
  @Test func answersManyAtOnce() async throws {
    let worker = FakeWorker()
    try await serving(worker) { address, _ in
      let answers = try await withThrowingTaskGroup(of: (Int, String).self) { group in
        for n in 0..<200 {
          group.addTask {
            let json = Data(#"{"question":"explain","prompt":"number \#(n)"}"#.utf8)
            let (taken, _) = try await URLSession.shared.data(for: post(address, json))
            let object = try JSONSerialization.jsonObject(with: taken) as? [String: Any]
            let id = object?["id"] as? String ?? "none"
            let events = try url(address + "api/questions/\(id)/events")
            let (stream, _) = try await URLSession.shared.data(from: events)
            return (n, String(decoding: stream, as: UTF8.self))
          }
        }
        var result: [(Int, String)] = []
        for try await answer in group { result.append(answer) }
        return result
      }
      #expect(answers.count == 200)
      for (n, text) in answers { #expect(text.contains("\"number \(n)\"")) }
      #expect(worker.asked.count == 200)
    }
  }

  /// A body of 100 MB is read and refused, and held nowhere; the server goes on.
  @Test func refusesLongBodies() async throws {
    try await serving(FakeWorker()) { address, _ in
      let body = Data(repeating: UInt8(ascii: "x"), count: 100 << 20)
      let (_, response) = try await URLSession.shared.upload(for: post(address, Data()), from: body)
      #expect(status(response) == 413)
      let (_, again) = try await URLSession.shared.data(from: url(address))
      #expect(status(again) == 200)
    }
  }

  /// Clients that say nothing, or nothing that is HTTP, keep no one else waiting.
  @Test func bearsSlowAndHostileClients() async throws {
    try await serving(FakeWorker()) { address, port in
      let clients = try (0..<50).map { _ in try RawClient(port: port) }
      for (n, client) in clients.enumerated() {
        client.write(
          n.isMultiple(of: 2) ? "GET /secret/ HTTP/1.1\r\nHost: " : "\u{0}\u{1}nonsense\r\n\r\n")
      }
      let (_, response) = try await URLSession.shared.data(from: url(address))
      #expect(status(response) == 200)
      clients.forEach { $0.close() }
      let (_, again) = try await URLSession.shared.data(from: url(address))
      #expect(status(again) == 200)
    }
  }
}

/// A connection that writes whatever it is told.
private struct RawClient {
  private let socket: Socket

  init(port: UInt16) throws {
    let address = try sockaddr_in.inet(ip4: "127.0.0.1", port: port)
    socket = try Socket(domain: Int32(address.family))
    try socket.connect(to: address)
  }

  func write(_ text: String) { _ = try? socket.write(Data(text.utf8)) }
  func close() { try? socket.close() }
}
