/// OLMo 2: norms after each layer instead of before it, and a norm of queries and keys across all
/// heads.
extension Architecture {
  static let olmo2 = Architecture(
    modelType: "olmo2", fields: ["attention_bias", "hidden_act"],
    defaults: #"{"rms_norm_eps": 1e-5}"#,
    neutral: #"{"mlp_bias": false}"#,
    normPlacement: .after,
    queryKeyNorm: .acrossHeads)
}
