/// llama.cpp's names for the parts of one model family, and how it stores them.
///
/// Source: gguf-py's `constants.py` and `tensor_mapping.py`, the converters of llama.cpp, and what
/// `llama-model.cpp` takes for granted (https://github.com/ggml-org/llama.cpp).
struct GGUFFamily: Sendable {
  /// The value of `general.architecture`, with which the family's keys begin.
  let architecture: String
  /// The value of `model_type` in Hugging Face's config.json.
  let modelType: String
  /// The names of a block's tensors that differ from ``blockNames``.
  var names: [String: String] = [:]
  /// The names of a block's tensors that neither end alike in both notations nor have a kind in GGUF.
  var wholeNames: [String: String] = [:]
  /// What comes before an expert's number.
  var expertPrefix = "mlp.experts."
  /// What comes before a block's number in the names of its tensors.
  var blockPrefix = "model.layers."
  /// The names of the tensors outside of blocks.
  var outerNames = Self.outerNames
  /// The names of query, key and value projections that `attn_qkv` holds one after the other, where a folder has
  /// them in another order; nil if the tensor stays whole.
  var queryKeyValueNames: [String]?
  /// Keys that this family reads, without the architecture, and the equivalent fields of its config.json.
  var ownFields: [String: String] = [:]
  /// Fields of config.json without which its family would take for granted what a file without the key has not.
  var absentFields: [String: String] = [:]
  /// The family's own names of fields of config.json, by the usual ones.
  var fieldNames: [String: String] = [:]
  /// Whether the components of query and key heads that rotate together are adjacent.
  var interleavesHeads = false
  /// The number that llama.cpp adds to the weights of norms.
  var normShift = 0.0
  /// The number of blocks of the one size whose scores are divided by √(width / heads), not √(head width).
  var blocksOfWidthScaledSize: Int?
  /// Whether a part of each head may stay unrotated.
  var rotatesPartially = false
  /// Keys of ``neutralValues`` whose values always have an effect in this family.
  var essentialKeys: Set<String> = []
  /// Whether blocks with a sliding window may have their own rotary base.
  var hasWindowBase = false
  /// Whether a config.json without `attention_bias` would have biases.
  var statesAttentionBias = false
  /// Whether projections have biases in every model, so that config.json has no field for them.
  var alwaysHasBiases = false
  /// Whether blocks may have delta networks in attention's place.
  var hasDeltaNetworks = false
  /// Whether a delta network's value heads that share a key head stand apart, where a folder has them side by side.
  var spreadsValueHeads = false
  /// Whether blocks without a sliding window have other heads than the rest, and a rotation of their own.
  var hasOwnHeadsWithoutWindow = false
  /// Whether the last blocks may take keys and values of earlier ones, and blocks get vectors beside the stream.
  var sharesBetweenBlocks: Bool { ownFields["attention.shared_kv_layers"] != nil }
  /// The activation of the feed-forward layers, which files do not name, by the extents of the model; nil if the
  /// family has only one.
  var activation: (@Sendable (_ blocks: Int, _ width: Int) -> String)?
  /// Whether the model's own code rounds the range of rotations by yarn, as llama.cpp does in all families.
  var roundsYarnRange = true

  /// Every family that is read.
  static let all: [GGUFFamily] = [
    GGUFFamily(architecture: "llama", modelType: "llama", interleavesHeads: true),
    GGUFFamily(architecture: "qwen2", modelType: "qwen2"),
    GGUFFamily(architecture: "qwen3", modelType: "qwen3"),
    GGUFFamily(
      architecture: "qwen3moe", modelType: "qwen3_moe",
      essentialKeys: ["expert_count", "expert_used_count"]),
    GGUFFamily(
      architecture: "gemma2", modelType: "gemma2", names: gemmaNames, normShift: 1,
      blocksOfWidthScaledSize: 46, essentialKeys: gemmaEssentials),
    GGUFFamily(
      architecture: "gemma3", modelType: "gemma3_text", names: gemmaNames, normShift: 1,
      blocksOfWidthScaledSize: 62, essentialKeys: gemmaEssentials,
      hasWindowBase: true),
    GGUFFamily(
      architecture: "gemma4", modelType: "gemma4_text",
      names: [
        "ffn_norm": "pre_feedforward_layernorm", "ffn_gate_inp": "router.proj",
        "pre_ffw_norm_2": "pre_feedforward_layernorm_2",
        "post_ffw_norm_1": "post_feedforward_layernorm_1",
        "post_ffw_norm_2": "post_feedforward_layernorm_2",
        "inp_gate": "per_layer_input_gate", "proj": "per_layer_projection",
        "post_norm": "post_per_layer_input_norm",
      ],
      wholeNames: [
        "layer_output_scale.weight": "layer_scalar", "ffn_gate_inp.scale": "router.scale",
        "ffn_down_exps.scale": "router.per_expert_scale",
      ],
      expertPrefix: "experts.",
      outerNames: Self.outerNames.merging([
        "per_layer_token_embd": "model.embed_tokens_per_layer",
        "per_layer_model_proj": "model.per_layer_model_projection",
        "per_layer_proj_norm": "model.per_layer_projection_norm",
      ]) { $1 },
      ownFields: [
        "attention.shared_kv_layers": "num_kv_shared_layers",
        "embedding_length_per_layer_input": "hidden_size_per_layer_input",
      ],
      absentFields: ["hidden_size_per_layer_input": "0"],
      fieldNames: ["num_experts_per_tok": "top_k_experts"],
      essentialKeys: gemmaEssentials.union(["expert_count", "expert_used_count"]),
      hasOwnHeadsWithoutWindow: true),
    GGUFFamily(
      architecture: "phi3", modelType: "phi3", names: ["ffn_up": "mlp.gate_up_proj"],
      rotatesPartially: true),
    GGUFFamily(architecture: "olmo2", modelType: "olmo2"),
    GGUFFamily(
      architecture: "gpt-oss", modelType: "gpt_oss", names: ["ffn_gate_inp": "mlp.router"],
      essentialKeys: ["attention.sliding_window", "expert_count", "expert_used_count"],
      statesAttentionBias: true, roundsYarnRange: false),
    GGUFFamily(
      architecture: "gpt2", modelType: "gpt2",
      names: [
        "attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj",
        "ffn_norm": "ln_2", "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
      ],
      blockPrefix: "transformer.h.",
      outerNames: [
        "token_embd": "transformer.wte", "position_embd": "transformer.wpe",
        "output_norm": "transformer.ln_f", "output": "lm_head",
      ],
      ownFields: ["attention.layer_norm_epsilon": "layer_norm_epsilon"],
      fieldNames: [
        "max_position_embeddings": "n_positions", "hidden_size": "n_embd",
        "num_hidden_layers": "n_layer", "intermediate_size": "n_inner",
        "num_attention_heads": "n_head", "hidden_act": "activation_function",
      ],
      alwaysHasBiases: true, activation: { _, _ in "gelu_new" }),
    GGUFFamily(
      architecture: "gptneox", modelType: "gpt_neox",
      names: [
        "attn_output": "attention.dense", "ffn_up": "mlp.dense_h_to_4h",
        "ffn_down": "mlp.dense_4h_to_h",
      ],
      blockPrefix: "gpt_neox.layers.",
      outerNames: [
        "token_embd": "gpt_neox.embed_in", "output_norm": "gpt_neox.final_layer_norm",
        "output": "embed_out",
      ],
      queryKeyValueNames: ["attention.query", "attention.key", "attention.value"],
      ownFields: [
        "attention.layer_norm_epsilon": "layer_norm_eps",
        "use_parallel_residual": "use_parallel_residual",
      ],
      fieldNames: ["rope_theta": "rotary_emb_base", "partial_rotary_factor": "rotary_pct"],
      rotatesPartially: true, alwaysHasBiases: true,
      // Those of GPT-NeoX 20B and of Pythia.
      activation: { $0 == 44 && $1 == 6144 ? "gelu_fast" : "gelu" }),
    GGUFFamily(
      architecture: "qwen3next", modelType: "qwen3_next", names: deltaNames,
      wholeNames: deltaWholeNames,
      queryKeyValueNames: ["q", "k", "v"].map { "linear_attn.in_proj_\($0)" },
      ownFields: deltaFields, normShift: 1, rotatesPartially: true,
      essentialKeys: ["expert_count", "expert_used_count"], hasDeltaNetworks: true),
    GGUFFamily(
      architecture: "qwen35", modelType: "qwen3_5_text", names: deltaNames,
      wholeNames: deltaWholeNames, ownFields: deltaFields, normShift: 1, rotatesPartially: true,
      hasDeltaNetworks: true, spreadsValueHeads: true),
    GGUFFamily(
      architecture: "qwen35moe", modelType: "qwen3_5_moe_text", names: deltaNames,
      wholeNames: deltaWholeNames, ownFields: deltaFields, normShift: 1, rotatesPartially: true,
      essentialKeys: ["expert_count", "expert_used_count"], hasDeltaNetworks: true,
      spreadsValueHeads: true),
  ]

  private static let gemmaEssentials: Set<String> = [
    "attention.sliding_window", "attention.sliding_window_pattern",
  ]

  private static let gemmaNames = ["ffn_norm": "pre_feedforward_layernorm"]

  /// Those of a delta network and of the expert that serves every position; older files have all projections of a
  /// delta network but two in `ssm_in`.
  private static let deltaNames = [
    "attn_qkv": "linear_attn.in_proj_qkv", "attn_gate": "linear_attn.in_proj_z",
    "ssm_in": "linear_attn.in_proj_qkvz", "ssm_ba": "linear_attn.in_proj_ba",
    "ssm_beta": "linear_attn.in_proj_b", "ssm_alpha": "linear_attn.in_proj_a",
    "ssm_conv1d": "linear_attn.conv1d", "ssm_norm": "linear_attn.norm",
    "ssm_out": "linear_attn.out_proj",
    "ffn_gate_shexp": "mlp.shared_expert.gate_proj", "ffn_up_shexp": "mlp.shared_expert.up_proj",
    "ffn_down_shexp": "mlp.shared_expert.down_proj",
    "ffn_gate_inp_shexp": "mlp.shared_expert_gate",
  ]

  private static let deltaWholeNames = [
    "ssm_a": "linear_attn.A_log", "ssm_dt.bias": "linear_attn.dt_bias",
  ]

  private static let deltaFields = [
    "ssm.conv_kernel": "linear_conv_kernel_dim", "ssm.state_size": "linear_key_head_dim",
    "ssm.group_count": "linear_num_key_heads", "ssm.time_step_rank": "linear_num_value_heads",
    "full_attention_interval": "full_attention_interval",
    "expert_shared_feed_forward_length": "shared_expert_intermediate_size",
  ]

  /// The names of a block's tensors in GGUF, and in Hugging Face's library.
  static let blockNames = [
    "attn_norm": "input_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_qkv": "self_attn.qkv_proj", "attn_output": "self_attn.o_proj",
    "attn_q_norm": "self_attn.q_norm", "attn_k_norm": "self_attn.k_norm",
    "post_attention_norm": "post_attention_layernorm",
    "ffn_norm": "post_attention_layernorm",
    "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
    "post_ffw_norm": "post_feedforward_layernorm",
    "ffn_gate_inp": "mlp.gate", "attn_sinks": "self_attn.sinks",
  ]

  /// The names of tensors that hold the matrices of all experts, and what comes after an expert's number.
  static let expertNames = [
    "ffn_gate_exps": "gate_proj", "ffn_up_exps": "up_proj", "ffn_down_exps": "down_proj",
  ]

  /// The names of the tensors outside of blocks.
  static let outerNames = [
    "token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head",
  ]

  /// Keys, without the architecture, and the equivalent fields of config.json.
  static let fields = [
    "context_length": "max_position_embeddings",
    "embedding_length": "hidden_size",
    "feed_forward_length": "intermediate_size",
    "attention.head_count": "num_attention_heads",
    "attention.layer_norm_rms_epsilon": "rms_norm_eps",
    "attention.sliding_window": "sliding_window",
    "attention.sliding_window_pattern": "sliding_window_pattern",
    "attn_logit_softcapping": "attn_logit_softcapping",
    "final_logit_softcapping": "final_logit_softcapping",
    "rope.freq_base_swa": "rope_local_base_freq",
    "expert_count": "num_experts",
    "expert_used_count": "num_experts_per_tok",
    "expert_feed_forward_length": "moe_intermediate_size",
  ]

  /// Keys that the translation reads by itself.
  static let readKeys: Set<String> = [
    "attention.head_count_kv", "attention.key_length", "attention.value_length", "attention.scale",
    "block_count", "expert_weights_norm", "nextn_predict_layers", "rope.dimension_count",
    "rope.freq_base", "rope.scale_linear",
    "rope.scaling.type", "rope.scaling.factor", "rope.scaling.attn_factor",
    "rope.scaling.original_context_length", "rope.scaling.yarn_attn_factor",
    "rope.scaling.yarn_beta_fast", "rope.scaling.yarn_beta_slow",
  ]

  /// Keys that say nothing about what the model computes, or say again what its tensors do: of a text, all
  /// sections of a rotation have the same positions, and only families with ``ownFields`` for it centre what they
  /// normalize.
  static let inertKeys: Set<String> = [
    "attention.layer_norm_epsilon", "decoder_start_token_id", "rope.dimension_sections",
    "rope.scaling.finetuned", "tensor_data_layout", "vocab_size",
  ]

  /// Keys that are accepted at one of the values without effect; false is 0, and true 1.
  ///
  /// Zero factors mean none, as in llama.cpp. `pooling_type` says how an embedding model sums up
  /// its outputs, which are the same; 4 is a classifier's, and no such value.
  static let neutralValues: [String: Set<Double>] = [
    "attention.causal": [1], "attention.clamp_kqv": [0], "attention.max_alibi_bias": [0],
    "attention.output_scale": [0, 1], "attention.shared_kv_layers": [0],
    "attention.sliding_window": [0], "attention.sliding_window_pattern": [0],
    "attention.temperature_length": [0], "attention.temperature_scale": [0],
    "attn_logit_softcapping": [0], "embedding_length_per_layer_input": [0],
    "embedding_scale": [0, 1], "expert_count": [0], "expert_gating_func": [0, 1],
    "expert_group_count": [0, 1], "expert_group_used_count": [0, 1], "expert_shared_count": [0],
    "expert_shared_feed_forward_length": [0], "expert_used_count": [0],
    "expert_weights_scale": [0, 1], "final_logit_softcapping": [0],
    "interleave_moe_layer_step": [0, 1], "leading_dense_block_count": [0], "logit_scale": [0, 1],
    "moe_every_n_layers": [0, 1], "n_deepstack_layers": [0],
    "pooling_type": [0, 1, 2, 3], "residual_scale": [0, 1], "rope.scaling.alpha": [0, 1],
    "rope.scaling.yarn_ext_factor": [-1, 1], "rope.scaling.yarn_log_multiplier": [0],
    "router_logit_softcapping": [0], "swin_norm": [0], "use_parallel_residual": [0],
  ]

  /// Fields whose absence means a bound, and `null` none.
  static let nullableFields: Set<String> = ["attn_logit_softcapping", "final_logit_softcapping"]
}
