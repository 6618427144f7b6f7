import SecantCheckpoints

/// What one family calls things, and which of the variations it has.
struct Architecture: Sendable {
  /// The value of `model_type` in config.json.
  let modelType: String
  /// The field that holds the configuration of a multimodal checkpoint's text part.
  var textField: String?
  /// The configuration fields that this family gives a meaning, beyond those that all have.
  var fields: Set<String> = []
  /// What absent fields stand for, as Hugging Face's library has it, in the notation of config.json.
  var defaults = "{}"
  /// Fields that may stand in config.json only with the value that has no effect, in its notation.
  var neutral = "{}"
  /// Fields that this family's implementation in Hugging Face's library does not read.
  var unread: Set<String> = []
  /// Where its blocks normalize.
  var normPlacement = DecoderConfiguration.NormPlacement.before
  /// What is added to its stored normalization weights.
  var normWeightOffset = 0.0
  /// How it normalizes queries and keys.
  var queryKeyNorm = DecoderConfiguration.QueryKeyNorm.none
  /// Whether embeddings are multiplied by √d.
  var scalesEmbedding = false
  /// The biases of attention; nil where `attention_bias` says it.
  var attentionBias: DecoderConfiguration.AttentionBias?
  /// Which blocks have a window, where `layer_types` does not say it.
  var windows = WindowRule.never
  /// The field of the rotary base of blocks with a window, where these have one of their own.
  var windowBaseField: String?
  /// Further names that it gives to kinds of rotary scaling.
  var rotaryKinds: [String: String] = [:]
  /// Whether some components of a head may stay unturned.
  var rotatesPartially = false
  /// Whether blocks may be mixtures of experts.
  var hasExperts = false
  /// The names of its tensors.
  var tensorNames = TensorNames()

  /// Which blocks see a window of positions only.
  enum WindowRule: Sendable {
    /// None.
    case never
    /// All, where there is a window.
    case always
    /// Those from the block on whose number a field holds.
    case from(field: String)
    /// All but every n-th, where a field or the number given holds n.
    case allButEvery(field: String?, default: Int)
  }

  /// Every family that Secant knows.
  static let all: [Architecture] = [
    .llama, .qwen2, .qwen3, .qwen3MoE, .gemma2, .gemma3, .gemma3Multimodal, .phi3, .mistral,
    .ministral, .olmo2,
  ]

  /// The family of a checkpoint.
  ///
  /// - Throws: That config.json names none that is known.
  static func named(in configuration: JSONField) throws(InputError) -> Architecture {
    let field = configuration["model_type"]
    let name = try field.string()
    guard let known = all.first(where: { $0.modelType == name }) else {
      throw InputError(
        .unsupported, file: field.file, subject: "field model_type",
        expected: "one of \(all.map(\.modelType).joined(separator: ", "))", found: "\"\(name)\"",
        remedy: "use a model of a supported architecture")
    }
    return known
  }

  /// Refuses fields that might change what the model computes in a way that is not known here.
  ///
  /// - Throws: The first field that is neither understood nor known to have no effect.
  func refuseUnknownFields(in configuration: JSONField) throws(InputError) {
    if let unknown = try unknownFields(in: configuration).first {
      throw InputError(
        .unsupported, file: configuration.file, subject: "field \(unknown.path)",
        expected: "only fields and values whose effect on the \(modelType) architecture is known",
        found: unknown.value?.summary ?? "nothing",
        remedy: "remove the field if it does not change what the model computes")
    }
  }

  /// The fields of a configuration that are neither understood nor known to have no effect.
  func unknownFields(in configuration: JSONField) throws(InputError) -> [JSONField] {
    guard let textField else {
      return try unknownFields(inText: configuration)
        .filter { !Self.storageFields.contains($0.path) }
    }
    let outer = try configuration.object().members.map(\.key)
      .filter { $0 != textField && !Self.outerFields.contains($0) }
      .filter { !Self.inertFields.contains($0) && !Self.storageFields.contains($0) }
      .map { configuration[$0] }.filter { $0.present != nil }
    return try outer + unknownFields(inText: configuration[textField])
  }

  private func unknownFields(inText configuration: JSONField) throws(InputError) -> [JSONField] {
    let neutral = try JSONField(parsing: Array(neutral.utf8), file: configuration.file)
    return try configuration.object().members.map(\.key)
      .filter { !Self.commonFields.contains($0) && !Self.inertFields.contains($0) }
      .filter { !fields.contains($0) && !unread.contains($0) }
      .map { configuration[$0] }
      .filter { $0.present != nil && !$0.holdsTheSame(as: neutral[$0.lastKey]) }
  }

  /// Fields that every family reads.
  private static let commonFields: Set<String> = [
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "vocab_size", "max_position_embeddings",
    "original_max_position_embeddings", "partial_rotary_factor", "rms_norm_eps", "rope_theta",
    "rope_scaling", "rope_parameters", "tie_word_embeddings",
  ]

  /// Fields of a multimodal checkpoint that say nothing about a prompt that is text.
  private static let outerFields: Set<String> = [
    "boi_token_index", "eoi_token_index", "image_token_index", "boi_token_id", "eoi_token_id",
    "image_token_id", "mm_tokens_per_image", "vision_config", "tie_word_embeddings",
  ]

  /// Fields at the root that say how the weights are stored, which the checkpoint's reader checks.
  private static let storageFields: Set<String> = ["quantization", "quantization_config"]

  /// Fields that say nothing about the map from embeddings to output: training, bookkeeping, files.
  private static let inertFields: Set<String> = [
    "_name_or_path", "architectures", "attention_dropout", "attn_implementation",
    "_attn_implementation", "_attn_implementation_autoset", "_sliding_window_pattern", "auto_map",
    "bos_token_id", "cache_implementation", "dtype", "embd_pdrop", "eos_token_id",
    "hidden_dropout", "initializer_range", "model_type", "neftune_noise_alpha",
    "output_attentions", "output_hidden_states", "output_router_logits", "pad_token_id",
    "pretraining_tp", "resid_pdrop", "return_dict", "router_aux_loss_coef", "torch_dtype",
    "transformers_version", "transformers.js_config", "unk_token_id", "unsloth_fixed",
    "unsloth_version", "use_cache",
  ]
}

extension JSONField {
  /// The last part of the path.
  fileprivate var lastKey: String { path.split(separator: ".").last.map(String.init) ?? path }

  /// Whether the same Boolean, number or string stands at both places.
  fileprivate func holdsTheSame(as other: JSONField) -> Bool {
    switch (value, other.value) {
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .number(let b)): a.double == b.double
    case (.string(let a), .string(let b)): a == b
    default: false
    }
  }
}
