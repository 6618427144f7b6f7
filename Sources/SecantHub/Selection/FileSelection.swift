import Foundation
import SecantCheckpoints

/// The files that Secant needs of a model in Hugging Face's format.
struct FolderSelection {
  /// All files of the model.
  let files: Set<String>

  static let configuration = "config.json"
  /// The tokenizer files, in order of preference.
  static let tokenizers = [
    ["tokenizer.json"], ["tekken.json"], ["tokenizer.model"], ["vocab.json", "merges.txt"],
  ]

  /// All needed files except the shards that an index names.
  ///
  /// - Throws: `InputError` if config.json or safetensors weights are missing.
  func small(of model: HubModelID) throws(InputError) -> [String] {
    guard files.contains(Self.configuration) else { throw noConfiguration(model) }
    guard files.contains(SafetensorsFolder.single) || files.contains(SafetensorsFolder.index) else {
      throw noWeights(model)
    }
    let tokenizer = Self.tokenizers.first { files.contains($0[0]) } ?? []
    let others = [
      "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
      "generation_config.json", "chat_template.jinja", "chat_template.json",
      "adapter_config.json",
    ]
    let index = files.contains(SafetensorsFolder.single) ? [] : [SafetensorsFolder.index]
    return ([Self.configuration] + tokenizer + others + index).filter(files.contains)
  }

  /// The shards that an index names, each once, in the order of their names.
  ///
  /// - Throws: `InputError` if the index is malformed or names a file outside this folder.
  static func shards(in index: URL) throws(InputError) -> [String] {
    var names: Set<String> = []
    for (tensor, shard) in try SafetensorsFolder.shards(in: index, file: index.path) {
      guard HubListing.isSafe(shard) else {
        throw InputError(
          .malformed, file: index.path, subject: "tensor \(tensor)",
          expected: "the name of a .safetensors file", found: "\"\(shard)\"",
          remedy: "do not trust this source of models")
      }
      names.insert(shard)
    }
    return names.sorted()
  }

  private func noConfiguration(_ model: HubModelID) -> InputError {
    let other = hasGGUF ? nil : OtherWeights(among: files)
    return InputError(
      .missing, file: model.description, subject: Self.configuration,
      expected: "the model's configuration",
      found: other?.found ?? "no such file in the repository",
      remedy: hasGGUF
        ? "the model is in GGUF files: use -hf \(model)"
        : other?.remedy ?? "choose a model with one")
  }

  private func noWeights(_ model: HubModelID) -> InputError {
    let other = hasGGUF ? nil : OtherWeights(among: files)
    return InputError(
      .unsupported, file: model.description, subject: "weights",
      expected: "\(SafetensorsFolder.single) or \(SafetensorsFolder.index)",
      found: other?.found ?? "neither",
      remedy: hasGGUF
        ? "the model is in GGUF files: use -hf \(model)"
        : other?.remedy ?? "choose a model in safetensors or GGUF files")
  }

  private var hasGGUF: Bool { files.contains { $0.lowercased().hasSuffix(".gguf") } }
}
