public import SecantCheckpoints

extension Tokenizer {
  /// Reads a tokenizer from the files of Hugging Face's `tokenizers`.
  ///
  /// `truncation` and `padding` of tokenizer.json concern batches and are not applied.
  ///
  /// - Parameters:
  ///   - json: The root of `tokenizer.json`.
  ///   - configuration: The root of `tokenizer_config.json`, whose tokens are added as ``init(folder:)``
  ///     says. `add_bos_token` decides whether `bos_token` begins a text and `add_eos_token` whether
  ///     `eos_token` ends it; where one is absent, tokenizer.json does.
  /// - Throws: `InputError` that names what is missing, malformed or not understood.
  public init(json: JSONField, configuration: JSONField? = nil) throws(InputError) {
    try self.init(json: json, TokenizerSettings(configuration))
  }

  init(json: JSONField, _ settings: TokenizerSettings) throws(InputError) {
    try json.allowOnly(
      "version", "truncation", "padding", "added_tokens", "normalizer", "pre_tokenizer",
      "post_processor", "decoder", "model")
    if let version = json["version"].present, try version.string() != "1.0" {
      throw version.unsupported("1.0")
    }
    let normalizer = try Normalizer(json["normalizer"])
    let preTokenizer = try PreTokenizer(json["pre_tokenizer"])
    let decoder = try TokenDecoder(json["decoder"])
    guard preTokenizer.isByteLevel == decoder.isByteLevel else {
      throw json["decoder"].mismatch(
        "ByteLevel where and only where the pre_tokenizer is", kind: .unsupported)
    }

    let (model, known) = try TokenModel.read(
      json["model"], isByteLevel: preTokenizer.isByteLevel)
    var spellings = known
    var added: [AddedToken] = []
    for field in try json["added_tokens"].present?.array() ?? [] {
      let token = try AddedToken(field)
      try spellings.insert(token.content, at: token.id, field)
      added.append(token)
    }

    var definition = try TokenizerDefinition(
      spellings, added, preTokenizer: preTokenizer, model: model, decoder: decoder)
    definition.normalizer = normalizer
    definition.template = try SpecialTokenTemplate(json["post_processor"])
    definition.beginningOfText = definition.template.prefix.first
    try definition.apply(settings, id: spellings.id(of:))
    for id in definition.template.prefix + definition.template.suffix
    where !definition.kinds.indices.contains(id) || !definition.kinds[id].contains(.defined) {
      throw json["post_processor"].mismatch("ids of tokens", kind: .mismatched)
    }
    try self.init(definition)
  }
}

extension TokenModel {
  /// Reads the `model` of a tokenizer.json, and how it spells its tokens.
  static func read(
    _ field: JSONField, isByteLevel: Bool
  ) throws(InputError) -> (model: TokenModel, spellings: TokenSpellings) {
    let type = try field["type"].present?.string() ?? "BPE"
    guard ["BPE", "Unigram"].contains(type) else {
      throw field["type"].unsupported("BPE or Unigram")
    }
    let spellings = try TokenSpellings(field["vocab"])
    if type == "BPE" {
      let model = try BytePairEncoding(field, spellings: spellings, isByteLevel: isByteLevel)
      return (.bytePairs(model), spellings)
    }
    guard !isByteLevel else {
      throw field["type"].unsupported("BPE where the pre_tokenizer is ByteLevel")
    }
    return (.unigram(try Unigram(field, spellings: spellings)), spellings)
  }
}

extension TokenizerDefinition {
  /// A definition whose tokens are read as the decoder says.
  init(
    _ spellings: TokenSpellings, _ added: [AddedToken], preTokenizer: PreTokenizer,
    model: TokenModel, decoder: TokenDecoder
  ) throws(InputError) {
    kinds = [TokenKind](repeating: [], count: spellings.count)
    pieces = [[UInt8]?](repeating: nil, count: spellings.count)
    if decoder.treatsFirstApart { firstPieces = pieces }
    for (id, spelling) in spellings.byID.enumerated() {
      guard let spelling else { continue }
      pieces[id] = try decoder.bytes(of: spelling)
      if decoder.treatsFirstApart {
        firstPieces?[id] = try decoder.bytes(of: spelling, isFirst: true)
      }
      kinds[id] = decoder.byte(of: spelling) == nil ? .defined : [.defined, .byte]
    }
    addedTokens = added
    self.preTokenizer = preTokenizer
    self.model = model
    self.decoder = decoder
    markSpecialTokens()
  }
}
