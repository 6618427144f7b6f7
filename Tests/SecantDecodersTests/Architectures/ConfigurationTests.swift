import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantTestSupport
import Testing

/// What config.json says is read, in every spelling, or refused by name and value.
@Suite struct ConfigurationTests {
  private func configuration(_ text: String) throws -> DecoderConfiguration {
    try DecoderConfiguration(
      huggingFace: JSONField(parsing: Array(text.utf8), file: "config.json"))
  }

  private func text(of fixture: String) throws -> String {
    try String(
      contentsOf: Fixture(name: fixture).folder.appending(path: "config.json"), encoding: .utf8)
  }

  /// The older spelling and the newer one are the same model.
  @Test(arguments: [
    ("llama-rope-llama3-old", "llama-rope-llama3-new"), ("qwen3-yarn-old", "qwen3-yarn-new"),
    ("gemma3-old", "gemma3-new"), ("phi3-longrope-old", "phi3-longrope-new"),
    ("olmo3-old", "olmo3-new"), ("gemma4", "gemma4-blocks"),
  ])
  func spellingsAgree(_ old: String, _ new: String) throws {
    #expect(try configuration(text(of: old)) == configuration(text(of: new)))
  }

  /// The tensors that a configuration demands are those of its checkpoint, in name and shape.
  @Test(arguments: Fixture.all)
  func expectedTensors(_ fixture: Fixture) throws {
    let checkpoint = try Checkpoint(at: fixture.folder)
    let configuration = try DecoderConfiguration(checkpoint)
    let expected = try configuration.expectedTensors(in: checkpoint)
    let tensors = try DecoderConfiguration.namedTensors(of: checkpoint)
    let images = [
      "vision_tower.", "multi_modal_projector.", "model.vision_tower.", "model.embed_vision.",
      "model.embed_audio.", "model.vision_embedder.",
    ]
    let masks = ["attn.bias", "attention.bias", "masked_bias"]
    // Published files keep what blocks would compute that take keys and values of others.
    let unused = configuration.blocks.indices
      .filter { configuration.blocks[$0].keyValueSource != nil }
      .flatMap { n in ["k_proj", "v_proj", "k_norm"].map { "layers.\(n).self_attn.\($0).weight" } }
    let found = tensors.tensors.filter { tensor in
      !unused.contains { tensor.name.hasSuffix(".\($0)") }
        && !images.contains { tensor.name.hasPrefix($0) }
        && !masks.contains { tensor.name.hasSuffix(".\($0)") }
    }
    #expect(Set(expected.map(\.name)) == Set(found.map(\.name)))
    #expect(try configuration.unreadTensors(in: checkpoint).isEmpty)
    for tensor in expected {
      #expect(try tensors.tensor(named: tensor.name).shape == tensor.shape)
    }
  }

  @Test func absentFieldsHaveTheirFamilysValues() throws {
    let gemma = try configuration(text(of: "gemma3-multimodal"))
    #expect(gemma.queryHeads == 8 && gemma.activation == .geluTanh && gemma.tiesEmbeddings)
    #expect(gemma.blocks.map(\.slidingWindow) == [4, 4, 4, 4, 4, nil])
    #expect(gemma.blocks[0].rotary == RotaryEmbedding(headWidth: 4, base: 10_000))
    #expect(
      gemma.blocks[5].rotary
        == RotaryEmbedding(headWidth: 4, base: 1_000_000, scaling: .linear(factor: 8)))

    let small = #""hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 2"#
    let rest = #""intermediate_size": 4, "vocab_size": 5"#
    let gemma2 = try configuration(
      #"{"model_type": "gemma2", "num_key_value_heads": 1, \#(small), \#(rest)}"#)
    #expect(gemma2.scoreSoftcap == 50 && gemma2.logitSoftcap == 30 && gemma2.headWidth == 256)
    #expect(gemma2.blocks.map(\.slidingWindow) == [4096, nil])
    let mistral = try configuration(
      #"{"model_type": "mistral", "num_key_value_heads": 1, \#(small), \#(rest)}"#)
    #expect(mistral.blocks.map(\.slidingWindow) == [4096, 4096] && mistral.headWidth == 4)
    let open = try configuration(
      #"{"model_type": "mistral", "num_key_value_heads": 1, "sliding_window": null, \#(small), \#(rest)}"#
    )
    #expect(open.blocks.map(\.slidingWindow) == [nil, nil])
  }

  /// Gemma 4 without fields: a block in six sees all, and the last, with heads of their own.
  @Test func absentFieldsOfGemma4() throws {
    let gemma = try configuration(text(of: "gemma4-multimodal"))
    #expect(gemma.blocks.map(\.slidingWindow) == [4, 4, 4, 4, 4, nil, nil])
    #expect(gemma.blocks[0].rotary == RotaryEmbedding(headWidth: 4, base: 10_000))
    let rotary = gemma.blocks[5].rotary
    #expect(rotary.headWidth == 8 && rotary.base == 1_000_000 && rotary.pairCount == 4)
    // A quarter of eight components is one pair, of components half a head apart.
    #expect(rotary.frequencies(streamLength: 9) == [1, 0, 0, 0])
    #expect(gemma.scoreScale == 1 && gemma.normWeightOffset == 0 && gemma.normalizesValues)
    #expect(gemma.blocks.map { gemma.heads(of: $0).width } == [4, 4, 4, 4, 4, 8, 8])
    #expect(gemma.blocks.allSatisfy { gemma.heads(of: $0).keyValueHeads == 1 })
    #expect(gemma.blocks.allSatisfy { !$0.keysServeAsValues })

    let shared = try configuration(text(of: "gemma4"))
    #expect(shared.blocks.map(\.keysServeAsValues) == [false, false, true])
    #expect(shared.blocks.map { shared.heads(of: $0).keyValueHeads } == [3, 3, 2])
    // Where values are not keys, the other number of key heads has no effect.
    let own = try configuration(text(of: "gemma4-untied"))
    #expect(own.blocks.allSatisfy { own.heads(of: $0).keyValueHeads == 5 })
  }

  /// The last blocks take keys and values of the last block before all of them that has a window as they do, or
  /// none as they do.
  @Test func blocksTakeKeysAndValuesOfEarlierOnes() throws {
    let (full, sliding) = (#""full_attention""#, #""sliding_attention""#)
    func gemma(_ fields: String) throws -> DecoderConfiguration {
      try configuration(
        """
        {"model_type": "gemma4_text", "hidden_size": 8, "num_attention_heads": 2, "head_dim": 4,
         "global_head_dim": 6, "num_key_value_heads": 1, "num_hidden_layers": 6,
         "intermediate_size": 4, "vocab_size": 5, "vocab_size_per_layer_input": 5,
         "layer_types": [\(full), \(sliding), \(sliding), \(sliding), \(full), \(full)], \(fields)}
        """)
    }
    let small = try gemma(
      #""hidden_size_per_layer_input": 3, "num_kv_shared_layers": 3, "use_double_wide_mlp": true"#)
    #expect(
      small.blocks.map(\.keyValueRole) == [
        .given(block: 0), .own, .given(block: 2), .taken(from: 2), .taken(from: 0), .taken(from: 0),
      ])
    #expect(small.blocks.map(\.keyValueSource) == [nil, nil, nil, 2, 0, 0])
    #expect(small.blocks.map(\.ownFeedForwardWidth) == [nil, nil, nil, 8, 8, 8])
    #expect(small.sharesKeyValues && small.perLayerWidth == 3)
    #expect(small.walk == .sequentialWithPerLayerInput && small.activeFeedForwardWidth == 8)
    // Of each block: values of its own, heads' outputs, and twice what is hidden in both layers.
    let widths = [6 + 12 + 14, 4 + 8 + 14, 4 + 8 + 14, 8 + 22, 12 + 22, 12 + 22]
    #expect(small.linearPathParameters == 8 * widths.reduce(0, +))

    let plain = try gemma(#""hidden_size_per_layer_input": 0, "use_double_wide_mlp": true"#)
    #expect(plain.blocks.allSatisfy { $0.keyValueRole == .own && $0.ownFeedForwardWidth == nil })
    #expect(plain.walk == .sequential && !plain.hasPerLayerInputs && !plain.sharesKeyValues)
    #expect(try gemma(#""num_kv_shared_layers": 1"#).perLayerWidth == 256)
  }

  /// The smaller sizes of Gemma 4, each peculiarity alone and both together.
  @Test func smallerSizesOfGemma4() throws {
    let shared = try configuration(text(of: "gemma4-shared"))
    #expect(shared.blocks.map(\.keyValueSource) == [nil, nil, nil, nil, 1, 3, 1])
    #expect(shared.blocks.map(\.ownFeedForwardWidth) == [nil, nil, nil, nil, 28, 28, 28])
    #expect(shared.blocks.map(\.keysServeAsValues) == shared.blocks.map { $0.slidingWindow == nil })
    #expect(shared.walk == .sequential && !shared.hasPerLayerInputs)

    let perLayer = try configuration(text(of: "gemma4-per-layer"))
    #expect(perLayer.perLayerWidth == 8 && perLayer.walk == .sequentialWithPerLayerInput)
    #expect(!perLayer.sharesKeyValues)

    let both = try configuration(text(of: "gemma4-e2b"))
    #expect(both.blocks.map(\.keyValueSource) == [nil, nil, nil, 1, 1, 2])
    #expect(both.blocks.map(\.ownFeedForwardWidth) == [nil, nil, nil, 28, 28, 28])
    #expect(both.perLayerWidth == 6 && both.walk == .sequentialWithPerLayerInput)
  }

  /// Published files keep what would give keys and values to blocks that take those of others: it is not read.
  @Test func whatTakingBlocksDoNotComputeIsNotRead() throws {
    let fields = #"{"attention_bias": false, "num_kv_shared_layers": 1}"#
    let unused = ["k_proj", "v_proj", "k_norm"].map { "model.layers.2.self_attn.\($0).weight" }
    func altered(
      _ alter: (inout [String: AlteredFixture.Numbers]) -> Void = { _ in }
    ) throws -> AlteredFixture {
      try AlteredFixture("gemma4-untied", fields: fields) { tensors in
        tensors = tensors.filter { !$0.key.hasSuffix(".bias") }
        alter(&tensors)
      }
    }
    let (with, without) = (try altered(), try altered { for name in unused { $0[name] = nil } })
    let configuration = try DecoderConfiguration(with.checkpoint())
    #expect(configuration.blocks.map(\.keyValueSource) == [nil, nil, 0])
    let expected = try configuration.expectedTensors(in: with.checkpoint()).map(\.name)
    #expect(expected.allSatisfy { !unused.contains($0) })
    #expect(try with.notes().isEmpty)
    #expect(try logits(with.checkpoint()) == logits(without.checkpoint()))

    let other = "model.layers.2.self_attn.v_norm.weight"
    let more = try altered { $0[other] = $0[unused[2]] }
    #expect(more.refusal()?.contains(other) == true, "\(more.refusal() ?? "")")
    let less = try altered { $0["model.layers.0.self_attn.k_proj.weight"] = nil }
    #expect(less.refusal()?.contains("model.layers.0.self_attn.k_proj.weight") == true)
  }

  /// DeepSeek R1 0528 Qwen3 8B's rotation: the amplitude is 0.1·ln 4 + 1, as in Hugging Face's library.
  @Test func attentionFactors() throws {
    func amplitude(_ scaling: String) throws -> Double {
      try configuration(
        """
        {"model_type": "qwen3", "hidden_size": 8, "num_attention_heads": 2, "num_hidden_layers": 1,
         "num_key_value_heads": 2, "intermediate_size": 4, "vocab_size": 5, "head_dim": 4,
         "max_position_embeddings": 131072, "rope_scaling": \(scaling)}
        """
      ).blocks[0].rotary.amplitude
    }
    let yarn = #""rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768"#
    let deepSeek = try amplitude(#"{"attn_factor": 0.8782488562869419, \#(yarn)}"#)
    #expect(abs(deepSeek - 1.138_629_436_111_989) < 1e-15)
    #expect(try amplitude(#"{"attention_factor": 0.75, \#(yarn)}"#) == 0.75)
    #expect(try amplitude(#"{"mscale": 1.0, "mscale_all_dim": 1.0, \#(yarn)}"#) == 1)
  }

  /// A field or value that is not understood is named.
  @Test(arguments: [
    (
      "llama-plain", #""hidden_size""#, #""attn_output_gate": true, "hidden_size""#,
      "attn_output_gate"
    ),
    ("llama-plain", #""model_type": "llama""#, #""model_type": "mamba""#, "mamba"),
    ("llama-plain", #""hidden_act": "silu""#, #""hidden_act": "xielu""#, "xielu"),
    ("llama-plain", #""hidden_size""#, #""partial_rotary_factor": 0.5, "hidden_size""#, "0.5"),
    (
      "llama-plain", #""hidden_size""#, #""rope_interleaved": true, "hidden_size""#,
      "rope_interleaved"
    ),
    ("qwen3-yarn-old", #""yarn""#, #""ntk""#, "ntk"),
    ("qwen3-yarn-old", #""beta_slow""#, #""beta_slower""#, "rope_scaling.beta_slower"),
    ("gemma3-new", #""sliding_attention","#, #""chunked_attention","#, "chunked_attention"),
    (
      "gemma3-new", #""attn_logit_softcapping": null"#, #""attn_logit_softcapping": 9"#,
      "softcapping"
    ),
    ("gemma3-new", #""sliding_window": 3"#, #""sliding_window": null"#, "sliding_window"),
    ("gemma3-multimodal", #""mm_tokens"#, #""audio_config": {}, "mm_tokens"#, "audio_config"),
    (
      "gemma3-multimodal", #""head_dim""#, #""final_logit_softcapping": 9, "head_dim""#,
      "softcapping"
    ),
    (
      "gemma4-multimodal", #""hidden_size_per_layer_input": 0"#,
      #""hidden_size_per_layer_input": 4"#, "vocab_size_per_layer_input: expected 37, as vocab_size"
    ),
    (
      "gemma4-unified", #""hidden_size_per_layer_input": 0"#,
      #""hidden_size_per_layer_input": 4"#, "hidden_size_per_layer_input"
    ),
    (
      "gemma4", #""num_kv_shared_layers": 0"#, #""num_kv_shared_layers": 1"#,
      "a block without a sliding window before block 2"
    ),
    ("gemma4", #""num_kv_shared_layers": 0"#, #""num_kv_shared_layers": 3"#, "0..<3"),
    ("gemma4", #""num_kv_shared_layers": 0"#, #""num_kv_shared_layers": -1"#, "0..<3"),
    (
      "gemma4-untied", #""attention_bias": true"#,
      #""attention_bias": true, "num_kv_shared_layers": 1"#, "attention_bias"
    ),
    (
      "gemma4-untied", #""attention_bias": true"#,
      #""num_kv_shared_layers": 1, "per_layer_config": {"0": {"head_dim": 6}}"#,
      "heads of one width in block 2 as in block 0"
    ),
    (
      "gemma4", #""use_bidirectional_attention": "vision""#,
      #""use_bidirectional_attention": "all""#, "use_bidirectional_attention"
    ),
    (
      "gemma4", #""num_global_key_value_heads": 2"#, #""num_global_key_value_heads": 4"#,
      "num_attention_heads"
    ),
    (
      "gemma4", #""hidden_size":"#, #""rope_scaling": {"factor": 2}, "hidden_size":"#,
      "rope_scaling"
    ),
    ("gemma4", #""sliding_attention": {"#, #""chunked_attention": {"#, "chunked_attention"),
    ("gemma4-blocks", #""head_dim": 6,"#, #""head_dim": 6, "hidden_size": 3,"#, "hidden_size"),
    ("gemma4-blocks", #""2": {"#, #""3": {"#, "per_layer_config.3"),
    ("phi3-longrope-old", #""lm_head_bias": false"#, #""lm_head_bias": true"#, "lm_head_bias"),
    ("phi3-longrope-old", "1.1,", "", "short_factor"),
    (
      "qwen3-moe", #""num_experts_per_tok": 2"#, #""num_experts_per_tok": 9"#, "num_experts_per_tok"
    ),
    ("qwen2-sliding", #""hidden_size""#, #""use_mrope": true, "hidden_size""#, "use_mrope"),
  ])
  func refusals(_ fixture: String, _ old: String, _ new: String, _ named: String) throws {
    let before = try text(of: fixture)
    let after = before.replacing(old, with: new)
    try #require(before != after, "\(old) is not in \(fixture)")
    let error = #expect(throws: InputError.self) { try configuration(after) }
    #expect(error?.description.contains(named) == true, "\(String(describing: error))")
  }

  /// Weights that a block has and its family does not read would have changed the result.
  @Test func unreadTensorsAreRefused() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let source = Fixture(name: "qwen3-old").folder
    try FileManager.default.copyItem(
      at: source.appending(path: "model.safetensors"),
      to: folder.appending(path: "model.safetensors"))
    let llama = try text(of: "qwen3-old").replacing(#""qwen3""#, with: #""llama""#)
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(llama.utf8)) as? [String: Any])
    let known = object.filter {
      !["max_window_layers", "sliding_window", "use_sliding_window", "layer_types"].contains($0.key)
    }
    try JSONSerialization.data(withJSONObject: known).write(
      to: folder.appending(path: "config.json"))
    let error = #expect(throws: InputError.self) {
      try Decoder<Float>(Checkpoint(at: folder))
    }
    #expect(error?.description.contains("_norm.weight") == true, "\(String(describing: error))")
  }

  /// The configurations of published models, each with the windows and the rotation that it has.
  @Test(
    .enabled(if: LocalData.folder != nil, "real data not at hand"),
    arguments: [
      ("llama3", "config.json", 28, 0, 1.0), ("qwen2.5", "config.json", 28, 0, 1.0),
      ("qwen3", "config.json", 36, 0, 1.0), ("gemma3", "config.json", 34, 29, 1.0),
      ("phi4-mini", "config.json", 32, 32, 1.190_238_071_4),
      ("olmo2", "config.OLMo-2-0425-1B.json", 16, 0, 1.0),
      ("olmo2", "config.OLMo-2-1124-7B.json", 32, 0, 1.0),
    ])
  func publishedConfigurations(
    _ family: String, _ file: String, _ blocks: Int, _ windowed: Int, _ amplitude: Double
  ) throws {
    let folder = try #require(LocalData.folder)
    let url = folder.appending(path: "tokenizers/\(family)/\(file)")
    let configuration = try DecoderConfiguration(huggingFace: JSONField(contentsOf: url))
    #expect(configuration.blockCount == blocks)
    #expect(configuration.blocks.count { $0.slidingWindow != nil } == windowed)
    #expect(abs(configuration.blocks[0].rotary.amplitude - amplitude) < 1e-9)
  }

  /// Damaged configurations are refused or read; none ends the process or describes a model without bound.
  ///
  /// Sizes that are read are also multiplied, as an inspection without weights does.
  @Test(arguments: Fixture.all)
  func damagedConfigurations(_ fixture: Fixture) throws {
    let bytes = Array(try text(of: fixture.name).utf8)
    for seed in 0..<200 as Range<UInt64> {
      var generator = SeededGenerator(seed: seed)
      let damaged = damage(bytes, using: &generator)
      guard let configuration = try? configuration(String(decoding: damaged, as: UTF8.self))
      else { continue }
      #expect(configuration.blockCount <= 1 << 14, "seed \(seed)")
      #expect(configuration.linearPathParameters >= 0, "seed \(seed)")
      for rotary in Set(configuration.blocks.map(\.rotary)) where rotary.headWidth < 1 << 12 {
        #expect(rotary.frequencies(streamLength: 9).count == rotary.pairCount, "seed \(seed)")
      }
    }
  }

  /// Up to three changes: another byte, another number, a value of another kind, a cut, a member dropped.
  private func damage(_ bytes: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
    let numbers = [
      "0", "-1", "1", "2", "3.5", "1e-30", "16777216", "16777217", "1e12", "9223372036854775807",
    ]
    let values = ["null", "true", "[]", "{}", "\"yarn\"", "\"longrope\"", "[1, 2]", "0.25"]
    var bytes = bytes
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let colons = bytes.indices.filter { bytes[$0] == UInt8(ascii: ":") }
      guard let colon = colons.randomElement(using: &generator) else { return bytes }
      let end = bytes[colon...].firstIndex { $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "}") }
      let member = colon + 1..<(end ?? bytes.endIndex)
      switch Int.random(in: 0..<6, using: &generator) {
      case 0:
        let index = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[index] = UInt8.random(in: 32...126, using: &generator)
      case 1, 2:
        bytes.replaceSubrange(member, with: (numbers.randomElement(using: &generator) ?? "0").utf8)
      case 3, 4:
        bytes.replaceSubrange(member, with: (values.randomElement(using: &generator) ?? "0").utf8)
      default:
        bytes.removeSubrange(Int.random(in: 0..<bytes.count, using: &generator)...)
        if bytes.isEmpty { return bytes }
      }
    }
    return bytes
  }
}
