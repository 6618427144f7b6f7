import Foundation

/// A local page in which a person asks about a model, looks, changes and asks again.
///
/// What answers a request is here, apart from how requests come: `ExplorerServer` brings them by HTTP.
package struct Explorer: RequestResponder {
  private let doors: RequestGuard
  private let models: [String]
  private let jobs: Jobs
  private let page: ExplorerPage

  /// The explorer of some models.
  ///
  /// - Parameters:
  ///   - models: As `--model` names them, the first one shown first.
  ///   - worker: What answers.
  ///   - hosts: The names, with the port, by which the server is reached.
  ///   - token: The word that every path begins with; random where nil.
  ///   - cache: Answers that are known; nil for none.
  ///   - version: The program's version.
  package init(
    models: [String], worker: any Worker, hosts: [String], token: String? = nil,
    cache: AnswerCache? = nil, version: String
  ) {
    precondition(!models.isEmpty, "an explorer of no model")
    self.models = models
    doors = RequestGuard(token: token ?? RequestGuard.randomToken(), hosts: Set(hosts))
    jobs = Jobs(worker, models: models, cache: cache)
    page = ExplorerPage(models: models, version: version)
  }

  /// The path of the page.
  package var path: String { "/\(doors.token)/" }

  /// Listeners that wait for messages.
  package var listenerCount: Int { get async { await jobs.listenerCount } }
  /// Questions that are remembered.
  package var jobCount: Int { get async { await jobs.count } }

  /// Answers a request.
  package func respond(to request: ExplorerRequest) async -> ExplorerResponse {
    if let refusal = doors.refusal(of: request) { return refusal }
    let parts = Array(request.path.dropFirst())
    switch (request.method, parts.prefix(2).joined(separator: "/"), parts.count) {
    case ("GET", "", 0): return page.response
    case ("GET", "api/models", 2): return .json(["models": models.map(Self.shortName)])
    case ("POST", "api/questions", 2): return await ask(request)
    case ("GET", "api/questions", 4) where parts[3] == "events":
      guard let messages = await jobs.messages(of: parts[2]) else {
        return .failure(404, "no such question")
      }
      return .events(messages)
    case ("DELETE", "api/questions", 3):
      return await jobs.cancel(parts[2])
        ? .json(["cancelled": parts[2]]) : .failure(404, "no such question")
    default: return .failure(404, "not found")
    }
  }

  private func ask(_ request: ExplorerRequest) async -> ExplorerResponse {
    // A form of another page cannot have this type without asking first.
    guard let type = request.contentType?.lowercased(), type.hasPrefix("application/json") else {
      return .failure(415, "expected application/json")
    }
    guard let body = request.body else {
      return .failure(413, "expected at most \(ExplorerRequest.bodyLimit) bytes")
    }
    do {
      let question = try Question(body, models: models.count)
      guard let id = await jobs.ask(question) else {
        return .failure(429, "too many questions wait; cancel some")
      }
      return .json(["id": id], status: 202)
    } catch {
      return .failure(400, error.message)
    }
  }

  /// A model's name without its folder.
  static func shortName(_ model: String) -> String {
    model.split(separator: "/").last.map(String.init) ?? model
  }
}

extension ExplorerResponse {
  /// Server-sent events: one for each message.
  static func events(_ messages: AsyncStream<Data>) -> ExplorerResponse {
    let events = AsyncStream<Data> { continuation in
      let task = Task {
        for await message in messages {
          continuation.yield(Data("data: ".utf8) + message + Data("\n\n".utf8))
        }
        continuation.yield(Data("event: end\ndata: {}\n\n".utf8))
        continuation.finish()
      }
      continuation.onTermination = { _ in task.cancel() }
    }
    return ExplorerResponse(
      status: 200, type: "text/event-stream", fields: ["Cache-Control": "no-store"],
      body: .events(events))
  }
}
