/// Gemma 2 and Gemma 3: norms before and after each layer with weights stored as their excess over
/// 1, embeddings times √d, blocks with a window between blocks without. Gemma 2 softcaps scores and
/// logits. Gemma 3 normalizes queries and keys by head, and rotates them with another base in
/// blocks with a sliding window.
extension Architecture {
  static let gemma2 = Architecture(
    modelType: "gemma2", models: "Gemma 2", fields: gemmaFields.union(["attn_logit_softcapping"]),
    defaults: """
      {"attn_logit_softcapping": 50.0, "final_logit_softcapping": 30.0, "head_dim": 256,
       "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 2304, "intermediate_size": 9216,
       "max_position_embeddings": 8192, "num_attention_heads": 8, "num_hidden_layers": 26,
       "num_key_value_heads": 4, "query_pre_attn_scalar": 256, "sliding_window": 4096,
       "tie_word_embeddings": true, "vocab_size": 256000}
      """,
    neutral: gemmaNeutral, unread: ["hidden_act", "sliding_window_size"],
    normPlacement: .both, normWeightOffset: 1, scalesEmbedding: true,
    windows: .allButEvery(field: nil, default: 2), tensorNames: gemmaNames)

  static let gemma3 = Architecture(
    modelType: "gemma3_text", models: "Gemma 3, text only",
    fields: gemmaFields.union(["rope_local_base_freq", "sliding_window_pattern"]),
    defaults: gemma3Defaults, neutral: gemmaNeutral, unread: ["hidden_act"],
    normPlacement: .both, normWeightOffset: 1, queryKeyNorm: .perHead, scalesEmbedding: true,
    windows: .allButEvery(field: "sliding_window_pattern", default: 6),
    windowBaseField: "rope_local_base_freq", tensorNames: gemmaNames)

  /// The text part of a checkpoint that also reads images.
  static let gemma3Multimodal = Architecture(
    modelType: "gemma3", models: "Gemma 3, the text part", textField: "text_config",
    // Hugging Face's library does not softcap the logits of this form, so a softcap is refused.
    fields: gemma3.fields.subtracting(["final_logit_softcapping"]),
    defaults: gemma3Defaults, neutral: gemmaNeutral, unread: ["hidden_act"],
    normPlacement: .both, normWeightOffset: 1, queryKeyNorm: .perHead, scalesEmbedding: true,
    windows: .allButEvery(field: "sliding_window_pattern", default: 6),
    windowBaseField: "rope_local_base_freq",
    tensorNames: {
      var names = gemmaNames
      names.layouts = [
        .init(body: "language_model.model.", unembedding: "language_model.lm_head"),
        .init(body: "model.language_model.", unembedding: "lm_head"),
      ]
      names.otherParts = [
        "vision_tower.", "multi_modal_projector.", "model.vision_tower.",
        "model.multi_modal_projector.",
      ]
      return names
    }())

  private static let gemmaFields: Set<String> = [
    "attention_bias", "final_logit_softcapping", "hidden_activation", "layer_types",
    "query_pre_attn_scalar", "sliding_window",
  ]

  private static let gemmaNeutral = #"{"mlp_bias": false, "use_bidirectional_attention": false}"#

  private static let gemma3Defaults = """
    {"head_dim": 256, "hidden_activation": "gelu_pytorch_tanh", "hidden_size": 2304,
     "intermediate_size": 9216, "max_position_embeddings": 131072, "num_attention_heads": 8,
     "num_hidden_layers": 26, "num_key_value_heads": 4, "query_pre_attn_scalar": 256,
     "rope_local_base_freq": 10000.0, "rope_theta": 1000000.0, "sliding_window": 4096,
     "tie_word_embeddings": true, "vocab_size": 262208}
    """

  private static let gemmaNames = TensorNames(feedForwardNorm: "pre_feedforward_layernorm")
}
