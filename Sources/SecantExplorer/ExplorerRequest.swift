package import Foundation

/// A request as far as the explorer reads it.
package struct ExplorerRequest: Sendable {
  /// "GET", "POST" or "DELETE".
  package var method: String
  /// The parts of the path.
  package var path: [String]
  /// The field Host.
  package var host: String?
  /// The field Origin.
  package var origin: String?
  /// The field Content-Type.
  package var contentType: String?
  /// The body; nil where it is longer than ``bodyLimit``.
  package var body: Data?

  /// Bytes of the longest body that is read.
  package static let bodyLimit = 1 << 20

  /// Describes a request.
  package init(
    _ method: String, _ path: [String], host: String?, origin: String? = nil,
    contentType: String? = nil, body: Data? = Data()
  ) {
    self.method = method
    self.path = path
    self.host = host
    self.origin = origin
    self.contentType = contentType
    self.body = body
  }
}

/// What answers requests, however they come.
package protocol RequestResponder: Sendable {
  /// The path of the first page, with its token.
  var path: String { get }

  /// Answers a request.
  func respond(to request: ExplorerRequest) async -> ExplorerResponse
}

/// What a request is answered with.
package struct ExplorerResponse: Sendable {
  /// The bytes, or events as they come.
  package enum Body: Sendable {
    case data(Data)
    case events(AsyncStream<Data>)
  }

  /// The status of HTTP.
  package let status: Int
  /// The field Content-Type.
  package let type: String
  /// Further fields.
  package var fields: [String: String] = [:]
  /// What follows them.
  package let body: Body

  static func json(_ object: [String: Any], status: Int = 200) -> ExplorerResponse {
    let data = try? JSONSerialization.data(withJSONObject: object, options: .sortedKeys)
    return json(data ?? Data("{}".utf8), status: status)
  }

  static func json(_ data: Data, status: Int = 200) -> ExplorerResponse {
    ExplorerResponse(status: status, type: "application/json", body: .data(data))
  }

  static func failure(_ status: Int, _ text: String) -> ExplorerResponse {
    json(["error": ["message": text]], status: status)
  }
}
