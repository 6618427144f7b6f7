import SecantCheckpoints

/// The oldest files of a byte-level tokenizer, `vocab.json` and `merges.txt`.
///
/// They do not say how words are cut; the class that tokenizer_config.json names does, as in Hugging
/// Face's library, and that file's `added_tokens_decoder` lists the added tokens.
struct VocabularyAndMerges {
  let definition: TokenizerDefinition

  /// Reads the root of `vocab.json`, the bytes of `merges.txt` and the other files' settings.
  init(
    vocabulary: JSONField, merges: [UInt8], settings: TokenizerSettings
  ) throws(InputError) {
    let configuration =
      settings.configuration ?? JSONField(file: "tokenizer_config.json", value: nil)
    let spellings = try TokenSpellings(vocabulary)
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
    var definition = try TokenizerDefinition(
      spellings, [], preTokenizer: try pre.preTokenizer(), model: .bytePairs(model),
      decoder: .byteLevel)
    definition.normalizer = pre.normalizer
    try definition.apply(settings, id: spellings.id(of:))
    self.definition = definition
  }
}
