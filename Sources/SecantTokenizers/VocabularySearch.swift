extension Tokenizer {
  /// How a token of the vocabulary has a text in it.
  public enum TextMatch: Int, Comparable, Hashable, Sendable {
    /// The token is the text, or the text after one space.
    case whole
    /// The token begins with the text, or with one space and the text.
    case beginning
    /// The text is somewhere in the token.
    case inside

    /// Whether a match is the closer one.
    public static func < (a: TextMatch, b: TextMatch) -> Bool { a.rawValue < b.rawValue }
  }

  /// The tokens that have a text in them, the closest first.
  ///
  /// ASCII letters match in either case. The order is: how the text is in the token, tokens in the
  /// text's own case first, shorter tokens first, lower ids first. Special tokens are among them.
  ///
  /// The cost is one pass over the bytes of the vocabulary.
  ///
  /// - Parameter text: What to look for. An empty text is in every token.
  /// - Returns: Ids, each once, with the kind of match.
  public func tokens(containing text: String) -> [(id: Int, match: TextMatch)] {
    let wanted = Array(text.utf8)
    let folded = wanted.map(\.lowercasedASCII)
    var found: [(key: (Int, Int, Int, Int), match: TextMatch)] = []
    for id in 0..<vocabularyCount where contains(id) {
      let bytes = Array(pieces[id])
      guard bytes.count >= wanted.count,
        let match = Self.match(of: folded, in: bytes.map(\.lowercasedASCII))
      else { continue }
      let isOtherCase = Self.match(of: wanted, in: bytes) != match
      found.append(((match.rawValue, isOtherCase ? 1 : 0, bytes.count, id), match))
    }
    return found.sorted { $0.key < $1.key }.map { ($0.key.3, $0.match) }
  }

  /// How bytes are within others; nil where they are not.
  private static func match(of wanted: [UInt8], in bytes: [UInt8]) -> TextMatch? {
    let space = UInt8(ascii: " ")
    let bare = bytes.first == space && wanted.first != space ? bytes.dropFirst() : bytes[...]
    if bare.elementsEqual(wanted) || bytes == wanted { return .whole }
    if bare.starts(with: wanted) || bytes.starts(with: wanted) { return .beginning }
    guard let first = wanted.first else { return .beginning }
    for start in bytes.indices.dropLast(wanted.count - 1)
    where bytes[start] == first && bytes[start...].starts(with: wanted) {
      return .inside
    }
    return nil
  }
}

extension UInt8 {
  /// The byte with a capital letter of ASCII made small.
  fileprivate var lowercasedASCII: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}
