import FlyingFox
import FlyingSocks
import Foundation
import Synchronization

/// The explorer by HTTP, at a loopback address: the only file that knows the HTTP library.
///
/// What answers is named after the server listens, because the answers depend on its port.
package final class ExplorerServer: Sendable {
  /// What answers, from when it is known.
  private final class Answering: Sendable {
    let responder = Mutex<(any RequestResponder)?>(nil)
  }

  private let server: HTTPServer
  private let answering = Answering()

  /// A server that is not begun.
  ///
  /// - Parameters:
  ///   - address: The numeric address, such as 127.0.0.1.
  ///   - port: The port; 0 for any that is free.
  /// - Throws: That this is no address.
  package init(address: String, port: UInt16) throws {
    server = HTTPServer(
      address: try .inet(ip4: address, port: port), logger: .disabled,
      handler: Handler(answering: answering))
  }

  /// Answers requests until the task is cancelled.
  ///
  /// - Throws: Why the port cannot be listened at.
  package func run() async throws { try await server.run() }

  /// Waits until the server listens.
  ///
  /// - Returns: The port.
  /// - Throws: That it does not listen within a minute.
  package func waitUntilListening() async throws -> UInt16 {
    try await server.waitUntilListening(timeout: 60)
    guard case .ip4(_, port: let port) = await server.listeningAddress else {
      throw SocketError.unsupportedAddress
    }
    return port
  }

  /// Names what answers requests; those that come before are told that nothing does.
  package func answer(by responder: any RequestResponder) {
    answering.responder.withLock { $0 = responder }
  }

  private struct Handler: HTTPHandler {
    let answering: Answering

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
      let path = request.path.split(separator: "/").map { $0.removingPercentEncoding ?? String($0) }
      let read = ExplorerRequest(
        request.method.rawValue, path, host: request.headers[.host],
        origin: request.headers[HTTPHeader("Origin")], contentType: request.headers[.contentType],
        body: try await body(of: request))
      let responder = answering.responder.withLock { $0 }
      let answer = await responder?.respond(to: read) ?? .failure(503, "not ready; ask again")
      var headers: HTTPHeaders = [.contentType: answer.type]
      for (name, value) in Self.fields.merging(answer.fields, uniquingKeysWith: { $1 }) {
        headers[HTTPHeader(name)] = value
      }
      let status = HTTPStatusCode(answer.status, phrase: Self.phrases[answer.status] ?? "OK")
      switch answer.body {
      case .data(let data): return HTTPResponse(statusCode: status, headers: headers, body: data)
      case .events(let events):
        return HTTPResponse(
          statusCode: status, headers: headers,
          body: HTTPBodySequence(from: EventBytes(events: events), suggestedBufferSize: 1 << 20))
      }
    }

    /// The body, nil where it is too long: it is read to its end, and never held.
    private func body(of request: HTTPRequest) async throws -> Data? {
      var body: Data? = Data()
      for try await part in request.bodySequence {
        guard let count = body?.count else { continue }
        if count + part.count > ExplorerRequest.bodyLimit { body = nil } else { body?.append(part) }
      }
      return body
    }

    private static let fields = [
      "X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
      "Cross-Origin-Resource-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
      "X-Frame-Options": "DENY", "Cache-Control": "no-store",
    ]

    private static let phrases = [
      200: "OK", 202: "Accepted", 400: "Bad Request", 403: "Forbidden", 404: "Not Found",
      405: "Method Not Allowed", 413: "Content Too Large", 415: "Unsupported Media Type",
      429: "Too Many Requests", 503: "Service Unavailable",
    ]
  }
}

/// Events as the HTTP library takes them: a buffer is an event.
private struct EventBytes: AsyncBufferedSequence {
  typealias Element = UInt8
  let events: AsyncStream<Data>

  func makeAsyncIterator() -> Iterator { Iterator(events: events.makeAsyncIterator()) }

  struct Iterator: AsyncBufferedIteratorProtocol {
    var events: AsyncStream<Data>.Iterator

    mutating func next() async throws -> UInt8? {
      preconditionFailure("events are not read bytewise")
    }

    mutating func nextBuffer(suggested count: Int) async throws -> Data? {
      await events.next(isolation: #isolation)
    }
  }
}
