public import SecantCheckpoints

extension Tokenizer {
  /// Reads the tokenizer that the metadata of a GGUF file holds.
  ///
  /// Understood are the kinds `gpt2`, byte-level pairs with a `tokenizer.ggml.pre` that is known or absent,
  /// `llama`, SentencePiece pairs with scores, and `gemma4`, SentencePiece pairs with a list of merges. Where
  /// `tokenizer.ggml.pre` is absent, texts are split as in llama.cpp, and a note says so. Special tokens
  /// that stand in a text are encoded as such, the longest of those that begin at a place. What begins and ends a text is as in llama.cpp:
  /// `tokenizer.ggml.add_bos_token` and `tokenizer.ggml.add_eos_token`, and where the file does not
  /// say, a beginning for `llama`, `gemma4`, Llama 3 and Tekken.
  ///
  /// - Parameter file: The opened file.
  /// - Throws: `InputError` that names what is missing, malformed or not understood.
  public init(gguf file: GGUFFile) throws(InputError) {
    try self.init(GGUFTokenizerReader(file: file).definition())
  }
}

/// Makes a tokenizer definition from a GGUF file's metadata.
private struct GGUFTokenizerReader {
  let file: GGUFFile

  func definition() throws(InputError) -> TokenizerDefinition {
    switch try file["tokenizer.ggml.model"].string() {
    case "llama": try sentencePiece()
    case "gpt2": try byteLevel()
    case "gemma4": try sentencePieceWithMerges()
    default:
      throw file["tokenizer.ggml.model"].mismatch(
        "llama, gpt2 or gemma4", kind: .unsupported,
        remedy: "report the model so that support can be added"
      )
    }
  }

  private func sentencePiece() throws(InputError) -> TokenizerDefinition {
    var vocabulary = try vocabulary()
    let scores = try file["tokenizer.ggml.scores"].floats()
    guard scores.count == vocabulary.pieces.count else {
      throw file["tokenizer.ggml.scores"].mismatch("a score for each token", kind: .mismatched)
    }
    vocabulary.scores = scores
    vocabulary.addsSpacePrefix =
      try file["tokenizer.ggml.add_space_prefix"].present?.bool() ?? true
    let model = try vocabulary.bytePairs(refusal: tokensRefusal)
    var definition = try vocabulary.definition(.bytePairs(model), refusal: tokensRefusal)
    try setEnds(&definition, beginning: 1, end: 2, addsBeginning: true)
    try stripPhi(&definition)
    return definition
  }

  /// Words are whole texts, whose merges a list gives instead of scores.
  private func sentencePieceWithMerges() throws(InputError) -> TokenizerDefinition {
    var vocabulary = try vocabulary()
    vocabulary.addsSpacePrefix =
      try file["tokenizer.ggml.add_space_prefix"].present?.bool() ?? false
    let spelled = try vocabulary.uniqueVocabulary(refusal: tokensRefusal)
    let model = BytePairEncoding(
      vocabulary: spelled, symbols: .scalars(fallback: spelled.byteTokens),
      merges: try merges(of: spelled), takesWholeWords: false, unknown: vocabulary.unknown,
      fusesUnknown: true)
    var definition = try vocabulary.definition(.bytePairs(model), refusal: tokensRefusal)
    try setEnds(&definition, beginning: nil, end: nil, addsBeginning: true)
    return definition
  }

  private func merges(of vocabulary: Vocabulary) throws(InputError) -> MergeList {
    let field = file["tokenizer.ggml.merges"]
    return try MergeList(try field.byteStrings(), vocabulary) { index in
      { expected, kind in field.mismatch("\(expected) as merge \(index)", kind: kind) }
    }
  }

  private func byteLevel() throws(InputError) -> TokenizerDefinition {
    let preField = file["tokenizer.ggml.pre"]
    let name = try preField.present?.string()
    guard let pre = KnownPreTokenizer(named: name ?? KnownPreTokenizer.standard) else {
      throw preField.mismatch(
        "a way to split texts that is known", kind: .unsupported,
        remedy: "report the model so that support can be added")
    }
    let vocabulary = try vocabulary()
    let spelled = try vocabulary.uniqueVocabulary(refusal: tokensRefusal)
    let merges = try merges(of: spelled)
    var pieces: [[UInt8]?] = []
    var byteStrings: [[UInt8]?] = []
    var added: [AddedToken] = []
    for (id, piece) in vocabulary.pieces.enumerated() {
      let text = String(decoding: piece, as: UTF8.self)
      let bytes = piece.isEmpty ? nil : ByteAlphabet.bytes(of: text)
      byteStrings.append(bytes)
      switch vocabulary.kinds[id] {
      case .normal, .unused, .byte: pieces.append(bytes ?? piece)
      case .unknown, .control, .userDefined:
        guard !piece.isEmpty else { throw tokensRefusal("a text for token \(id)", .malformed) }
        pieces.append(piece)
        added.append(
          AddedToken(id: id, content: text, isSpecial: vocabulary.kinds[id] != .userDefined))
      }
    }
    var definition = TokenizerDefinition(
      pieces: pieces, kinds: [TokenKind](repeating: .defined, count: pieces.count),
      addedTokens: added, preTokenizer: try pre.preTokenizer(),
      model: .bytePairs(
        BytePairEncoding(
          bytes: Vocabulary(byteStrings), merges: merges, takesWholeWords: pre.takesWholeWords)),
      decoder: .byteLevel)
    definition.normalizer = pre.normalizer
    if name == nil || name == KnownPreTokenizer.standard {
      definition.notes.append(
        "\(preField.key): " + (name == nil ? "absent" : "\"\(KnownPreTokenizer.standard)\"")
          + "; texts are split as llama.cpp splits them then, which may not be the model's own way")
    }
    definition.markSpecialTokens()
    try setEnds(&definition, beginning: nil, end: nil, addsBeginning: pre.addsBeginning)
    return definition
  }

  /// The tokens and what kinds they are; their scores are 0.
  private func vocabulary() throws(InputError) -> SentencePieceVocabulary {
    let tokens = try file["tokenizer.ggml.tokens"].byteStrings()
    let field = file["tokenizer.ggml.token_type"]
    let types = try field.present?.ints() ?? Array(repeating: 1, count: tokens.count)
    guard types.count == tokens.count else {
      throw field.mismatch("a type for each of \(tokens.count) tokens", kind: .mismatched)
    }
    return SentencePieceVocabulary(
      pieces: tokens, scores: [Float](repeating: 0, count: tokens.count),
      // A type that SentencePiece does not have is not a special one.
      kinds: types.map { SentencePieceVocabulary.Kind(rawValue: $0) ?? .normal })
  }

  /// Sets the tokens that begin and end a text, with defaults if the file does not name them.
  private func setEnds(
    _ definition: inout TokenizerDefinition, beginning: Int?, end: Int?, addsBeginning: Bool
  ) throws(InputError) {
    definition.beginningOfText = try id("bos", beginning, definition)
    definition.endOfText = try id("eos", end, definition)
    if try file["tokenizer.ggml.add_bos_token"].present?.bool() ?? addsBeginning {
      guard let token = definition.beginningOfText else {
        throw file["tokenizer.ggml.bos_token_id"].mismatch("the token that begins a text")
      }
      definition.template.prefix = [token]
    }
    if try file["tokenizer.ggml.add_eos_token"].present?.bool() ?? false {
      guard let token = definition.endOfText else {
        throw file["tokenizer.ggml.eos_token_id"].mismatch("the token that ends a text")
      }
      definition.template.suffix = [token]
    }
  }

  private func id(
    _ name: String, _ standard: Int?, _ definition: TokenizerDefinition
  ) throws(InputError) -> Int? {
    let field = file["tokenizer.ggml.\(name)_token_id"]
    guard let id = try field.present?.int() else {
      return standard.flatMap { definition.pieces.indices.contains($0) ? $0 : nil }
    }
    guard definition.pieces.indices.contains(id) else {
      throw field.mismatch("the id of one of \(definition.pieces.count) tokens", kind: .mismatched)
    }
    return id
  }

  /// Lets Phi 3's special tokens swallow the spaces after them, which GGUF files cannot say.
  ///
  /// llama.cpp knows the family by its name, too.
  private func stripPhi(_ definition: inout TokenizerDefinition) throws(InputError) {
    let name = try file["general.name"].present?.string().lowercased() ?? ""
    guard name.contains("phi-3") || name.contains("phi3") else { return }
    definition.addedTokens = definition.addedTokens.map { token in
      AddedToken(
        id: token.id, content: token.content, isSpecial: token.isSpecial,
        stripsRight: !["<unk>", "<s>", "<|endoftext|>"].contains(token.content))
    }
  }

  private var tokensRefusal: MergeList.Refusal {
    let field = file["tokenizer.ggml.tokens"]
    return { expected, kind in field.mismatch(expected, kind: kind) }
  }
}
