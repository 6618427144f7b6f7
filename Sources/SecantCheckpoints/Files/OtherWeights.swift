import Foundation

/// Weights of unsupported formats in a folder, recognized by file names.
package struct OtherWeights {
  /// The kind of failure.
  package let kind: InputError.Kind
  /// The weights found, for messages.
  package let found: String
  /// The advice to the user.
  package let remedy: String

  /// The configuration file of an adapter.
  static let adapter = "adapter_config.json"

  /// Looks at the names of a folder's files; nil if none is known.
  package init?(among names: some Sequence<String>) {
    let names = Set(names)
    let consolidated = names.sorted().first {
      $0.hasPrefix("consolidated") && ($0.hasSuffix(".safetensors") || $0.hasSuffix(".pth"))
    }
    let shards = names.filter { $0.wholeMatch(of: /model-\d+-of-\d+\.safetensors/) != nil }
    let pickled = ["pytorch_model.bin", "pytorch_model.bin.index.json", "pytorch_model.pt"]
      .first(where: names.contains)
    let others = names.filter { $0.hasSuffix(".safetensors") }.sorted()
    if let adapter = [Self.adapter, "adapter_model.safetensors"].first(where: names.contains) {
      kind = .unsupported
      found = "\(adapter): an adapter, which changes another model's weights"
      remedy =
        "merge it into its base model with Hugging Face's peft (merge_and_unload, then "
        + "save_pretrained), and give that folder"
    } else if !shards.isEmpty {
      kind = .missing
      found = "\(shards.count) shards without their index"
      remedy = "download \(SafetensorsFolder.index) into the folder"
    } else if let consolidated {
      kind = .unsupported
      found = "\(consolidated): weights under the names of the model's makers"
      remedy = "give a folder of the model in Hugging Face's form, or convert it to that"
    } else if let pickled {
      kind = .unsupported
      found = pickled
      remedy =
        "convert the weights to safetensors: load the model with Hugging Face transformers and "
        + "call save_pretrained"
    } else if let first = others.first {
      kind = .missing
      found = others.count == 1 ? first : "\(others.count) files such as \(first)"
      remedy =
        others.count == 1
        ? "rename it to \(SafetensorsFolder.single) if it holds all of the model's weights"
        : "download \(SafetensorsFolder.index) into the folder"
    } else {
      return nil
    }
  }
}

/// The names of a folder's files, and what they tell if the folder is not a checkpoint.
struct FolderNames {
  private let folder: URL
  private let names: [String]

  init(in folder: URL) {
    self.folder = folder
    let path = folder.path(percentEncoded: false)
    names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }

  /// Whether there is a file of that name.
  func contains(_ name: String) -> Bool { names.contains(name) }

  /// The folder's one GGUF model, which may be in parts; nil if it has none.
  ///
  /// - Throws: `InputError` if it has several.
  func ggufFile() throws(InputError) -> URL? {
    let models = GGUFSelection(names).models
    guard models.count <= 1 else {
      throw InputError(
        .invalid, file: folder.path(percentEncoded: false), subject: "model",
        expected: "one model, in Hugging Face's form or in a GGUF file",
        found: "the GGUF files " + models.compactMap(\.files.first).joined(separator: ", "),
        remedy: "give one of these files")
    }
    return models.first?.files.first.map { folder.appending(path: $0) }
  }

  /// The error that the folder has no configuration.
  var noConfiguration: InputError {
    let other = OtherWeights(among: names)
    return InputError(
      other.map { $0.kind == .unsupported ? .unsupported : .missing } ?? .missing,
      file: folder.path(percentEncoded: false), subject: "config.json",
      expected: "the model's configuration",
      found: other.map { $0.kind == .unsupported ? $0.found : "no such file" } ?? "no such file",
      remedy: other.flatMap { $0.kind == .unsupported ? $0.remedy : nil }
        ?? "give the folder that holds config.json and the weights")
  }

  /// The error that the folder has no weights.
  var noWeights: InputError {
    let gguf = GGUFSelection(names).models.first?.files.first
    let other = gguf == nil ? OtherWeights(among: names) : nil
    return InputError(
      other?.kind ?? .missing, file: folder.path(percentEncoded: false), subject: "weights",
      expected: "\(SafetensorsFolder.single) or \(SafetensorsFolder.index)",
      found: gguf ?? other?.found ?? "neither",
      remedy: gguf.map { "give the GGUF file itself: \($0)" } ?? other?.remedy
        ?? "give the folder that holds the weights, or download them")
  }
}
