import SecantCheckpoints

/// The parts of a tokenizer, whatever kind of file defines them.
struct TokenizerDefinition {
  /// The bytes of each id; nil if it is not a token.
  var pieces: [[UInt8]?]
  /// The bytes of each id as the first of a text, if they differ.
  var firstPieces: [[UInt8]?]?
  var kinds: [TokenKind]
  var addedTokens: [AddedToken]
  var normalizer = Normalizer()
  var preTokenizer: PreTokenizer
  var model: TokenModel
  var decoder: TokenDecoder
  var template = SpecialTokenTemplate()
  var beginningOfText: Int?
  var endOfText: Int?
  /// Whether special tokens in a text are encoded as plain text.
  var splitsSpecialTokens = false
  /// Notes on the files that a user may not expect, one line each.
  var notes: [String] = []

  /// Marks the ids of special tokens.
  mutating func markSpecialTokens() {
    for token in addedTokens where token.isSpecial { kinds[token.id].insert(.special) }
  }
}

extension Tokenizer {
  /// Puts a tokenizer together.
  ///
  /// - Throws: `InputError` if an added token cannot be normalized, or all of them are too long.
  init(_ definition: TokenizerDefinition) throws(InputError) {
    pieces = Vocabulary(definition.pieces)
    firstPieces = definition.firstPieces.map { Vocabulary($0) }
    kinds = definition.kinds
    decoder = definition.decoder
    template = definition.template
    notes = definition.notes
    normalizer = definition.normalizer
    preTokenizer = definition.preTokenizer
    model = definition.model
    var raw: [(AddedToken, [UInt8])] = []
    var normalized: [(AddedToken, [UInt8])] = []
    for token in definition.addedTokens
    where !definition.splitsSpecialTokens || !token.isSpecial {
      let content = Array(token.content.utf8)
      if token.isNormalized {
        normalized.append((token, try normalizer.normalize(content)))
      } else {
        raw.append((token, content))
      }
    }
    let length = (raw + normalized).reduce(0) { $0 + $1.1.count }
    guard length <= ByteTrie.maximumBytes else {
      throw InputError(
        .unsupported, subject: "the tokenizer's added tokens",
        expected: "at most \(ByteTrie.maximumBytes) bytes", found: "\(length)",
        remedy: "use another tokenizer")
    }
    mostBytesOfToken = definition.mostBytesOfToken(added: raw + normalized)
    rawAddedTokens = AddedTokenFinder(raw)
    normalizedAddedTokens = AddedTokenFinder(normalized)
    beginningOfText = definition.beginningOfText
    endOfText = definition.endOfText
  }
}
