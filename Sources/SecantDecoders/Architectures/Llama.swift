import SecantCheckpoints

/// The names of the Llama architecture: Llama 2 and 3, TinyLlama, SmolLM, and others that use it.
extension Architecture {
  static let llama = Architecture(
    modelType: "llama",
    understoodFields: [
      "hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
      "num_key_value_heads", "head_dim", "vocab_size", "max_position_embeddings", "rms_norm_eps",
      "hidden_act", "rope_theta", "rope_scaling", "rope_parameters", "attention_bias", "mlp_bias",
      "tie_word_embeddings",
    ],
    tensorNames: TensorNames(
      embedding: "model.embed_tokens", finalNorm: "model.norm", unembedding: "lm_head",
      block: "model.layers.", attentionNorm: "input_layernorm", query: "self_attn.q_proj",
      key: "self_attn.k_proj", value: "self_attn.v_proj", output: "self_attn.o_proj",
      feedForwardNorm: "post_attention_layernorm", gate: "mlp.gate_proj", up: "mlp.up_proj",
      down: "mlp.down_proj"))
}
