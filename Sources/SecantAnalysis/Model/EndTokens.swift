public import SecantCheckpoints
import SecantTokenizers

extension Model {
  /// The tokens at which a continuation ends, according to all of the model's files.
  ///
  /// Of a folder: `Tokenizer.endOfText`, and `eos_token_id` of config.json and of
  /// generation_config.json, a number or a list. Of a GGUF file: the tokens that end a text, a turn
  /// or a message by its keys `tokenizer.ggml.eos_token_id`, `eot_token_id` and `eom_token_id`;
  /// and, because files seldom have the last two, tokens whose spelling llama.cpp recognizes as the
  /// end of a turn.
  ///
  /// - Throws: That one of these is not a token id.
  public func endTokens() throws(InputError) -> Set<Int> {
    var ends = Set([tokenizer?.endOfText].compactMap(\.self))
    if let file = checkpoint.gguf {
      for name in ["eos", "eot", "eom"] {
        if let id = try file["tokenizer.ggml.\(name)_token_id"].present?.int() { ends.insert(id) }
      }
      for spelling in Self.endsOfTurns {
        if let id = tokenizer?.token(of: Array(spelling.utf8)) { ends.insert(id) }
      }
    } else {
      let generation = try checkpoint.fileURL(named: "generation_config.json").map {
        (url) throws(InputError) in try JSONField(contentsOf: url)
      }
      let configuration = checkpoint.configuration
      for root in [configuration, configuration["text_config"], generation].compactMap(\.self) {
        ends.formUnion(try root["eos_token_id"].tokenIDs())
      }
    }
    return ends
  }

  /// The spellings of ends of turns and messages that llama.cpp recognizes.
  private static var endsOfTurns: [String] {
    [
      "<|eot_id|>", "<|im_end|>", "<|end|>", "<|return|>", "<|call|>", "<end_of_turn>",
      "<|endoftext|>", "<|eom_id|>", "<EOT>", "_<EOT>", "<|end_of_text|>", "<end_of_utterance>",
    ]
  }
}

extension JSONField {
  /// The ids in a field: one id, a list of ids, or none.
  fileprivate func tokenIDs() throws(InputError) -> [Int] {
    guard present != nil else { return [] }
    guard case .array? = value else { return [try int()] }
    var ids: [Int] = []
    for element in try array() { ids.append(try element.int()) }
    return ids
  }
}
