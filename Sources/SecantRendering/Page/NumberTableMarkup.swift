import SecantReports

extension NumberTable {
  /// The number of rows on a page; programs read the rest from the CSV.
  private static let pageRows = 64

  /// The first rows as a table that a page shows on request; empty if there are none.
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

extension NumberTable.Cell {
  fileprivate var isText: Bool { if case .text = self { true } else { false } }

  fileprivate var pageMarkup: Markup {
    let numbers = NumberText(usesUnicode: true)
    return switch self {
    case .text(let text): "<td><bdi class=\"token\">\(VisibleText.token()(text))</bdi></td>"
    case .integer(let integer): "<td class=\"number\">\(integer)</td>"
    case .number(let value): "<td class=\"number\">\(numbers.short(value))</td>"
    }
  }
}
