import Foundation
package import SecantCheckpoints

extension DecoderConfiguration {
  /// Notes on parts of a checkpoint that Secant ignores or treats in an unexpected way.
  ///
  /// - Returns: Sentences, none where everything is as config.json says.
  package func notes(on checkpoint: Checkpoint) -> [String] {
    let root = checkpoint.configuration
    var notes = checkpoint.notes
    if !checkpoint.ignoredFields.isEmpty {
      notes.append(
        "Passed over as the user wished: \(checkpoint.ignoredFields.joined(separator: ", ")).")
    }
    let text = (try? Architecture.named(in: root))?.textField.map { root[$0] } ?? root
    let isSaidToBeTied = [root, text].contains { (try? $0["tie_word_embeddings"].bool()) == true }
    if isSaidToBeTied, !tiesEmbeddings {
      notes.append(
        "config.json ties the unembedding to the token embedding, but the weights have one of its "
          + "own that differs: it is used, as Hugging Face's library does.")
    }
    let models = Self.architectures(in: root)
    if !models.isEmpty, models.allSatisfy(Self.hasNoUnembedding) {
      notes.append(
        "config.json names \(models.joined(separator: ", ")), a model without an unembedding: "
          + "logits are those of \(tiesEmbeddings ? "the token embedding" : "the stored one").")
    }
    if let code = root["auto_map"].present, checkpoint.gguf == nil {
      let classes =
        (try? code.object().members.map(\.key)).map { keys in
          keys.compactMap { key in (try? code[key].string()).map { "\(key) = \($0)" } }
        } ?? []
      notes.append(
        "config.json names code of its own (auto_map: \(classes.joined(separator: ", "))): it is "
          + "not run, the model is computed as \(architecture) in Hugging Face's library.")
    }
    if root["quantization_config"].present != nil || root["quantization"].present != nil,
      hasPlainWeights(in: checkpoint)
    {
      notes.append(
        "config.json says that the weights are quantized; they are plain numbers, and used as such."
      )
    }
    return notes + notesOnTensors(of: checkpoint)
  }

  private func notesOnTensors(of checkpoint: Checkpoint) -> [String] {
    guard let unread = try? superfluousTensors(in: checkpoint) else { return [] }
    var notes: [String] = []
    if let first = unread.blocks.min(), let last = unread.blocks.max() {
      notes.append(
        "The weights hold blocks up to \(last), but config.json counts \(blockCount): those from "
          + "\(first) on are not used.")
    }
    if !unread.others.isEmpty {
      let shown = unread.others.prefix(4).joined(separator: ", ")
      notes.append(
        "\(unread.others.count) tensors are not used: \(shown)\(unread.others.count > 4 ? ", …" : "")."
      )
    }
    return notes
  }

  // MARK: - The model's purpose

  private static func architectures(in root: JSONField) -> [String] {
    (try? root["architectures"].present?.array().compactMap { try? $0.string() }) ?? []
  }

  /// Whether a class of Hugging Face's library produces vectors instead of logits.
  private static func hasNoUnembedding(_ name: String) -> Bool {
    let families = [
      "Llama", "Mistral", "Ministral", "Ministral3", "Qwen2", "Qwen3", "Qwen3Moe", "Qwen3Next",
      "Qwen3_5", "Qwen3_5Text", "Qwen3_5Moe", "Qwen3_5MoeText", "Gemma2", "Gemma3", "Gemma3Text",
      "Phi3", "Olmo2", "Olmo3", "SmolLM3", "Granite", "GraniteMoeHybrid", "GPT2", "GPTNeoX",
      "GptOss",
    ]
    return families.contains { name == $0 + "Model" }
  }

  /// Refuses a model whose answer is not a token: a classifier, a reward model, a tagger.
  ///
  /// Its answer comes from another head on the stream, perhaps without a causal mask. It has no
  /// logits of its own.
  ///
  /// - Throws: The class that config.json names.
  static func refuseOtherOutputs(in root: JSONField) throws(InputError) {
    let names = architectures(in: root)
    let endings = ["ForCausalLM", "ForConditionalGeneration", "LMHeadModel"]
    guard !names.isEmpty,
      !names.contains(where: { name in
        endings.contains { name.hasSuffix($0) } || hasNoUnembedding(name)
      })
    else { return }
    throw InputError(
      .unsupported, file: root.file, subject: "field architectures",
      expected: "a model that predicts tokens, such as \"LlamaForCausalLM\"",
      found: names.map { "\"\($0)\"" }.joined(separator: ", "),
      remedy: "the answer of such a model is not computed; to see the logits that its stream "
        + "would have all the same, pass the field over by ignoringFields: architectures")
  }
}
