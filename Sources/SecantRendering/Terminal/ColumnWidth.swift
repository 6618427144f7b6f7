/// Widths of text in terminal columns: 2 for East Asian wide characters and emoji, 0 for marks.
///
/// The widths of a character's scalars are added, as in `wcwidth`. A terminal that draws a joined
/// emoji as one picture leaves room, but no terminal exceeds the counted width. Source: Unicode
/// Standard Annex #11 (East Asian Width) with the emoji of UTS #51.
///
/// - Parameter text: Text without control characters.
/// - Returns: The number of terminal columns.
package func terminalColumns(_ text: String) -> Int { text.columns }

extension String {
  /// The number of terminal columns.
  var columns: Int { unicodeScalars.reduce(0) { $0 + $1.columns } }

  /// The text, cut to at most `limit` columns, with `ellipsis` for the missing part.
  func truncated(to limit: Int, ellipsis: String) -> String {
    if columns <= limit { return self }
    let room = limit - ellipsis.columns
    if room < 0 { return "" }
    var kept = ""
    var width = 0
    for character in self {
      width += String(character).columns
      if width > room { break }
      kept.append(character)
    }
    return kept + ellipsis
  }

  /// The words, broken into lines of at most `limit` columns; longer words are cut into pieces.
  func wrapped(to limit: Int) -> [String] {
    var lines: [String] = []
    var line = ""
    var width = 0
    for word in split(separator: " ") {
      let wordWidth = String(word).columns
      if width > 0 && width + 1 + wordWidth <= limit {
        line += " " + word
        width += 1 + wordWidth
        continue
      }
      if width > 0 { lines.append(line) }
      (line, width) = ("", 0)
      for character in word {
        let characterWidth = String(character).columns
        if width > 0 && width + characterWidth > limit {
          lines.append(line)
          (line, width) = ("", 0)
        }
        line.append(character)
        width += characterWidth
      }
    }
    return width > 0 ? lines + [line] : lines
  }
}

extension Unicode.Scalar {
  fileprivate var columns: Int {
    if 0x20...0x7e ~= value { return 1 }
    switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control:
      // A variation selector requests the emoji form of the previous scalar, which is one column
      // wider.
      return value == 0xfe0f ? 1 : 0
    default: break
    }
    // Vowels and finals of a Hangul syllable are drawn in the same block as its initial.
    if 0x1160...0x11ff ~= value || 0xd7b0...0xd7ff ~= value { return 0 }
    return isWide ? 2 : 1
  }

  private var isWide: Bool {
    switch value {
    case 0x1f1e6...0x1f1ff: false  // Regional indicators: two of them make one flag.
    case 0x1100...0x115f, 0x2329...0x232a, 0x2630...0x2637, 0x268a...0x268f, 0x2e80...0x303e,
      0x3041...0xa4cf, 0xa960...0xa97f, 0xac00...0xd7a3,
      0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f, 0xff01...0xff60, 0xffe0...0xffe6,
      0x16fe0...0x18dff, 0x1aff0...0x1b2ff, 0x1d300...0x1d376, 0x1f200...0x1f265,
      0x1f3fb...0x1f3ff, 0x20000...0x3fffd:
      true
    default: properties.isEmojiPresentation
    }
  }
}
