/// Who may ask: those who know the address's token, from a page of this very server.
///
/// A page of another site can send requests to a loopback address. It cannot know the token; it cannot hide its own
/// origin; and where it reaches this server by a name of its own (DNS rebinding), the name shows.
struct RequestGuard: Sendable {
  /// The random word that every path begins with.
  let token: String
  /// The names, with the port, by which the server is reached.
  let hosts: Set<String>

  /// What a request is refused with; nil where it may be answered.
  func refusal(of request: ExplorerRequest) -> ExplorerResponse? {
    guard let host = request.host?.lowercased(), hosts.contains(host) else {
      return .failure(403, "this server answers to \(hosts.sorted().joined(separator: ", ")) only")
    }
    if let origin = request.origin, origin.lowercased() != "http://\(host)" {
      return .failure(403, "requests of other pages are not answered")
    }
    guard let first = request.path.first, Self.areEqual(first, token) else {
      return .failure(404, "not found; the address that secant serve printed has a token")
    }
    return nil
  }

  /// Whether two words are equal, in a time that does not tell where they differ.
  static func areEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }

  /// A token of 128 random bits.
  static func randomToken() -> String {
    var generator = SystemRandomNumberGenerator()
    return (0..<2).map { _ in
      let word = String(generator.next() as UInt64, radix: 16)
      return String(repeating: "0", count: 16 - word.count) + word
    }.joined()
  }
}
