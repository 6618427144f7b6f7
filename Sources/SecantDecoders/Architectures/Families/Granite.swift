/// Granite 3: a Llama with factors on embeddings, scores, what layers add to the stream, and logits.
/// Granite 4 without mixtures and state spaces: the same with gate and up in one tensor, rotated or not.
extension Architecture {
  static let granite = Architecture(
    modelType: "granite", models: "Granite 3",
    fields: [
      "attention_bias", "attention_multiplier", "embedding_multiplier", "hidden_act",
      "logits_scaling", "mlp_bias", "residual_multiplier",
    ],
    defaults: """
      {"attention_multiplier": 1.0, "max_position_embeddings": 2048}
      """)

  static let graniteHybrid = Architecture(
    modelType: "granitemoehybrid", models: "Granite 4, without mixtures and Mamba layers",
    fields: [
      "attention_bias", "attention_multiplier", "embedding_multiplier", "hidden_act",
      "layer_types", "logits_scaling", "num_local_experts", "position_embedding_type",
      "residual_multiplier",
    ],
    fieldNames: ["intermediate_size": "shared_intermediate_size"],
    defaults: """
      {"attention_multiplier": 1.0, "max_position_embeddings": 2048, "num_local_experts": 8,
       "shared_intermediate_size": 1024}
      """,
    unread: [
      "intermediate_size", "mamba_chunk_size", "mamba_conv_bias", "mamba_d_conv", "mamba_d_head",
      "mamba_d_state", "mamba_expand", "mamba_n_groups", "mamba_n_heads", "mamba_proj_bias",
      "num_experts_per_tok", "time_step_limit", "time_step_max", "time_step_min",
    ],
    attentionKind: "attention",
    tensorNames: TensorNames(
      gate: "shared_mlp.input_linear", up: "shared_mlp.input_linear",
      down: "shared_mlp.output_linear"))
}
