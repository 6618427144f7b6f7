/// A row of numbers as one line of characters, whose heights show the numbers on a scale.
struct Sparkline {
  private let low: Double
  private let high: Double
  private let style: TerminalStyle

  /// A scale for every finite value; several lines on one scale can be compared.
  init(_ values: [Double], style: TerminalStyle) {
    let finite = values.filter(\.isFinite)
    low = finite.min() ?? 0
    high = finite.max() ?? 0
    self.style = style
  }

  /// The values in at most a given number of columns; if there are more, evenly spread ones and the
  /// last.
  func cell(_ values: [Double], natural: Int = 24) -> TextTable.Cell {
    TextTable.Cell(natural: min(natural, values.count)) { [TerminalSpan(line(values, width: $0))] }
  }

  private func line(_ values: [Double], width: Int) -> String {
    let count = min(width, values.count)
    guard count > 0 else { return "" }
    let levels = style.usesUnicode ? Array("▁▂▃▄▅▆▇█") : Array("_.-:=+*#")
    return String(
      (0..<count).map { place -> Character in
        let index = count == 1 ? values.count - 1 : place * (values.count - 1) / (count - 1)
        guard values[index].isFinite else { return "?" }
        // Halved first, because the range of two huge values may be infinite.
        let range = high / 2 - low / 2
        let part = range > 0 ? (values[index] / 2 - low / 2) / range : 0
        return levels[min(levels.count - 1, Int(part * Double(levels.count)))]
      })
  }
}
