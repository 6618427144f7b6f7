/// The width and the abilities of a terminal.
public struct TerminalStyle: Hashable, Sendable {
  /// The width in columns; no line is wider.
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

  /// A sentence or name from the report, with mathematical signs spelled out if necessary.
  func message(_ text: String) -> String {
    prose(usesUnicode ? text : text.spelledInASCII)
  }

  /// Running text from outside, with its lines unchanged, that cannot control the terminal: control
  /// characters, direction overrides and the like become escapes such as `\u{1b}`.
  public func harmless(_ text: String) -> String { prose.running(text) }

  /// The first spelling, or its plain ASCII form.
  func spell(_ unicode: String, _ ascii: String) -> String { usesUnicode ? unicode : ascii }
}

extension String {
  /// The text with mathematical and typographic signs in ASCII.
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
