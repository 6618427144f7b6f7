import SecantCheckpoints

/// What one family calls things: the fields of its configuration and the tensors of its weights.
struct Architecture: Sendable {
  /// The value of `model_type` in config.json.
  let modelType: String
  /// The configuration fields that this family gives a meaning that Secant implements.
  let understoodFields: Set<String>
  /// The names of its tensors.
  let tensorNames: TensorNames

  /// Every family that Secant knows.
  static let all: [Architecture] = [.llama]

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
        expected: "only fields whose effect on the \(modelType) architecture is known",
        found: unknown.value?.summary ?? "nothing",
        remedy: "remove the field if it does not change what the model computes")
    }
  }

  /// The fields of a configuration that are neither understood nor known to have no effect.
  func unknownFields(in configuration: JSONField) throws(InputError) -> [JSONField] {
    try configuration.object().members.map(\.key)
      .filter { !understoodFields.contains($0) && !Self.inertFields.contains($0) }
      .map { configuration[$0] }
      .filter { $0.present != nil }
  }

  /// Fields that say nothing about the map from embeddings to output: training, bookkeeping, files.
  private static let inertFields: Set<String> = [
    "_name_or_path", "architectures", "attention_dropout", "attn_implementation",
    "_attn_implementation", "auto_map", "bos_token_id", "dtype", "eos_token_id",
    "hidden_dropout", "initializer_range", "model_type", "neftune_noise_alpha", "pad_token_id",
    "pretraining_tp", "resid_pdrop", "embd_pdrop", "torch_dtype", "transformers_version",
    "transformers.js_config", "unk_token_id", "unsloth_fixed", "unsloth_version", "use_cache",
  ]
}

/// The names of a family's tensors, without the suffixes `.weight` and `.bias`.
struct TensorNames: Sendable {
  let embedding: String
  let finalNorm: String
  let unembedding: String
  /// What stands before a block's number; the names below follow after it and a full stop.
  let block: String
  let attentionNorm: String
  let query: String
  let key: String
  let value: String
  let output: String
  let feedForwardNorm: String
  let gate: String
  let up: String
  let down: String
}
