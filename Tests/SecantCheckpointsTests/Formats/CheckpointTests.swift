import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

struct CheckpointTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes a weight file with tensors of two elements each: the bytes of their names' first letters.
  @discardableResult
  private func writeWeights(_ names: [String], to file: String = "model.safetensors") throws -> URL
  {
    let url = folder.url.appending(path: file)
    let writer = try SafetensorsWriter(
      names.map { .init(name: $0, elementType: .bf16, shape: [2]) }, to: url)
    for name in names {
      let letter = UInt16(name.utf8.first ?? 0)
      try writer.write([letter, letter].span as Span<UInt16>, to: name)
    }
    try writer.commit()
    return url
  }

  private func writeIndex(_ map: [(String, String)]) throws {
    let members = map.map { "\"\($0)\": \"\($1)\"" }.joined(separator: ", ")
    try folder.write("{\"weight_map\": {\(members)}}", to: "model.safetensors.index.json")
  }

  private func writeConfiguration() throws {
    try folder.write("{\"b\": 1, \"a\": 2}", to: "config.json")
  }

  private var refusal: String? {
    folder.message { () throws(InputError) in _ = try Checkpoint(at: folder.url) }
  }

  @Test func opensAFolderWithOneFile() throws {
    try writeConfiguration()
    try writeWeights(["b", "a", "c.10"])
    let checkpoint = try Checkpoint(at: folder.url.path)
    #expect(checkpoint.tensorNames == ["a", "b", "c.10"])
    #expect(checkpoint.totalBytes == 12 && checkpoint.parameterCount == 6)
    #expect(checkpoint.contains("a") && !checkpoint.contains("d"))
    #expect(try checkpoint.configuration.object().members.map(\.key) == ["b", "a"])
    #expect(checkpoint.fileURL(named: "config.json") != nil)
    #expect(checkpoint.fileURL(named: "tokenizer.json") == nil)
    #expect(try checkpoint.tensor(named: "a", shape: [2]).elementCount == 2)
  }

  @Test func shardsAreTheSameCheckpoint() throws {
    try writeConfiguration()
    let single = try writeWeights(["a", "b", "c"])
    let whole = try Checkpoint(at: folder.url)
    try FileManager.default.removeItem(at: single)
    try writeWeights(["a", "c"], to: "1.safetensors")
    try writeWeights(["b"], to: "2.safetensors")
    try writeIndex([("c", "1.safetensors"), ("b", "2.safetensors"), ("a", "1.safetensors")])
    let sharded = try Checkpoint(at: folder.url)
    #expect(sharded.tensorNames == whole.tensorNames)
    #expect(sharded.fingerprint() == whole.fingerprint())
    for name in whole.tensorNames {
      #expect(
        try sharded.tensor(named: name).values(as: Float.self)
          == whole.tensor(named: name).values(as: Float.self))
    }
  }

  @Test func fingerprintSeesConfigurationNamesAndWeights() throws {
    var seen: Set<String> = []
    for (configuration, names) in [
      ("{}", ["a"]), ("{ }", ["a"]), ("{}", ["b"]), ("{}", ["a", "b"]),
    ] {
      try folder.write(configuration, to: "config.json")
      try writeWeights(names)
      let fingerprint = try Checkpoint(at: folder.url).fingerprint()
      #expect(fingerprint.count == 64)
      #expect(try Checkpoint(at: folder.url).fingerprint() == fingerprint)
      #expect(seen.insert(fingerprint).inserted)
    }
  }

  @Test func pathsThatAreNoCheckpointAreRefused() throws {
    let expected = [
      (
        "absent",
        "absent: model: expected a Hugging Face folder or a GGUF file, "
          + "found nothing at this path; check the path"
      ),
      (
        "model.gguf",
        "model.gguf: header: expected 4 bytes at byte 0, found 0; "
          + "the file is truncated or damaged: download it again"
      ),
      (
        "model.safetensors",
        "model.safetensors: model: expected a Hugging Face folder or a GGUF file, "
          + "found a safetensors file; "
          + "give the folder that holds it and config.json"
      ),
      (
        "notes.txt",
        "notes.txt: model: expected a Hugging Face folder or a GGUF file, found a file; "
          + "give the folder that holds config.json and the weights"
      ),
    ]
    for (name, message) in expected {
      if name != "absent" { try folder.write("", to: name) }
      #expect(
        folder.message { () throws(InputError) in
          _ = try Checkpoint(at: folder.url.appending(path: name).path)
        } == message)
    }
    #expect(
      folder.message { () throws(InputError) in _ = try Checkpoint(at: "") }
        == "model: expected the path of a folder or a GGUF file, found an empty text; "
        + "give the folder of a checkpoint, or a GGUF file"
    )
    #expect(throws: InputError.self) { try Checkpoint(at: "~/no such folder of anyone's") }
  }

  @Test func incompleteFoldersAreRefused() throws {
    #expect(
      refusal == "FOLDER: config.json: expected the model's configuration, found no such file; "
        + "give the folder that holds config.json and the weights")
    try writeConfiguration()
    #expect(
      refusal == "FOLDER: weights: expected model.safetensors or model.safetensors.index.json, "
        + "found neither; give the folder that holds the weights, or download them")
    try folder.write("", to: "pytorch_model.bin")
    #expect(
      refusal == "FOLDER: weights: expected model.safetensors or model.safetensors.index.json, "
        + "found pytorch_model.bin; convert the weights to safetensors: load the model with Hugging Face "
        + "transformers and call save_pretrained")
    try folder.write("[1]", to: "config.json")
    #expect(
      refusal == "config.json: the file: expected an object, found an array of 1; "
        + "check that the file is complete and belongs to the model")
  }

  @Test func contradictoryShardsAreRefused() throws {
    try writeConfiguration()
    let index = "model.safetensors.index.json: "
    try folder.write("{}", to: "model.safetensors.index.json")
    #expect(
      refusal == index + "field weight_map: expected an object, found nothing; "
        + "check that the file is complete and belongs to the model")
    try writeIndex([("a", "1.safetensors")])
    #expect(
      refusal == index + "shard 1.safetensors: expected it beside the index, found no such file; "
        + "download the missing shard")
    try writeWeights(["b"], to: "1.safetensors")
    try writeWeights(["b", "c"], to: "2.safetensors")
    try writeIndex([("a", "1.safetensors"), ("c", "2.safetensors")])
    #expect(
      refusal == index
        + "tensor b: expected one shard with it, or the index to name one that has it, "
        + "found 1.safetensors and 2.safetensors; download the checkpoint again")
    for name in [
      "../1.safetensors", "/etc/1.safetensors", "sub/../1.safetensors", "sub//1.safetensors", "..",
      "./1.safetensors", "1.bin",
    ] {
      try writeIndex([("b", name)])
      #expect(
        refusal == index + "tensor b: expected the name of a .safetensors file in the same folder "
          + "or below it, found \"\(name)\"; do not trust this checkpoint; download it from its source"
      )
    }
  }

  /// What counts is what the shards hold; the index decides between two that hold a tensor of one name.
  @Test func shardsCountBeforeTheirIndex() throws {
    try writeConfiguration()
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "sub"), withIntermediateDirectories: false)
    try writeWeights(["a", "b", "c"], to: "1.safetensors")
    try writeWeights(["b"], to: "sub/overlay.safetensors")
    try writeIndex([
      ("a", "1.safetensors"), ("b", "sub/overlay.safetensors"), ("x", "1.safetensors"),
    ])
    let checkpoint = try Checkpoint(at: folder.url)
    #expect(checkpoint.tensorNames == ["a", "b", "c"])
    let owner = try checkpoint.tensor(named: "b").parts[0].file.url.lastPathComponent
    #expect(owner == "overlay.safetensors")
    #expect(
      folder.message { () throws(InputError) in _ = try checkpoint.tensor(named: "x") }
        == "model.safetensors.index.json: tensor x: expected it in 1.safetensors, "
        + "found a shard without it; the index and the shards do not belong together: download both again"
    )
  }

  @Test func tensorsThatDoNotFitAreRefused() throws {
    try writeConfiguration()
    let url = folder.url.appending(path: "model.safetensors")
    let writer = try SafetensorsWriter(
      [
        .init(name: "x", elementType: .f32, shape: [1]),
        .init(name: "i", elementType: .u8, shape: [1]),
      ], to: url)
    try writer.write([1].span as Span<Float>, to: "x")
    try writer.write([1].span as Span<UInt8>, to: "i")
    try writer.commit()
    let checkpoint = try Checkpoint(at: folder.url)
    func message(_ name: String, _ shape: [Int]) -> String? {
      folder.message { () throws(InputError) in _ = try checkpoint.tensor(named: name, shape: shape)
      }
    }
    #expect(message("x", [1]) == nil)
    #expect(
      message("y", [1]) == "FOLDER: tensor y: expected it among the weights, "
        + "found 2 tensors without it; check that the weights belong to config.json: download both again"
    )
    #expect(
      message("x", [2, 3]) == "model.safetensors: tensor x: expected shape [2, 3], found [1]; "
        + "the file and config.json do not belong together: download both again")
    #expect(
      message("i", [1])
        == "model.safetensors: tensor i: expected F64, F32, F16, BF16 or a type of quantization that is read, "
        + "found U8; use a checkpoint of one of these types, or convert this one")
  }

  /// Shards of 16 GiB of nothing: to read even one of them would take longer than anyone waits.
  @Test(.timeLimit(.minutes(10))) func openingReadsNoWeights() throws {
    try writeConfiguration()
    let size = 1 << 34
    var map: [(String, String)] = []
    for number in 0..<100 {
      let name = "\(number).safetensors"
      let header =
        "{\"\(number)\":{\"dtype\":\"F32\",\"shape\":[\(size / 4)],\"data_offsets\":[0,\(size)]}}"
      let bytes = safetensors(header)
      let handle = try FileHandle(forWritingTo: folder.write(bytes, to: name))
      try handle.truncate(atOffset: UInt64(bytes.count + size))
      try handle.close()
      map.append(("\(number)", name))
    }
    try writeIndex(map)
    let checkpoint = try Checkpoint(at: folder.url)
    #expect(checkpoint.totalBytes == 100 * size && checkpoint.parameterCount == 25 * size)
    #expect(checkpoint.fingerprint().count == 64)
  }

  @Test(arguments: ["%2e%2e%2f", "a b", "#?&", "é", "e\u{301}", "100%", "\\"])
  func namesAreTakenLiterally(name: String) throws {
    let inner = folder.url.appending(path: name)
    try FileManager.default.createDirectory(at: inner, withIntermediateDirectories: false)
    try folder.write("{}", to: name + "/config.json")
    try folder.write(
      "{\"weight_map\": {\"x\": \"%2e%2e%2f.safetensors\"}}",
      to: name + "/model.safetensors.index.json")
    try writeWeights(["x"], to: name + "/%2e%2e%2f.safetensors")
    let path = inner.path(percentEncoded: false)
    #expect(try Checkpoint(at: path).tensorNames == ["x"])
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        == ["%2e%2e%2f.safetensors", "config.json", "model.safetensors.index.json"])
  }

  /// Sums by PyTorch in float64, in an order of its own: equal to the rounding of the longest sum.
  @Test(.enabled(if: LocalData.folder != nil, "real data not at hand"))
  func aRealCheckpointHoldsWhatPyTorchReads() throws {
    let data = try #require(LocalData.folder)
    let checkpoint = try Checkpoint(at: data.appending(path: "models/stories260K/hf"))
    #expect(checkpoint.tensorNames.count == 47 && checkpoint.parameterCount == 260_032)
    #expect(checkpoint.totalBytes == 4 * 260_032)
    #expect(try checkpoint.configuration["hidden_size"].int() == 64)
    let sums = [
      ("model.embed_tokens.weight", [512, 64], -752.3677446640068, 7820.582960873879),
      ("model.layers.0.mlp.down_proj.weight", [64, 172], 2.412316798055599, 1056.9532905985084),
      ("model.layers.0.self_attn.k_proj.weight", [32, 64], -16.508645431225887, 326.4699680800841),
      ("model.norm.weight", [64], 115.95276230573654, 115.95276230573654),
    ]
    for (name, shape, sum, magnitude) in sums {
      let tensor = try checkpoint.tensor(named: name, shape: shape)
      #expect(tensor.firstNonFiniteIndex() == nil)
      let values = tensor.values(as: Double.self)
      let roundingOfSum = Double(values.count) * magnitude * .ulpOfOne
      #expect(abs(values.reduce(0, +) - sum) <= roundingOfSum)
      #expect(abs(values.reduce(0) { $0 + abs($1) } - magnitude) <= roundingOfSum)
    }
  }
}
