import Foundation
import SecantExplorer
import SecantTestSupport
import Testing

/// What a read-only server shows of a folder, and what it keeps to itself.
@Suite struct SavedViewsTests {
  private let temporary: TemporaryFolder
  private let views: SavedViews

  init() throws {
    temporary = try TemporaryFolder()
    let folder = temporary.url.appending(path: "views")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "inner"), withIntermediateDirectories: true)
    for (name, text) in [
      "views/a page & more.html": "<title>Paris &amp; Rome</title>page",
      "views/answer.json":
        #"{"id":"1","status":0,"result":{"schema":{"name":"secant.explanation"},"prompt":{"text":"<b>hi"}}}"#,
      "views/notes.txt": "secret", "views/.hidden.html": "secret",
      "views/inner/deep.html": "secret", "outside.html": "secret",
    ] { try Data(text.utf8).write(to: temporary.url.appending(path: name)) }
    try FileManager.default.createSymbolicLink(
      at: folder.appending(path: "link.html"),
      withDestinationURL: temporary.url.appending(path: "outside.html"))
    views = try SavedViews(of: folder, hosts: ["localhost:1"], token: "secret", version: "0") {
      String(decoding: $0, as: UTF8.self).contains("explanation")
        ? "<p>shown \($0.count > 0)</p>" : nil
    }
  }

  private func text(_ response: ExplorerResponse) -> String {
    guard case .data(let data) = response.body else { return "" }
    return String(decoding: data, as: UTF8.self)
  }

  @Test func listsPagesAndReportsByName() async {
    let list = text(await views.respond(to: .plain("GET")))
    #expect(list.contains("href=\"pages/a%20page%20%26%20more%2Ehtml\""))
    #expect(list.contains("Paris &amp; Rome") && list.contains("a page &amp; more.html"))
    #expect(list.contains("secant.explanation: &lt;b&gt;hi"))
    for name in ["notes.txt", ".hidden", "deep", "link.html", "outside"] {
      #expect(!list.contains(name), "\(name)")
    }
  }

  @Test func servesWhatItLists() async throws {
    let page = await views.respond(to: .plain("GET", "pages", "a page & more.html"))
    #expect(page.status == 200 && text(page).hasSuffix("page"))
    let policy = try #require(page.fields["Content-Security-Policy"])
    #expect(policy.hasPrefix("default-src 'none'") && policy.contains("script-src 'sha256-"))
    let report = await views.respond(to: .plain("GET", "pages", "answer.json"))
    #expect(report.type.hasPrefix("text/html") && text(report) == "<p>shown true</p>")
    let raw = await views.respond(to: .plain("GET", "files", "answer.json"))
    #expect(raw.type == "application/json" && text(raw).hasPrefix("{\"id\""))
  }

  /// No name reaches outside the folder, into a folder within it, or to a file that is not listed.
  @Test(arguments: [
    ["pages", "../outside.html"], ["pages", "..", "outside.html"], ["pages", "inner/deep.html"],
    ["pages", "inner", "deep.html"], ["pages", "link.html"], ["pages", ".hidden.html"],
    ["pages", "notes.txt"], ["files", "a page & more.html"], ["files", "notes.txt"], ["pages"],
    ["pages", ""], ["pages", "/etc/passwd"], ["pages", "answer.json\u{0}"], ["api", "models"],
  ])
  func nothingElseIsThere(path: [String]) async {
    let response = await views.respond(
      to: ExplorerRequest("GET", ["secret"] + path, host: "localhost:1"))
    #expect(response.status == 404 && !text(response).contains("secret"), "\(path)")
  }

  @Test func takesNoQuestionsAndNoStrangers() async {
    let question = ExplorerRequest.question(#"{"question":"explain","prompt":"a"}"#)
    #expect(await views.respond(to: question).status == 405)
    #expect(await views.respond(to: .plain("DELETE", "pages", "answer.json")).status == 405)
    var stranger = ExplorerRequest.plain("GET")
    stranger.path = ["secreT"]
    #expect(await views.respond(to: stranger).status == 404)
    stranger = .plain("GET")
    stranger.host = "evil.example"
    #expect(await views.respond(to: stranger).status == 403)
  }
}
