/// The colours and the classes of marks that figures and pages share, light and dark.
///
/// People with any common kind of colour vision can distinguish blue from orange. Position and
/// number also show direction and sign, never colour alone, and the series of a line plot also
/// differ in dashes.
package enum PlotStyle {
  /// A named colour, in the light and in the dark scheme.
  private typealias Color = (name: String, light: String, dark: String)

  private static let colors: [Color] = [
    ("ink", "#1b1f24", "#e6e9ed"), ("soft", "#57606a", "#9aa4af"), ("line", "#d5dae0", "#343b44"),
    ("page", "#fff", "#15181c"), ("raised", "#f6f7f9", "#1d2127"),
    ("positive", "#2367b0", "#74b0f4"), ("negative", "#b95310", "#f0a05a"),
    ("positive-fill", "#8dbcf0", "#20599a"), ("negative-fill", "#f4b27a", "#8a4a12"),
    ("warning", "#a4161a", "#ff8a80"), ("context", "#aab3bd", "#56606b"),
    ("third", "#1d7a5c", "#5fc9a2"), ("fourth", "#7b4a9e", "#c79fe6"),
    ("mark", "#fff3bf", "#4d4310"),
  ]

  /// The colours of the light scheme, as custom properties.
  package static let light = colors.map { "--\($0.name):\($0.light)" }.joined(separator: ";")
  /// The colours of the dark scheme, as custom properties.
  package static let dark = colors.map { "--\($0.name):\($0.dark)" }.joined(separator: ";")

  /// The rules of a plot's marks.
  ///
  /// Each mark has one class, because rules with ancestors do not reach marks drawn by `<use>`.
  static let marks = """
    .plot{font:13px system-ui,"DejaVu Sans",sans-serif;color:var(--ink)}
    .plot,.plot-end{fill:var(--ink)}
    .plot-title{fill:var(--ink);font-weight:600;font-size:14px}
    .plot-soft{fill:var(--soft)}
    .plot-small{font-size:11px}
    .plot-grid{stroke:var(--line);stroke-width:1;fill:none}
    .plot-zero{stroke:var(--soft);stroke-width:1;fill:none}
    .plot-context{stroke:var(--context);stroke-width:1;fill:none;opacity:.55}
    .plot-all{stroke:var(--positive);stroke-width:1.5;fill:none;opacity:.55}
    .plot-curve,.plot-1,.plot-2,.plot-3,.plot-4{stroke:var(--positive);stroke-width:2;fill:none}
    .plot-2{stroke:var(--negative);stroke-dasharray:7 3}
    .plot-3{stroke:var(--third);stroke-dasharray:2 3}
    .plot-4{stroke:var(--fourth);stroke-dasharray:9 3 2 3}
    .plot-text-1{fill:var(--positive)}
    .plot-text-2{fill:var(--negative)}
    .plot-text-3{fill:var(--third)}
    .plot-text-4{fill:var(--fourth)}
    .plot-dot{fill:var(--positive);stroke:var(--positive);stroke-width:2}
    .plot-dot-1,.plot-ring-1{fill:var(--positive);stroke:var(--positive);stroke-width:1.5}
    .plot-dot-2,.plot-ring-2{fill:var(--negative);stroke:var(--negative);stroke-width:1.5}
    .plot-ring-1,.plot-ring-2{fill:var(--page)}
    .plot-open{fill:var(--page);stroke:var(--warning)}
    .plot-cloud-1,.plot-cloud-2{stroke:var(--positive);stroke-width:3.4;stroke-linecap:round;\
    fill:none;opacity:.5}
    .plot-cloud-2{stroke:var(--negative)}
    .plot-cluster{fill:var(--context);opacity:.3}
    .plot-positive{fill:var(--positive)}
    .plot-negative{fill:var(--negative)}
    .plot-flow-positive,.plot-flow-negative{stroke:var(--positive);fill:none;opacity:.45}
    .plot-flow-negative{stroke:var(--negative)}
    .plot-heat-positive{fill:var(--positive-fill)}
    .plot-heat-negative{fill:var(--negative-fill)}
    .plot-hatched{stroke:var(--soft);stroke-width:14;stroke-dasharray:2 4;fill:none}
    .plot-mark{fill:var(--mark)}
    .plot-end{text-anchor:end}
    .plot-middle{text-anchor:middle}
    .plot-token{font-family:ui-monospace,"DejaVu Sans Mono",monospace;unicode-bidi:isolate}
    .plot-image{image-rendering:pixelated}
    """

  /// The rules of a standalone figure: literal colours, which every SVG program can read.
  static func rules(_ scheme: Figure.ColorScheme) -> String {
    switch scheme {
    case .light: marks(\.light)
    case .dark: marks(\.dark)
    case .adaptive:
      marks(\.light) + "\n@media (prefers-color-scheme:dark){\n\(marks(\.dark))\n}"
    }
  }

  private static func marks(_ value: (Color) -> String) -> String {
    colors.reduce(marks) { $0.replacing("var(--\($1.name))", with: value($1)) }
  }
}
