/// The meaning of a piece of text, which determines its colour.
enum TerminalRole: Sendable {
  case plain, strong, faint, positive, negative, warning, good

  fileprivate var code: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    // Bright blue and yellow: people with any kind of colour vision can distinguish them.
    case .positive: "94"
    case .negative: "33"
    case .warning: "31"
    case .good: "32"
    }
  }
}

/// A piece of text with its meaning.
struct TerminalSpan: Sendable {
  var text: String
  var role: TerminalRole = .plain

  init(_ text: String, _ role: TerminalRole = .plain) {
    self.text = text
    self.role = role
  }
}

/// Lines of spans, laid out before escape sequences are added, so widths can be counted.
struct TerminalText: Sendable {
  let style: TerminalStyle
  private(set) var lines: [[TerminalSpan]] = []

  init(_ style: TerminalStyle) { self.style = style }

  mutating func line(_ spans: TerminalSpan...) { lines.append(spans) }
  mutating func lines(_ more: [[TerminalSpan]]) { lines += more }
  mutating func blank() { lines.append([]) }

  /// A heading, after an empty line.
  mutating func heading(_ text: String) {
    if !lines.isEmpty { blank() }
    paragraph(text, .strong)
  }

  /// Running text, broken at the style's width, with `mark` before the first line.
  ///
  /// Text of more than `limit` lines loses its middle.
  mutating func paragraph(
    _ text: String, _ role: TerminalRole = .plain, mark: TerminalSpan = TerminalSpan(""),
    limit: Int = .max
  ) {
    let indent = mark.text.columns < style.width ? mark.text.columns : 0
    var wrapped = text.wrapped(to: max(1, style.width - indent))
    if wrapped.count > limit {
      // The end matters as much as the beginning, because the model continues it.
      let head = limit / 2
      wrapped = wrapped.prefix(head) + [style.ellipsis] + wrapped.suffix(limit - head - 1)
    }
    for (index, line) in wrapped.enumerated() {
      let lead =
        index == 0 && indent > 0 ? mark : TerminalSpan(String(repeating: " ", count: indent))
      lines.append([lead, TerminalSpan(line, role)])
    }
  }

  /// The text without trailing spaces or lines beyond the width, with a line feed after each line.
  func rendered() -> String {
    var text = ""
    for line in lines {
      text += rendered(line)
      text += "\n"
    }
    return text
  }

  private func rendered(_ line: [TerminalSpan]) -> String {
    fitted(trimmed(line)).reduce(into: "") { text, span in
      guard style.usesColor, let code = span.role.code, !span.text.isEmpty else {
        text += span.text
        return
      }
      text += "\u{1b}[\(code)m\(span.text)\u{1b}[0m"
    }
  }

  private func trimmed(_ line: [TerminalSpan]) -> [TerminalSpan] {
    var spans = line
    while let last = spans.popLast() {
      var kept = Substring(last.text)
      while kept.last == " " { kept.removeLast() }
      if kept.isEmpty { continue }
      return spans + [TerminalSpan(String(kept), last.role)]
    }
    return []
  }

  private func fitted(_ line: [TerminalSpan]) -> [TerminalSpan] {
    var room = style.width
    if line.reduce(0, { $0 + $1.text.columns }) <= room { return line }
    var kept: [TerminalSpan] = []
    for span in line {
      let width = span.text.columns
      guard width < room else {
        // The padding lets a span that fits exactly give way to the ellipsis of the whole line.
        let cut = (span.text + " ").truncated(to: room, ellipsis: style.ellipsis)
        return kept + [TerminalSpan(cut, span.role)]
      }
      kept.append(span)
      room -= width
    }
    return kept
  }
}
