import Foundation
import SecantTestSupport

/// A GGUF file of a Llama whose blocks all have the same weights: a large model that is made quickly.
///
/// What a run holds in memory depends on shapes and types, not on values, so every block has the same
/// random matrices. Feed-forward matrices are of type Q8_0, the others Q4_K. The weights of the final norm
/// fall off, so that maps have few large singular values, as those of trained models have.
struct LargeCheckpoint {
  let width: Int
  let feedForwardWidth: Int
  let blocks: Int
  let vocabulary: Int
  let seed: UInt64

  /// ggml's numbers of the types.
  private enum Kind: UInt32 {
    case f32 = 0
    case q8_0 = 8
    case q4_K = 12
  }

  /// The bytes of all weights, each block's counted.
  var weightBytes: Int {
    let (square, wide) = (width * width, width * feedForwardWidth)
    return blocks * (4 * square / 256 * 144 + 3 * wide / 32 * 34) + vocabulary * width / 256 * 144
  }

  /// Writes the file.
  func write(to url: URL) throws {
    var file = GGUFBytes()
    file.add("general.architecture", "llama")
    let headWidth = 128
    for (key, value) in [
      ("block_count", blocks), ("context_length", 4096), ("embedding_length", width),
      ("feed_forward_length", feedForwardWidth), ("attention.head_count", width / headWidth),
      ("attention.head_count_kv", width / headWidth), ("rope.dimension_count", headWidth),
      ("vocab_size", vocabulary),
    ] {
      file.add("llama.\(key)", UInt32(value))
    }
    file.add("llama.attention.layer_norm_rms_epsilon", 1e-5 as Float)
    add(to: &file)
    try Data(file.file).write(to: url)
  }

  private func add(to file: inout GGUFBytes) {
    var generator = SeededGenerator(seed: seed)
    let (d, f) = (width, feedForwardWidth)
    file.add(
      tensor: "token_embd.weight", type: Kind.q4_K.rawValue, [vocabulary, d],
      quarters(vocabulary * d, &generator))
    file.add(
      tensor: "output_norm.weight", type: Kind.f32.rawValue, [d],
      floats((0..<d).map { max(exp2(-Float($0)), 1e-4) }))
    // All blocks have the same weights, each its own copy: tensors that share bytes are refused.
    let ones = floats([Float](repeating: 1, count: d))
    let square = quarters(d * d, &generator)
    let wide = bytes(d * f, &generator)
    for block in 0..<blocks {
      for (name, kind, shape, data) in [
        ("attn_norm", .f32, [d], ones), ("ffn_norm", .f32, [d], ones),
        ("attn_q", .q4_K, [d, d], square), ("attn_k", .q4_K, [d, d], square),
        ("attn_v", .q4_K, [d, d], square), ("attn_output", .q4_K, [d, d], square),
        ("ffn_gate", .q8_0, [f, d], wide), ("ffn_up", .q8_0, [f, d], wide),
        ("ffn_down", .q8_0, [d, f], wide),
      ] as [(String, Kind, [Int], [UInt8])] {
        file.add(tensor: "blk.\(block).\(name).weight", type: kind.rawValue, shape, data)
      }
    }
  }

  private func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { GGUFBytes.bytes($0.bitPattern) }
  }

  /// Blocks of type Q4_K with weights of mean 0 and a standard deviation of 4.6/128.
  private func quarters(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    // d = 2⁻¹² and, of the minima, 7.5·2⁻¹²; all scales and minima are 32, six bits each.
    let head: [UInt8] =
      [0x00, 0x0c, 0x80, 0x17] + [UInt8](repeating: 0xa0, count: 8) + [0, 0, 0, 0]
    return blocks(count / 256, head: head, bytes: 128, &generator)
  }

  /// Blocks of type Q8_0 with weights of mean 0 and a standard deviation of 74/2048.
  private func bytes(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
    // d = 2⁻¹¹.
    blocks(count / 32, head: [0x00, 0x10], bytes: 32, &generator)
  }

  private func blocks(
    _ count: Int, head: [UInt8], bytes: Int, _ generator: inout SeededGenerator
  ) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(count * (head.count + bytes))
    for _ in 0..<count {
      result += head
      for _ in 0..<bytes / 8 {
        let word = generator.next()
        for shift in 0..<8 { result.append(UInt8(truncatingIfNeeded: word >> (8 * shift))) }
      }
    }
    return result
  }
}
