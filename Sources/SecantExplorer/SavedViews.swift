package import Foundation
import SecantRendering

/// The pages and reports of one folder, to look at: nothing is asked, computed or written, and no model is needed.
///
/// Only files that the folder itself lists are served: pages (`.html`), and reports and kept answers
/// (`.json`). A name in an address is looked up in that list and never becomes part of a path, so that no
/// address reaches outside. Links of the file system and hidden files are not listed.
package struct SavedViews: RequestResponder {
  private let doors: RequestGuard
  private let folder: URL
  private let version: String
  private let page: @Sendable (Data) -> String?

  /// Bytes of the longest file that is served.
  private static let fileLimit = 64 << 20
  /// Files that the list has at most.
  private static let listLimit = 1000

  /// The views of a folder.
  ///
  /// - Parameters:
  ///   - folder: The folder.
  ///   - hosts: The names, with the port, by which the server is reached.
  ///   - token: The word that every path begins with; random where nil.
  ///   - version: The program's version.
  ///   - page: The page that shows a report, from its JSON; nil where there is none.
  /// - Throws: That the folder cannot be read.
  package init(
    of folder: URL, hosts: [String], token: String? = nil, version: String,
    page: @escaping @Sendable (Data) -> String?
  ) throws {
    _ = try FileManager.default.contentsOfDirectory(atPath: folder.path(percentEncoded: false))
    doors = RequestGuard(token: token ?? RequestGuard.randomToken(), hosts: Set(hosts))
    self.folder = folder
    self.version = version
    self.page = page
  }

  /// The path of the list.
  package var path: String { "/\(doors.token)/" }

  /// Answers a request.
  package func respond(to request: ExplorerRequest) async -> ExplorerResponse {
    if let refusal = doors.refusal(of: request) { return refusal }
    guard request.method == "GET" else {
      return .failure(
        405, "this server is read-only: start secant serve without --read-only to ask")
    }
    let parts = request.path.dropFirst()
    switch (parts.first, parts.count) {
    case (nil, _): return index
    case ("pages", 2):
      guard let name = parts.last, let data = contents(of: name) else { break }
      if name.hasSuffix(".html") { return Self.page(data) }
      guard let text = page(Self.report(in: data)) else { return .json(data) }
      return Self.page(Data(text.utf8))
    case ("files", 2):
      guard let name = parts.last, name.hasSuffix(".json"), let data = contents(of: name) else {
        break
      }
      return .json(data)
    default: break
    }
    return .failure(404, "not found")
  }

  // MARK: - Files

  /// The names of what is served, in order.
  private var names: [String] {
    let keys: Set<URLResourceKey> = [.isRegularFileKey, .fileSizeKey]
    let files = try? FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: Array(keys), options: .skipsHiddenFiles)
    return (files ?? []).filter { file in
      let values = try? file.resourceValues(forKeys: keys)
      return values?.isRegularFile == true && (values?.fileSize ?? .max) <= Self.fileLimit
        && ["html", "json"].contains(file.pathExtension)
    }.map(\.lastPathComponent).sorted()
  }

  private func contents(of name: String) -> Data? {
    guard names.contains(name) else { return nil }
    return try? Data(contentsOf: folder.appending(path: name))
  }

  /// The report in a file: an answer that was kept has it as its result.
  private static func report(in data: Data) -> Data {
    let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
    return object?["result"].flatMap { try? JSONSerialization.data(withJSONObject: $0) } ?? data
  }

  // MARK: - Pages

  /// A page, held by the browser to what a page of Secant needs: its own style and the one known script.
  private static func page(_ data: Data) -> ExplorerResponse {
    let policy = """
      default-src 'none'; script-src '\(PageScript.digest)'; style-src 'unsafe-inline'; img-src data:; \
      base-uri 'none'; form-action 'none'; frame-ancestors 'none'
      """
    return ExplorerResponse(
      status: 200, type: "text/html; charset=utf-8", fields: ["Content-Security-Policy": policy],
      body: .data(data))
  }

  private var index: ExplorerResponse {
    let names = names
    let rows = names.prefix(Self.listLimit).map { name -> Markup in
      let address = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
      let json: Markup =
        name.hasSuffix(".json") ? " <a href=\"files/\(address)\">JSON</a>" : ""
      return """
        <tr><td><a href="pages/\(address)">\(name)</a>\(json)</td><td>\(subject(of: name))</td></tr>

        """
    }
    let rest: Markup =
      names.count > rows.count
      ? "<p class=\"soft\">The first \(rows.count) of \(names.count) files.</p>" : ""
    let list: Markup =
      names.isEmpty
      ? "<p>The folder has no pages (.html) and no reports (.json).</p>"
      : """
      <table><thead><tr><th scope="col">file</th><th scope="col">what it shows</th></tr></thead><tbody>
      \(rows)</tbody></table>
      """
    let document: Markup = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark"><title>Secant: saved views</title>
      <link rel="icon" href="data:,"><style>\(Markup(verbatim: ExplorerPage.style))</style></head>
      <body><header><h1>Secant</h1><span>saved views, read-only</span></header>
      <main><div class="scroll wide">\(list)</div>\(rest)</main>
      <footer id="bar">Secant \(version)</footer></body></html>
      """
    return Self.page(Data(document.source.utf8))
  }

  /// What a file shows: a page's title, or a report's kind and prompt; empty where it does not say.
  private func subject(of name: String) -> String {
    guard let data = contents(of: name) else { return "" }
    if name.hasSuffix(".html") {
      let text = String(decoding: data.prefix(16 << 10), as: UTF8.self)
      let title = text.firstMatch(of: /<title>([^<]*)<\/title>/)?.1 ?? ""
      return ["&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"].reduce(String(title)) {
        $0.replacing($1.key, with: $1.value)
      }.replacing("&amp;", with: "&")
    }
    let object = try? JSONSerialization.jsonObject(with: Self.report(in: data)) as? [String: Any]
    let schema = (object?["schema"] as? [String: Any])?["name"] as? String
    let inner = object?["explanation"] as? [String: Any] ?? object
    let prompt = (inner?["prompt"] as? [String: Any])?["text"] as? String
    return [schema, prompt].compactMap(\.self).joined(separator: ": ")
  }
}
