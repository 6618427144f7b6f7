public import Foundation
import SecantDigests
import Synchronization

/// A model of the Hub on loopback: its endpoints, and the other server on which large files lie.
public final class FakeHub: Sendable {
  /// Changes an answer before it is sent; the number counts requests of the same method and path from 0.
  public typealias Tampering = @Sendable (LoopbackRequest, Int, inout LoopbackAnswer) -> Void

  /// The commit that `main` stands for.
  public static let commit = String(repeating: "0123456789", count: 4)

  /// Answers the Hub's own endpoints.
  public let hub: LoopbackServer
  /// Answers where large files lie: another port, so another origin.
  public let storage: LoopbackServer

  /// Starts both servers.
  ///
  /// - Parameters:
  ///   - repository: The model's name.
  ///   - files: What it holds; `.safetensors` and `.gguf` files are large ones.
  ///   - tampering: What is wrong with the answers.
  /// - Throws: That there are no ports.
  public init(
    _ repository: String, files: [String: Data], tampering: @escaping Tampering = { _, _, _ in }
  ) throws {
    let count = Counter()
    let storage = try LoopbackServer { request in
      var answer = Self.stored(request, files)
      tampering(request, count.next("\(request.method) \(request.path)"), &answer)
      return answer
    }
    self.storage = storage
    let address = storage.url.absoluteString
    hub = try LoopbackServer { request in
      var answer = Self.asked(request, repository, files, storage: address)
      tampering(request, count.next("\(request.method) \(request.path)"), &answer)
      return answer
    }
  }

  /// The variables that make a program use this Hub, and a cache of its own.
  public func environment(cache: URL) -> [String: String] {
    [
      "HF_ENDPOINT": hub.url.absoluteString, "HF_HUB_CACHE": cache.path, "HF_TOKEN": "",
      "HF_TOKEN_PATH": "/nonexistent", "HF_HUB_OFFLINE": "", "TRANSFORMERS_OFFLINE": "",
      "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1",
    ]
  }

  /// The digest by which the Hub calls a large file.
  public static func sha256(_ data: Data) -> String { digest(.sha256, of: data) }

  /// The digest by which git calls a file.
  public static func gitDigest(_ data: Data) -> String {
    digest(.sha1, of: Data("blob \(data.count)\0".utf8) + data)
  }

  private static func digest(_ algorithm: Digest.Algorithm, of data: Data) -> String {
    var digest = Digest(algorithm)
    digest.update(data.span)
    return digest.hexadecimal
  }

  private final class Counter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func next(_ key: String) -> Int {
      counts.withLock { counts in
        defer { counts[key, default: 0] += 1 }
        return counts[key, default: 0]
      }
    }
  }

  private static func isLarge(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") || name.hasSuffix(".gguf")
  }

  private static func asked(
    _ request: LoopbackRequest, _ repository: String, _ files: [String: Data], storage: String
  ) -> LoopbackAnswer {
    if request.path.hasPrefix("/api/models/\(repository)/revision/") {
      let path = request.path.prefix { $0 != "?" }
      let revision = path.split(separator: "/").last.map(String.init)
      guard ["main", "v1", commit].contains(revision) else {
        return LoopbackAnswer(404, fields: ["X-Error-Code": "RevisionNotFound"])
      }
      let siblings = files.keys.sorted().map { ["rfilename": $0] }
      let body: [String: Any] = ["id": repository, "sha": commit, "siblings": siblings]
      let data = (try? JSONSerialization.data(withJSONObject: body)) ?? Data()
      return LoopbackAnswer(200, data, fields: ["Content-Type": "application/json"])
    }
    let prefix = "/\(repository)/resolve/\(commit)/"
    guard request.path.hasPrefix(prefix),
      let name = String(request.path.dropFirst(prefix.count)).removingPercentEncoding,
      let data = files[name]
    else { return LoopbackAnswer(404, fields: ["X-Error-Code": "RepoNotFound"]) }
    var answer = ranged(request, data)
    answer.fields["X-Repo-Commit"] = commit
    guard isLarge(name) else {
      answer.fields["ETag"] = "\"\(gitDigest(data))\""
      return answer
    }
    return LoopbackAnswer(
      302,
      fields: [
        "X-Repo-Commit": commit, "X-Linked-Etag": "\"\(sha256(data))\"",
        "X-Linked-Size": "\(data.count)", "Location": "\(storage)/storage/\(name)?signature=x",
      ])
  }

  private static func stored(
    _ request: LoopbackRequest, _ files: [String: Data]
  ) -> LoopbackAnswer {
    let name = request.path.dropFirst("/storage/".count).prefix { $0 != "?" }
    guard let data = files[String(name)] else { return LoopbackAnswer(404) }
    return ranged(request, data)
  }

  private static func ranged(_ request: LoopbackRequest, _ data: Data) -> LoopbackAnswer {
    guard let range = request.fields["range"],
      let match = range.wholeMatch(of: #/bytes=(\d+)-/#), let start = Int(match.1)
    else {
      return request.method == "HEAD"
        ? LoopbackAnswer(200, fields: ["Content-Length": "\(data.count)"])
        : LoopbackAnswer(200, data)
    }
    guard start < data.count else { return LoopbackAnswer(416) }
    return LoopbackAnswer(
      206, data.dropFirst(start),
      fields: ["Content-Range": "bytes \(start)-\(data.count - 1)/\(data.count)"])
  }
}
