public import Foundation
public import SecantCheckpoints

/// The cache folder, the server and the token, from Hugging Face's environment variables.
public struct HubEnvironment: Sendable {
  /// The folder of the cache.
  public var cache: URL
  /// The server that speaks the Hub's protocol: its scheme, host and port, and perhaps a path.
  public var endpoint: URL
  /// The access token; nil for public models.
  public var token: String?
  /// Whether nothing is ever downloaded.
  public var isOffline: Bool
  /// The timeouts.
  package var patience = Patience()

  /// Describes a place for models and their source.
  public init(cache: URL, endpoint: URL, token: String? = nil, isOffline: Bool = false) {
    self.cache = cache
    self.endpoint = endpoint
    self.token = token
    self.isOffline = isOffline
  }

  /// Reads the environment variables in the same order as Hugging Face's library.
  ///
  /// The cache is `HF_HUB_CACHE`, or `HUGGINGFACE_HUB_CACHE`, or `hub` in `HF_HOME`, by default `huggingface` in
  /// `XDG_CACHE_HOME`, by default `~/.cache`. The server is `HF_ENDPOINT`. The token is `HF_TOKEN`, or the
  /// content of the file `HF_TOKEN_PATH`, by default `token` in `HF_HOME`. `HF_HUB_OFFLINE` forbids downloads
  /// where it is 1, ON, YES or TRUE. An empty variable counts as absent.
  ///
  /// - Throws: `InputError` if the server's address or the token is invalid.
  public init(
    variables: [String: String] = ProcessInfo.processInfo.environment
  ) throws(InputError) {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap { variables[$0] }.first { !$0.isEmpty }
    }
    let home = value("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path
    func folder(_ path: String) -> URL {
      let named = path.replacing(#/\$(?:(\w+)|\{([^}]*)\})/#) { match in
        variables[String(match.1 ?? match.2 ?? "")] ?? String(match.0)
      }
      let isInHome = named == "~" || named.hasPrefix("~/")
      return URL(filePath: isInHome ? home + named.dropFirst() : named)
    }
    let base =
      value("HF_HOME").map(folder)
      ?? folder(value("XDG_CACHE_HOME") ?? "~/.cache").appending(path: "huggingface")
    cache =
      value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE").map(folder) ?? base.appending(path: "hub")
    endpoint = try Self.endpoint(value("HF_ENDPOINT") ?? "https://huggingface.co")
    token = try Self.token(
      value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"),
      file: value("HF_TOKEN_PATH").map(folder) ?? base.appending(path: "token"))
    let offline = value("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE") ?? ""
    isOffline = ["1", "ON", "YES", "TRUE"].contains(offline.uppercased())
  }

  private static func endpoint(_ text: String) throws(InputError) -> URL {
    let trimmed = text.reversed().drop { $0 == "/" }.reversed()
    guard let url = URL(string: String(trimmed)), ["http", "https"].contains(url.scheme),
      url.host?.isEmpty == false, url.user == nil, url.query == nil, url.fragment == nil
    else {
      throw InputError(
        .invalid, subject: "HF_ENDPOINT", expected: "an address such as https://huggingface.co",
        found: "\"\(text)\"", remedy: "correct the variable or remove it")
    }
    return url
  }

  private static func token(_ named: String?, file: URL) throws(InputError) -> String? {
    var text = named
    if text == nil, FileManager.default.fileExists(atPath: file.path) {
      text = String(decoding: try MappedFile.contents(of: file, atMost: 1 << 16), as: UTF8.self)
    }
    let token = text?.trimmingCharacters(in: .whitespacesAndNewlines)
    guard let token, !token.isEmpty else { return nil }
    // The token becomes part of a header: a line feed in it would begin another header.
    guard token.utf8.allSatisfy({ 0x21...0x7e ~= $0 }) else {
      throw InputError(
        .invalid, file: named == nil ? file.path : nil, subject: "the Hub's token",
        expected: "printable characters of ASCII", found: "others",
        remedy: "copy the token from the Hub's settings again")
    }
    return token
  }
}

/// Timeouts and the number of retries.
package struct Patience: Sendable {
  /// Successive failures after which a request is given up.
  package var attempts = 5
  /// The pause after the first failure; it doubles after each further one.
  package var firstPause = Duration.seconds(1)
  /// The longest pause that a server may ask for.
  package var longestPause = Duration.seconds(120)
  /// The time in which at least a kilobyte must come.
  package var idleLimit = Duration.seconds(30)

  package init() {}
}
