import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantTestSupport
import Testing

/// Keys of GGUF files beside those of the fixtures: at values without effect they change nothing, and those of
/// yarn mean what llama.cpp makes of them.
final class GGUFKeyTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "secant-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  private enum Value {
    case number(Float)
    case integer(UInt32)
    case bool(Bool)
    case bools([Bool])
    case integers([UInt32])

    /// The type's number and the bytes, as files have them.
    var bytes: [UInt8] {
      switch self {
      case .number(let value): GGUFBytes.bytes(UInt32(6)) + GGUFBytes.bytes(value.bitPattern)
      case .integer(let value): GGUFBytes.bytes(UInt32(4)) + GGUFBytes.bytes(value)
      case .bool(let value): GGUFBytes.bytes(UInt32(7)) + [value ? 1 : 0]
      case .bools(let values):
        Self.array(7, values.count) + values.map { $0 ? 1 : 0 }
      case .integers(let values):
        Self.array(4, values.count) + values.flatMap { GGUFBytes.bytes($0) }
      }
    }

    private static func array(_ type: UInt32, _ count: Int) -> [UInt8] {
      GGUFBytes.bytes(UInt32(9)) + GGUFBytes.bytes(type) + GGUFBytes.bytes(UInt64(count))
    }
  }

  /// A fixture's file with more keys, of its own architecture.
  private func file(_ fixture: String, _ architecture: String, _ keys: [String: Value]) throws
    -> Checkpoint
  {
    var bytes = [UInt8](
      try Data(contentsOf: GGUFModelTests.folder.appending(path: "\(fixture).gguf")))
    var added = keys.flatMap { key, value in
      GGUFBytes.bytes("\(architecture).\(key)") + value.bytes
    }
    // A text that fills the room up to the next multiple of the alignment: the tensors stay aligned.
    let empty = GGUFBytes.bytes("filling") + GGUFBytes.bytes(UInt32(8)) + GGUFBytes.bytes("")
    let room = (32 - (added.count + empty.count) % 32) % 32
    added +=
      GGUFBytes.bytes("filling") + GGUFBytes.bytes(UInt32(8))
      + GGUFBytes.bytes(String(repeating: "x", count: room))
    let count = bytes[16..<24].enumerated().reduce(UInt64(0)) {
      $0 | UInt64($1.element) << (8 * UInt64($1.offset))
    }
    bytes.replaceSubrange(16..<24, with: GGUFBytes.bytes(count + UInt64(keys.count) + 1))
    bytes.insert(contentsOf: added, at: 24)
    let url = folder.appending(path: "\(UUID().uuidString).gguf")
    try Data(bytes).write(to: url)
    return try Checkpoint(at: url)
  }

  private static let neutral: [String: Value] = [
    "attention.causal": .bool(true), "attention.clamp_kqv": .number(0),
    "attention.layer_norm_epsilon": .number(1e-5), "expert_count": .integer(0),
    "expert_used_count": .integer(0), "expert_group_count": .integer(1),
    "attention.sliding_window": .integer(0), "final_logit_softcapping": .number(0),
    "attention.sliding_window_pattern": .bools([false, false]), "logit_scale": .number(1),
    "embedding_scale": .number(0), "residual_scale": .number(1), "pooling_type": .integer(3),
    "use_parallel_residual": .bool(false), "nextn_predict_layers": .integer(0),
    "rope.dimension_sections": .integers([2, 1, 1, 0]), "rope.scaling.finetuned": .bool(true),
    "rope.scaling.yarn_ext_factor": .number(1), "rope.scaling.yarn_log_multiplier": .number(0),
    "expert_weights_scale": .number(0), "rope.scaling.alpha": .number(0),
  ]

  @Test(arguments: [
    ("llama-plain", "llama"), ("qwen3-yarn-new", "qwen3"), ("olmo2-plain", "olmo2"),
  ])
  func neutralKeysChangeNothing(_ fixture: String, _ architecture: String) throws {
    let plain = try logits(file(fixture, architecture, [:]))
    #expect(try logits(file(fixture, architecture, Self.neutral)) == plain)
  }

  @Test(arguments: [
    ("attention.causal", Value.bool(false)), ("logit_scale", .number(2)),
    ("pooling_type", .integer(4)), ("attention.sliding_window_pattern", .bools([true, false])),
    ("rope.scaling.yarn_log_multiplier", .number(0.1)), ("rope.scaling.attn_factor", .number(1.5)),
    ("expert_shared_count", .integer(1)), ("final_logit_softcapping", .number(30)),
  ])
  private func otherValuesAreRefused(_ key: String, _ value: Value) throws {
    #expect(throws: InputError.self, "\(key)") {
      try DecoderConfiguration(file("llama-plain", "llama", [key: value]))
    }
  }

  /// What means something in a family is no neutral value there.
  @Test func familiesWithWindowsReadThem() throws {
    let blocks = try DecoderConfiguration(file("gemma2-old", "gemma2", [:])).blockCount
    let pattern = (0..<blocks).map { $0 % 2 == 0 }
    let configuration = try DecoderConfiguration(
      file("gemma2-old", "gemma2", ["attention.sliding_window_pattern": .bools(pattern)]))
    #expect(configuration.blocks.map { $0.slidingWindow != nil } == pattern)
    let none = [Bool](repeating: false, count: blocks)
    let open = try DecoderConfiguration(
      file("gemma2-old", "gemma2", ["attention.sliding_window_pattern": .bools(none)]))
    #expect(open.blocks.allSatisfy { $0.slidingWindow == nil })
  }

  /// `attn_factor` multiplies the amplitude; `yarn_attn_factor`, which converters write for DeepSeek R1 0528
  /// Qwen3 8B, no one reads, and a note says so.
  @Test func factorsOfYarn() throws {
    let plain = try file("qwen3-yarn-new", "qwen3", [:])
    let amplitude = try DecoderConfiguration(plain).blocks[0].rotary.amplitude
    let multiplied = try DecoderConfiguration(
      file("qwen3-yarn-new", "qwen3", ["rope.scaling.attn_factor": .number(1.5)]))
    #expect(abs(multiplied.blocks[0].rotary.amplitude - 1.5 * amplitude) < 1e-12)

    let deepSeek = try file(
      "qwen3-yarn-new", "qwen3", ["rope.scaling.yarn_attn_factor": .number(0.878_248_9)])
    #expect(try logits(deepSeek) == logits(plain))
    let notes = try DecoderConfiguration(deepSeek).notes(on: deepSeek)
    #expect(notes.contains { $0.contains("yarn_attn_factor = 0.8782489 is not read") })
  }

  /// A file of Gemma 4 whose last blocks take keys and values, with what a configuration is made of alone.
  private func smallGemma(widths: [UInt32], taking: UInt32) throws -> DecoderConfiguration {
    var bytes = GGUFBytes()
    bytes.add("general.architecture", "gemma4")
    let keys: [(String, UInt32)] = [
      ("block_count", 4), ("context_length", 64), ("embedding_length", 8),
      ("attention.head_count", 2), ("attention.head_count_kv", 1), ("attention.key_length", 6),
      ("attention.value_length", 6), ("attention.key_length_swa", 4),
      ("attention.value_length_swa", 4), ("attention.sliding_window", 3),
      ("attention.shared_kv_layers", taking), ("embedding_length_per_layer_input", 2),
    ]
    for (key, value) in keys { bytes.add("gemma4.\(key)", value) }
    bytes.add(
      "gemma4.feed_forward_length", type: 4, count: widths.count,
      widths.flatMap { GGUFBytes.bytes($0) })
    bytes.add("gemma4.attention.sliding_window_pattern", type: 7, count: 4, [1, 0, 1, 0])
    for name in ["token_embd", "per_layer_token_embd"] {
      bytes.add(
        tensor: "\(name).weight", type: 0, [5, 8], [UInt8](repeating: 0, count: 4 * 5 * 8))
    }
    let url = folder.appending(path: "\(UUID().uuidString).gguf")
    try Data(bytes.file).write(to: url)
    return try DecoderConfiguration(Checkpoint(at: url))
  }

  /// The smaller sizes of Gemma 4: blocks that take keys and values may be twice as wide, and no others.
  @Test func widthsOfBlocksThatTakeKeysAndValues() throws {
    let small = try smallGemma(widths: [9, 9, 18, 18], taking: 2)
    #expect(small.blocks.map(\.keyValueSource) == [nil, nil, 0, 1])
    #expect(small.blocks.map(\.ownFeedForwardWidth) == [nil, nil, 18, 18])
    #expect(small.feedForwardWidth == 9 && small.perLayerWidth == 2)
    let equal = try smallGemma(widths: [9, 9, 9, 9], taking: 2)
    #expect(equal.sharesKeyValues && equal.blocks.allSatisfy { $0.ownFeedForwardWidth == nil })
    let others: [([UInt32], UInt32)] = [
      ([9, 9, 9, 18], 2), ([9, 18, 18, 18], 2), ([9, 9, 18], 2), ([9, 9, 18, 18], 1),
      ([9, 9, 18, 18], 0), ([9, 9, 18, 18], 9), ([0, 0, 0, 1], 2),
    ]
    for (widths, taking) in others {
      let error = #expect(throws: InputError.self) {
        try smallGemma(widths: widths, taking: taking)
      }
      #expect(error?.subject == "key gemma4.feed_forward_length", "\(widths), \(taking)")
    }
  }

  /// What a file says once for each block is read where it says the same of all.
  @Test func equalValuesForAllBlocksAreOne() throws {
    let plain = try file("llama-plain", "llama", [:])
    let count = try DecoderConfiguration(plain).blockCount
    let clamps = [UInt32](repeating: 0, count: count)
    #expect(
      try logits(file("llama-plain", "llama", ["expert_count": .integers(clamps)]))
        == logits(plain))
  }
}
