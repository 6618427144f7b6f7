/// gpt-oss: a learned sink in each head's softmax, biases everywhere, a window in every other block;
/// mixtures in all blocks, of clamped gated products, with the rows of gate and upward matrix in turn.
extension Architecture {
  static let gptOSS = Architecture(
    modelType: "gpt_oss", models: "gpt-oss",
    fields: [
      "attention_bias", "layer_types", "num_experts", "num_experts_per_tok", "num_local_experts",
      "sliding_window", "swiglu_limit",
    ],
    fieldNames: ["moe_intermediate_size": "intermediate_size"],
    defaults: """
      {"attention_bias": true, "decoder_sparse_step": 1, "head_dim": 64, "hidden_size": 2880,
       "intermediate_size": 2880, "max_position_embeddings": 131072, "mlp_only_layers": [],
       "norm_topk_prob": true, "num_attention_heads": 64, "num_experts": 128,
       "num_experts_per_tok": 4, "num_hidden_layers": 36, "num_key_value_heads": 8,
       "rms_norm_eps": 1e-5, "rope_theta": 150000.0,
       "rope_parameters": {"rope_type": "yarn", "factor": 32.0, "beta_fast": 32.0,
         "beta_slow": 1.0, "truncate": false, "original_max_position_embeddings": 4096},
       "sliding_window": 128, "swiglu_limit": 7.0, "vocab_size": 201088}
      """,
    // The gain of the logistic function is part of the activation.
    neutral: #"{"swiglu_alpha": 1.702}"#,
    unread: ["experts_per_token", "hidden_act", "initial_context_length"],
    hasAttentionSinks: true, activation: .quickGELU,
    windows: .allButEvery(field: nil, default: 2),
    hasExperts: true, expertsHaveBiases: true,
    tensorNames: TensorNames(router: "mlp.router", interleavesExperts: true))
}
