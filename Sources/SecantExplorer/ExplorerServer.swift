import FlyingFox
import FlyingSocks
import Foundation

/// The explorer by HTTP, at a loopback address: the only file that knows the HTTP library.
package final class ExplorerServer: Sendable {
  private let server: HTTPServer
  private let explorer: Explorer

  /// A server that is not begun.
  ///
  /// - Parameters:
  ///   - explorer: What answers.
  ///   - address: The numeric address, such as 127.0.0.1.
  ///   - port: The port.
  /// - Throws: That this is no address.
  package init(_ explorer: Explorer, address: String, port: UInt16) throws {
    self.explorer = explorer
    server = HTTPServer(
      address: try .inet(ip4: address, port: port), logger: .disabled,
      handler: Handler(explorer: explorer))
  }

  /// Answers requests until the task is cancelled.
  ///
  /// - Throws: Why the port cannot be listened at.
  package func run() async throws { try await server.run() }

  /// Waits until requests are answered.
  ///
  /// - Throws: That they are not within some seconds.
  package func waitUntilListening() async throws { try await server.waitUntilListening(timeout: 5) }

  private struct Handler: HTTPHandler {
    let explorer: Explorer

    func handleRequest(_ request: HTTPRequest) async throws -> HTTPResponse {
      let path = request.path.split(separator: "/").map(String.init)
      let read = ExplorerRequest(
        request.method.rawValue, path, host: request.headers[.host],
        origin: request.headers[HTTPHeader("Origin")], contentType: request.headers[.contentType],
        body: try await body(of: request))
      let answer = await explorer.respond(to: read)
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
      413: "Content Too Large", 415: "Unsupported Media Type", 429: "Too Many Requests",
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
