/// OLMo 2: what leaves a layer is normalized, not what enters it, and queries and keys across heads.
extension Architecture {
  static let olmo2 = Architecture(
    modelType: "olmo2", fields: ["attention_bias", "hidden_act"],
    defaults: #"{"rms_norm_eps": 1e-5}"#,
    neutral: #"{"mlp_bias": false}"#,
    normPlacement: .after,
    queryKeyNorm: .acrossHeads)
}
