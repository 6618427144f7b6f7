import Foundation
import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// A model with a low-rank adapter is the model that PEFT merges, and what is not plain LoRA is refused.
@Suite struct AdapterTests {
  private static let folder = Repository.folder.appending(path: "Tests/Fixtures/adapters")

  private static func adapter(_ name: String) throws -> LowRankAdapter {
    try LowRankAdapter(at: folder.appending(path: name))
  }

  @Test(arguments: [
    ("llama-biases", "llama-biases"), ("gpt2", "gpt2"), ("gpt-neox-stabilized", "gpt-neox"),
  ])
  func anAdaptedModelIsTheMergedOne(_ name: String, _ base: String) throws {
    try check(Float.self)
    try check(Double.self)

    func check<S: Scalar>(_: S.Type) throws {
      let fixture = Fixture(name: base)
      let plain = try Checkpoint(at: fixture.folder)
      let adapted = try plain.adapted(by: Self.adapter(name))
      let decoder = try Decoder<S>(adapted)
      let tokens = try fixture.reference().tokens()
      var cache = KeyValueCache<S>(decoder.configuration)
      let outputs = try decoder.forward(tokens, cache: &cache)
      let merged = Fixture.Reference(
        file: try SafetensorsFile(
          at: Self.folder.appending(path: "\(name)/merged.safetensors")))
      let logits = decoder.unembedding.logits(outputs).elements
      let bound = Bounds.of(S.self).stream
      #expect(try relativeError(logits, merged.values("logits_all")) < bound)
      #expect(try relativeError(logits, fixture.reference().values("logits_all")) > 1e-3)
      // The frozen map of the adapted model gives its output.
      let frozen = try decoder.linearize(at: tokens)
      let rebuilt = zip(frozen.jacobians().sum(frozen.input), frozen.offset()).map(+)
      let error = relativeError(rebuilt, frozen.output().map { Double($0) })
      #expect(error < Bounds.of(S.self).reconstruction)
      #expect(adapted.fingerprint() != plain.fingerprint())
      #expect(adapted.notes.contains { $0.contains("adapter") })
    }
  }

  /// A copy of an adapter with other settings.
  private func altered(_ settings: [String: Any]) throws -> InputError? {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "secant-tests-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    try FileManager.default.copyItem(at: Self.folder.appending(path: "llama-biases"), to: folder)
    let file = folder.appending(path: "adapter_config.json")
    let text = try JSONSerialization.jsonObject(with: Data(contentsOf: file))
    let object = try #require(text as? [String: Any]).merging(settings) { $1 }
    try JSONSerialization.data(withJSONObject: object).write(to: file)
    do throws(InputError) {
      _ = try LowRankAdapter(at: folder)
      return nil
    } catch {
      return error
    }
  }

  @Test func otherKindsOfAdaptersAreRefused() throws {
    #expect(try altered([:]) == nil)
    #expect(try altered(["lora_dropout": 0.3, "init_lora_weights": "gaussian"]) == nil)
    // The kind of model decides.
    #expect(try altered(["fan_in_fan_out": true]) == nil)
    for (key, value) in [
      ("use_dora", true), ("peft_type", "IA3"), ("bias", "all"),
      ("rank_pattern", ["q_proj": 2]), ("modules_to_save", ["lm_head"]),
      ("init_lora_weights", "pissa"), ("some_new_setting", 1),
    ] as [(String, Any)] {
      let error = try #require(try altered([key: value]), "\(key)")
      #expect(error.kind == .unsupported && error.description.contains(key), "\(key)")
    }
    // Another rank than the factors have.
    #expect(try altered(["r": 2])?.description.contains("rank 2") == true)
  }

  /// Files of a decoder alone omit the words that PEFT has before a block's name.
  ///
  /// The fixture of GPT-2 is such a file, as the published one.
  @Test func aBareDecodersMatricesAreFound() throws {
    let (name, base, body) = ("llama-biases", "llama-biases", "model.")
    let plain = try Checkpoint(at: Fixture(name: base).folder)
    let bare = plain.replacing(
      tensors: plain.tensors.map {
        let name = $0.name.hasPrefix(body) ? String($0.name.dropFirst(body.count)) : $0.name
        return StoredTensor(name: name, shape: $0.shape, storage: $0.storage)
      })
    let adapter = try Self.adapter(name)
    let outputs = try [plain, bare].map { checkpoint in
      let decoder = try Decoder<Double>(checkpoint.adapted(by: adapter))
      return try decoder.linearize(at: Fixture(name: base).reference().tokens()).output()
    }
    #expect(outputs[0] == outputs[1])
  }

  @Test func anotherModelsAdapterIsRefused() throws {
    let adapter = try Self.adapter("llama-biases")
    for other in ["gpt2", "llama-head-width"] {
      let checkpoint = try Checkpoint(at: Fixture(name: other).folder)
      let error = #expect(throws: InputError.self) { try checkpoint.adapted(by: adapter) }
      #expect(error?.kind == .mismatched)
    }
  }
}
