import Foundation
import SecantDigests
import SecantRendering

/// The explorer's page: one document that loads nothing, and asks this server only.
struct ExplorerPage: Sendable {
  /// The page as a response, with the rules that a browser holds it to.
  let response: ExplorerResponse

  init(models: [String], version: String) {
    let script = Self.script
    let style = Self.style
    let policy = """
      default-src 'none'; script-src '\(Self.source(script))'; style-src '\(Self.source(style))'; \
      img-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'
      """
    let facts = try? JSONSerialization.data(
      withJSONObject: ["models": models.map(Explorer.shortName), "version": version],
      options: .sortedKeys)
    let document = String(decoding: PackageResources.explorer_html, as: UTF8.self)
      .replacing("/*STYLE*/", with: style)
      .replacing("/*FACTS*/", with: Self.quoted(facts ?? Data("{}".utf8)))
      .replacing("/*SCRIPT*/", with: script)
    response = ExplorerResponse(
      status: 200, type: "text/html; charset=utf-8", fields: ["Content-Security-Policy": policy],
      body: .data(Data(document.utf8)))
  }

  /// The script: one program, of the parts of `Resources/Script`.
  static var script: String {
    [
      PackageResources.elements_js, PackageResources.asking_js, PackageResources.answer_js,
      PackageResources.token_js, PackageResources.changes_js, PackageResources.parts_js,
      PackageResources.steering_js, PackageResources.cards_js, PackageResources.continuation_js,
      PackageResources.pins_js, PackageResources.vocabulary_js, PackageResources.form_js,
    ].map { String(decoding: $0, as: UTF8.self) }.joined(separator: "\n")
  }

  /// The style sheet; its colours are those of the reports' pages and figures.
  static var style: String {
    ":root{color-scheme:light dark;\(PlotStyle.light)}"
      + "@media (prefers-color-scheme:dark){:root{\(PlotStyle.dark)}}\n"
      + String(decoding: PackageResources.explorer_css, as: UTF8.self)
  }

  /// A text as a browser's rules name it, by its digest.
  static func source(_ text: String) -> String {
    var digest = Digest(.sha256)
    digest.update(text)
    return "sha256-" + Data(digest.bytes).base64EncodedString()
  }

  /// JSON that no name of a model can end the script element in.
  private static func quoted(_ json: Data) -> String {
    String(decoding: json, as: UTF8.self).replacing("<", with: "\\u003c")
  }
}
