import SecantCheckpoints

/// The conversion of tokens back to text.
struct TokenDecoder: Sendable {
  /// The vocabulary's spelling of tokens.
  enum Spelling: Sendable {
    /// In the alphabet of ``ByteAlphabet``.
    case byteLevel
    /// As text, after these replacements.
    case text([(pattern: TextPattern, content: [UInt8])])
    /// As text, this symbol for a space; if so, the first token's symbols stand for nothing.
    case metaspace(symbol: [UInt8], dropsInFirst: Bool)
  }

  let spelling: Spelling
  /// Whether a token such as `<0x0A>` is a byte.
  let hasByteTokens: Bool
  /// The scalar removed from the front of the whole text, and its maximum number.
  let stripped: Unicode.Scalar
  let strippedCount: Int

  /// Reads tokens in the alphabet of ``ByteAlphabet``.
  static let byteLevel = TokenDecoder(spelling: .byteLevel, hasByteTokens: false)

  /// - Parameters:
  ///   - spelling: How the vocabulary spells its tokens.
  ///   - hasByteTokens: Whether a token such as `<0x0A>` is a byte.
  ///   - strippedSpaces: How many spaces at most are taken off the front of the whole text.
  init(spelling: Spelling, hasByteTokens: Bool, strippedSpaces: Int = 0) {
    self.spelling = spelling
    self.hasByteTokens = hasByteTokens
    stripped = " "
    strippedCount = strippedSpaces
  }

  /// Reads the `decoder` of a tokenizer.json.
  ///
  /// Understood are ByteLevel, Metaspace, and Replace…, ByteFallback, Fuse, Strip in this order.
  init(_ field: JSONField) throws(InputError) {
    var replacements: [(pattern: TextPattern, content: [UInt8])] = []
    var hasByteTokens = false
    var isFused = false
    var strip: (Unicode.Scalar, Int)?
    var alone: Spelling?
    let steps = try field.flattened(by: "decoders")
    for step in steps {
      switch try step["type"].string() {
      case "ByteLevel" where steps.count == 1:
        try step.allowOnly("type", "add_prefix_space", "trim_offsets", "use_regex")
        alone = .byteLevel
      case "Metaspace" where steps.count == 1:
        try step.allowOnly(
          "type", "replacement", "prepend_scheme", "split", "add_prefix_space", "str_rep")
        alone = .metaspace(
          symbol: Array(String(try step["replacement"].scalar()).utf8),
          dropsInFirst: try PrependScheme(step) != .never)
      case "Replace" where !hasByteTokens && !isFused:
        try step.allowOnly("type", "pattern", "content")
        let content = Array(try step["content"].string().utf8)
        replacements.append((try TextPattern(step["pattern"]), content))
      case "ByteFallback" where !hasByteTokens && !isFused:
        try step.allowOnly("type")
        hasByteTokens = true
      case "Fuse" where !isFused:
        try step.allowOnly("type")
        isFused = true
      case "Strip" where isFused && strip == nil:
        try step.allowOnly("type", "content", "start", "stop")
        guard try step["stop"].int() == 0 else { throw step["stop"].unsupported("0") }
        let count = try step["start"].int()
        guard count >= 0 else { throw step["start"].mismatch("a count") }
        strip = (try step["content"].scalar(), count)
      default:
        throw step["type"].unsupported(
          "ByteLevel or Metaspace alone, or Replace, ByteFallback, Fuse, Strip in this order")
      }
    }
    spelling = alone ?? .text(replacements)
    self.hasByteTokens = hasByteTokens
    (stripped, strippedCount) = strip ?? (" ", 0)
  }

  /// Whether the vocabulary is spelled in the alphabet of ``ByteAlphabet``.
  var isByteLevel: Bool {
    if case .byteLevel = spelling { true } else { false }
  }

  /// Whether the first token of a text reads differently.
  var treatsFirstApart: Bool {
    if case .metaspace(_, true) = spelling { true } else { false }
  }

  /// The bytes of a token.
  ///
  /// - Parameters:
  ///   - token: The token as the vocabulary spells it.
  ///   - isFirst: Whether it is the first of a text.
  /// - Returns: The text that the token adds, within a text or at its beginning.
  /// - Throws: `InputError` if an expression backtracks too much, or the text grows too long.
  func bytes(of token: String, isFirst: Bool = false) throws(InputError) -> [UInt8] {
    let limit = TextPattern.maximumBytes(from: token.utf8.count)
    switch spelling {
    case .byteLevel:
      return ByteAlphabet.bytes(of: token) ?? Array(token.utf8)
    case .text(let replacements):
      var bytes = Array(token.utf8)
      for (pattern, content) in replacements {
        bytes = try pattern.replacing(in: bytes, with: content, maximumBytes: limit)
      }
      if hasByteTokens, let byte = Self.byte(spelledBy: bytes) { return [byte] }
      return bytes
    case .metaspace(let symbol, let dropsInFirst):
      return try TextPattern.text(symbol).replacing(
        in: Array(token.utf8), with: isFirst && dropsInFirst ? [] : [0x20],
        maximumBytes: limit)
    }
  }

  /// The byte of a single-byte token, whether or not it is text; nil for all others.
  func byte(of token: String) -> UInt8? {
    hasByteTokens ? Self.byte(spelledBy: Array(token.utf8)) : nil
  }

  /// The value of `<0xNN>`.
  private static func byte(spelledBy token: [UInt8]) -> UInt8? {
    guard token.count == 6, token.starts(with: "<0x".utf8), token[5] == UInt8(ascii: ">"),
      let high = Character(Unicode.Scalar(token[3])).hexDigitValue,
      let low = Character(Unicode.Scalar(token[4])).hexDigitValue
    else { return nil }
    return UInt8(high << 4 | low)
  }
}
