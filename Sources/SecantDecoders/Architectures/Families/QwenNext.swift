/// Qwen 3-Next and Qwen 3.5: most blocks have a gated delta network in attention's place. The others
/// have gates on their heads' outputs, and rotate a part of each head. Norms have weights stored as
/// their excess over 1, except that of a delta network's heads. Mixtures have one more expert, which
/// serves every position.
extension Architecture {
  static let qwen3Next = Architecture(
    modelType: "qwen3_next", models: "Qwen 3-Next",
    fields: deltaFields.union(mixtureFields).union([
      "decoder_sparse_step", "mlp_only_layers", "norm_topk_prob",
    ]),
    defaults: """
      {"decoder_sparse_step": 1, "full_attention_interval": 4, "head_dim": 256,
       "hidden_size": 2048, "intermediate_size": 5632, "linear_conv_kernel_dim": 4,
       "linear_key_head_dim": 128, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
       "linear_value_head_dim": 128, "max_position_embeddings": 32768, "mlp_only_layers": [],
       "moe_intermediate_size": 512, "norm_topk_prob": true, "num_attention_heads": 16,
       "num_experts": 512, "num_experts_per_tok": 10, "num_hidden_layers": 48,
       "num_key_value_heads": 2, "partial_rotary_factor": 0.25,
       "shared_expert_intermediate_size": 512, "vocab_size": 151936}
      """,
    neutral: neutral, unread: unread, normWeightOffset: 1, queryKeyNorm: .perHead,
    rotatesPartially: true, hasExperts: true, sharesExpert: true, attentionHasGate: true,
    hasDeltaNetworks: true,
    tensorNames: TensorNames(
      delta: .init(
        query: "linear_attn.in_proj_q", key: "linear_attn.in_proj_k",
        value: "linear_attn.in_proj_v"),
      headwise: [
        gatedQueries,
        .init(
          name: "linear_attn.in_proj_qkvz",
          parts: ["q", "k", "v", "z"].map { "linear_attn.in_proj_\($0)" }, heads: .deltaVectors),
        .init(
          name: "linear_attn.in_proj_ba", parts: ["b", "a"].map { "linear_attn.in_proj_\($0)" },
          heads: .deltaNumbers),
      ]))

  static let qwen35 = qwen35(modelType: "qwen3_5_text", models: "Qwen 3.5, text only")

  /// The text part of a checkpoint that also reads images.
  static let qwen35Multimodal = qwen35(
    modelType: "qwen3_5", models: "Qwen 3.5, the text part", textField: "text_config")

  static let qwen35MoE = qwen35(
    modelType: "qwen3_5_moe_text", models: "Qwen 3.5 mixtures, text only", isMixture: true)

  /// The text part of a checkpoint that also reads images.
  static let qwen35MoEMultimodal = qwen35(
    modelType: "qwen3_5_moe", models: "Qwen 3.5 mixtures, the text part",
    textField: "text_config", isMixture: true)

  private static func qwen35(
    modelType: String, models: String, textField: String? = nil, isMixture: Bool = false
  ) -> Architecture {
    Architecture(
      modelType: modelType, models: models, textField: textField,
      fields: isMixture ? deltaFields.union(mixtureFields) : deltaFields,
      defaults: isMixture ? mixture : dense, neutral: isMixture ? mixtureNeutral : denseNeutral,
      unread: unread, normWeightOffset: 1, queryKeyNorm: .perHead, rotatesPartially: true,
      hasExperts: isMixture, sharesExpert: isMixture, attentionHasGate: true,
      hasDeltaNetworks: true, tensorNames: textNames)
  }

  private static let deltaFields: Set<String> = [
    "attention_bias", "full_attention_interval", "hidden_act", "layer_types",
    "linear_conv_kernel_dim", "linear_key_head_dim", "linear_num_key_heads",
    "linear_num_value_heads", "linear_value_head_dim",
  ]

  private static let mixtureFields: Set<String> = [
    "moe_intermediate_size", "num_experts", "num_experts_per_tok",
    "shared_expert_intermediate_size",
  ]

  /// Published files name a gate that is always there.
  private static let neutral = #"{"attn_output_gate": true, "mlp_bias": false}"#

  private static let denseNeutral = """
    {"attn_output_gate": true, "mlp_bias": false, "mlp_only_layers": []}
    """

  /// Hugging Face's library makes every block a mixture, with normalized router weights.
  private static let mixtureNeutral = """
    {"attn_output_gate": true, "decoder_sparse_step": 1, "mlp_bias": false, "mlp_only_layers": [],
     "norm_topk_prob": true}
    """

  /// The type of states in other programs, and layers that predict further tokens.
  private static let unread: Set<String> = [
    "mamba_ssm_dtype", "mtp_num_hidden_layers", "mtp_use_dedicated_embeddings",
  ]

  private static let dense = """
    {"full_attention_interval": 4, "head_dim": 256, "hidden_size": 4096,
     "intermediate_size": 12288, "linear_conv_kernel_dim": 4, "linear_key_head_dim": 128,
     "linear_num_key_heads": 16, "linear_num_value_heads": 32, "linear_value_head_dim": 128,
     "max_position_embeddings": 32768, "num_attention_heads": 16, "num_hidden_layers": 32,
     "num_key_value_heads": 4, "partial_rotary_factor": 0.25, "vocab_size": 248320}
    """

  private static let mixture = """
    {"decoder_sparse_step": 1, "full_attention_interval": 4, "head_dim": 256,
     "hidden_size": 2048, "intermediate_size": 512, "linear_conv_kernel_dim": 4,
     "linear_key_head_dim": 128, "linear_num_key_heads": 16, "linear_num_value_heads": 32,
     "linear_value_head_dim": 128, "max_position_embeddings": 32768, "mlp_only_layers": [],
     "moe_intermediate_size": 512, "norm_topk_prob": true, "num_attention_heads": 16,
     "num_experts": 256, "num_experts_per_tok": 8, "num_hidden_layers": 40,
     "num_key_value_heads": 2, "partial_rotary_factor": 0.25,
     "shared_expert_intermediate_size": 512, "vocab_size": 248320}
    """

  private static let gatedQueries = TensorNames.Headwise(
    name: "self_attn.q_proj", parts: ["self_attn.q_proj", "self_attn.gate_proj"])

  /// With or without the words of a model that reads images.
  private static let textNames = TensorNames(
    layouts: [
      .init(body: "model.", unembedding: "lm_head"),
      .init(body: "model.language_model.", unembedding: "lm_head"),
      .init(body: "language_model.model.", unembedding: "language_model.lm_head"),
    ],
    otherParts: ["model.visual.", "visual.", "vision_tower."],
    headwise: [gatedQueries])
}
