import Foundation
import SecantExplorer
import Synchronization

/// A worker that answers with what it was asked, when it is told to.
final class FakeWorker: Worker {
  private struct State {
    var open: [String: AsyncStream<WorkerMessage>.Continuation] = [:]
    var asked: [(id: String, arguments: [String])] = []
    var cancelled: [String] = []
  }

  private let state = Mutex(State())
  private let answersAtOnce: Bool

  init(answersAtOnce: Bool = true) { self.answersAtOnce = answersAtOnce }

  /// The command lines that were asked.
  var asked: [[String]] { state.withLock { $0.asked.map(\.arguments) } }
  /// The questions that were cancelled.
  var cancelled: [String] { state.withLock { $0.cancelled } }

  func ask(_ id: String, _ arguments: [String]) -> AsyncStream<WorkerMessage> {
    let (stream, continuation) = AsyncStream.makeStream(of: WorkerMessage.self)
    state.withLock {
      $0.asked.append((id, arguments))
      $0.open[id] = continuation
    }
    say(["id": id, "progress": ["stage": "thinking", "fraction": 0.5]], to: id)
    if answersAtOnce { answer(id) }
    return stream
  }

  func cancel(_ id: String) {
    state.withLock { $0.cancelled.append(id) }
    say(["id": id, "status": 130, "error": ["message": "cancelled"]], to: id)
  }

  /// Answers a question with its own command line.
  func answer(_ id: String) {
    let arguments = state.withLock { $0.asked.first { $0.id == id }?.arguments ?? [] }
    say(["id": id, "status": 0, "result": ["asked": arguments]], to: id)
  }

  private func say(_ object: [String: Any], to id: String) {
    guard let line = try? JSONSerialization.data(withJSONObject: object) else { return }
    let message = WorkerMessage(line: line, status: object["status"] as? Int)
    state.withLock { state in
      state.open[id]?.yield(message)
      if message.status != nil { state.open.removeValue(forKey: id)?.finish() }
    }
  }
}

extension Explorer {
  /// An explorer that is reached as localhost:1, with the token "secret".
  static func fake(_ worker: any Worker, cache: AnswerCache? = nil) -> Explorer {
    Explorer(
      models: ["/models/one", "two"], worker: worker, hosts: ["localhost:1"], token: "secret",
      cache: cache, version: "0")
  }
}

extension ExplorerRequest {
  /// A question of the explorer's own page.
  static func question(_ json: String) -> ExplorerRequest {
    ExplorerRequest(
      "POST", ["secret", "api", "questions"], host: "localhost:1", origin: "http://localhost:1",
      contentType: "application/json", body: Data(json.utf8))
  }

  /// A request without a body.
  static func plain(_ method: String, _ path: String...) -> ExplorerRequest {
    ExplorerRequest(method, ["secret"] + path, host: "localhost:1")
  }
}

extension ExplorerResponse {
  /// The JSON object of the body.
  var object: [String: Any] {
    guard case .data(let data) = body else { return [:] }
    return (try? JSONSerialization.jsonObject(with: data)) as? [String: Any] ?? [:]
  }

  /// What is said of a failure.
  var message: String { (object["error"] as? [String: Any])?["message"] as? String ?? "" }

  /// The objects of all events, to their end.
  func events() async -> [[String: Any]] {
    guard case .events(let stream) = body else { return [] }
    var result: [[String: Any]] = []
    for await event in stream {
      let text = String(decoding: event, as: UTF8.self)
      guard text.hasPrefix("data: ") else { continue }
      let json = Data(text.dropFirst(6).utf8)
      result.append((try? JSONSerialization.jsonObject(with: json)) as? [String: Any] ?? [:])
    }
    return result
  }
}
