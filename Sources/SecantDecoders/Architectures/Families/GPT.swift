/// GPT-2, and GPT-NeoX with Pythia: layer normalization, feed-forward layers without a gate, biases
/// everywhere. GPT-2 learns a vector for each position. GPT-NeoX rotates a part of each head, and its
/// attention and feed-forward layer read the same stream.
extension Architecture {
  static let gpt2 = Architecture(
    modelType: "gpt2", models: "GPT-2", fields: ["activation_function"],
    fieldNames: [
      "hidden_size": "n_embd", "intermediate_size": "n_inner", "num_hidden_layers": "n_layer",
      "num_attention_heads": "n_head", "max_position_embeddings": "n_positions",
      "rms_norm_eps": "layer_norm_epsilon", "hidden_act": "activation_function",
    ],
    defaults: """
      {"activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "n_embd": 768, "n_head": 12,
       "n_layer": 12, "n_positions": 1024, "tie_word_embeddings": true, "vocab_size": 50257}
      """,
    neutral: """
      {"scale_attn_by_inverse_layer_idx": false, "scale_attn_weights": true}
      """,
    unread: [
      "attn_pdrop", "embd_pdrop", "n_ctx", "reorder_and_upcast_attn", "resid_pdrop",
      "summary_activation", "summary_first_dropout", "summary_proj_to_labels", "summary_type",
      "summary_use_proj",
    ],
    normRemovesMean: true, learnsPositions: true, isGated: false, widensByFour: true,
    feedForwardBias: true, attentionBias: .all,
    tensorNames: TensorNames(
      layouts: [
        .init(body: "transformer.", unembedding: "lm_head"),
        .init(body: "", unembedding: "lm_head"),
      ],
      embedding: "wte", positions: "wpe", finalNorm: "ln_f", block: "h.", attentionNorm: "ln_1",
      query: "attn.c_attn", key: "attn.c_attn", value: "attn.c_attn", output: "attn.c_proj",
      feedForwardNorm: "ln_2", up: "mlp.c_fc", down: "mlp.c_proj",
      transposed: ["attn.c_attn", "attn.c_proj", "mlp.c_fc", "mlp.c_proj"],
      buffers: [".attn.bias", ".attn.masked_bias"]))

  static let gptNeoX = Architecture(
    modelType: "gpt_neox", models: "GPT-NeoX, Pythia",
    fields: ["attention_bias", "hidden_act", "use_parallel_residual"],
    fieldNames: [
      "partial_rotary_factor": "rotary_pct", "rms_norm_eps": "layer_norm_eps",
      "rope_theta": "rotary_emb_base",
    ],
    defaults: """
      {"attention_bias": true, "hidden_act": "gelu", "hidden_size": 6144,
       "intermediate_size": 24576, "layer_norm_eps": 1e-5, "max_position_embeddings": 2048,
       "num_attention_heads": 64, "num_hidden_layers": 44, "rotary_pct": 0.25,
       "use_parallel_residual": true, "vocab_size": 50432}
      """,
    normRemovesMean: true, isGated: false, feedForwardBias: true, rotatesPartially: true,
    tensorNames: TensorNames(
      layouts: [
        .init(body: "gpt_neox.", unembedding: "embed_out"),
        .init(body: "", unembedding: "embed_out"),
      ],
      embedding: "embed_in", finalNorm: "final_layer_norm",
      query: "attention.query", key: "attention.key", value: "attention.value",
      output: "attention.dense", up: "mlp.dense_h_to_4h", down: "mlp.dense_4h_to_h",
      headwise: [
        .init(
          name: "attention.query_key_value",
          parts: ["attention.query", "attention.key", "attention.value"])
      ],
      buffers: [".attention.bias", ".attention.masked_bias"]))
}
