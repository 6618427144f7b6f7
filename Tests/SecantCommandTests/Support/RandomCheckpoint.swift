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
  /// Whether values are small differences of large numbers, which single precision cannot hold.
  var cancels = false

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
      var values = (0..<shape.reduce(1, *)).map { _ in
        shape.count == 1 ? scale : Float.random(in: -bound...bound, using: &generator)
      }
      if cancels { Self.cancel(&values, of: name, width: width) }
      try writer.write(values.span, to: name)
    }
    try writer.commit()
    return folder
  }

  /// Adds 10⁶ to the first two components of every embedding; values read their difference, and the output
  /// neither of them.
  private static func cancel(_ values: inout [Float], of name: String, width: Int) {
    switch name {
    case "model.norm.weight": values.replaceSubrange(0..<2, with: [0, 0])
    case "model.embed_tokens.weight":
      for i in values.indices where i % width < 2 { values[i] += 1e6 }
    case _ where name.hasSuffix("v_proj.weight"):
      for i in stride(from: 0, to: values.count, by: width) { values[i + 1] = -values[i] }
    case _ where name.hasSuffix("o_proj.weight"):
      for i in values.indices { values[i] *= 1e6 }
    default: break
    }
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
