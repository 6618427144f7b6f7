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

  /// Marks the ids of special tokens.
  mutating func markSpecialTokens() {
    for token in addedTokens where token.isSpecial { kinds[token.id].insert(.special) }
  }

  /// Does as `add_bos_token`, `add_eos_token`, `bos_token` and `eos_token` say.
  ///
  /// - Parameters:
  ///   - configuration: The root of `tokenizer_config.json`; nil where there is no such file.
  ///   - id: The id of a token as that file spells it.
  /// - Throws: That one of these names no token.
  mutating func apply(
    _ configuration: JSONField?, id: (String) -> Int?
  ) throws(InputError) {
    let beginning = try configuration?["bos_token"].tokenID(id)
    let end = try configuration?["eos_token"].tokenID(id)
    let addsBeginning = try configuration?["add_bos_token"].present?.bool()
    let addsEnd = try configuration?["add_eos_token"].present?.bool()
    if addsBeginning != nil || addsEnd != nil {
      template.prefix = addsBeginning == true ? [beginning].compactMap(\.self) : []
      template.suffix = addsEnd == true ? [end].compactMap(\.self) : []
    }
    if configuration != nil {
      beginningOfText = beginning
      endOfText = end
    }
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
    normalizer = definition.normalizer
    preTokenizer = definition.preTokenizer
    model = definition.model
    var raw: [(AddedToken, [UInt8])] = []
    var normalized: [(AddedToken, [UInt8])] = []
    for token in definition.addedTokens {
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
    rawAddedTokens = AddedTokenFinder(raw)
    normalizedAddedTokens = AddedTokenFinder(normalized)
    beginningOfText = definition.beginningOfText
    endOfText = definition.endOfText
  }
}

extension JSONField {
  /// The id of the token that `bos_token` and the like name, as a text or an object with `content`.
  fileprivate func tokenID(_ id: (String) -> Int?) throws(InputError) -> Int? {
    guard let named = present else { return nil }
    let field = if case .object? = named.value { named["content"] } else { named }
    guard let id = id(try field.string()) else {
      throw field.mismatch("a token of the tokenizer", kind: .mismatched)
    }
    return id
  }
}
