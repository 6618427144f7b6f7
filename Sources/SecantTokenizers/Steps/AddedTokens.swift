import SecantCheckpoints

/// A token that is searched for in the text before all other steps, such as `<|begin_of_text|>`.
struct AddedToken: Sendable {
  private(set) var id: Int
  let content: String
  /// Whether it must not touch letters or digits.
  let isSingleWord: Bool
  /// Whether it takes the whitespace before it, or after it, with it.
  let stripsLeft, stripsRight: Bool
  /// Whether it is searched for in the normalized text.
  let isNormalized: Bool
  /// Whether it is a control token without text, such as the beginning of a text.
  private(set) var isSpecial: Bool

  /// A token that matches its content anywhere, without the space around it.
  init(id: Int, content: String, isSpecial: Bool, stripsRight: Bool = false) {
    self.id = id
    self.content = content
    self.isSpecial = isSpecial
    self.stripsRight = stripsRight
    isSingleWord = false
    stripsLeft = false
    isNormalized = false
  }

  /// Reads one of the `added_tokens` of a tokenizer.json.
  init(_ field: JSONField) throws(InputError) {
    try field.allowOnly(
      "id", "content", "single_word", "lstrip", "rstrip", "normalized", "special")
    id = try field["id"].int()
    content = try field["content"].string()
    isSingleWord = try field["single_word"].bool()
    stripsLeft = try field["lstrip"].bool()
    stripsRight = try field["rstrip"].bool()
    isNormalized = try field["normalized"].bool()
    isSpecial = try field["special"].bool()
    guard !content.isEmpty else { throw field["content"].mismatch("a text") }
  }

  /// Reads a token that another file declares: a text, or an object in which all but `content` may be absent.
  ///
  /// A text is a special token; of an object `special` says it, unless it is one in any case.
  init(declared field: JSONField, id: Int, isSpecial: Bool) throws(InputError) {
    guard case .object? = field.value else {
      let content = try field.string()
      guard !content.isEmpty else { throw field.mismatch("a text") }
      self = AddedToken(id: id, content: content, isSpecial: true)
      return
    }
    try field.allowOnly(
      "__type", "content", "single_word", "lstrip", "rstrip", "normalized", "special")
    let saysSpecial = try field["special"].present?.bool() ?? false
    self.id = id
    content = try field["content"].string()
    isSingleWord = try field["single_word"].present?.bool() ?? false
    stripsLeft = try field["lstrip"].present?.bool() ?? false
    stripsRight = try field["rstrip"].present?.bool() ?? false
    self.isSpecial = isSpecial || saysSpecial
    isNormalized = try field["normalized"].present?.bool() ?? !(isSpecial || saysSpecial)
    guard !content.isEmpty else { throw field["content"].mismatch("a text") }
  }

  /// The same token with another id, special or not.
  func with(id: Int, isSpecial: Bool) -> AddedToken {
    var token = self
    token.id = id
    token.isSpecial = isSpecial
    return token
  }
}

/// Finds added tokens in a text: the leftmost first, and the longest of those that start there.
struct AddedTokenFinder: Sendable {
  /// A part of a text: one of the added tokens, or the text between them.
  enum Part {
    case token(Int)
    case text(Range<Int>)
  }

  private let tokens: [AddedToken]
  /// The positions of tokens, by their contents.
  private let trie: ByteTrie

  /// Looks for tokens by the contents given beside them; of equal contents, the first counts.
  init(_ tokens: [(token: AddedToken, content: [UInt8])]) {
    self.tokens = tokens.map(\.token)
    var trie = ByteTrie(bytes: tokens.reduce(0) { $0 + $1.content.count })
    for (index, (_, content)) in tokens.enumerated() where !content.isEmpty {
      trie.insert(content.span, value: Int32(index))
    }
    self.trie = trie
  }

  /// The parts of a text, in order; empty texts are left out.
  func parts(of text: [UInt8]) -> [Part] {
    guard !trie.isEmpty else { return text.isEmpty ? [] : [.text(0..<text.count)] }
    var parts: [Part] = []
    var copied = 0
    var position = 0
    while position < text.count {
      guard let match = longestMatch(in: text, at: position) else {
        position += 1
        continue
      }
      let token = tokens[match.index]
      var start = position
      var end = match.end
      position = end
      if token.isSingleWord, touchesWord(text, start..<end) { continue }
      if token.stripsLeft { start -= spaces(before: start, in: text, from: copied) }
      // Within spaces that the token before has taken, those up to their end follow this one too.
      if token.stripsRight { end = end < copied ? copied : end + spaces(after: end, in: text) }
      if copied < start { parts.append(.text(copied..<start)) }
      parts.append(.token(token.id))
      copied = end
    }
    if copied < text.count { parts.append(.text(copied..<text.count)) }
    return parts
  }

  private func longestMatch(in text: [UInt8], at start: Int) -> (index: Int, end: Int)? {
    var node: Int32 = 0
    var position = start
    var match: (Int, Int)?
    while position < text.count {
      node = trie.child(of: node, text[position])
      guard node >= 0 else { break }
      position += 1
      let index = trie.value(at: node)
      if index >= 0 { match = (Int(index), position) }
    }
    return match
  }

  private func spaces(after position: Int, in text: [UInt8]) -> Int {
    var end = position
    while let scalar = scalar(at: end, in: text), scalar.properties.isWhitespace {
      end += UTF8.width(scalar)
    }
    return end - position
  }

  private func spaces(before position: Int, in text: [UInt8], from limit: Int) -> Int {
    var start = position
    while start > limit, let scalar = scalar(before: start, in: text),
      scalar.properties.isWhitespace
    {
      start -= UTF8.width(scalar)
    }
    return max(0, position - start)
  }

  private func touchesWord(_ text: [UInt8], _ range: Range<Int>) -> Bool {
    let neighbours = [
      scalar(before: range.lowerBound, in: text), scalar(at: range.upperBound, in: text),
    ]
    return neighbours.contains { scalar in
      guard let properties = scalar?.properties else { return false }
      return switch properties.generalCategory {
      case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation:
        true
      default: properties.isAlphabetic || properties.isJoinControl
      }
    }
  }

  private func scalar(at position: Int, in text: [UInt8]) -> Unicode.Scalar? {
    guard position < text.count else { return nil }
    return Unicode.Scalar(UTF8Scalar(text.span, at: position).value)
  }

  private func scalar(before position: Int, in text: [UInt8]) -> Unicode.Scalar? {
    var start = position - 1
    while start > 0, text[start] & 0xc0 == 0x80 { start -= 1 }
    return start < 0 ? nil : scalar(at: start, in: text)
  }
}
