import SecantCheckpoints

/// The names of a family's tensors, without the suffixes `.weight` and `.bias`; the defaults are those
/// that most families share.
///
/// Where query, key and value projections, or gate and up projections, have the same name, they are
/// successive rows of one tensor, in that order.
struct TensorNames: Sendable {
  /// The prefix of the decoder's tensor names, and the unembedding's name, in each layout of the
  /// family's checkpoints.
  var layouts = [Layout(body: "model.", unembedding: "lm_head")]
  /// The prefixes of other parts' tensors, which text prompts do not use.
  var otherParts: [String] = []
  var embedding = "embed_tokens"
  /// The learned vectors of positions, in families that have them.
  var positions = ""
  var finalNorm = "norm"
  /// The prefix before a block's number.
  ///
  /// A full stop and one of the names below follow the number.
  var block = "layers."
  var attentionNorm = "input_layernorm"
  var query = "self_attn.q_proj"
  var key = "self_attn.k_proj"
  var value = "self_attn.v_proj"
  var output = "self_attn.o_proj"
  var queryNorm = "self_attn.q_norm"
  var keyNorm = "self_attn.k_norm"
  /// The learned logits of the heads' sinks, in families that have them.
  var sinks = "self_attn.sinks"
  var attentionPostNorm = "post_attention_layernorm"
  var feedForwardNorm = "post_attention_layernorm"
  var gate = "mlp.gate_proj"
  var up = "mlp.up_proj"
  var down = "mlp.down_proj"
  var feedForwardPostNorm = "post_feedforward_layernorm"
  /// The number by which a block multiplies the stream after it, in families that have one; a whole name.
  var streamFactor = "layer_scalar"
  var router = "mlp.gate"
  /// The prefix before an expert's number.
  ///
  /// A full stop and one of the names below follow the number.
  var expert = "mlp.experts."
  var expertGate = "gate_proj"
  var expertUp = "up_proj"
  var expertDown = "down_proj"

  /// The projection of the gates of attention's heads, in families that have them.
  var attentionGate = "self_attn.gate_proj"
  /// The prefix of the expert that serves every position, in families that have one, with a full stop.
  var sharedExpert = "mlp.shared_expert."
  var sharedExpertGate = "mlp.shared_expert_gate"
  /// The tensors of a mixture beside a dense layer.
  var beside = Beside()
  /// The tensors of per-layer inputs.
  var perLayer = PerLayer()
  /// The tensors of a delta network.
  var delta = Delta()

  /// The tensors of a block that hold several projections head by head.
  var headwise: [Headwise] = []
  /// The tensors of a block that are stored as `[input, output]`, without suffix.
  var transposed: [String] = []
  /// Whether experts that share a tensor have rows of gate and upward matrix in turn, and plain numbers as
  /// `[E, input, output]`.
  var interleavesExperts = false
  /// The endings of tensors of a block that follow from the configuration, such as masks.
  var buffers: [String] = []

  /// The names of what a mixture beside a dense layer has besides both: norms without the suffix
  /// `.weight`, and whole names.
  struct Beside: Sendable {
    var densePostNorm = "post_feedforward_layernorm_1"
    /// The norm of what enters the experts.
    var norm = "pre_feedforward_layernorm_2"
    var postNorm = "post_feedforward_layernorm_2"
    /// The weight of the router's own norm, a whole name.
    var routerScale = "router.scale"
    /// The factor of each expert's router weight, a whole name.
    var expertScales = "router.per_expert_scale"
  }

  /// The names of the tensors of per-layer inputs, without the suffix `.weight`.
  struct PerLayer: Sendable {
    /// The tokens' vectors for all blocks, `[V, L·w]`.
    var embedding = "embed_tokens_per_layer"
    /// What the stream before block 0 gives to all blocks, `[L·w, d]`.
    var projection = "per_layer_model_projection"
    /// The norm of what it gives to a block.
    var norm = "per_layer_projection_norm"
    /// The gate of a block's branch, `[w, d]`.
    var gate = "per_layer_input_gate"
    /// The output of a block's branch, `[d, w]`.
    var output = "per_layer_projection"
    /// The norm of that output.
    var postNorm = "post_per_layer_input_norm"
  }

  /// The names of a delta network's tensors, without the suffix `.weight`.
  ///
  /// Projections of the same name are successive rows of one tensor.
  struct Delta: Sendable {
    var query = "linear_attn.in_proj_qkv"
    var key = "linear_attn.in_proj_qkv"
    var value = "linear_attn.in_proj_qkv"
    var gate = "linear_attn.in_proj_z"
    var rate = "linear_attn.in_proj_b"
    var decay = "linear_attn.in_proj_a"
    /// The convolutions of queries, keys and values, `[width, 1, K]`.
    var convolution = "linear_attn.conv1d"
    /// A and b of the decays, whole names.
    var decayLogarithm = "linear_attn.A_log"
    var decayOffset = "linear_attn.dt_bias"
    var norm = "linear_attn.norm"
    var output = "linear_attn.out_proj"
  }

  /// A tensor that holds several projections head by head, without suffix.
  struct Headwise: Sendable {
    /// Its name.
    let name: String
    /// The names of its projections, in the order in which each head has them.
    let parts: [String]
    /// What a head is.
    var heads = Heads.attention

    /// The heads by which rows are ordered.
    enum Heads: Sendable {
      /// Query heads, with as many rows of each projection.
      case attention
      /// The key heads of a delta network, with a query, a key, and the values and gates of the heads
      /// that share them.
      case deltaVectors
      /// The same, with one row of each projection for each head.
      case deltaNumbers
    }
  }

  /// Where a checkpoint's names begin.
  struct Layout: Sendable {
    let body: String
    let unembedding: String
  }
}
