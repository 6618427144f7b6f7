/// Mistral and Ministral: heads of a width of their own and, in many models, a sliding window.
extension Architecture {
  static let mistral = mistral(modelType: "mistral")
  static let ministral = mistral(modelType: "ministral")

  /// Both read the same fields: Hugging Face's library treats a Mistral with `layer_types` as a
  /// Ministral.
  private static func mistral(modelType: String) -> Architecture {
    Architecture(
      modelType: modelType, fields: ["hidden_act", "layer_types", "sliding_window"],
      defaults: """
        {"max_position_embeddings": 131072, "num_key_value_heads": 8, "sliding_window": 4096}
        """,
      neutral: #"{"attention_bias": false, "mlp_bias": false}"#,
      attentionBias: DecoderConfiguration.AttentionBias.none,
      windows: .always)
  }
}
