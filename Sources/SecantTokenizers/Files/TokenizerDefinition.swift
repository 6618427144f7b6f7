import SecantCheckpoints

/// The parts of a tokenizer, whatever kind of file defines them.
struct TokenizerDefinition {
  /// What each id stands for; nil where it is no token.
  var pieces: [[UInt8]?]
  /// What each id stands for as the first of a text, where that differs.
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
  /// Whether special tokens that stand in a text are encoded as the text that they look like.
  var splitsSpecialTokens = false
  /// What a user should know of the files and may not expect: one line each.
  var notes: [String] = []

  /// Marks the ids of special tokens.
  mutating func markSpecialTokens() {
    for token in addedTokens where token.isSpecial { kinds[token.id].insert(.special) }
  }
}

extension Tokenizer {
  /// Puts a tokenizer together.
  ///
  /// - Throws: That an added token cannot be normalized, or that all together are too long.
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
