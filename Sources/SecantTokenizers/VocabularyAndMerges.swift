import SecantCheckpoints

/// The oldest files of a byte-level tokenizer, `vocab.json` and `merges.txt`.
///
/// They do not say how words are cut; the class that tokenizer_config.json names does, as in Hugging
/// Face's library, and that file's `added_tokens_decoder` lists the added tokens.
struct VocabularyAndMerges {
  let definition: TokenizerDefinition

  /// Reads the root of `vocab.json`, the bytes of `merges.txt` and the root of `tokenizer_config.json`.
  init(
    vocabulary: JSONField, merges: [UInt8], configuration: JSONField
  ) throws(InputError) {
    var spellings = try TokenSpellings(vocabulary)
    let lines = merges.split { $0 == 0x0a || $0 == 0x0d }.map(Array.init)
      .filter { !$0.starts(with: "#version".utf8) }
    let list = try MergeList(lines, spellings.vocabulary) { index in
      { expected, kind in
        InputError(
          kind, file: "merges.txt", subject: "merge \(index)", expected: expected,
          found: "\"\(String(decoding: lines[index], as: UTF8.self))\"",
          remedy: "check that the file is complete and belongs to the model")
      }
    }
    let className = configuration["tokenizer_class"]
    let pre: KnownPreTokenizer? =
      switch try className.string() {
      case "GPT2Tokenizer", "GPT2TokenizerFast": KnownPreTokenizer(named: "gpt-2")
      case "Qwen2Tokenizer", "Qwen2TokenizerFast": KnownPreTokenizer(named: "qwen2")
      default: nil
      }
    guard let pre else {
      throw className.mismatch(
        "GPT2Tokenizer or Qwen2Tokenizer where there is no tokenizer.json", kind: .unsupported,
        remedy: "give a folder with the model's tokenizer.json")
    }
    if try configuration["add_prefix_space"].present?.bool() ?? false {
      throw configuration["add_prefix_space"].unsupported("false where there is no tokenizer.json")
    }
    let model = BytePairEncoding(
      bytes: spellings.byteStrings, merges: list, takesWholeWords: false)
    var added: [AddedToken] = []
    if let tokens = configuration["added_tokens_decoder"].present {
      for member in try tokens.object().members {
        let field = tokens[member.key]
        guard let id = Int(member.key) else { throw field.mismatch("an id as its name") }
        let token = try AddedToken(field, id: id)
        try spellings.insert(token.content, at: id, field)
        added.append(token)
      }
    }
    var definition = try TokenizerDefinition(
      spellings, added, preTokenizer: try pre.preTokenizer(), model: .bytePairs(model),
      decoder: .byteLevel)
    definition.normalizer = pre.normalizer
    try definition.apply(configuration, id: spellings.id(of:))
    self.definition = definition
  }
}
