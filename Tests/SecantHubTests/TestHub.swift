import Foundation
import SecantCheckpoints
import SecantHub
import SecantTestSupport

/// A small model on a server on loopback, and a cache to get it into.
struct TestHub {
  static let repository = "org/tiny-model"
  static let model: HubModelID = {
    guard let model = HubModelID(repository) else { fatalError("the name is one") }
    return model
  }()
  /// Of three megabytes, so that it comes in several parts; of no format, as nothing here opens it.
  static let weights = Data((0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) })
  static let files: [String: Data] = [
    "config.json": Data(#"{"model_type":"llama"}"#.utf8), "tokenizer.json": Data("{}".utf8),
    "tokenizer_config.json": Data("{}".utf8), "model.safetensors": weights,
    "pytorch_model.bin": Data("not wanted".utf8), "README.md": Data("not wanted".utf8),
    "onnx/model.onnx": Data("not wanted".utf8),
  ]
  static let wanted = [
    "config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json",
  ]

  let fake: FakeHub
  let folder: TemporaryFolder
  var environment: HubEnvironment

  init(
    files: [String: Data] = Self.files, token: String? = nil,
    tampering: @escaping FakeHub.Tampering = { _, _, _ in }
  ) throws {
    fake = try FakeHub(Self.repository, files: files, tampering: tampering)
    folder = try TemporaryFolder()
    environment = HubEnvironment(
      cache: folder.url.appending(path: "hub"), endpoint: fake.hub.url, token: token)
    environment.patience.attempts = 3
    environment.patience.firstPause = .milliseconds(1)
    environment.patience.longestPause = .milliseconds(1500)
    environment.patience.idleLimit = .seconds(20)
  }

  var hub: Hub { Hub(environment) }
  var cache: URL { environment.cache }
  var place: URL { cache.appending(path: "models--org--tiny-model") }
  var weightsBlob: URL { place.appending(path: "blobs/\(FakeHub.sha256(Self.weights))") }
  var incomplete: URL { weightsBlob.appendingPathExtension("incomplete") }

  /// The names of all files that are no folders, by their paths in the cache, locks left out.
  var names: [String] {
    let all = FileManager.default.enumerator(atPath: cache.path)?.compactMap { $0 as? String } ?? []
    return all.filter { name in
      let values = try? cache.appending(path: name).resourceValues(forKeys: [.isDirectoryKey])
      return values?.isDirectory == false && !name.hasPrefix(".locks")
    }.sorted()
  }

  /// Whether the snapshot holds the weights, byte for byte.
  func hasWeights(_ folder: URL) throws -> Bool {
    try Data(contentsOf: folder.appending(path: "model.safetensors")) == Self.weights
  }

  /// The error of an attempt to get the model; nil where there is none.
  func failure(of model: HubModelID = Self.model) -> InputError? {
    do {
      _ = try hub.folder(of: model)
      return nil
    } catch { return error }
  }

  /// Nothing stands under its name that is not right.
  var hasOnlyRightBlobs: Bool {
    let blobs = place.appending(path: "blobs")
    let names = (try? FileManager.default.contentsOfDirectory(atPath: blobs.path)) ?? []
    return names.filter { !$0.hasSuffix(".incomplete") }.allSatisfy { name in
      guard let data = try? Data(contentsOf: blobs.appending(path: name)) else { return false }
      return name == FakeHub.sha256(data) || name == FakeHub.gitDigest(data)
    }
  }
}
