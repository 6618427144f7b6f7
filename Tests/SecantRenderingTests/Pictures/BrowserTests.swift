import Foundation
import SecantRendering
import SecantTestSupport
import Testing

/// What a reader does with a page, in headless Chromium, light and dark, on a desktop and a phone.
///
/// `Tools/page/check_page.py` says what is tried: no error and no request, a click, arrow keys, a link to
/// a token, the grid. It proves that the script is the one that the page's policy admits. It does not prove
/// that the page is legible: `--screenshots` is for eyes.
struct BrowserTests {
  private static let browser = InstalledProgram(
    "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
  private static let python = InstalledProgram.python()

  @Test(.enabled(if: browser != nil && python != nil, "no Chromium, or no Python 3.10, at hand"))
  func pagesWorkInABrowser() throws {
    let python = try #require(Self.python)
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "secant-pages-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let words = Hostile.texts.filter { !$0.isEmpty }
    let pages = [
      "full": try Sample.full.htmlPage(),
      "hostile": try Sample.explanation(
        words: words, shares: words.indices.map { Double($0) - 12 }, writes: [words, words],
        reads: [words, words], text: words.joined(), notes: words
      ).htmlPage(),
      "mutated": try Hostile.mutated(Sample.full, seed: 3).htmlPage(),
      "comparison": try Sample.comparison.htmlPage(),
      "checked": try Sample.checked.htmlPage(),
      "ablation": try Sample.scaledParts.htmlPage(),
      "validation": try Sample.validation.htmlPage(),
      "long": try Sample.longPrompt.htmlPage(),
      "audit": try Sample.audit.htmlPage(),
      "stats": try Sample.stats.htmlPage(),
      "trace": try Sample.trace.htmlPage(),
      "sweep": try Sample.sweep.htmlPage(),
      "steering-vector": try Sample.steeringVector.htmlPage(),
      "long-trace": try Sample.longTrace.htmlPage(),
    ]
    for (name, page) in pages {
      try Data(page.utf8).write(to: folder.appending(path: name + ".html"))
    }
    let tool = Repository.folder.appending(path: "Tools/page/check_page.py")
    let run = try python.run(
      [tool.path(percentEncoded: false)] + pages.keys.sorted().map { $0 + ".html" }, in: folder)
    #expect(run.status == 0, "\(run.output)")
  }
}
