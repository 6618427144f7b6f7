/// Gemma 4: norms before and after each layer, with weights as they are; queries, keys and values
/// normalized by head, values without a weight; scores as they come; a number of each block that
/// multiplies the whole stream. Blocks without a window have heads of another width, of which the first
/// pairs are rotated, and in the larger sizes fewer key heads, whose keys serve as values. Mixtures have a
/// dense layer beside them. The last blocks of the smaller sizes take keys and values of earlier ones, and
/// may have wider feed-forward layers; all blocks get vectors of their own beside the stream.
extension Architecture {
  static let gemma4 = gemma4(modelType: "gemma4_text", models: "Gemma 4, text only")

  /// The text part of a checkpoint that also reads images and sounds.
  static let gemma4Multimodal = gemma4(
    modelType: "gemma4", models: "Gemma 4, the text part", textField: "text_config")

  static let gemma4Unified = gemma4(
    modelType: "gemma4_unified_text", models: "Gemma 4 12B, text only", isUnified: true)

  /// The text part of a checkpoint that also reads images and sounds, without encoders.
  static let gemma4UnifiedMultimodal = gemma4(
    modelType: "gemma4_unified", models: "Gemma 4 12B, the text part", textField: "text_config",
    isUnified: true)

  /// The form without encoders of images and sounds has neither mixtures nor per-layer inputs.
  private static func gemma4(
    modelType: String, models: String, textField: String? = nil, isUnified: Bool = false
  ) -> Architecture {
    var names = TensorNames(
      feedForwardNorm: "pre_feedforward_layernorm", router: "router.proj", expert: "experts.")
    if textField != nil {
      names.layouts = [
        .init(body: "model.language_model.", unembedding: "lm_head"),
        .init(body: "language_model.model.", unembedding: "language_model.lm_head"),
      ]
      names.otherParts = [
        "model.vision_tower.", "model.audio_tower.", "model.embed_vision.", "model.embed_audio.",
        "model.vision_embedder.", "vision_tower.", "audio_tower.", "embed_vision.", "embed_audio.",
        "vision_embedder.",
      ]
    }
    return Architecture(
      modelType: modelType, models: models, textField: textField,
      otherPartFields: [
        "audio_config", "audio_token_id", "boa_token_id", "eoa_token_id", "eoa_token_index",
        "vision_soft_tokens_per_image",
      ],
      fields: isUnified ? unifiedFields : fields,
      fieldNames: ["num_experts_per_tok": "top_k_experts"],
      defaults: isUnified ? unifiedDefaults : defaults,
      neutral: isUnified ? unifiedNeutral : neutral,
      unread: isUnified ? mixtureFields.union(["vocab_size_per_layer_input"]) : [],
      normPlacement: .both,
      queryKeyNorm: .perHead, normalizesValues: true, scoreScale: 1, hasStreamFactors: true,
      scalesEmbedding: true, windows: .allButEvery(field: nil, default: 6),
      lastBlockSeesAll: true, hasExperts: !isUnified, mixesBesideDense: !isUnified,
      tensorNames: names)
  }

  private static let unifiedFields: Set<String> = [
    "attention_bias", "attention_k_eq_v", "final_logit_softcapping", "global_head_dim",
    "hidden_activation", "layer_types", "num_global_key_value_heads", "num_kv_shared_layers",
    "per_layer_config", "sliding_window", "use_double_wide_mlp",
  ]

  private static let fields = unifiedFields.union(mixtureFields).union([
    "enable_moe_block", "hidden_size_per_layer_input", "vocab_size_per_layer_input",
  ])

  private static let mixtureFields: Set<String> = [
    "moe_intermediate_size", "num_experts", "top_k_experts",
  ]

  /// Pictures alone make positions see later ones.
  private static let neutral = """
    {"mlp_bias": false, "use_bidirectional_attention": "vision"}
    """

  private static let unifiedNeutral = """
    {"enable_moe_block": false, "hidden_size_per_layer_input": 0, "mlp_bias": false,
     "use_bidirectional_attention": "vision"}
    """

  private static let defaults = """
    {"decoder_sparse_step": 1, "enable_moe_block": false, "global_head_dim": 512, "head_dim": 256,
     "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 2304,
     "hidden_size_per_layer_input": 256, "intermediate_size": 9216,
     "max_position_embeddings": 131072, "mlp_only_layers": [], "norm_topk_prob": true,
     "num_attention_heads": 8, "num_hidden_layers": 30, "num_key_value_heads": 4,
     "rope_parameters": \(rotations),
     "sliding_window": 512, "tie_word_embeddings": true, "vocab_size": 262144,
     "vocab_size_per_layer_input": 262144}
    """

  private static let unifiedDefaults = """
    {"global_head_dim": 512, "head_dim": 256, "hidden_activation": "gelu_pytorch_tanh",
     "hidden_size": 2304, "intermediate_size": 9216, "max_position_embeddings": 262144,
     "num_attention_heads": 8, "num_hidden_layers": 30, "num_key_value_heads": 4,
     "rope_parameters": \(rotations),
     "sliding_window": 1024, "tie_word_embeddings": true, "vocab_size": 262144}
    """

  private static let rotations = """
    {"full_attention": {"rope_type": "proportional", "partial_rotary_factor": 0.25,
                        "rope_theta": 1000000.0},
     "sliding_attention": {"rope_type": "default", "rope_theta": 10000.0}}
    """
}
