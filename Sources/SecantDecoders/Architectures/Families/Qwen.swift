/// Qwen 2.5 (written as Qwen 2), with biases on query, key and value; Qwen 3, which normalizes queries
/// and keys by head instead, as does DeepSeek R1 0528 Qwen3 8B; and Qwen 3's mixtures of experts.
extension Architecture {
  static let qwen2 = Architecture(
    modelType: "qwen2", models: "Qwen 2.5",
    fields: [
      "hidden_act", "layer_types", "max_window_layers", "sliding_window", "use_sliding_window",
    ],
    defaults: """
      {"max_position_embeddings": 32768, "max_window_layers": 28, "num_key_value_heads": 32,
       "sliding_window": 4096, "use_sliding_window": false}
      """,
    neutral: #"{"mlp_bias": false, "use_mrope": false}"#,
    attentionBias: .queryKeyValue,
    windows: .from(field: "max_window_layers"))

  static let qwen3 = Architecture(
    modelType: "qwen3", models: "Qwen 3, DeepSeek R1 0528 Qwen3 8B",
    fields: [
      "attention_bias", "hidden_act", "layer_types", "max_window_layers", "sliding_window",
      "use_sliding_window",
    ],
    defaults: """
      {"head_dim": 128, "max_position_embeddings": 32768, "max_window_layers": 28,
       "num_key_value_heads": 32, "sliding_window": 4096, "use_sliding_window": false}
      """,
    neutral: #"{"mlp_bias": false}"#,
    queryKeyNorm: .perHead,
    windows: .from(field: "max_window_layers"))

  static let qwen3MoE = Architecture(
    modelType: "qwen3_moe", models: "Qwen 3 mixtures",
    fields: [
      "attention_bias", "decoder_sparse_step", "hidden_act", "mlp_only_layers",
      "moe_intermediate_size", "norm_topk_prob", "num_experts", "num_experts_per_tok",
      "num_local_experts", "sliding_window", "use_sliding_window",
    ],
    defaults: """
      {"decoder_sparse_step": 1, "intermediate_size": 6144, "max_position_embeddings": 32768,
       "mlp_only_layers": [], "moe_intermediate_size": 768, "norm_topk_prob": false,
       "num_experts": 128, "num_experts_per_tok": 8, "num_key_value_heads": 4,
       "sliding_window": 4096, "use_sliding_window": false}
      """,
    neutral: #"{"mlp_bias": false}"#,
    unread: ["max_window_layers"],
    queryKeyNorm: .perHead,
    windows: .always,
    hasExperts: true)
}
