import Foundation
import Secant
import SecantTestSupport
import Testing

/// A tiny random model with a tokenizer: texts and token names work on it, its answers mean nothing.
///
/// The weights come from a seed, the tokenizer of 480 tokens from the tokenizers' tests.
final class SpeakingModel: Sendable {
  let folder: URL

  /// Writes the model into a folder of its own, which goes when this does.
  init(tokenizer: String = "llama2") throws {
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "secant-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let fixtures = Repository.folder.appending(path: "Tests/Fixtures/tokenizers")
    try FileManager.default.copyItem(
      at: fixtures.appending(path: "\(tokenizer).tokenizer.json"),
      to: folder.appending(path: "tokenizer.json"))
    try Data(Self.configuration.utf8).write(to: folder.appending(path: "config.json"))
    try writeWeights()
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func model<S: Scalar>(_: S.Type) throws -> Model<S> {
    try Model<S>(Checkpoint(at: folder), name: "speaking")
  }

  private static let configuration = """
    {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 16,
     "intermediate_size": 24, "num_hidden_layers": 2, "num_attention_heads": 2,
     "num_key_value_heads": 1, "vocab_size": 480, "max_position_embeddings": 32,
     "rms_norm_eps": 1e-5, "hidden_act": "silu", "tie_word_embeddings": true}
    """

  private func writeWeights() throws {
    var shapes = [("model.embed_tokens.weight", [480, 16]), ("model.norm.weight", [16])]
    for n in 0..<2 {
      shapes += [
        ("input_layernorm", [16]), ("post_attention_layernorm", [16]),
        ("self_attn.q_proj", [16, 16]), ("self_attn.k_proj", [8, 16]),
        ("self_attn.v_proj", [8, 16]), ("self_attn.o_proj", [16, 16]),
        ("mlp.gate_proj", [24, 16]), ("mlp.up_proj", [24, 16]), ("mlp.down_proj", [16, 24]),
      ].map { ("model.layers.\(n).\($0).weight", $1) }
    }
    let writer = try SafetensorsWriter(
      shapes.map { .init(name: $0, elementType: .f32, shape: $1) },
      to: folder.appending(path: "model.safetensors"))
    var generator = SplitMix64(seed: 7)
    for (name, shape) in shapes {
      // Norm weights about 1, others of the size that keeps a stream's length.
      let (centre, width): (Float, Float) =
        shape.count == 1 ? (1, 0.2) : (0, 2 / Float(shape[1]).squareRoot())
      let elements = (0..<shape.reduce(1, *)).map { _ in
        centre + width * Float.random(in: -1...1, using: &generator)
      }
      try writer.write(elements.span, to: name)
    }
    try writer.commit()
  }
}
