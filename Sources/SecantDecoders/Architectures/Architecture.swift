import SecantCheckpoints

/// A family's names, and its variations.
struct Architecture: Sendable {
  /// The value of `model_type` in config.json.
  let modelType: String
  /// The models that are read by it, in words.
  let models: String
  /// The field that holds the configuration of a multimodal checkpoint's text part.
  var textField: String?
  /// Fields beside the text part that do not matter for text prompts, besides those of all such families.
  var otherPartFields: Set<String> = []
  /// The configuration fields that this family reads, besides those that all families read.
  var fields: Set<String> = []
  /// The family's names for fields that all families read, by the usual name.
  var fieldNames: [String: String] = [:]
  /// The defaults of absent fields in Hugging Face's library, in the notation of config.json.
  var defaults = "{}"
  /// Fields that config.json may have only with the value that has no effect, in its notation.
  var neutral = "{}"
  /// Fields that this family's implementation in Hugging Face's library does not read.
  var unread: Set<String> = []
  /// Whether its normalizations remove the mean and have biases.
  var normRemovesMean = false
  /// Where its blocks normalize.
  var normPlacement = DecoderConfiguration.NormPlacement.before
  /// The number that is added to its stored normalization weights.
  var normWeightOffset = 0.0
  /// How it normalizes queries and keys.
  var queryKeyNorm = DecoderConfiguration.QueryKeyNorm.none
  /// Whether it divides each head's values by their root mean square.
  var normalizesValues = false
  /// The factor of scores, if no field decides; nil for 1/√w.
  var scoreScale: Double?
  /// Whether blocks multiply the stream after them by a number of their own.
  var hasStreamFactors = false
  /// Whether embeddings are multiplied by √d.
  var scalesEmbedding = false
  /// Whether positions have learned vectors; then nothing is rotated.
  var learnsPositions = false
  /// Whether heads have learned sinks.
  var hasAttentionSinks = false
  /// Whether its feed-forward layers have a gate.
  var isGated = true
  /// The nonlinearity, if no field decides.
  var activation: Activation?
  /// Whether a feed-forward width that is absent or null is four times the model's width.
  var widensByFour = false
  /// Whether its feed-forward layers have biases; nil if `mlp_bias` decides.
  var feedForwardBias: Bool?
  /// The biases of attention; nil if `attention_bias` decides.
  var attentionBias: DecoderConfiguration.AttentionBias?
  /// Which blocks have a sliding window if `layer_types` does not say so.
  var windows = WindowRule.never
  /// Whether the last block sees all positions, whatever else says.
  var lastBlockSeesAll = false
  /// The name in `layer_types` of a block that sees all positions, besides "full_attention".
  var attentionKind = "full_attention"
  /// The field of the rotary base of blocks with a sliding window; nil if they have no base of
  /// their own.
  var windowBaseField: String?
  /// The family's other names for kinds of rotary scaling.
  var rotaryKinds: [String: String] = [:]
  /// Whether some components of a head may stay unrotated.
  var rotatesPartially = false
  /// The key of a rotation's description that says how queries grow with their position; nil if they
  /// do not.
  var queryGrowthKey: String?
  /// Whether blocks may be mixtures of experts.
  var hasExperts = false
  /// Whether its routers and experts have biases.
  var expertsHaveBiases = false
  /// Whether mixtures have one more expert, which serves every position.
  var sharesExpert = false
  /// Whether mixtures have a dense layer beside them, of the usual width.
  var mixesBesideDense = false
  /// Whether gates multiply the outputs of attention's heads.
  var attentionHasGate = false
  /// Whether blocks may have a delta network in attention's place.
  var hasDeltaNetworks = false
  /// The names of its tensors.
  var tensorNames = TensorNames()

  /// Which blocks have a sliding window.
  enum WindowRule: Sendable {
    /// None.
    case never
    /// All, if config.json has a window.
    case always
    /// All from a first block on, whose number a field holds.
    case from(field: String)
    /// All except every n-th; a field or the given number is n.
    case allButEvery(field: String?, default: Int)
  }

  /// Refuses fields that are not understood, because they might change what the model computes.
  ///
  /// - Throws: All fields that are neither understood nor known to have no effect.
  func refuseUnknownFields(in configuration: JSONField) throws(InputError) {
    let unknown = try unknownFields(in: configuration)
    guard !unknown.isEmpty else { return }
    throw InputError(
      .unsupported, file: configuration.file,
      subject: (unknown.count == 1 ? "field " : "fields ")
        + unknown.map(\.path).joined(separator: ", "),
      expected: "only fields and values whose effect on the \(modelType) architecture is known",
      found: unknown.count == 1
        ? unknown[0].value?.summary ?? "nothing"
        : unknown.map { "\($0.path) = \($0.value?.summary ?? "nothing")" }.joined(separator: ", "),
      remedy: "look at the model with secant inspect; a field that you know not to change what "
        + "the model computes is passed over by ignoringFields: NAME")
  }

  /// The fields of a configuration that are neither understood nor known to have no effect.
  func unknownFields(in configuration: JSONField) throws(InputError) -> [JSONField] {
    guard let textField else {
      return try unknownFields(inText: configuration)
        .filter { !Self.storageFields.contains($0.path) }
    }
    let neutral = try JSONField(Self.neutralEverywhere, file: configuration.file)
    let outer = try configuration.object().members.map(\.key)
      .filter { $0 != textField && !Self.outerFields.contains($0) && !otherPartFields.contains($0) }
      .filter { !Self.isInert($0) && !Self.storageFields.contains($0) }
      .map { configuration[$0] }
      .filter { $0.present != nil && !$0.holdsTheSame(as: neutral[$0.lastKey]) }
    return try outer + unknownFields(inText: configuration[textField])
  }

  private func unknownFields(inText configuration: JSONField) throws(InputError) -> [JSONField] {
    let neutral = try JSONField(neutral, file: configuration.file)
    let common = try JSONField(Self.neutralEverywhere, file: configuration.file)
    return try configuration.object().members.map(\.key)
      .filter { !commonFields.contains($0) && !Self.isInert($0) }
      .filter { !fields.contains($0) && !unread.contains($0) }
      .map { configuration[$0] }
      .filter { $0.present != nil && !$0.holdsTheSame(as: neutral[$0.lastKey]) }
      .filter { !$0.holdsTheSame(as: common[$0.lastKey]) }
  }

  /// Refuses to ignore a field that a decoder reads: without it, another model would be computed.
  ///
  /// - Parameters:
  ///   - paths: The fields that the user wants to ignore.
  ///   - file: The configuration's file, for errors.
  /// - Throws: The first of them that this family reads.
  func refuseIgnoring(_ paths: [String], file: String) throws(InputError) {
    for path in paths {
      let keys = path.split(separator: ".").map(String.init).drop { $0 == textField }
      let isRead =
        switch keys.count {
        case 0: true
        case 1: commonFields.union(fields).union(["model_type"]).contains(keys.joined())
        default: RotaryFields.knownKeys.contains(keys.last ?? "")
        }
      guard isRead else { continue }
      throw InputError(
        .invalid, file: file, subject: "field \(path)",
        expected: "a field to pass over that the \(modelType) architecture does not read",
        found: "one that it reads",
        remedy: "change the value in a copy of the file if it is wrong")
    }
  }

  /// The fields that every family reads, by this family's names.
  private var commonFields: Set<String> {
    Set(Self.commonFields.map { fieldNames[$0] ?? $0 })
  }

  /// Fields that every family reads, by their usual names.
  private static let commonFields: Set<String> = [
    "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "vocab_size", "max_position_embeddings",
    "original_max_position_embeddings", "partial_rotary_factor", "rms_norm_eps", "rope_theta",
    "rope_scaling", "rope_parameters", "tie_word_embeddings",
  ]

  /// Fields of a multimodal checkpoint that do not matter for text prompts.
  private static let outerFields: Set<String> = [
    "boi_token_index", "eoi_token_index", "image_token_index", "boi_token_id", "eoi_token_id",
    "image_token_id", "video_token_id", "vision_start_token_id", "vision_end_token_id",
    "mm_tokens_per_image", "multimodal_projector_bias", "projector_hidden_act",
    "spatial_merge_size", "tie_word_embeddings", "vision_config", "vision_feature_layer",
  ]

  /// Fields at the root that say how the weights are stored, which the checkpoint's reader checks.
  private static let storageFields: Set<String> = ["quantization", "quantization_config"]
}

extension JSONField {
  /// The root of a JSON text of this module's own.
  init(_ text: String, file: String) throws(InputError) {
    try self.init(parsing: Array(text.utf8), file: file)
  }

  /// The last part of the path.
  fileprivate var lastKey: String { path.split(separator: ".").last.map(String.init) ?? path }

  /// Whether both values are the same Boolean, number or string, or both are empty arrays or
  /// objects.
  fileprivate func holdsTheSame(as other: JSONField) -> Bool {
    switch (value, other.value) {
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .number(let b)): a.double == b.double
    case (.string(let a), .string(let b)): a == b
    case (.array(let a), .array(let b)): a.isEmpty && b.isEmpty
    case (.object(let a), .object(let b)): a.members.isEmpty && b.members.isEmpty
    default: false
    }
  }
}
