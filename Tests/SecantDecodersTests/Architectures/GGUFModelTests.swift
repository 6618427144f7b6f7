import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// A model from a GGUF file computes what the same model in Hugging Face's layout does.
///
/// The files were written by the Python package `gguf` with llama.cpp's conventions, from the checkpoints
/// of the other fixtures. What this does not prove: anything about keys that llama.cpp's converter writes
/// for a model and these files have not.
struct GGUFModelTests {
  static let folder = Repository.folder.appending(path: "Tests/Fixtures/gguf")

  /// Fixtures whose numbers a GGUF file holds without rounding.
  static let exact = [
    "llama-plain", "llama-gqa-6-2", "llama-biases", "llama-head-width", "llama-rope-linear",
    "mistral-full", "qwen2-grouped", "qwen3-old", "qwen3-yarn-new", "qwen3-moe", "phi3-window",
    "phi3-grouped", "olmo2-plain", "gpt-oss-tied", "gpt2", "gpt-neox", "gemma4", "gemma4-blocks",
    "gemma4-moe", "gemma4-per-layer", "gemma4-shared", "gemma4-e2b",
  ]

  /// Fixtures of which some number is rounded to 32 bits: norms with 1 added, factors and amplitudes of the
  /// rotation, the scale of the scores, exponentials of decays.
  static let rounded = [
    "llama-rope-llama3-new", "gemma2-old", "gemma3-old", "phi3-longrope-new", "qwen3-5",
    "qwen3-5-moe",
  ]

  private func open(_ name: String) throws -> Checkpoint {
    try Checkpoint(at: Self.folder.appending(path: "\(name).gguf"))
  }

  @Test(arguments: exact)
  func outputsAreTheSameBitForBit(name: String) throws {
    let fixture = Fixture(name: name)
    let tokens = try fixture.reference().tokens()
    let folder = try Checkpoint(at: fixture.folder)
    #expect(try outputs(open(name), tokens) as [[Float]] == outputs(folder, tokens))
    #expect(try outputs(open(name), tokens) as [[Double]] == outputs(folder, tokens))
  }

  /// Experts in MXFP4 are the same numbers in both kinds of files, although their bytes have another order.
  @Test func microscaledExpertsAreTheSameBitForBit() throws {
    let tokens = [3, 14, 15, 9, 2, 6]
    let folder = try Checkpoint(
      at: Repository.folder.appending(path: "Tests/Fixtures/quantized/mxfp4-gpt-oss"))
    let file = try open("mxfp4-gpt-oss")
    for checkpoint in [folder, file] {
      #expect(checkpoint.tensors.count { $0.format == "MXFP4" } > 0)
    }
    #expect(try outputs(file, tokens) as [[Float]] == outputs(folder, tokens))
    #expect(try outputs(file, tokens) as [[Double]] == outputs(folder, tokens))
  }

  /// Qwen 3-Next computes what Qwen 3.5 does with other names, in the layout of today's files and of older ones.
  @Test(arguments: ["qwen3-next-mixture", "qwen3-next-mixture-older"])
  func deltaNetworksAreReadInBothLayouts(name: String) throws {
    let fixture = Fixture(name: "qwen3-5-moe")
    let reference = try fixture.reference()
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let found: [[S]] = try outputs(open(name), reference.tokens())
      // Norms with 1 added and exponentials of decays are rounded to 32 bits in both precisions.
      let bounds = Bounds.of(Float.self)
      #expect(relativeError(found[0], try reference.values("logits")) < bounds.stream)
      #expect(relativeError(found[1], try reference.values("output")) < bounds.stream)
      #expect(relativeError(found[2], try reference.values("jacobian")) < bounds.jacobian)
    }
  }

  /// Blocks behind the decoder's own, which predict further tokens, are not read, and a note says so.
  @Test func blocksThatPredictFurtherTokensAreLeftOut() throws {
    let file = try open("qwen3-5-moe")
    #expect(try DecoderConfiguration(file).blockCount == 3)
    #expect(file.notes.contains { $0.contains("nextn_predict_layers = 1") })
    #expect(!file.tensors.contains { $0.name.hasPrefix("model.layers.3.") })
  }

  /// What a file does not name is what the published models have, and a note says so; what it names beside the
  /// fixture's own is read.
  @Test(arguments: [
    ("gpt2-untied", #"{"activation_function": "gelu_new", "layer_norm_epsilon": 1e-3}"#),
    ("gpt-neox-sequential", #"{"hidden_act": "gelu", "layer_norm_eps": 1e-3}"#),
  ])
  func activationsAreThoseOfThePublishedModels(_ name: String, _ fields: String) throws {
    let tokens = try Fixture(name: name).reference().tokens()
    let altered = try AlteredFixture(name, fields: fields)
    let (file, folder) = (try open(name), try altered.checkpoint())
    #expect(try outputs(file, tokens) as [[Float]] == outputs(folder, tokens))
    #expect(try outputs(file, tokens) as [[Double]] == outputs(folder, tokens))
    #expect(file.notes.contains { $0.contains("activation") })
  }

  @Test(arguments: exact + rounded)
  func outputsAgreeWithTheReference(name: String) throws {
    let reference = try Fixture(name: name).reference()
    let found: [[Float]] = try outputs(open(name), reference.tokens())
    let bounds = Bounds.of(Float.self)
    #expect(relativeError(found[0], try reference.values("logits")) < bounds.stream)
    #expect(relativeError(found[1], try reference.values("output")) < bounds.stream)
    #expect(relativeError(found[2], try reference.values("jacobian")) < bounds.jacobian)
  }

  /// Every matrix of another type of blocks, against dequantized weights in another implementation.
  @Test func quantizedWeightsAreWhatTheReferenceComputesWith() throws {
    let reference = Fixture.Reference(
      file: try SafetensorsFile(at: Self.folder.appending(path: "mixed.safetensors")))
    let checkpoint = try open("mixed")
    #expect(Set(checkpoint.tensors.map(\.format)).count == 10)
    func check<S: Scalar>(_: S.Type) throws {
      let decoder = try Decoder<S>(checkpoint)
      var cache = KeyValueCache<S>(decoder.configuration)
      let outputs = try decoder.forward(reference.tokens(), cache: &cache)
      // The other implementation turns heads in single precision, whatever the rest is computed in.
      let bound = Bounds.of(Float.self).stream
      #expect(relativeError(outputs.elements, try reference.values("output")) < bound)
      let logits = decoder.unembedding.logits(outputs)
      #expect(relativeError(logits.elements, try reference.values("logits")) < bound)
      // The law of reconstruction, on quantized weights.
      let frozen = try decoder.linearize(at: reference.tokens())
      let parts = frozen.jacobians().sum(frozen.input)
      let error = relativeError(
        zip(parts, frozen.offset()).map(+), frozen.output().map { Double($0) })
      #expect(error < Bounds.of(S.self).reconstruction)
    }
    try check(Float.self)
    try check(Double.self)
  }
}
