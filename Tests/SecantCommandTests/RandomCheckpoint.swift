import Foundation
import Secant
import SecantTestSupport

/// A Llama checkpoint of random weights, large enough to keep the command at work for a while.
struct RandomCheckpoint {
  let width: Int
  let feedForwardWidth: Int
  let blocks: Int
  let vocabulary: Int
  let seed: UInt64
  /// What every weight is multiplied by.
  var scale: Float = 1

  /// Writes config.json and model.safetensors into a new folder, and returns it.
  func write(to folder: URL) throws -> URL {
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let configuration = """
      {"model_type":"llama","hidden_size":\(width),"intermediate_size":\(feedForwardWidth),
       "num_hidden_layers":\(blocks),"num_attention_heads":8,"num_key_value_heads":8,
       "vocab_size":\(vocabulary),"tie_word_embeddings":true,"rms_norm_eps":1e-5}
      """
    try Data(configuration.utf8).write(to: folder.appending(path: "config.json"))
    let writer = try SafetensorsWriter(
      tensors.map { .init(name: $0.name, elementType: .f32, shape: $0.shape) },
      to: folder.appending(path: "model.safetensors"))
    var generator = SeededGenerator(seed: seed)
    for (name, shape) in tensors {
      let bound = scale / Float(shape.last ?? 1).squareRoot()
      let values = (0..<shape.reduce(1, *)).map { _ in
        shape.count == 1 ? scale : Float.random(in: -bound...bound, using: &generator)
      }
      try writer.write(values.span, to: name)
    }
    try writer.commit()
    return folder
  }

  private var tensors: [(name: String, shape: [Int])] {
    let (d, f) = (width, feedForwardWidth)
    let block = [
      ("input_layernorm", [d]), ("post_attention_layernorm", [d]),
      ("self_attn.q_proj", [d, d]), ("self_attn.k_proj", [d, d]), ("self_attn.v_proj", [d, d]),
      ("self_attn.o_proj", [d, d]), ("mlp.gate_proj", [f, d]), ("mlp.up_proj", [f, d]),
      ("mlp.down_proj", [d, f]),
    ]
    return [("model.embed_tokens.weight", [vocabulary, d]), ("model.norm.weight", [d])]
      + (0..<blocks).flatMap { n in
        block.map { ("model.layers.\(n).\($0.0).weight", $0.1) }
      }
  }
}
