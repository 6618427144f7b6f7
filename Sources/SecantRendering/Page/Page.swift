import Foundation
import SecantReports

/// One part of a page, with a heading that is a link target.
struct PageSection {
  let id: String
  let title: String
  let body: Markup

  init(_ id: String, _ title: String, _ body: Markup) {
    self.id = id
    self.title = title
    self.body = body
  }

  /// A section of figures.
  init(_ id: String, _ title: String, introduction: String, figures: [Figure]) {
    self.init(
      id, title,
      """
      <p>\(introduction)</p><div class="figures">\(figures.map(\.pageMarkup))</div>
      """)
  }

  var markup: Markup {
    """
    <section aria-labelledby="\(id)">
    <h2 id="\(id)">\(title)</h2>
    \(body)
    </section>

    """
  }
}

/// Sections that a reader chooses together.
struct PageTab {
  let title: String
  let sections: [PageSection]
}

/// A self-contained page: it loads nothing, and its policy forbids loading.
///
/// It works without its script, by keyboard and by touch, light and dark. Its last element holds the
/// report's JSON for other programs.
struct Page {
  let subject: Subject
  /// The answer in one or two sentences; empty if there is none.
  let sentences: [String]
  /// The content below the heading.
  let head: Markup
  /// What follows: one tab is the page itself.
  let tabs: [PageTab]

  /// The longest JSON, in bytes, that a page includes; otherwise it says how to get the JSON.
  static let jsonLimit = 4 << 20

  private let token = VisibleText.token()
  private let prose = VisibleText.prose()

  init(_ subject: Subject, answer: [String] = [], head: Markup, sections: [PageSection]) {
    self.init(subject, answer: answer, head: head, tabs: [PageTab(title: "", sections: sections)])
  }

  /// A page in tabs, which work without a script; without a style sheet, one follows the other.
  ///
  /// - Precondition: There are at most three tabs.
  init(_ subject: Subject, answer: [String] = [], head: Markup, tabs: [PageTab]) {
    precondition(tabs.count <= 3, "the style sheet knows three tabs")
    self.subject = subject
    sentences = answer
    self.head = head
    self.tabs = tabs
  }

  /// The document, well-formed XML as well as HTML.
  ///
  /// - Parameters:
  ///   - json: The report.
  ///   - limit: The longest JSON that the page carries.
  /// - Returns: The whole page.
  func document(json: Data, limit: Int = Self.jsonLimit) -> String {
    let data: Markup =
      json.count <= limit
      ? "<script type=\"application/json\" id=\"report\">\(Markup.json(json))</script>"
      : """
      <p class="soft note">The report is too long to be carried by this page \
      (\(NumberText(usesUnicode: true).bytes(json.count)) of JSON): the same command with --json prints it.</p>
      """
    let document: Markup = """
      <!DOCTYPE html>
      <html lang="en" xmlns="http://www.w3.org/1999/xhtml">
      <head>
      <meta charset="utf-8"/>
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; \
      style-src 'unsafe-inline'; img-src data:; script-src '\(PageScript.digest)'; \
      base-uri 'none'; form-action 'none'"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <link rel="icon" href="data:,"/>
      <title>\(title)</title>
      <style>\(Markup(verbatim: PageStyle.sheet))</style>
      </head>
      <body>
      <main>
      \(heading)
      \(content)
      </main>
      <output id="readout" aria-live="polite"></output>
      <script>\(Markup(verbatim: PageScript.source))</script>
      \(data)
      </body>
      </html>

      """
    return document.source
  }

  private var title: String {
    let prompt = prose(subject.prompt.wholeText).truncated(to: 60, ellipsis: "…")
    return prompt + (subject.prediction.map { " → " + token($0) } ?? "") + " · Secant"
  }

  private var content: Markup {
    if tabs.count == 1 {
      return
        "<p id=\"selection\"></p>\(navigation(tabs[0].sections))\n\(tabs[0].sections.map(\.markup))"
    }
    let titles = tabs.enumerated().map { index, tab -> Markup in
      """
      <input type="radio" name="tab" id="tab-\(index + 1)"\(" checked=\"checked\"", if: index == 0)/>\
      <label for="tab-\(index + 1)">\(tab.title)</label>
      """
    }
    let bodies = tabs.map { tab -> Markup in
      """
      <div class="tab">\(navigation(tab.sections))
      \(tab.sections.map(\.markup))</div>

      """
    }
    return """
      <div class="tabs" role="group" aria-label="Parts of the report">
      \(titles)
      <p id="selection"></p>
      \(bodies)</div>
      """
  }

  private func navigation(_ sections: [PageSection]) -> Markup {
    if sections.count < 3 { return "" }
    let links = sections.map { section -> Markup in
      "<a href=\"#\(section.id)\">\(section.title)</a> "
    }
    return "<nav aria-label=\"Sections\">\(links)</nav>"
  }

  /// Characters beyond which a prompt is long: it then scrolls, also by keyboard, so that the answer stays in sight.
  static let longPrompt = 300

  private var heading: Markup {
    let answer = subject.prediction.map { text -> Markup in
      "<span class=\"arrow\">→</span> <bdi>\(token(text))</bdi>"
    }
    // Line breaks of the prompt stay, each with a visible sign.
    let prompt = prose(subject.prompt.readText).replacing("↵", with: "↵\n")
    let unread = subject.prompt.unreadText.isEmpty ? "" : prose(subject.prompt.unreadText)
    let rest: Markup = unread.isEmpty ? "" : " <bdi class=\"unread\">\(unread)</bdi>"
    let isLong = prompt.count + unread.count > Self.longPrompt
    let heading: Markup =
      isLong
      ? """
      <h1 class="long" tabindex="0"><bdi>\(prompt)</bdi>\(rest)</h1>
      <p class="answer">\(answer ?? "")</p>
      """
      : "<h1><bdi>\(prompt)</bdi> <span class=\"answer\">\(answer ?? "")</span>\(rest)</h1>"
    return """
      <header>
      <p class="kicker">Secant · <bdi>\(prose(subject.model.name))</bdi></p>
      \(heading)
      \(sentences.map { "<p class=\"sentence\"><bdi>\($0)</bdi></p>\n" as Markup })\(head)
      </header>
      """
  }
}
