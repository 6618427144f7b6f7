/// Mistral and Ministral: heads of a width of their own and, in many models, a sliding window.
/// Ministral 3: rotation scaled as yarn, and queries that grow with their position.
extension Architecture {
  static let mistral = mistral(modelType: "mistral", models: "Mistral")
  static let ministral = mistral(modelType: "ministral", models: "Ministral")

  /// Both read the same fields: Hugging Face's library treats a Mistral with `layer_types` as a
  /// Ministral.
  private static func mistral(modelType: String, models: String) -> Architecture {
    Architecture(
      modelType: modelType, models: models,
      fields: ["hidden_act", "layer_types", "sliding_window"],
      defaults: """
        {"max_position_embeddings": 131072, "num_key_value_heads": 8, "sliding_window": 4096}
        """,
      neutral: #"{"attention_bias": false, "mlp_bias": false}"#,
      attentionBias: DecoderConfiguration.AttentionBias.none,
      windows: .always)
  }

  static let ministral3 = ministral3(modelType: "ministral3", models: "Ministral 3, text only")

  /// The text part of a checkpoint that also reads images.
  static let mistral3 = ministral3(
    modelType: "mistral3", models: "Ministral 3, Mistral Small 3, the text part",
    textField: "text_config",
    names: TensorNames(
      layouts: [
        .init(body: "language_model.model.", unembedding: "language_model.lm_head"),
        .init(body: "model.language_model.", unembedding: "lm_head"),
      ],
      otherParts: [
        "vision_tower.", "multi_modal_projector.", "model.vision_tower.",
        "model.multi_modal_projector.",
      ]))

  private static func ministral3(
    modelType: String, models: String, textField: String? = nil,
    names: TensorNames = TensorNames()
  ) -> Architecture {
    Architecture(
      modelType: modelType, models: models, textField: textField,
      fields: ["hidden_act", "layer_types", "sliding_window"],
      defaults: """
        {"head_dim": 128, "max_position_embeddings": 262144, "num_key_value_heads": 8,
         "rms_norm_eps": 1e-5}
        """,
      neutral: #"{"attention_bias": false, "mlp_bias": false}"#,
      attentionBias: DecoderConfiguration.AttentionBias.none,
      windows: .always, queryGrowthKey: "llama_4_scaling_beta", tensorNames: names)
  }
}
