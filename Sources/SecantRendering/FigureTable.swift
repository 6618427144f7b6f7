/// The numbers of a figure: named columns, and rows of as many cells.
public struct FigureTable: Sendable {
  /// One cell.
  public enum Cell: Hashable, Sendable {
    /// A text, such as a token, exactly as it is.
    case text(String)
    /// A whole number.
    case count(Int)
    /// A number, with all its bits.
    case number(Double)
  }

  /// The names of the columns.
  public let columns: [String]
  /// The rows, each with one cell a column.
  public let rows: [[Cell]]

  /// Pages show this many rows: more are for programs.
  private static let pageRows = 64

  init(_ columns: [String], rows: [[Cell]]) {
    precondition(rows.allSatisfy { $0.count == columns.count }, "one cell a column")
    self.columns = columns
    self.rows = rows
  }

  /// The table as CSV (RFC 4180) in UTF-8: a line of names, then the rows.
  ///
  /// Numbers are the shortest decimals that read back as the same `Double`; those that no decimal
  /// stands for are `nan`, `inf` and `-inf`. Texts stand as they are, in quotes where need be.
  public var csv: String {
    ([columns.map(Cell.text)] + rows).map { row in
      row.map(\.csv).joined(separator: ",") + "\r\n"
    }.joined()
  }

  /// The first rows as a table that a page shows on request; nothing where there are none.
  var pageMarkup: Markup {
    if rows.isEmpty { return "" }
    let titles = zip(columns, rows[0]).map { name, cell -> Markup in
      "<th scope=\"col\"\(" class=\"number\"", if: !cell.isText)>\(name)</th>"
    }
    let lines = rows.prefix(Self.pageRows).map { row -> Markup in
      "<tr>\(row.map(\.pageMarkup))</tr>\n"
    }
    let left = rows.count - lines.count
    let rest: Markup =
      left > 0 ? "<p class=\"soft\">\(left) more rows in the CSV of --figures.</p>" : ""
    return """
      <details><summary>Numbers</summary><div class="scroll" tabindex="0">\
      <table class="grid"><thead><tr>\(titles)</tr></thead><tbody>
      \(lines)</tbody></table></div>\(rest)</details>
      """
  }
}

extension FigureTable.Cell {
  fileprivate var isText: Bool { if case .text = self { true } else { false } }

  fileprivate var csv: String {
    switch self {
    case .count(let count): return String(count)
    case .number(let value): return value.isNaN ? "nan" : String(describing: value)
    case .text(let text):
      // By scalars: a carriage return and a line feed are one character.
      let needsQuotes = text.unicodeScalars.contains { ",\"\r\n".unicodeScalars.contains($0) }
      return needsQuotes ? "\"\(text.replacing("\"", with: "\"\""))\"" : text
    }
  }

  fileprivate var pageMarkup: Markup {
    let numbers = NumberText(usesUnicode: true)
    return switch self {
    case .text(let text): "<td><bdi class=\"token\">\(VisibleText.token()(text))</bdi></td>"
    case .count(let count): "<td class=\"number\">\(count)</td>"
    case .number(let value): "<td class=\"number\">\(numbers.short(value))</td>"
    }
  }
}
