public import SecantReports

/// A picture of a report: its marks, its size, its numbers, and how it is read.
///
/// Figures are drawn from reports alone. One value serves the page, files for a paper and, by its
/// numbers, notebooks.
public struct Figure: Sendable {
  /// What its files are called, without an extension: lower-case words joined by hyphens.
  public let name: String
  /// What it shows, in a few words.
  public let title: String
  /// The model, the prompt and the prediction that it is about.
  public let subject: String
  /// How it is read, in sentences, and what it does not say.
  public let reading: String
  /// What is drawn, as numbers.
  public let table: NumberTable
  /// The width of the SVG document in user units (CSS pixels).
  public var width: Int { size.width }
  /// The height of the SVG document in user units, its title included.
  public var height: Int { size.height + Self.head }
  /// The size of the drawing without its title.
  let size: (width: Int, height: Int)
  /// The marks, without the element that frames them.
  let content: Markup

  /// The room for the title.
  private static let head = 50

  /// The colours of a picture that stands alone.
  public enum ColorScheme: Hashable, Sendable, CaseIterable {
    /// Dark marks, for white paper.
    case light
    /// Light marks, for a dark ground.
    case dark
    /// Light, and dark where the reader's system asks for it: for pages whose ground changes too.
    case adaptive
  }

  /// The figure as a self-contained SVG document on a transparent ground, its title on top.
  ///
  /// Colours are literal and texts are texts, so that every SVG program reads it.
  /// - Parameter scheme: Its colours.
  /// - Returns: Well-formed XML; the same bytes for equal figures.
  public func svg(_ scheme: ColorScheme = .adaptive) -> String {
    // A wide letter of the title takes about 8 units, one of the subject 7.
    let titleText = title.truncated(to: (size.width - 8) / 8, ellipsis: "…")
    let subjectText = subject.truncated(to: (size.width - 8) / 7, ellipsis: "…")
    let picture: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" \
      viewBox="0 0 \(size.width) \(height)" width="\(size.width)" \
      height="\(height)">
      <title>\(title): \(subject)</title>
      <style>\(Markup(verbatim: PlotStyle.rules(scheme)))</style>
      <text class="plot-title" x="4" y="18">\(titleText)</text>
      <text class="plot-soft" x="4" y="37">\(subjectText)</text>
      <g transform="translate(0 \(Self.head))">
      \(content)
      </g>
      </svg>

      """
    return picture.source
  }

  /// The figure within a page: the picture, its numbers as a table, and how it is read.
  var pageMarkup: Markup {
    // A wide picture scrolls on a narrow screen: its text would be too small to read.
    let least = size.width > 460 ? size.width * 3 / 4 : 0
    return """
      <figure id="\(name)"><figcaption>\(title)</figcaption>\
      <div class="plot-frame"\(" tabindex=\"0\"", if: size.width > 460)>\
      <svg class="plot" role="img" aria-label="\(title)" viewBox="0 0 \(size.width) \(size.height)" \
      style="max-width:\(size.width)px;min-width:\(least)px">\(content)</svg></div>
      <details><summary>How to read this</summary><p>\(reading)</p></details>
      \(table.pageMarkup)</figure>
      """
  }
}
