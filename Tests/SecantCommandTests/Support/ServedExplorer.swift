import Foundation
import SecantTestSupport
import Testing

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// `secant serve` at a free port, until the value goes.
final class ServedExplorer {
  let process: Process
  /// The address that it printed.
  let address: String
  private let cache: TemporaryFolder

  init(_ arguments: [String], in folder: URL = Fixtures.folder) throws {
    cache = try TemporaryFolder()
    process = Process.secant(
      ["serve", "--port", "0"] + arguments, in: folder,
      environment: ["XDG_CACHE_HOME": cache.url.path])
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var text = ""
    while !text.contains("\n") {
      let part = output.fileHandleForReading.availableData
      try #require(!part.isEmpty, "the server ended before it printed an address")
      text += String(decoding: part, as: UTF8.self)
    }
    address = String(try #require(text.firstMatch(of: /http:\/\/\S+/)).0)
  }

  deinit {
    process.terminate()
    process.waitUntilExit()
  }

  /// What a path below the address is answered with.
  func get(_ path: String, method: String = "GET", body: String? = nil) async throws -> (
    status: Int, data: Data
  ) {
    var request = URLRequest(url: try #require(URL(string: address + path)))
    request.httpMethod = method
    // On a connection that is kept, each answer waits for an acknowledgement, some 40 ms. A session of its own
    // makes the client open a new one, too: else it sends the next request on one that the server is closing.
    request.setValue("close", forHTTPHeaderField: "Connection")
    let session = URLSession(configuration: .ephemeral)
    defer { session.finishTasksAndInvalidate() }
    if let body {
      request.setValue("application/json", forHTTPHeaderField: "Content-Type")
      request.httpBody = Data(body.utf8)
    }
    let (data, response) = try await session.data(for: request)
    return ((response as? HTTPURLResponse)?.statusCode ?? 0, data)
  }

  /// Asks a question; returns its name.
  func ask(_ json: String) async throws -> String {
    let (status, data) = try await get("api/questions", method: "POST", body: json)
    let object = try JSONSerialization.jsonObject(with: data) as? [String: Any]
    return try #require(object?["id"] as? String, "\(status): \(json)")
  }

  /// The answer to a question, when it is there.
  func answer(_ id: String) async throws -> [String: Any] {
    let (_, data) = try await get("api/questions/\(id)/events")
    let lines = String(decoding: data, as: UTF8.self).split(separator: "\n")
    let last = try #require(lines.last { $0.hasPrefix("data: {\"") })
    let object = try JSONSerialization.jsonObject(with: Data(last.dropFirst(6).utf8))
    return try #require(object as? [String: Any])
  }
}
