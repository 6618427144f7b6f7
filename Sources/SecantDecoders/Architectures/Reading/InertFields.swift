// Fields that a config.json may have besides those that a family reads. Sources: `PretrainedConfig`
// and `GenerationConfig` of Hugging Face's library, versions 4.57 and 5.23, and the fields that
// programs leave when they train, convert or load models.

extension Architecture {
  /// Whether a field of that name never affects the map from embeddings to output, whatever its
  /// value.
  ///
  /// Names that begin with an underscore are attributes of the program that wrote the file, except
  /// those that the library reads again.
  static func isInert(_ key: String) -> Bool {
    baseFields.contains(key) || generationFields.contains(key) || toolFields.contains(key)
      || key.hasPrefix("_") && key != "_rope_type_labels"
  }

  /// Fields with the one value that has no effect in any family; any other value would need
  /// support.
  static let neutralEverywhere = """
    {"add_cross_attention": false, "attention_bias": false, "is_causal": true,
     "is_encoder_decoder": false, "mlp_bias": false, "num_nextn_predict_layers": 0,
     "per_layer_config": {}, "pruned_heads": {}, "tie_encoder_decoder": false,
     "use_bidirectional_attention": false, "use_mrope": false, "use_sliding_window": false}
    """

  /// Fields of the base class of all configurations: return values of calls, names of labels,
  /// types.
  private static let baseFields: Set<String> = [
    "architectures", "attn_implementation", "auto_map", "bos_token_id",
    "chunk_size_feed_forward", "dtype", "eos_token_id", "experts_implementation",
    "finetuning_task", "id2label", "is_decoder", "label2id", "model_type", "name_or_path",
    "num_labels", "output_attentions", "output_hidden_states", "pad_token_id", "prefix",
    "problem_type", "return_dict", "sep_token_id", "task_specific_params", "tf_legacy_loss",
    "tie_last_hidden_states", "tokenizer_class", "torch_dtype", "torchscript",
    "transformers_version", "unk_token_id", "use_bfloat16", "use_cache", "use_return_dict",
  ]

  /// Generation settings, which older versions keep here.
  private static let generationFields: Set<String> = [
    "assistant_confidence_threshold", "assistant_early_exit", "assistant_ensemble_weight",
    "assistant_lookbehind", "bad_words_ids", "begin_suppress_tokens", "cache_config",
    "cache_implementation", "compile_config", "constraints", "continuous_batching_config",
    "decoder_start_token_id", "disable_compile", "diversity_penalty", "do_sample",
    "dola_layers", "early_stopping", "encoder_no_repeat_ngram_size",
    "encoder_repetition_penalty", "epsilon_cutoff", "eta_cutoff",
    "exponential_decay_length_penalty", "force_words_ids", "forced_bos_token_id",
    "forced_decoder_ids", "forced_eos_token_id", "generation_config", "generation_kwargs",
    "guidance_scale", "is_assistant", "length_penalty", "low_memory", "max_cache_len",
    "max_length", "max_matching_ngram_size", "max_new_tokens", "max_time", "min_length",
    "min_new_tokens", "min_p", "no_repeat_ngram_size", "num_assistant_tokens",
    "num_assistant_tokens_schedule", "num_beam_groups", "num_beams", "num_return_sequences",
    "output_logits", "output_scores", "penalty_alpha", "prefill_chunk_size",
    "prompt_lookup_num_tokens", "remove_invalid_values", "renormalize_logits",
    "repetition_penalty", "return_dict_in_generate", "return_legacy_cache", "sequence_bias",
    "speculation_type", "stop_strings", "suppress_tokens", "target_lookbehind", "temperature",
    "token_healing", "top_h", "top_k", "top_p", "typical_p", "use_model_defaults", "use_mtp",
    "watermarking_config",
  ]

  /// Training settings, and notes of tools.
  private static let toolFields: Set<String> = [
    "attention_dropout", "classifier_dropout", "embd_pdrop", "gradient_checkpointing",
    "hidden_dropout", "initializer_range", "max_sequence_length", "model_max_length",
    "neftune_noise_alpha", "output_router_logits", "pretraining_tp", "resid_pdrop",
    "router_aux_loss_coef", "router_z_loss_coef", "tokenizer_model_max_length",
    "transformers.js_config", "unsloth_fixed", "unsloth_version", "use_liger_kernel",
  ]
}
