/// How text from outside (a prompt, a token, a path) is shown so that nothing in it is hidden.
///
/// Line feeds become "↵". Escape sequences, direction overrides and other invisible characters
/// become escapes such as `\u{202e}`. A combining mark without a base gets a dotted circle. The
/// result has no control or formatting characters except joiners in emoji.
struct VisibleText: Sendable {
  /// The replacement of a space: "·" inside tokens, where it matters; " " in running text.
  let space: String
  /// Whether characters beyond ASCII are shown; otherwise they become escapes.
  let usesUnicode: Bool

  /// A token, in which spaces are visible.
  static func token(usesUnicode: Bool = true) -> Self {
    Self(space: usesUnicode ? "·" : "_", usesUnicode: usesUnicode)
  }

  /// Running text, such as a note.
  static func prose(usesUnicode: Bool = true) -> Self {
    Self(space: " ", usesUnicode: usesUnicode)
  }

  func callAsFunction(_ text: String) -> String {
    if text.isEmpty { return usesUnicode ? "∅" : "(empty)" }
    var shown = ""
    for character in text {
      var isFirst = true
      for scalar in character.unicodeScalars {
        append(scalar, toStart: isFirst, of: &shown)
        isFirst = false
      }
    }
    return shown
  }

  /// Text that arrives in parts and keeps its lines and tabs; a part may begin inside a character.
  func running(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { shown, scalar in
      if scalar == "\n" || scalar == "\t" {
        shown.unicodeScalars.append(scalar)
      } else {
        append(scalar, toStart: false, of: &shown)
      }
    }
  }

  private func append(_ scalar: Unicode.Scalar, toStart isFirst: Bool, of shown: inout String) {
    switch scalar {
    case " ": shown += space
    case "\n": shown += usesUnicode ? "↵" : "\\n"
    case "\r": shown += "\\r"
    case "\t": shown += usesUnicode ? "⇥" : "\\t"
    case _ where scalar.isASCII && scalar.properties.generalCategory != .control,
      _ where usesUnicode && isVisible(scalar, first: isFirst):
      if isFirst && scalar.properties.isGraphemeExtend { shown += "◌" }
      shown.unicodeScalars.append(scalar)
    default:
      shown += "\\u{\(String(scalar.value, radix: 16))}"
    }
  }

  private func isVisible(_ scalar: Unicode.Scalar, first isFirst: Bool) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator,
      .spaceSeparator:
      false
    // Joiners and tags after another scalar of the same character are parts of emoji and scripts.
    case .format:
      !isFirst && (0x200c...0x200d ~= scalar.value || 0xe0020...0xe007f ~= scalar.value)
    default: !scalar.properties.isDefaultIgnorableCodePoint || !isFirst
    }
  }
}
