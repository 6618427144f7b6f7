/// The colours and the classes of marks that pictures and page share, light and dark.
///
/// Blue against orange is told apart by every common kind of colour vision; direction and sign are
/// shown by position and number as well, never by colour alone.
enum PlotStyle {
  /// The colours of the light scheme, as custom properties.
  static let light = """
    --ink:#1b1f24;--soft:#57606a;--line:#d5dae0;--page:#fff;--raised:#f6f7f9;\
    --positive:#2367b0;--negative:#b95310;--positive-fill:#8dbcf0;--negative-fill:#f4b27a;\
    --warning:#a4161a;--context:#aab3bd
    """

  /// The colours of the dark scheme, as custom properties.
  static let dark = """
    --ink:#e6e9ed;--soft:#9aa4af;--line:#343b44;--page:#15181c;--raised:#1d2127;\
    --positive:#74b0f4;--negative:#f0a05a;--positive-fill:#20599a;--negative-fill:#8a4a12;\
    --warning:#ff8a80;--context:#56606b
    """

  /// The rules of a plot's marks.
  ///
  /// Each has one class: rules that name an ancestor do not reach marks drawn by `<use>`.
  static let marks = """
    .plot{font:13px system-ui,sans-serif;color:var(--ink)}
    .plot,.plot-end{fill:currentColor}
    .plot-soft{fill:var(--soft)}
    .plot-grid{stroke:var(--line);stroke-width:1;fill:none}
    .plot-zero{stroke:var(--soft);stroke-width:1}
    .plot-context{stroke:var(--context);stroke-width:1;fill:none;opacity:.55}
    .plot-all .plot-context{stroke:var(--positive);stroke-width:1.5}
    .plot-curve{stroke:var(--positive);stroke-width:2;fill:none}
    .plot-dot{fill:var(--positive);stroke:var(--positive);stroke-width:2}
    .plot-open{fill:var(--page);stroke:var(--warning)}
    .plot-cluster{fill:var(--context);opacity:.3}
    .plot-positive{fill:var(--positive)}
    .plot-negative{fill:var(--negative)}
    .plot-end{text-anchor:end}
    .plot-middle{text-anchor:middle}
    .plot-token{font-family:ui-monospace,monospace;unicode-bidi:isolate}
    """

  /// A picture that stands alone, with its own colours on a transparent ground.
  static func standalone(width: Int, height: Int, title: String, _ content: Markup) -> String {
    let style = Markup(
      verbatim: """
        svg{\(light)}
        @media (prefers-color-scheme:dark){svg{\(dark)}}
        \(marks)
        """)
    let picture: Markup = """
      <svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" \
      viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)">
      <title>\(title)</title>
      <style>\(style)</style>
      \(content)
      </svg>

      """
    return picture.source
  }
}
