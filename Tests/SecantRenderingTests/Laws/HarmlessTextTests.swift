import SecantRendering
import Testing

/// Text from outside keeps its lines, and nothing else of it moves a cursor.
@Suite struct HarmlessTextTests {
  @Test(arguments: [
    ("a b\n\tc", "a b\n\tc"), ("\u{1b}[2J\u{7}", "\\u{1b}[2J\\u{7}"), ("\u{9b}2J", "\\u{9b}2J"),
    ("a\r\nb\r", "a\\r\nb\\r"), ("\u{7f}\u{202e}x", "\\u{7f}\\u{202e}x"),
    ("né\u{301}👩‍👧", "né\u{301}👩‍👧"),
    ("\u{301}", "\u{301}"), ("", ""),
  ])
  func keepsLinesAndShowsTheRest(text: String, expected: String) {
    #expect(TerminalStyle().harmless(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
  }

  /// Bytes beyond ASCII are controls in other encodings.
  @Test func isASCIIWhereTheTerminalIs() {
    #expect(TerminalStyle(usesUnicode: false).harmless("né\u{85}") == "n\\u{e9}\\u{85}")
  }
}
