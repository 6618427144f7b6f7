/// OLMo 2: norms after each layer instead of before it, and a norm of queries and keys across all
/// heads; OLMo 3, with a sliding window in three of four blocks, whose rotation is not scaled.
extension Architecture {
  static let olmo2 = Architecture(
    modelType: "olmo2", models: "OLMo 2", fields: ["attention_bias", "hidden_act"],
    defaults: #"{"rms_norm_eps": 1e-5}"#,
    neutral: #"{"mlp_bias": false}"#,
    normPlacement: .after,
    queryKeyNorm: .acrossHeads)

  static let olmo3 = Architecture(
    modelType: "olmo3", models: "OLMo 3",
    fields: ["attention_bias", "hidden_act", "layer_types", "sliding_window"],
    defaults: """
      {"rms_norm_eps": 1e-5, "rope_theta": 500000.0, "sliding_window": 4096}
      """,
    neutral: #"{"mlp_bias": false}"#,
    normPlacement: .after,
    queryKeyNorm: .acrossHeads,
    windows: .allButEvery(field: nil, default: 4),
    windowBaseField: "rope_theta")
}
