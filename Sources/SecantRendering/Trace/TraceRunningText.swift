import Foundation
import SecantReports

/// Prompt and answer as running text, each token with a colour for its share.
///
/// Where the rows of the answer's tokens fit, the page's script reads them from the answer's element: `data-rows` has
/// their numbers, 16 bits each in units of the row's own `data-scales`, and `data-columns` says for every token which
/// of a row's numbers is its own. Without the script the text has the colours of the whole answer.
struct TraceRunningText {
  let report: TraceReport
  /// What a row's numbers are of: every token, or the spans and the answer's words where tokens are too many.
  private let columns: Columns?
  private let numbers = NumberText(usesUnicode: true)
  private let prose = VisibleText.prose()

  private struct Columns {
    /// The column of each token; −1 for a baseline's.
    let places: [Int]
    /// The positions of each column.
    let positions: [[Int]]
  }

  /// Numbers of all rows that a page holds: about a megabyte.
  private static let limit = 400_000

  init(report: TraceReport) {
    self.report = report
    columns = Self.columns(report)
  }

  /// Whether the page has the rows.
  var hasRows: Bool { columns != nil }

  private var promptCount: Int { report.prompt.tokens.count }

  private static func columns(_ report: TraceReport) -> Columns? {
    guard let matrix = report.matrix, !matrix.rows.isEmpty else { return nil }
    let rows = report.answer.tokens.count
    let count = report.shares.tokens.count
    func columns(_ groups: [[Int]]) -> Columns? {
      guard rows * groups.count <= limit else { return nil }
      var places = [Int](repeating: -1, count: count)
      for (index, positions) in groups.enumerated() {
        for position in positions where places.indices.contains(position) {
          places[position] = index
        }
      }
      return Columns(places: places, positions: groups)
    }
    let apart = Set(report.shares.baseline)
    let each = (0..<count).filter { !apart.contains($0) }.map { [$0] }
    let own = (min(count, report.prompt.tokens.count)..<count).map { [$0] }
    return columns(each) ?? columns(report.spans.map(\.positions) + own)
  }

  var markup: Markup {
    let shares = report.shares.tokens
    let largest =
      shares.prefix(promptCount).filter { !$0.isBaseline && $0.value.isFinite }
      .map { abs($0.value) }.max() ?? 0
    func word(_ text: String, at position: Int, more: Markup = "") -> Markup {
      let share = shares.indices.contains(position) ? shares[position] : nil
      let tint = share.map {
        $0.isBaseline ? "baseline" : PageStyle.tint($0.value, of: largest)
      }
      let number: Markup =
        share.map { share in
          let value = numbers.fixed(share.value, decimals: 3, withPlus: true)
          return " data-n=\"\(value)\(share.isBaseline ? ", baseline" : "")\""
        } ?? ""
      // A line break stays one, with the sign that shows it.
      let shown = prose(text).replacing("↵", with: "↵\n")
      let style: Markup = tint.map { $0.isEmpty ? "" : " class=\"\($0)\"" } ?? ""
      return "<span\(style)\(number)\(more)>\(shown)</span>"
    }
    let prompt = report.prompt.tokens.enumerated().map { word($1.text, at: $0) }
    let answer = report.answer.tokens.enumerated().map { index, token -> Markup in
      word(
        token.text, at: promptCount + index,
        more: hasRows ? " role=\"option\" aria-selected=\"false\"" : "")
    }
    let control: Markup =
      hasRows
      ? """
       role="listbox" aria-multiselectable="true" aria-label="Tokens of the answer" tabindex="0"\(data)
      """ : ""
    return """
      <div class="running" id="prompt-words" dir="auto" tabindex="0">\(prompt)</div>
      <div class="running" id="answer-words" dir="auto"\(control)>\(answer)</div>
      <p id="chosen" class="soft" aria-live="polite">The whole answer: \
      \(numbers.fixed(report.shares.logit, decimals: 2, withPlus: true)).</p>
      """
  }

  /// What the script reads.
  private var data: Markup {
    guard let columns else { return "" }
    var bytes = Data()
    bytes.reserveCapacity(2 * report.answer.tokens.count * columns.positions.count)
    var scales: [String] = []
    var sums: [String] = []
    for index in report.answer.tokens.indices {
      guard let row = report.matrix?.row(of: index) else {
        scales.append("0")
        sums.append("0")
        bytes.append(Data(count: 2 * columns.positions.count))
        continue
      }
      let values = columns.positions.map { row.value(at: $0) }
      let largest = values.filter(\.isFinite).map(abs).max() ?? 0
      let scale = largest / Double(Int16.max)
      for value in values {
        let step = scale > 0 && value.isFinite ? Int16((value / scale).rounded()) : 0
        let bits = UInt16(bitPattern: step)
        bytes.append(UInt8(truncatingIfNeeded: bits))
        bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
      }
      scales.append(scale.isFinite ? "\(Float(scale))" : "0")
      sums.append(row.sum.isFinite ? "\(Float(row.sum))" : "0")
    }
    return """
       data-rows="\(bytes.base64EncodedString())" data-scales="\(scales.joined(separator: " "))" \
      data-sums="\(sums.joined(separator: " "))" \
      data-columns="\(columns.places.map(String.init).joined(separator: " "))"
      """
  }
}
