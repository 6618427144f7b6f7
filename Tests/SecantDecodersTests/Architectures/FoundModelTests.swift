import Foundation
import SecantCheckpoints
import SecantDecoders
import Testing

/// Folders as programs leave them: what changes nothing is read, what would change the answer is said or refused.
///
/// What this does not prove: that other programs leave nothing else.
@Suite struct FoundModelTests {
  private func plain(_ fixture: String) throws -> [Double] {
    try logits(Checkpoint(at: Fixture(name: fixture).folder))
  }

  // MARK: - Fields

  /// What Hugging Face's library writes at its defaults, and what tools add.
  private static let bookkeeping = """
    "torchscript": false, "pruned_heads": {}, "chunk_size_feed_forward": 0,
    "is_encoder_decoder": false, "is_decoder": false, "add_cross_attention": false,
    "tie_encoder_decoder": false, "id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0},
    "max_length": 20, "do_sample": false, "temperature": 0.7, "top_k": 50, "typical_p": 1.0,
    "bad_words_ids": [[1]], "problem_type": null, "tf_legacy_loss": false,
    "use_bfloat16": false, "_commit_hash": "0123", "_private": {"a": 1}, "num_beam_groups": 1,
    "per_layer_config": {}, "is_causal": true
    """

  @Test(arguments: ["llama-plain", "qwen3-new", "gemma2-new"])
  func bookkeepingChangesNothing(_ fixture: String) throws {
    let altered = try AlteredFixture(fixture, fields: "{\(Self.bookkeeping)}")
    #expect(try logits(altered.checkpoint()) == plain(fixture))
    #expect(try altered.notes().isEmpty)
  }

  @Test func bookkeepingChangesNothingInATextPart() throws {
    let url = Fixture(name: "gemma3-multimodal").folder.appending(path: "config.json")
    let text = try String(contentsOf: url, encoding: .utf8)
    let both = ["{", "\"text_config\": {"].reduce(text) { text, start in
      guard let range = text.firstRange(of: start) else { return "" }
      return text.replacingCharacters(in: range, with: start + Self.bookkeeping + ",")
    }
    let altered = try AlteredFixture("gemma3-multimodal", fields: both)
    #expect(try logits(altered.checkpoint()) == plain("gemma3-multimodal"))
  }

  @Test(arguments: [
    ("is_encoder_decoder", "true"), ("pruned_heads", #"{"0": [1]}"#), ("is_causal", "false"),
    ("per_layer_config", #"{"0": {"head_dim": 4}}"#), ("attn_logit_softcapping", "30.0"),
    ("logit_scale", "0.5"), ("use_bidirectional_attention", "true"), ("layer_types", #"["a"]"#),
  ])
  func whatWouldChangeTheMapIsRefused(_ name: String, _ value: String) throws {
    let altered = try AlteredFixture("llama-plain", fields: "{\"\(name)\": \(value)}")
    #expect(altered.refusal()?.contains("field \(name)") == true, "\(altered.refusal() ?? "")")
  }

  @Test func unknownFieldsAreNamedTogetherAndCanBePassedOver() throws {
    let altered = try AlteredFixture("llama-plain", fields: #"{"foo": 1, "bar": [2, 3]}"#)
    let refusal = try #require(altered.refusal())
    #expect(refusal.contains("fields") && refusal.contains("foo") && refusal.contains("bar"))
    #expect(refusal.contains("secant inspect") && refusal.contains("ignoringFields: NAME"))

    let checkpoint = try altered.checkpoint().ignoringFields(["foo", "bar", "foo"])
    #expect(try logits(checkpoint) == plain("llama-plain"))
    #expect(checkpoint.ignoredFields == ["foo", "bar"])
    let notes = try DecoderConfiguration(checkpoint).notes(on: checkpoint)
    #expect(notes.contains { $0.contains("foo, bar") })
    #expect(throws: InputError.self) { try altered.checkpoint().ignoringFields(["baz"]) }
  }

  /// A field that is read cannot be passed over: another model would be computed.
  @Test(arguments: ["hidden_act", "rms_norm_eps", "rope_parameters.rope_theta", "model_type"])
  func fieldsThatAreReadCannotBePassedOver(_ name: String) throws {
    let altered = try AlteredFixture(
      "llama-plain",
      fields: #"{"rope_parameters": {"rope_type": "default", "rope_theta": 10000.0}}"#)
    let checkpoint = try altered.checkpoint().ignoringFields([name])
    #expect(throws: InputError.self) { try DecoderConfiguration(checkpoint) }
  }

  @Test func aNestedFieldCanBePassedOver() throws {
    let altered = try AlteredFixture(
      "llama-plain", fields: #"{"rope_scaling": {"rope_type": "default", "warp": 3}}"#)
    #expect(altered.refusal()?.contains("ignoringFields: rope_scaling.warp") == true)
    let checkpoint = try altered.checkpoint().ignoringFields(["rope_scaling.warp"])
    #expect(try logits(checkpoint) == plain("llama-plain"))
  }

  // MARK: - Rotation

  /// Fields of other kinds of scaling leave a kind as it is, as in Hugging Face's library.
  @Test(arguments: [
    #"{"rope_type": "default", "mrope_section": [2, 1, 1], "factor": 8.0}"#,
    #"{"type": "mrope", "mrope_section": [2, 1, 1]}"#,
    #"{"original_max_position_embeddings": 32}"#,
  ])
  func fieldsOfOtherKindsOfScalingChangeNothing(_ scaling: String) throws {
    let altered = try AlteredFixture("llama-plain", fields: #"{"rope_scaling": \#(scaling)}"#)
    #expect(try logits(altered.checkpoint()) == plain("llama-plain"))
  }

  @Test func linearScalingIgnoresTheOriginalLength() throws {
    func scaled(_ more: String) throws -> [Double] {
      let scaling = #"{"rope_type": "linear", "factor": 2.0\#(more)}"#
      let altered = try AlteredFixture("llama-plain", fields: #"{"rope_scaling": \#(scaling)}"#)
      return try logits(altered.checkpoint())
    }
    let more = #", "original_max_position_embeddings": 16, "finetuned": true, "beta_fast": 4"#
    #expect(try scaled(more) == scaled(""))
    #expect(try scaled("") != plain("llama-plain"))
  }

  @Test func aScalingWithoutItsKindIsRefused() throws {
    let altered = try AlteredFixture("llama-plain", fields: #"{"rope_scaling": {"factor": 8.0}}"#)
    #expect(altered.refusal()?.contains("field rope_scaling.rope_type") == true)
  }

  // MARK: - Unembedding

  private static let tied = #"{"tie_word_embeddings": true}"#

  /// An unembedding beside an embedding that is said to be tied: the same one changes nothing, another counts.
  @Test func anUnembeddingOfItsOwnCounts() throws {
    // The fixture has one of its own, and says so.
    let untied = try plain("llama-plain")
    let own = try AlteredFixture("llama-plain", fields: Self.tied)
    #expect(try logits(own.checkpoint()) == untied)
    #expect(try own.notes().contains { $0.contains("ties the unembedding") })

    let tied = try AlteredFixture("llama-plain", fields: Self.tied) {
      $0["lm_head.weight"] = nil
    }
    let copy = try AlteredFixture("llama-plain", fields: Self.tied) {
      $0["lm_head.weight"] = $0["model.embed_tokens.weight"]
    }
    let rotated = try AlteredFixture("llama-plain", fields: Self.tied) {
      $0["lm_head.weight"] = $0["model.embed_tokens.weight"]
      $0["model.embed_tokens.weight"] = nil
    }
    let expected = try logits(tied.checkpoint())
    #expect(expected != untied)
    for other in [copy, rotated] {
      #expect(try logits(other.checkpoint()) == expected)
      #expect(try other.notes().isEmpty)
    }
  }

  // MARK: - Names

  /// What programs make of a tensor's name.
  enum Naming: CaseIterable {
    case flat, twice, compiled, distributed, adapted, all, withinBlocks

    func callAsFunction(_ name: String) -> String {
      switch self {
      case .flat: name.hasPrefix("model.") ? String(name.dropFirst(6)) : name
      case .twice: "model." + name
      case .compiled: "_orig_mod." + name
      case .distributed: "module." + name
      case .adapted: "base_model.model." + name
      case .all: "module._orig_mod.base_model.model." + name
      case .withinBlocks:
        name.replacing(/layers\.(\d+)\./) {
          "layers.\($0.1)._checkpoint_wrapped_module._orig_mod."
        }
      }
    }
  }

  @Test(arguments: Naming.allCases)
  func namesThatProgramsLeaveAreRead(_ naming: Naming) throws {
    let altered = try AlteredFixture("llama-plain") { tensors in
      tensors = Dictionary(uniqueKeysWithValues: tensors.map { (naming($0.key), $0.value) })
    }
    #expect(try logits(altered.checkpoint()) == plain("llama-plain"))
  }

  @Test func namesThatCanBeReadInTwoWaysAreRefused() throws {
    let twice = try AlteredFixture("llama-plain") { tensors in
      for (name, tensor) in tensors { tensors["_orig_mod." + name] = tensor }
    }
    #expect(twice.refusal()?.contains("two, under different names") == true)
    let both = try AlteredFixture("llama-plain") { tensors in
      for (name, tensor) in tensors where name.hasPrefix("model.") {
        tensors[String(name.dropFirst(6))] = tensor
      }
    }
    #expect(both.refusal()?.contains("expected one token embedding") == true)
  }

  @Test func aMissingTensorIsToldWithTheOneThatEndsAlike() throws {
    let altered = try AlteredFixture("llama-plain") { tensors in
      tensors = Dictionary(uniqueKeysWithValues: tensors.map { ("gpt." + $0.key, $0.value) })
    }
    let refusal = try #require(altered.refusal())
    #expect(refusal.contains("but gpt.model.layers.0."), "\(refusal)")
  }

  // MARK: - Experts

  /// Experts in two tensors of a block are those in tensors of their own, bit for bit.
  @Test func stackedExpertsAreRead() throws {
    let altered = try AlteredFixture("qwen3-moe") { tensors in
      let pattern = /(.*\.mlp\.experts)\.(\d+)\.(gate|up|down)_proj\.weight/
      var stacked: [String: [Int: [String: AlteredFixture.Numbers]]] = [:]
      for (name, tensor) in tensors {
        guard let match = name.wholeMatch(of: pattern), let number = Int(match.2) else { continue }
        stacked[String(match.1), default: [:]][number, default: [:]][String(match.3)] = tensor
        tensors[name] = nil
      }
      for (prefix, experts) in stacked {
        let ordered = experts.sorted { $0.key < $1.key }.map(\.value)
        guard let gate = ordered.first?["gate"], let down = ordered.first?["down"] else { return }
        tensors[prefix + ".gate_up_proj"] = .init(
          shape: [ordered.count, 2 * gate.shape[0], gate.shape[1]],
          elements: ordered.flatMap {
            ($0["gate"]?.elements ?? []) + ($0["up"]?.elements ?? [])
          })
        tensors[prefix + ".down_proj"] = .init(
          shape: [ordered.count] + down.shape,
          elements: ordered.flatMap { $0["down"]?.elements ?? [] })
      }
    }
    let names = try altered.checkpoint().tensorNames
    #expect(names.contains { $0.hasSuffix("experts.gate_up_proj") })
    #expect(!names.contains { $0.contains("experts.0.") })
    #expect(try logits(altered.checkpoint()) == plain("qwen3-moe"))
    #expect(try altered.notes().isEmpty)
  }

  // MARK: - What does not count

  @Test func blocksBeyondTheConfigurationsAreSaid() throws {
    let altered = try AlteredFixture("llama-plain", fields: #"{"num_hidden_layers": 1}"#)
    #expect(altered.refusal() == nil)
    #expect(try altered.notes().contains { $0.contains("those from 1 on are not used") })
  }

  @Test func tensorsThatNothingReadsAreSaid() throws {
    let altered = try AlteredFixture("llama-plain") {
      $0["lm_head.bias"] = .init(shape: [2], elements: [1, 2])
    }
    #expect(try altered.notes().contains { $0.contains("lm_head.bias") })
  }

  @Test(arguments: [
    "LlamaForSequenceClassification", "LlamaForTokenClassification", "LlamaForRewardModel",
  ])
  func modelsWhoseAnswerIsNoTokenAreRefused(_ name: String) throws {
    let altered = try AlteredFixture("llama-plain", fields: #"{"architectures": ["\#(name)"]}"#)
    #expect(altered.refusal()?.contains("ignoringFields: architectures") == true)
    let checkpoint = try altered.checkpoint().ignoringFields(["architectures"])
    #expect(try logits(checkpoint) == plain("llama-plain"))
  }

  @Test func anAdapterBesideTheWeightsIsSaid() throws {
    let altered = try AlteredFixture("llama-plain")
    try Data("{}".utf8).write(to: altered.folder.appending(path: "adapter_config.json"))
    let checkpoint = try altered.checkpoint()
    let decoder = try Decoder<Double>(checkpoint)
    #expect(decoder.configuration.notes(on: checkpoint).contains { $0.contains("not applied") })
    #expect(try logits(checkpoint) == plain("llama-plain"))
  }

  @Test func codeAndModelsWithoutUnembeddingAreSaid() throws {
    let altered = try AlteredFixture(
      "llama-plain",
      fields: """
        {"architectures": ["LlamaModel"], "auto_map": {"AutoModel": "modeling_mine.MyModel"}}
        """)
    let notes = try altered.notes()
    #expect(notes.contains { $0.contains("modeling_mine.MyModel") })
    #expect(notes.contains { $0.contains("LlamaModel, a model without an unembedding") })
  }

  /// A quantization of any kind that the weights do not have.
  @Test(arguments: ["gptq", "hqq", "bitsandbytes", "fp8"])
  func aLeftoverOfQuantizationIsSaid(_ method: String) throws {
    let altered = try AlteredFixture(
      "llama-plain",
      fields: """
        {"quantization_config": {"quant_method": "\(method)", "bits": 4,
          "bnb_4bit_quant_type": "nf4", "weight_block_size": [8, 8]}}
        """)
    #expect(try logits(altered.checkpoint()) == plain("llama-plain"))
    #expect(try altered.notes().contains { $0.contains("they are plain numbers") })

    let packed = try AlteredFixture(
      "llama-plain", fields: #"{"quantization_config": {"quant_method": "hqq"}}"#
    ) {
      $0["model.layers.0.mlp.up_proj.W_q"] = $0["model.layers.0.mlp.up_proj.weight"]
      $0["model.layers.0.mlp.up_proj.weight"] = nil
    }
    #expect(packed.refusal()?.contains("quantization_config.quant_method") == true)
  }

  /// Some programs write a bias beside every weight that they quantize.
  @Test func aBiasOfZerosThatTheModelDoesNotHaveAddsNothing() throws {
    func altered(_ value: Float) throws -> AlteredFixture {
      try AlteredFixture("llama-plain") {
        var bias = AlteredFixture.Numbers(shape: [32], elements: Array(repeating: 0, count: 32))
        bias.elements[7] = value
        $0["model.layers.0.self_attn.o_proj.bias"] = bias
      }
    }
    #expect(try logits(altered(0).checkpoint()) == plain("llama-plain"))
    #expect(try altered(1e-30).refusal()?.contains("o_proj.bias") == true)
  }

  /// The text part of a checkpoint that also reads images is the text model.
  @Test(arguments: ["language_model.model.", "model.language_model."])
  func theTextPartOfMistral3IsItsModel(_ body: String) throws {
    let fields = """
      {"model_type": "mistral3", "architectures": ["Mistral3ForConditionalGeneration"],
       "image_token_index": 10, "projector_hidden_act": "gelu", "spatial_merge_size": 2,
       "multimodal_projector_bias": false, "vision_feature_layer": -1,
       "vision_config": {"model_type": "pixtral", "hidden_size": 8}}
      """
    let altered = try AlteredFixture("ministral3", fields: fields, nestedAs: "text_config") {
      tensors in
      tensors = Dictionary(
        uniqueKeysWithValues: tensors.map { (body + $0.key.dropFirst("model.".count), $0.value) })
      tensors["vision_tower.patch_conv.weight"] = .init(shape: [1, 1], elements: [1])
    }
    let plain = try Checkpoint(at: Fixture(name: "ministral3").folder)
    #expect(try logits(altered.checkpoint()) == logits(plain))
    #expect(try altered.notes().isEmpty)
  }
}
