/// The style sheet of the page.
enum PageStyle {
  /// All rules: colours, marks of plots, layout.
  static let sheet = """
    :root{color-scheme:light dark;\(PlotStyle.light)}
    @media (prefers-color-scheme:dark){:root{\(PlotStyle.dark)}}
    \(PlotStyle.marks)
    \(layout)
    \(tints)

    """

  /// The sixteen steps of the diverging scale, mixed from the ground and the two fills.
  private static let tints = (1...8).map { step in
    let percent = Double(step) * 12.5
    return """
      .p\(step){background:color-mix(in srgb,var(--positive-fill) \(percent)%,var(--page))}
      .n\(step){background:color-mix(in srgb,var(--negative-fill) \(percent)%,var(--page))}
      """
  }.joined(separator: "\n")

  /// One of the sixteen tints, so long prompts do not need a style for every token; by the square root, so that
  /// small values can be seen.
  static func tint(_ value: Double, of largest: Double) -> String {
    guard value.isFinite, largest > 0 else { return "" }
    let step = Int(((abs(value) / largest).squareRoot() * 8).rounded())
    return step == 0 ? "" : "\(value < 0 ? "n" : "p")\(min(8, step))"
  }

  private static let layout = """
    *{box-sizing:border-box}
    body{margin:0;overflow-wrap:break-word;background:var(--page);color:var(--ink);\
    font:16px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
    main{max-width:1080px;margin:0 auto;padding:28px 20px 64px}
    .token,.strip bdi,.words bdi,pre{font-family:ui-monospace,"SF Mono",Menlo,Consolas,\
    "DejaVu Sans Mono",monospace;font-size:.92em}
    .kicker{margin:0;color:var(--soft)}
    h1{margin:.15em 0 .6em;font-size:clamp(1.3rem,3.2vw,2rem);line-height:1.25;font-weight:600;\
    white-space:pre-wrap;overflow-wrap:anywhere}
    h1.long{font-size:1.05rem;line-height:1.4;max-height:8.6em;overflow:auto}
    .answer{color:var(--positive)}
    p.answer{margin:-.4em 0 1em;font-size:1.5rem;font-weight:600}
    .sentence{font-size:1.1rem;margin:-.2em 0 1em;max-width:70ch}
    h1 .unread{color:var(--soft);font-weight:400}
    .arrow{font-weight:400}
    h2{margin:0 0 .5em;font-size:1.15rem;font-weight:600}
    h3{margin:0 0 .5em;font-size:1.05rem;font-weight:600}
    section{margin-top:36px}
    .columns{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,400px),1fr));\
    gap:24px 44px;align-items:start}
    .columns>*{margin:0;min-width:0}
    .columns>div{overflow-x:auto}
    p{margin:.4em 0;max-width:80ch}
    .soft,thead th{color:var(--soft);font-weight:400}
    .warning{color:var(--warning)}
    .number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
    table{border-collapse:collapse;width:100%}
    th,td{padding:3px 12px 3px 0;text-align:left;vertical-align:baseline;font-weight:400}
    th:last-child,td:last-child{padding-right:0}
    thead th{font-size:.85rem}
    .number,thead .number{text-align:right}
    .grid td,.grid th{border-top:1px solid var(--line)}
    .grid thead th,.grid thead td{border-top:0}
    th .token{display:inline-block;max-width:min(22ch,30vw);overflow:hidden;\
    text-overflow:ellipsis;white-space:nowrap;vertical-align:bottom}
    .prediction .bar{width:45%}
    .prediction .bar i{display:block;height:10px;min-width:1px;border-radius:2px;\
    background:var(--positive)}
    tfoot th,tfoot td{font-weight:600;background:var(--page)}
    tfoot tr:last-child>*{position:sticky;bottom:0}
    .facts{margin:0;display:grid;grid-template-columns:1fr;align-content:start}
    .facts div{display:flex;justify-content:space-between;gap:16px;padding:3px 0;\
    border-top:1px solid var(--line)}
    .facts div:first-child{border-top:0}
    .facts dt{color:var(--soft)}
    .facts dd{margin:0;text-align:right;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
    .facts .headline dd{font-weight:600}
    .facts .headline dd span{font-weight:400}
    details{margin-top:10px;color:var(--soft)}
    summary{cursor:pointer;width:fit-content}
    details p{color:var(--ink)}
    figure{margin:0}
    figure .plot{display:block;width:100%;height:auto}
    figcaption{font-weight:600;margin-bottom:6px}
    figure details:not([open]){display:inline-block;margin-right:22px}
    .panel figure .plot{max-width:560px}
    .definitions{position:absolute}
    .legend{max-width:none;display:flex;flex-wrap:wrap;align-items:center;gap:2px 8px;color:var(--soft);\
    font-size:.9rem;font-variant-numeric:tabular-nums}
    .legend .scale{display:inline-flex;flex-wrap:wrap;align-items:center;gap:8px;max-width:100%}
    .legend .scale span{display:inline-flex;border:1px solid var(--line)}
    .legend i{width:13px;height:13px}
    .strip{border:0;margin:12px 0 0;padding:0;min-width:0;display:flex;flex-wrap:wrap;\
    align-items:stretch}
    .strip legend,.strip input{position:relative;appearance:none;width:0;height:0;margin:0;\
    padding:0;overflow:hidden;outline:0}
    .strip label,.strip .later{margin:0 4px 4px 0;padding:3px 7px;border:1px solid var(--line);\
    border-radius:5px;cursor:pointer;text-align:center;overflow-wrap:anywhere;max-width:100%}
    .strip .later{cursor:default;opacity:.7;border-style:dashed}
    .baseline{background:repeating-linear-gradient(135deg,var(--line) 0 2px,var(--page) 2px 7px)}
    .strip label small{display:block;font-size:.72rem;font-variant-numeric:tabular-nums}
    .strip label:hover{border-color:var(--soft)}
    .strip input:checked+label{border-color:var(--ink);box-shadow:0 0 0 1px var(--ink)}
    .strip input:focus-visible+label{outline:3px solid var(--positive);outline-offset:2px}
    .strip .break{flex-basis:100%;height:0}
    .panel{display:none}
    .strip input:checked+label+.panel{display:block;order:1;width:100%;min-width:0;margin-top:10px;\
    padding:18px 20px;border:1px solid var(--line);border-radius:10px;background:var(--raised)}
    .panel .plot-open{fill:var(--raised)}
    .long{font-size:.9rem}
    .long label,.long .later{padding:0 4px;margin:0 2px 2px 0;border-color:transparent}
    .strip.long input{scroll-margin:80px 0 62vh}
    .strip.long input:checked+label+.panel{position:sticky;bottom:8px;max-height:56vh;\
    overflow:auto;box-shadow:0 6px 28px rgb(0 0 0/.25)}
    .vectors{margin-top:14px}
    .vectors{table-layout:fixed}
    .vectors th:nth-child(1){width:2.4em}
    .vectors th:nth-child(2),.vectors th:nth-child(3){width:5.8em}
    .vectors .number{padding-right:20px}
    .vectors .words{line-height:1.7}
    .scroll.whole{max-height:none}
    .audit .words{min-width:16ch}
    .audit td:last-child{min-width:24ch}
    .words bdi{display:inline-block;margin-right:10px;white-space:nowrap;\
    max-width:24ch;overflow:hidden;text-overflow:ellipsis;vertical-align:bottom}
    .words small{margin-left:4px;color:var(--soft);font:.72rem system-ui,sans-serif;\
    font-variant-numeric:tabular-nums}
    pre{margin:0;padding:10px 12px;background:var(--raised);border-radius:6px;\
    white-space:pre-wrap;overflow-wrap:anywhere}
    .scroll{max-height:420px;overflow:auto;color:var(--ink)}
    #provenance+.facts{max-width:620px}
    nav{display:flex;flex-wrap:wrap;gap:4px 18px;margin-top:28px;padding:8px 0;\
    border-block:1px solid var(--line)}
    a{color:var(--positive)}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,460px),1fr));\
    gap:32px 44px;margin-top:14px}
    .figures figure{min-width:0}
    .figures.wide{grid-template-columns:1fr}
    .figures.wide .plot{max-width:none}
    .plot-frame{overflow-x:auto}
    .in-columns{display:flex;max-width:max-content}
    figure .in-columns .plot{flex:none;max-width:none;margin:0}
    .in-columns .start,.in-columns .end{position:sticky;left:0;z-index:1;background:var(--page)}
    .in-columns .end{left:auto;right:0}
    .tabs{margin-top:22px}
    .tabs>input{position:absolute;appearance:none;width:0;height:0;margin:0;outline:0}
    .tabs>label{display:inline-block;margin:0 6px 6px 0;padding:5px 14px;border:1px solid var(--line);\
    border-radius:6px;cursor:pointer}
    .tabs>label:hover{border-color:var(--soft)}
    .tabs>input:checked+label{border-color:var(--ink);box-shadow:0 0 0 1px var(--ink);font-weight:600}
    .tabs>input:focus-visible+label{outline:3px solid var(--positive);outline-offset:2px}
    .tabs>.tab{display:none}
    .tabs>input:nth-of-type(1):checked~.tab:nth-of-type(1),\
    .tabs>input:nth-of-type(2):checked~.tab:nth-of-type(2),\
    .tabs>input:nth-of-type(3):checked~.tab:nth-of-type(3){display:block}
    .tab>nav{margin-top:12px}
    .tab>section:first-of-type{margin-top:18px}
    #selection{min-height:1.5em;margin:0;color:var(--soft);font-size:.9rem}
    #selection:empty{display:none}
    .switch{display:flex;flex-wrap:wrap;gap:6px 18px;margin:10px 0 0;max-width:none}
    .switch select{font:inherit;color:inherit;background:var(--raised);border:1px solid var(--soft);\
    border-radius:6px;padding:2px 8px;max-width:100%}
    .switch select:focus-visible{outline:3px solid var(--positive);outline-offset:1px}
    [hidden]{display:none!important}
    [data-t],[data-b],[data-h]{cursor:pointer}
    td.linked,th.linked,.cells .linked{box-shadow:inset 0 0 0 2px var(--ink)}
    svg .linked{font-weight:700}
    g.linked rect,g.at rect{stroke:var(--ink);stroke-width:2}
    g.at rect{stroke-dasharray:4 2}
    text.linked{text-decoration:underline}
    circle.linked{stroke:var(--ink);stroke-width:3}
    [data-n]:focus-visible{outline:2px solid var(--positive);outline-offset:-1px}
    h4{margin:16px 0 .4em;font-size:.95rem;font-weight:600;color:var(--soft)}
    .second{margin:-.3em 0 1em;font-size:1.1rem}
    .second.long{font-size:1rem;line-height:1.4;max-height:8.6em;overflow:auto}
    .cells{display:flex;flex-wrap:wrap;gap:3px;max-width:none}
    .cells span{padding:1px 7px 3px;border-radius:4px;min-width:4.6em;text-align:center;\
    font-variant-numeric:tabular-nums}
    .cells small{display:block;font-size:.72rem}
    mark{background:var(--mark);color:inherit;border-radius:3px;padding:0 2px}
    mark.answer{background:none;color:var(--positive);font-weight:600;padding:0}
    .word-grid{width:auto;font-size:.92rem}
    .word-grid th,.word-grid td{padding:3px 12px 3px 4px;white-space:nowrap}
    .word-grid td bdi{font-family:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",\
    monospace;font-size:.92em}
    .word-grid td small{display:block;color:var(--soft);font-size:.78rem}
    .word-grid thead th{position:sticky;top:0;background:var(--page)}
    .word-grid th:first-child,.word-grid td:first-child{position:sticky;left:0;\
    background:var(--page)}
    .word-grid label{cursor:pointer;text-decoration:underline dotted}
    .word-grid td:focus-visible{outline:2px solid var(--positive);outline-offset:-1px}
    .word-grid td[data-n]:hover{background:var(--raised)}
    .scroll.words-frame{max-height:640px}
    .path{width:auto}
    .path th{white-space:nowrap}
    .path .words{line-height:1.5}
    .units,.directions{font-size:.92rem}
    .directions td:nth-child(4){width:45%}
    .units .number,.directions .number,.path .number{padding-right:14px}
    .running{white-space:pre-wrap;overflow-wrap:anywhere;line-height:1.75;margin:12px 0 0;padding:10px 14px;\
    border:1px solid var(--line);border-radius:8px;max-height:62vh;overflow:auto}
    .running span{border-radius:3px}
    #answer-words{background:var(--raised);max-height:30vh}
    #answer-words[data-rows]{user-select:none;-webkit-user-select:none;touch-action:pan-y;cursor:pointer}
    #answer-words [aria-selected=true]{box-shadow:0 0 0 2px var(--ink)}
    .columns+table{margin-top:14px}
    .running:focus-visible{outline:2px solid var(--positive);outline-offset:2px}
    .spans th[scope=row]{min-width:18ch;max-width:46ch;overflow-wrap:anywhere}
    .spans .bar{width:26%}
    .spans .bar i{display:block;height:10px;min-width:1px;border-radius:2px}
    .spans .for{background:var(--positive)}
    .spans .against{background:var(--negative)}
    .roles{width:auto}
    #readout:empty{display:none}
    #readout{position:fixed;inset:auto 0 0;z-index:2;padding:8px 20px;background:var(--ink);\
    color:var(--page);font-size:.9rem;font-variant-numeric:tabular-nums;text-align:center}
    section h3{margin-top:18px}
    .panel h3{margin-top:0}
    a:focus-visible,h1:focus-visible,pre:focus-visible,.scroll:focus-visible,summary:focus-visible\
    {outline:2px solid var(--positive);outline-offset:3px}
    @media (max-width:640px){
    main{padding:18px 14px 48px}
    .strip input:checked+label+.panel{padding:14px 12px}
    .spans td:nth-child(3),.spans .bar,.spans thead th:nth-child(3),.spans thead td{display:none}
    .vectors thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .vectors tr{display:grid;grid-template-columns:1.5em auto 1fr;column-gap:12px;\
    border-top:1px solid var(--line);padding:6px 0}
    .vectors td{border:0;padding:0}
    .vectors td:nth-child(2)::before{content:"σ ";color:var(--soft)}
    .vectors td:nth-child(3)::before{content:"residual ";color:var(--soft)}
    .vectors td.words{grid-column:2/-1;width:auto}
    .vectors td:nth-child(4)::before{content:"writes  ";color:var(--soft)}
    .vectors td:nth-child(5)::before{content:"reads  ";color:var(--soft)}
    }
    @media print{details,.tabs>.tab{display:block}.strip.long .panel{position:static}}
    """
}
