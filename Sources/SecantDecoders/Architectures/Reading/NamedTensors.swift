import Foundation
import SecantCheckpoints

/// A checkpoint's tensors under the names that its family gives them.
///
/// Wrappers of a model add words to the names of its tensors, and programs that save a part of a
/// model omit words. Both are undone if only one interpretation is possible. Experts that share one
/// tensor are separated.
struct NamedTensors {
  /// The tensors, renamed.
  let checkpoint: Checkpoint
  /// The prefix of the decoder's tensor names.
  let body: String
  /// The token embedding's tensor.
  let embedding: String
  /// The name of the unembedding's tensor, whether or not it exists.
  let unembedding: String

  /// - Throws: That two tensors would have the same name, or that the names can be interpreted in
  ///   two ways.
  init(_ checkpoint: Checkpoint, _ architecture: Architecture) throws(InputError) {
    let names = architecture.tensorNames
    self.checkpoint = try Self.renamed(checkpoint, architecture)
    let tensors = self.checkpoint
    let layouts = Self.layouts(of: architecture)
    func bodies(with name: String) -> [String] {
      layouts.map(\.body).filter { tensors.contains($0 + name + ".weight") }
    }
    // A tied model may have been saved with only its unembedding.
    let found =
      [bodies(with: names.embedding), bodies(with: names.finalNorm)]
      .first { !$0.isEmpty } ?? []
    let bodies = found.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    guard bodies.count < 2 else {
      throw InputError(
        .mismatched, file: checkpoint.url.path,
        subject: "tensor \(bodies[1])\(names.embedding).weight",
        expected: "one token embedding", found: "\(bodies[0])\(names.embedding).weight too",
        remedy: "give a folder that holds one model")
    }
    let layout = layouts.first { $0.body == bodies.first } ?? names.layouts[0]
    body = layout.body
    embedding = body + names.embedding + ".weight"
    unembedding =
      ([layout.unembedding, "lm_head", "model.lm_head"].map { $0 + ".weight" })
      .first(where: tensors.contains) ?? layout.unembedding + ".weight"
  }

  /// The layouts of a family's files, and two more: a decoder that was saved without its wrapper, and one
  /// inside a wrapper that calls it `model`.
  static func layouts(of architecture: Architecture) -> [TensorNames.Layout] {
    let layouts = architecture.tensorNames.layouts
    return layouts
      + layouts.filter { $0.body == "model." }.flatMap {
        [
          TensorNames.Layout(body: "", unembedding: $0.unembedding),
          TensorNames.Layout(body: "model." + $0.body, unembedding: "model." + $0.unembedding),
        ]
      }
  }

  private static func renamed(
    _ checkpoint: Checkpoint, _ architecture: Architecture
  ) throws(InputError) -> Checkpoint {
    var (tensors, isChanged) = ([StoredTensor](), false)
    let isShifted = hasShiftedNorms(checkpoint, architecture)
    for stored in checkpoint.tensors {
      let tensor = isShifted ? unshifted(stored, architecture) : stored
      var name = plainName(tensor.name)
      // Logits of sinks stand without a suffix, as parameters of the layer itself.
      if architecture.hasAttentionSinks, name.hasSuffix("." + architecture.tensorNames.sinks) {
        name += ".weight"
      }
      let renamed =
        name == tensor.name
        ? tensor : StoredTensor(name: name, shape: tensor.shape, storage: tensor.storage)
      let parts =
        architecture.tensorNames.interleavesExperts
        ? renamed.interleavedExperts
        : architecture.hasExperts && renamed.shape.count == 3
          ? try experts(in: renamed) : try projections(in: renamed, of: checkpoint, architecture)
      isChanged = isChanged || isShifted || name != tensor.name || parts != nil
      tensors += parts ?? [renamed]
    }
    guard isChanged else { return checkpoint }
    var names: Set<String> = []
    for tensor in tensors where !names.insert(tensor.name).inserted {
      throw InputError(
        .mismatched, file: checkpoint.url.path, subject: "tensor \(tensor.name)",
        expected: "one tensor of that meaning", found: "two, under different names",
        remedy: "give a folder that holds one model")
    }
    return checkpoint.replacing(tensors: tensors)
  }

  /// Whether a folder of delta networks is one that MLX wrote: with convolutions `[width, K, 1]`, and 1 added to
  /// the weights of all norms but those of delta networks.
  private static func hasShiftedNorms(
    _ checkpoint: Checkpoint, _ architecture: Architecture
  ) -> Bool {
    guard architecture.hasDeltaNetworks else { return false }
    let suffix = ".\(architecture.tensorNames.delta.convolution).weight"
    return checkpoint.tensors.contains {
      $0.name.hasSuffix(suffix) && $0.shape.count == 3 && $0.shape[1] > 1 && $0.shape[2] == 1
    }
  }

  /// A tensor of such a folder as other folders have it.
  private static func unshifted(
    _ tensor: StoredTensor, _ architecture: Architecture
  ) -> StoredTensor {
    let names = architecture.tensorNames
    if tensor.name.hasSuffix(".\(names.delta.convolution).weight"), tensor.shape.count == 3 {
      return tensor.reshaped([tensor.shape[0], tensor.shape[2], tensor.shape[1]])
    }
    let norms = [
      names.attentionNorm, names.feedForwardNorm, names.queryNorm, names.keyNorm,
      "model." + names.finalNorm,
    ]
    return norms.contains { tensor.name.hasSuffix("\($0).weight") }
      ? tensor.without(constant: architecture.normWeightOffset) : tensor
  }

  /// A tensor as matrices `[output, input]` of one projection each, or of projections in successive
  /// rows; nil if it is stored that way.
  ///
  /// A GGUF file stores all of them that way.
  private static func projections(
    in tensor: StoredTensor, of checkpoint: Checkpoint, _ architecture: Architecture
  ) throws(InputError) -> [StoredTensor]? {
    if checkpoint.isTransposed(tensor.name, architecture) { return tensor.transposed.map { [$0] } }
    for whole in architecture.tensorNames.headwise {
      for suffix in [".weight", ".bias"] where tensor.name.hasSuffix(".\(whole.name)\(suffix)") {
        let start = tensor.name.dropLast(whole.name.count + suffix.count)
        let fields = try ConfigurationFields(checkpoint.configuration, architecture)
        let (heads, widths) = try fields.rows(of: whole.heads)
        return tensor.headwiseParts(
          named: whole.parts.map { start + $0 + suffix }, heads: heads, widths: widths)
      }
    }
    return nil
  }

  /// A tensor's name without the words that compilers, trainers and adapters add.
  private static func plainName(_ name: String) -> String {
    var parts = name.split(separator: ".", omittingEmptySubsequences: false)
    parts.removeAll { wrappers.contains($0) }
    while let first = parts.first {
      if first == "module" {
        parts.removeFirst()
      } else if first == "base_model", parts.dropFirst().first == "model" {
        parts.removeFirst(2)
      } else {
        break
      }
    }
    return parts.joined(separator: ".")
  }

  /// The names that `torch.compile`, sharded training and recomputation give to the module inside.
  private static let wrappers: Set<Substring> = [
    "_orig_mod", "_fsdp_wrapped_module", "_checkpoint_wrapped_module",
  ]

  /// The experts that share a tensor, each under its own name; nil if this is no such tensor.
  ///
  /// `mlp.experts.gate_up_proj` `[E, 2f, d]` has an expert's gate before its upward matrix, and
  /// `mlp.experts.down_proj` is `[E, d, f]`, as Hugging Face's library has them since version 5.
  private static func experts(in tensor: StoredTensor) throws(InputError) -> [StoredTensor]? {
    let parts = tensor.name.split(separator: ".experts.", maxSplits: 1)
    guard parts.count == 2, tensor.shape.count == 3 else { return nil }
    func name(_ part: String) -> (Int) -> String {
      { "\(parts[0]).experts.\($0).\(part).weight" }
    }
    let rows = tensor.shape[1]
    switch parts[1] {
    case "down_proj":
      return tensor.matrices(named: name("down_proj"))
    case "gate_up_proj":
      guard rows.isMultiple(of: 2) else {
        throw InputError(
          .mismatched, file: tensor.parts.first?.file.url.path, subject: "tensor \(tensor.name)",
          expected: "a matrix of an even number of rows for each expert",
          found: "shape \(tensor.shape)", remedy: "download or convert the model again")
      }
      guard let gates = tensor.matrices(rows: 0..<rows / 2, named: name("gate_proj")),
        let ups = tensor.matrices(rows: rows / 2..<rows, named: name("up_proj"))
      else { return nil }
      return gates + ups
    default:
      return nil
    }
  }
}

extension StoredTensor {
  /// The experts that share a tensor of gpt-oss, each projection under its own name; nil if this is no such
  /// tensor.
  ///
  /// Of plain numbers, `gate_up_proj` is `[E, d, 2f]` and `down_proj` `[E, f, d]`; of packed ones,
  /// `[E, 2f, d]` and `[E, d, f]`. Output 2i of the former is the gate's output i, and 2i + 1 the upward
  /// matrix's. Biases are `[E, 2f]` and `[E, d]`.
  fileprivate var interleavedExperts: [StoredTensor]? {
    let parts = self.name.split(separator: ".experts.", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    func name(_ part: String) -> (Int) -> String { { "\(parts[0]).experts.\($0).\(part)" } }
    switch parts[1] {
    case "gate_up_proj": return divided(matrices(named: name("gate_up_proj.weight")))
    case "gate_up_proj_bias": return divided(vectors(named: name("gate_up_proj.bias")))
    case "down_proj":
      let whole = matrices(named: name("down_proj.weight"))
      return storage.plain == nil ? whole : whole?.compactMap(\.transposed)
    case "down_proj_bias": return vectors(named: name("down_proj.bias"))
    default: return nil
    }
  }

  /// The gate and the upward matrix, or their biases, of each expert.
  private func divided(_ experts: [StoredTensor]?) -> [StoredTensor]? {
    guard let experts else { return nil }
    var result: [StoredTensor] = []
    for expert in experts {
      let names = ["gate_proj", "up_proj"].map {
        expert.name.replacing(".gate_up_proj.", with: ".\($0).")
      }
      let parts =
        expert.shape.count == 2 && storage.plain != nil
        ? expert.transposedParts(named: names)
        // Heads of one row each: the rows of both projections alternate.
        : expert.headwiseParts(named: names, heads: max(1, expert.rowCount / 2))
      guard let parts else { return nil }
      result += parts
    }
    return result
  }
}
