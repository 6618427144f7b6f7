import SecantReports

/// The account of a difference as a flow: tokens on the left, blocks across, the answer on the right.
///
/// Each ribbon is one entry, as wide as its magnitude: it leaves the token at which the part acts, at the part's
/// block, and ends at the answer. A pattern's thin lines come from the tokens that the head looked at.
struct DifferenceFlow {
  /// One ribbon.
  private struct Ribbon {
    let entry: DifferenceLedger.Entry
    let name: String
    /// Where it starts, along the blocks.
    let x: Double
    let row: Int
    let terms: [DifferenceLedger.Entry]
  }

  /// Ribbons that are drawn at most, and the least magnitude of one, of the largest.
  private static let most = 40
  private static let least = 0.02

  private let reading: DifferenceReading
  private let positions: [Int]
  private let ribbons: [Ribbon]
  private let blockCount: Int
  private let entryCount: Int
  /// What stands at positions that have entries.
  private let placeNames: [Int: String]

  /// Few rows stand apart, so that wide ribbons and their names have room.
  private var rowHeight: Double { positions.count <= 8 ? 56 : 28 }
  private let top = 40.0
  private let left = 168.0
  private let right = 170.0

  /// The largest entries of the order "A − B"; nil where there are none.
  init?(_ reading: DifferenceReading) {
    let order = reading.ledger.forward
    let lines = reading.lines(of: order)
    let whole = lines.map(\.entry)
    let largest = whole.map { abs($0.value) }.max() ?? 0
    guard largest > 0, largest.isFinite else { return nil }
    let shown = whole.filter { abs($0.value) >= Self.least * largest }.prefix(Self.most)
    self.reading = reading
    blockCount = order.blocks.count
    entryCount = whole.count
    placeNames = Dictionary(
      whole.map { ($0.position, "\(reading.place(of: $0)) \($0.position)") }
    ) { first, _ in first }
    let terms = shown.map { entry in
      order.terms(of: entry).filter {
        $0.source != nil && abs($0.value) >= Self.least * largest
      }
    }
    let positions = Set(shown.map(\.position) + terms.flatMap { $0.compactMap(\.source) }).sorted()
    self.positions = positions
    let blocks = blockCount
    ribbons = zip(shown, terms).map { entry, terms in
      // Content enters before block 0; the final norm comes after the last.
      let isEntering = entry.kind == "content" || entry.kind == "token"
      let place = isEntering ? -1 : entry.block ?? blocks
      return Ribbon(
        entry: entry, name: reading.part(entry),
        x: (Double(place) + 1) / Double(blocks + 1),
        row: positions.firstIndex(of: entry.position) ?? 0, terms: terms)
    }
  }

  var width: Int { 940 }
  var height: Int { Int(bottom) + 34 }

  /// The room of all ribbons where they end, in units.
  private var stack: Double { max(120, rowHeight * Double(positions.count) * 0.6) }
  private var bottom: Double { top + max(rowHeight * Double(positions.count), stack) }
  private var scale: Double {
    stack / max(.leastNormalMagnitude, ribbons.reduce(0) { $0 + abs($1.entry.value) })
  }

  private func x(_ fraction: Double) -> Double {
    left + 12 + fraction * (Double(width) - left - right - 100)
  }

  private func y(_ row: Int) -> Double { top + rowHeight * (Double(row) + 0.5) }

  /// What is drawn, in numbers: how much of the difference that is.
  var caption: String {
    let shown = ribbons.reduce(0) { $0 + $1.entry.value }
    return "\(ribbons.count) of \(entryCount) entries: \(reading.signed(shown)) of "
      + "\(reading.signed(reading.ledger.forward.sum)) logits"
  }

  var markup: Markup {
    let end = Double(width) - right
    let rows = positions.indices.map { row -> Markup in
      let label =
        placeNames[positions[row]] ?? "\(reading.tokens(at: positions[row])) \(positions[row])"
      return """
        <text class="plot-token plot-end" x="\(at: left)" y="\(at: y(row) + 4)">\
        \(label.truncated(to: 20, ellipsis: "…"))</text>\
        <path class="plot-grid" d="M\(at: left + 8) \(at: y(row))H\(at: end - 60)"/>

        """
    }
    // From the top, in the order of the rows, so that few ribbons cross.
    var next = top
    let drawn = ribbons.sorted { ($0.row, $0.x) < ($1.row, $1.x) }.map { ribbon -> Markup in
      let thickness = max(1, abs(ribbon.entry.value) * scale)
      let target = next + thickness / 2
      next += thickness
      return mark(ribbon, thickness: thickness, to: (end, target))
    }
    let names = labels
    let step = max(1, blockCount / 8)
    let ticks = stride(from: 0, to: blockCount, by: step).map { block -> Markup in
      let place = x((Double(block) + 1) / Double(blockCount + 1))
      return """
        <text class="plot-soft plot-small plot-middle" x="\(at: place)" y="\(at: bottom + 18)">\
        \(block)</text>
        """
    }
    let answer = reading.subject.truncated(to: 17, ellipsis: "…")
    let change = reading.signed(reading.ledger.forward.real)
    return """
      <text class="plot-soft" x="\(at: left + 8)" y="14">\(caption)</text>\
      <text class="plot-soft plot-small plot-end" x="\(at: left)" y="\(at: bottom + 18)">block</text>
      \(ticks)\(rows)\(drawn)
      \(names)<path class="plot-zero" d="M\(at: end) \(at: top)V\(at: next)"/>\
      <text class="plot-token" x="\(at: end + 8)" y="\(at: (top + next) / 2)">\(answer)</text>\
      <text x="\(at: end + 8)" y="\(at: (top + next) / 2 + 18)">\(change)</text>
      """
  }

  private func mark(_ ribbon: Ribbon, thickness: Double, to end: (x: Double, y: Double)) -> Markup {
    let (startX, startY) = (x(ribbon.x), y(ribbon.row))
    let middle = (startX + end.x) / 2
    let value = reading.signed(ribbon.entry.value)
    let sign = ribbon.entry.value < 0 ? "negative" : "positive"
    let lines = ribbon.terms.compactMap { term -> Markup? in
      guard let source = term.source, let row = positions.firstIndex(of: source) else { return nil }
      let fromX = left + 12
      let bend = (fromX + startX) / 2
      return """
        <path class="plot-flow-\(term.value < 0 ? "negative" : "positive")" \
        stroke-width="\(at: max(0.75, abs(term.value) * scale / 2))" d="M\(at: fromX) \(at: y(row))\
        C\(at: bend) \(at: y(row)) \(at: bend) \(at: startY) \(at: startX) \(at: startY)"/>
        """
    }
    let place = "\(reading.place(of: ribbon.entry)) \(ribbon.entry.position)"
    return """
      <g><title>\(ribbon.name) at \(place): \(value)</title>\(lines)\
      <path class="plot-flow-\(sign)" stroke-width="\(at: thickness)" d="M\(at: startX) \
      \(at: startY)C\(at: middle) \(at: startY) \(at: middle) \(at: end.y) \(at: end.x) \
      \(at: end.y)"/><circle class="plot-\(sign)" cx="\(at: startX)" cy="\(at: startY)" r="2.5"/></g>

      """
  }

  /// The names of parts over their dots, the largest first, where no other name stands.
  private var labels: [Markup] {
    var taken: [(row: Int, span: ClosedRange<Double>)] = []
    return ribbons.compactMap { ribbon in
      let half = 3.4 * Double(ribbon.name.count) + 3
      let center = x(ribbon.x)
      let span = center - half...center + half
      guard !taken.contains(where: { $0.row == ribbon.row && $0.span.overlaps(span) }) else {
        return nil
      }
      taken.append((ribbon.row, span))
      let height = max(1, abs(ribbon.entry.value) * scale) / 2
      return """
        <text class="plot-small plot-middle" x="\(at: center)" \
        y="\(at: y(ribbon.row) - height - 4)">\(ribbon.name)</text>
        """
    }
  }
}

extension ComparisonReport {
  /// What changed as a flow from tokens to the answer; nil where there is no account.
  var differenceFlow: Figure? {
    guard let reading = DifferenceReading(self, usesUnicode: true),
      let flow = DifferenceFlow(reading)
    else { return nil }
    let lines = reading.lines(of: reading.ledger.forward)
    return Figure(
      name: "difference-flow",
      title: "What changed the \(reading.ledger.target.text(.token())), from tokens to the answer",
      subject: "\(first.subject.line) | \(second.subject.line)",
      caption: """
        Each ribbon is one entry of the account "A − B", as wide as it is large: blue adds to the first \
        prompt's target, orange takes away. It starts at the token at which the part acts and at the \
        part's block: content on the left, the final norm on the right. The thin lines that lead to a \
        head come from the tokens that it looked at. Small entries are left out; the caption says how \
        much of the difference is drawn. The table has the 200 largest. An entry belongs to the order of the swaps: it is not the \
        effect of changing that part alone.
        """,
      table: NumberTable(
        columns: ["part", "token", "position", "value"],
        rows: lines.prefix(200).map { line in
          [
            .text(reading.part(line.entry)), .text(reading.place(of: line.entry)),
            .integer(line.entry.position), .number(line.entry.value),
          ]
        }),
      size: (flow.width, flow.height), content: flow.markup)
  }
}
