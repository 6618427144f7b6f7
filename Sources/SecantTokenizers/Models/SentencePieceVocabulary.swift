import SecantCheckpoints

/// A vocabulary of pieces with scores, as SentencePiece's own models and GGUF files of the kind `llama`
/// hold it.
///
/// Spaces are written "▁". Two neighbours merge wherever they join to a piece, that of the highest
/// score first; what the vocabulary lacks becomes bytes.
struct SentencePieceVocabulary {
  /// The kind of a piece; the raw value is that of both formats.
  enum Kind: Int {
    case normal = 1, unknown, control, userDefined, unused, byte
  }

  var pieces: [[UInt8]]
  var scores: [Float]
  var kinds: [Kind]
  /// Whether a text is encoded as if it began with a space.
  var addsSpacePrefix = true

  static let space = Array("▁".utf8)

  /// The model that merges pieces; `refusal` makes an error of what was expected of the vocabulary.
  ///
  /// - Throws: `InputError` if pieces are too many, too long, duplicate or not ordered by score.
  func bytePairs(
    refusal: MergeList.Refusal
  ) throws(InputError) -> BytePairEncoding {
    let vocabulary = try uniqueVocabulary(refusal: refusal)
    guard scores.allSatisfy({ !$0.isNaN }) else {
      throw refusal("scores that are numbers", .malformed)
    }
    let order = Set(scores).sorted(by: >)
    let rankOfScore = Dictionary(uniqueKeysWithValues: zip(order, UInt32(0)...))
    let ranks = zip(scores, kinds).map { (score, kind) -> UInt32? in
      switch kind {
      case .normal, .userDefined, .unused: rankOfScore[score]
      case .unknown, .control, .byte: nil
      }
    }
    guard let merges = MergeList(joining: vocabulary, ranks: ranks, cutsScalars: false) else {
      throw refusal("shorter tokens", .unsupported)
    }
    return BytePairEncoding(
      vocabulary: vocabulary, symbols: .scalars(fallback: vocabulary.byteTokens), merges: merges,
      takesWholeWords: false, unknown: unknown, fusesUnknown: true)
  }

  /// The pieces by id, of which no two are equal.
  func uniqueVocabulary(refusal: MergeList.Refusal) throws(InputError) -> Vocabulary {
    guard pieces.count <= TokenSpellings.maximumCount else {
      throw refusal("at most \(TokenSpellings.maximumCount) tokens", .unsupported)
    }
    let vocabulary = Vocabulary(pieces.map { $0.isEmpty ? nil : $0 })
    if let id = vocabulary.repeatedID {
      throw refusal("tokens of which no two are equal, as \(id) and another are", .mismatched)
    }
    return vocabulary
  }

  /// The first piece for unknown text.
  var unknown: Int32? { kinds.firstIndex(of: .unknown).map(Int32.init) }

  /// The tokenizer of a model, without the tokens that begin and end a text.
  ///
  /// - Throws: `InputError` if a special token is not text.
  func definition(
    _ model: TokenModel, refusal: MergeList.Refusal
  ) throws(InputError) -> TokenizerDefinition {
    var contents: [[UInt8]?] = []
    var tokenKinds: [TokenKind] = []
    var added: [AddedToken] = []
    let decoder = TokenDecoder(
      spelling: .text([]), hasByteTokens: true, strippedSpaces: addsSpacePrefix ? 1 : 0)
    for (id, piece) in pieces.enumerated() {
      switch kinds[id] {
      case .normal, .unused, .byte:
        let text = String(decoding: piece, as: UTF8.self)
        let byte = kinds[id] == .byte ? decoder.byte(of: text) : nil
        contents.append(byte.map { [$0] } ?? Self.unescaped(piece))
        tokenKinds.append(byte == nil ? .defined : [.defined, .byte])
      case .unknown, .control, .userDefined:
        guard !piece.isEmpty, let text = String(validating: piece, as: UTF8.self) else {
          throw refusal("a text for the special token \(id)", .malformed)
        }
        let isUserDefined = kinds[id] == .userDefined
        contents.append(isUserDefined ? Self.unescaped(piece) : piece)
        tokenKinds.append(.defined)
        added.append(AddedToken(id: id, content: text, isSpecial: !isUserDefined))
      }
    }
    var definition = TokenizerDefinition(
      pieces: contents, kinds: tokenKinds, addedTokens: added, preTokenizer: PreTokenizer(),
      model: model, decoder: decoder)
    definition.normalizer = Normalizer(
      prepending: addsSpacePrefix ? Self.space : [], replacingSpacesBy: Self.space)
    definition.markSpecialTokens()
    return definition
  }

  /// A piece with the spaces that it stands for.
  static func unescaped(_ piece: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = piece[...]
    while let byte = rest.first {
      if rest.starts(with: space) {
        result.append(0x20)
        rest = rest.dropFirst(space.count)
      } else {
        result.append(byte)
        rest = rest.dropFirst()
      }
    }
    return result
  }
}
