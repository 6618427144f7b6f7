public import SecantReports

extension VocabularyReport {
  /// The tokens as a table for a terminal.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    guard !tokens.isEmpty else {
      text.paragraph("no token of \(style.message(model)) has \(style.token(self.text)) in it")
      return text.rendered()
    }
    var table = TextTable(columns: [
      .init(title: "id", alignment: .right), .init(title: "token", minimum: 8),
      .init(title: "the text is", dropRank: 1),
    ])
    for token in tokens {
      table.rows.append([
        .init("#\(token.id)", .faint, style: style), .init(style.token(token.text), style: style),
        .init(style.message(Self.places[token.match] ?? token.match), style: style),
      ])
    }
    text.lines(table.lines(style))
    if tokens.count < count {
      text.paragraph("the \(tokens.count) closest of \(count)", .faint)
    }
    return text.rendered()
  }

  private static let places = [
    "whole": "the token", "beginning": "its beginning", "inside": "inside it",
  ]
}
