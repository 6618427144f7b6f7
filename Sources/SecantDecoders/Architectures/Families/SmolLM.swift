/// SmolLM3: a Llama in which some blocks do not rotate queries and keys.
extension Architecture {
  static let smolLM3 = Architecture(
    modelType: "smollm3", models: "SmolLM3",
    fields: [
      "attention_bias", "hidden_act", "layer_types", "mlp_bias", "no_rope_layer_interval",
      "no_rope_layers", "sliding_window",
    ],
    defaults: """
      {"max_position_embeddings": 32768, "no_rope_layer_interval": 4, "num_key_value_heads": 4,
       "rope_theta": 2000000.0, "tie_word_embeddings": true}
      """)
}
