/// Phi 3 and Phi 4: query, key and value share one tensor, gate and up another; part of each head
/// is not rotated, and each frequency has its own factor.
extension Architecture {
  static let phi3 = Architecture(
    modelType: "phi3", models: "Phi 3, Phi 4, Phi 4 mini",
    fields: ["hidden_act", "sliding_window"],
    defaults: """
      {"max_position_embeddings": 4096, "original_max_position_embeddings": 4096,
       "rms_norm_eps": 1e-5}
      """,
    neutral: """
      {"attention_bias": false, "full_attn_mod": 1, "interpolate_factor": 1,
       "lm_head_bias": false, "mlp_bias": false}
      """,
    attentionBias: DecoderConfiguration.AttentionBias.none,
    windows: .always,
    rotaryKinds: ["su": "longrope", "yarn": "longrope"],
    rotatesPartially: true,
    tensorNames: TensorNames(
      query: "self_attn.qkv_proj", key: "self_attn.qkv_proj", value: "self_attn.qkv_proj",
      gate: "mlp.gate_up_proj", up: "mlp.gate_up_proj"))
}
