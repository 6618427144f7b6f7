public import SecantReports

/// A figure of a report: its marks, its size, its numbers and its caption.
///
/// Figures are drawn only from reports. One value serves the page, files for a paper and, with its
/// numbers, notebooks.
public struct Figure: Sendable {
  /// The name of its files, without an extension: lower-case words joined by hyphens.
  public let name: String
  /// Its content in a few words.
  public let title: String
  /// The model, the prompt and the prediction.
  public let subject: String
  /// How to read it, and what it does not say, in sentences.
  public let caption: String
  /// The drawn numbers.
  public let table: NumberTable
  /// The width of the SVG document in user units (CSS pixels).
  public var width: Int { size.width }
  /// The height of the SVG document in user units, with the title.
  public var height: Int { size.height + Self.head }
  /// The size of the drawing without its title.
  let size: (width: Int, height: Int)
  /// The marks, without the element that frames them.
  let content: Markup
  /// The same marks in three columns, for a page; nil where the picture is one.
  var edges: Edges?

  /// A wide picture in three columns with the coordinates of the whole: the outer two stay in sight.
  struct Edges: Sendable {
    let left: Markup
    let leftWidth: Int
    let middle: Markup
    let right: Markup
    let rightWidth: Int
  }

  /// The height of the title.
  private static let head = 50

  /// The colours of a standalone figure.
  public enum ColorScheme: Hashable, Sendable, CaseIterable {
    /// Dark marks, for white paper.
    case light
    /// Light marks, for a dark ground.
    case dark
    /// Light, or dark if the reader's system asks for it: for pages that do the same.
    case adaptive
  }

  /// The figure as a self-contained SVG document on a transparent ground, with its title on top.
  ///
  /// Colours are literal and texts are not outlines, so every SVG program can read it.
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

  /// The figure in a page: the picture, its numbers as a table, and its caption.
  var pageMarkup: Markup {
    """
    <figure id="\(name)"><figcaption>\(title)</figcaption>\(picture)
    <details><summary>How to read this</summary><p>\(caption)</p></details>
    \(table.pageMarkup)</figure>
    """
  }

  /// The picture in a page.
  var picture: Markup {
    if let edges { return columns(edges) }
    // A wide picture scrolls on a narrow screen; scaled down, its text would be illegible.
    let least = size.width > 460 ? size.width * 3 / 4 : 0
    return """
      <div class="plot-frame"\(" tabindex=\"0\"", if: size.width > 460)>\
      <svg class="plot" role="img" aria-label="\(title)" viewBox="0 0 \(size.width) \(size.height)" \
      style="max-width:\(size.width)px;min-width:\(least)px">\(content)</svg></div>
      """
  }

  private func columns(_ edges: Edges) -> Markup {
    func column(_ kind: String, _ marks: Markup, from start: Int, width: Int) -> Markup {
      if width <= 0 { return "" }
      let label: Markup =
        kind == "middle" ? "role=\"img\" aria-label=\"\(title)\"" : "aria-hidden=\"true\""
      return """
        <svg class="plot \(kind)" \(label) viewBox="\(start) 0 \(width) \(size.height)" \
        style="width:\(width)px;height:\(size.height)px">\(marks)</svg>
        """
    }
    let middle = size.width - edges.leftWidth - edges.rightWidth
    return """
      <div class="plot-frame in-columns" tabindex="0">\
      \(column("start", edges.left, from: 0, width: edges.leftWidth))\
      \(column("middle", edges.middle, from: edges.leftWidth, width: middle))\
      \(column("end", edges.right, from: size.width - edges.rightWidth, width: edges.rightWidth))</div>
      """
  }
}
