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
  var router = "mlp.gate"
  /// The prefix before an expert's number.
  ///
  /// A full stop and one of the names below follow the number.
  var expert = "mlp.experts."
  var expertGate = "gate_proj"
  var expertUp = "up_proj"
  var expertDown = "down_proj"

  /// The tensor of a block that holds query, key and value projections head by head, each head's
  /// query before its key and value, without suffix; nil if these are tensors or rows of their own.
  var headwiseProjections: String?
  /// The tensors of a block that are stored as `[input, output]`, without suffix.
  var transposed: [String] = []
  /// Whether experts that share a tensor have rows of gate and upward matrix in turn, and plain numbers as
  /// `[E, input, output]`.
  var interleavesExperts = false
  /// The endings of tensors of a block that follow from the configuration, such as masks.
  var buffers: [String] = []

  /// Where a checkpoint's names begin.
  struct Layout: Sendable {
    let body: String
    let unembedding: String
  }
}
