import SecantReports
import Testing

/// A table of comma-separated values is one that a spreadsheet shows and does not compute.
///
/// What this does not prove: what other programs take for a formula.
@Suite struct SpreadsheetTests {
  private func cell(_ cell: NumberTable.Cell) -> String {
    let table = NumberTable(columns: ["c"], rows: [[cell]])
    return String(table.commaSeparated.unicodeScalars.dropFirst(3).dropLast(2))
  }

  private static let texts = [
    "=1+1", "+1", "-1", "@a", "\t1", "\r=1", "\n=1", "＝1+1", "'=1", "''@a", "=\"a\",1",
  ]

  @Test(arguments: texts) func textsAreNoFormulas(text: String) {
    let found = cell(.text(text))
    let isQuoted = found.unicodeScalars.first == "\""
    let content = isQuoted ? String(found.unicodeScalars.dropFirst().dropLast()) : found
    #expect(content.unicodeScalars.first == "'")
    // One apostrophe more than there was.
    #expect(content.replacing("\"\"", with: "\"") == "'" + text)
  }

  @Test(arguments: ["", " ", "'s", "'", "''", "a=b", " =1", "1", "é"])
  func otherTextsStandAsTheyAre(text: String) {
    #expect(cell(.text(text)) == text)
  }

  @Test func numbersStayNumbers() {
    #expect(cell(.number(-0.5)) == "-0.5" && cell(.integer(-3)) == "-3")
    #expect(cell(.number(-.infinity)) == "-Infinity" && cell(.number(1e-300)) == "1e-300")
  }
}
