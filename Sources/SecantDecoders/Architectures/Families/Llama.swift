/// Llama 2 and 3, TinyLlama, SmolLM, and others that use the architecture.
extension Architecture {
  static let llama = Architecture(
    modelType: "llama", models: "Llama 2 and 3, SmolLM, TinyLlama",
    fields: ["attention_bias", "hidden_act", "mlp_bias"],
    neutral: #"{"is_llama_config": true, "rope_interleaved": false}"#)
}
