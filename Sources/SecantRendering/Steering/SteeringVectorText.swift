public import SecantReports

extension SteeringVectorReport {
  /// Both continuations side by side for a terminal, with the effect and the damage.
  ///
  /// - Parameter style: What the terminal shows; no line is wider than it.
  /// - Returns: Lines without trailing spaces, each ended by a line feed.
  public func terminalText(_ style: TerminalStyle = TerminalStyle()) -> String {
    var text = TerminalText(style)
    text.paragraph(style.prose(promptText ?? promptTokens.map(\.text).joined()), .strong)
    text.paragraph(directionLine(style), .faint)
    if !direction.writes.isEmpty {
      text.paragraph(
        direction.writes.map { style.token($0.text) }.joined(separator: "  "),
        mark: TerminalSpan("raises most  ", .faint))
    }
    text.appendTrials(unsteered, steered, concept: concept.conceptName(style))
    return text.rendered()
  }

  /// The direction, the strength and the sampling, in one line.
  func directionLine(_ style: TerminalStyle) -> String {
    func quoted(_ text: String?, _ tokens: [SteeringToken]?) -> String {
      "\"\(style.prose(text ?? (tokens ?? []).map(\.text).joined()))\""
    }
    let name: String
    switch direction.kind {
    case "token": name = "toward \(style.token(direction.token?.text ?? ""))"
    case "left-vector":
      let place = direction.position ?? -1
      let tokens = direction.promptTokens ?? []
      let token = tokens.indices.contains(place) ? style.token(tokens[place].text) : ""
      name =
        "u\(direction.triplet.map(String.init) ?? "") of \(token)@\(place) in "
        + quoted(direction.prompt, direction.promptTokens)
    case "difference":
      name =
        "from \(quoted(direction.fromText, direction.fromTokens)) to "
        + quoted(direction.prompt, direction.promptTokens)
    default: name = style.message(direction.kind)
    }
    return [
      "\(name), after block \(direction.block)",
      "strength \(style.numbers.shortest(strength))", sampling.line(style),
      style.message(model.name),
    ].joined(separator: style.spell(" · ", ", "))
  }
}
