/// What a terminal can show, and how wide it is.
public struct TerminalStyle: Hashable, Sendable {
  /// The width in columns; no line is wider, however narrow.
  public let width: Int
  /// Whether colours and bold type are used, as ANSI escape sequences.
  public let usesColor: Bool
  /// Whether characters beyond ASCII are used; otherwise the output is plain ASCII.
  public let usesUnicode: Bool

  /// Describes a terminal.
  ///
  /// - Parameters:
  ///   - width: The width in columns, at least 1.
  ///   - usesColor: Whether it shows colours; false for a file or a pipe.
  ///   - usesUnicode: Whether it shows characters beyond ASCII.
  public init(width: Int = 80, usesColor: Bool = false, usesUnicode: Bool = true) {
    precondition(width >= 1, "a terminal has at least one column")
    self.width = width
    self.usesColor = usesColor
    self.usesUnicode = usesUnicode
  }

  var numbers: NumberText { NumberText(usesUnicode: usesUnicode) }
  var token: VisibleText { .token(usesUnicode: usesUnicode) }
  var prose: VisibleText { .prose(usesUnicode: usesUnicode) }
  var ellipsis: String { usesUnicode ? "…" : "~" }

  /// A sentence or name from the report, its mathematical signs spelled out where need be.
  func message(_ text: String) -> String {
    prose(usesUnicode ? text : text.spelledInASCII)
  }

  /// The first spelling, or its plain ASCII form.
  func spell(_ unicode: String, _ ascii: String) -> String { usesUnicode ? unicode : ascii }
}

extension String {
  /// The text with the signs of mathematics and typography spelled in ASCII.
  fileprivate var spelledInASCII: String {
    unicodeScalars.reduce(into: "") { text, scalar in
      switch scalar {
      case "‖": text += "||"
      case "Σ": text += "sum"
      case "σ": text += "s"
      case "ε": text += "eps"
      case "√": text += "sqrt"
      case "−", "–", "—": text += "-"
      case "⟨": text += "<"
      case "⟩": text += ">"
      case "ᵀ": text += "^T"
      case "≤": text += "<="
      case "≥": text += ">="
      case "×": text += "x"
      case "·": text += "."
      case "±": text += "+-"
      case "…": text += "..."
      case "’", "‘": text += "'"
      case "“", "”": text += "\""
      case "₀"..."₉": text += String(scalar.value - 0x2080)
      case "²", "³": text += scalar == "²" ? "^2" : "^3"
      default: text.unicodeScalars.append(scalar)
      }
    }
  }
}

/// What a piece of text means; only meaning has a colour.
enum TerminalRole: Sendable {
  case plain, strong, faint, positive, negative, warning, good

  fileprivate var code: String? {
    switch self {
    case .plain: nil
    case .strong: "1"
    case .faint: "2"
    case .positive: "94"  // Bright blue against yellow: told apart by every kind of colour vision.
    case .negative: "33"
    case .warning: "31"
    case .good: "32"
    }
  }
}

/// A piece of text with one meaning.
struct TerminalSpan: Sendable {
  var text: String
  var role: TerminalRole = .plain

  init(_ text: String, _ role: TerminalRole = .plain) {
    self.text = text
    self.role = role
  }
}

/// Lines of spans, laid out before any escape sequence is added, so that widths can be counted.
struct TerminalText: Sendable {
  let style: TerminalStyle
  private(set) var lines: [[TerminalSpan]] = []

  init(_ style: TerminalStyle) { self.style = style }

  mutating func line(_ spans: TerminalSpan...) { lines.append(spans) }
  mutating func lines(_ more: [[TerminalSpan]]) { lines += more }
  mutating func blank() { lines.append([]) }

  /// A heading; an empty line sets it apart from what is above.
  mutating func heading(_ text: String) {
    if !lines.isEmpty { blank() }
    paragraph(text, .strong)
  }

  /// Running text, broken at the style's width; `mark` hangs before the first line.
  mutating func paragraph(
    _ text: String, _ role: TerminalRole = .plain, mark: TerminalSpan = TerminalSpan(""),
    limit: Int = .max
  ) {
    let indent = mark.text.columns < style.width ? mark.text.columns : 0
    var wrapped = text.wrapped(to: max(1, style.width - indent))
    if wrapped.count > limit {
      wrapped = Array(wrapped.prefix(limit - 1)) + [style.ellipsis]
    }
    for (index, line) in wrapped.enumerated() {
      let lead =
        index == 0 && indent > 0 ? mark : TerminalSpan(String(repeating: " ", count: indent))
      lines.append([lead, TerminalSpan(line, role)])
    }
  }

  /// The text: no trailing spaces, no line beyond the width, a line feed after each line.
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
        // The padding makes a span that fits exactly give way to the ellipsis of the whole line.
        let cut = (span.text + " ").truncated(to: room, ellipsis: style.ellipsis)
        return kept + [TerminalSpan(cut, span.role)]
      }
      kept.append(span)
      room -= width
    }
    return kept
  }
}
