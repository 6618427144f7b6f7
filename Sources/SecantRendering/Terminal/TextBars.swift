/// Horizontal bars of block characters on one scale, from a common zero.
struct TextBars {
  private let low: Double
  private let high: Double
  private let style: TerminalStyle

  /// A scale for every finite value and 0.
  init(_ values: [Double], style: TerminalStyle) {
    let finite = values.filter(\.isFinite)
    low = min(0, finite.min() ?? 0)
    high = max(0, finite.max() ?? 0)
    self.style = style
  }

  /// A bar for one value, in at most the given number of columns.
  func cell(_ value: Double, natural: Int = 24) -> TextTable.Cell {
    TextTable.Cell(natural: natural) { bar(value, width: $0) }
  }

  private func bar(_ value: Double, width: Int) -> [TerminalSpan] {
    // Halved first, because the range of two huge values may be infinite.
    let range = high / 2 - low / 2
    guard width >= 2, range > 0 else { return [] }
    let hasNegatives = low < 0
    let room = hasNegatives ? width - 1 : width
    let zero = hasNegatives ? Int((Double(room) * (-low / 2 / range)).rounded()) : 0
    guard value.isFinite else { return axis(at: zero, shown: hasNegatives) }
    let length = abs(value) / 2 / range * Double(room)
    if value >= 0 {
      let bar = rightward(min(length, Double(room - zero)))
      return axis(at: zero, shown: hasNegatives) + [TerminalSpan(bar, .positive)]
    }
    let bar = leftward(min(length, Double(zero)))
    let lead = String(repeating: " ", count: max(0, zero - bar.columns))
    return [TerminalSpan(lead), TerminalSpan(bar, .negative)] + axis(at: 0, shown: true)
  }

  private func axis(at column: Int, shown: Bool) -> [TerminalSpan] {
    let lead = TerminalSpan(String(repeating: " ", count: column))
    return shown ? [lead, TerminalSpan(style.spell("│", "|"), .faint)] : [lead]
  }

  private func rightward(_ length: Double) -> String {
    guard style.usesUnicode else { return String(repeating: "#", count: Int(length.rounded())) }
    let eighths = Int((length * 8).rounded())
    let part = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return String(repeating: "█", count: eighths / 8) + part
  }

  private func leftward(_ length: Double) -> String {
    guard style.usesUnicode else { return String(repeating: "#", count: Int(length.rounded())) }
    // For the right-hand side of a column, fonts have only the half block.
    let halves = Int((length * 2).rounded())
    return (halves.isMultiple(of: 2) ? "" : "▐") + String(repeating: "█", count: halves / 2)
  }
}
