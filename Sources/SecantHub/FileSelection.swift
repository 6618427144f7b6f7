import Foundation
package import SecantCheckpoints

/// Which files of a model in Hugging Face's form are needed.
struct FolderSelection {
  /// All files of the model.
  let files: Set<String>

  static let configuration = "config.json"
  /// What a tokenizer is read from, the first that exists.
  static let tokenizers = [
    ["tokenizer.json"], ["tekken.json"], ["tokenizer.model"], ["vocab.json", "merges.txt"],
  ]

  /// All that is needed but for the shards that an index names.
  ///
  /// - Throws: That the model has no configuration, or no weights in safetensors files.
  func small(of model: HubModelID) throws(InputError) -> [String] {
    guard files.contains(Self.configuration) else { throw noConfiguration(model) }
    guard files.contains(SafetensorsFolder.single) || files.contains(SafetensorsFolder.index) else {
      throw noWeights(model)
    }
    let tokenizer = Self.tokenizers.first { files.contains($0[0]) } ?? []
    let others = [
      "tokenizer_config.json", "chat_template.jinja", "chat_template.json",
    ]
    let index = files.contains(SafetensorsFolder.single) ? [] : [SafetensorsFolder.index]
    return ([Self.configuration] + tokenizer + others + index).filter(files.contains)
  }

  /// The shards that an index names, each once, in the order of their names.
  ///
  /// - Throws: What in the index is malformed; that it names a file that is no shard of this folder.
  static func shards(in index: URL) throws(InputError) -> [String] {
    let root = try JSONField(parsing: try MappedFile.contents(of: index), file: index.path)
    var names: Set<String> = []
    for member in try root["weight_map"].object().members {
      guard case .string(let name) = member.value, SafetensorsFolder.isShardName(name),
        HubListing.isSafe(name)
      else {
        throw root["weight_map"][member.key].mismatch(
          "the name of a .safetensors file", remedy: "do not trust this source of models")
      }
      names.insert(name)
    }
    return names.sorted()
  }

  private func noConfiguration(_ model: HubModelID) -> InputError {
    let hasGGUF = files.contains { $0.lowercased().hasSuffix(".gguf") }
    return InputError(
      .missing, file: model.description, subject: Self.configuration,
      expected: "the model's configuration", found: "no such file in the repository",
      remedy: hasGGUF
        ? "the model is in GGUF files: name it by -hf \(model)" : "choose a model with one")
  }

  private func noWeights(_ model: HubModelID) -> InputError {
    let hasGGUF = files.contains { $0.lowercased().hasSuffix(".gguf") }
    return InputError(
      .unsupported, file: model.description, subject: "weights",
      expected: "\(SafetensorsFolder.single) or \(SafetensorsFolder.index)", found: "neither",
      remedy: hasGGUF
        ? "the model is in GGUF files: name it by -hf \(model)"
        : "choose a model in safetensors or GGUF files")
  }
}

/// The models that a repository's GGUF files hold, each in one file or in several parts.
package struct GGUFSelection: Sendable {
  /// One model.
  package struct Model: Hashable, Sendable {
    /// The files' common path, without number and extension.
    package let stem: String
    /// All parts in their order.
    package let files: [String]
    /// Whether no part is missing.
    package let isWhole: Bool

    /// What tells it from the others of the repository, such as "Q4_K_M"; the file's name where it has no such part.
    package var quantization: String {
      let name = stem.split(separator: "/").last.map(String.init) ?? stem
      let known = #/[-._]((?:UD-)?(?:I?Q\d\w*|T?Q\d_\d|MXFP4\w*|BF16|F16|F32))$/#.ignoresCase()
      return name.firstMatch(of: known).map { String($0.1) } ?? name
    }

    func isMeant(by tag: String) -> Bool {
      let (stem, tag) = (stem.lowercased(), tag.lowercased())
      let parts = stem.split(separator: "/")
      guard let name = parts.last else { return false }
      return name == tag || name + ".gguf" == tag || parts.dropLast().contains { $0 == tag }
        || ["-", ".", "_"].contains { name.hasSuffix($0 + tag) }
    }
  }

  /// In ascending order of their paths.
  package let models: [Model]

  /// The quantization that is taken where none is named and there are several, as llama.cpp has it.
  static let usual = "Q4_K_M"

  /// The models among some files; what belongs to images or to quantizing itself is none.
  package init(_ files: some Sequence<String>) {
    var parts: [String: [Int: String]] = [:]
    var counts: [String: Int] = [:]
    for file in files where file.lowercased().hasSuffix(".gguf") {
      let base = String(file.dropLast(5))
      let name = base.split(separator: "/").last.map { $0.lowercased() } ?? ""
      guard !name.contains("mmproj"), !name.contains("imatrix") else { continue }
      if let match = base.wholeMatch(of: #/(.+)-(\d{5})-of-(\d{5})/#),
        let index = Int(match.2), let count = Int(match.3)
      {
        parts[String(match.1), default: [:]][index] = file
        counts[String(match.1)] = count
      } else {
        parts[base, default: [:]][1] = file
        counts[base] = 1
      }
    }
    models = parts.keys.sorted().map { stem in
      let (files, count) = (parts[stem] ?? [:], counts[stem] ?? 0)
      return Model(
        stem: stem, files: files.keys.sorted().compactMap { files[$0] },
        isWhole: files.count == count && count > 0 && files.keys.allSatisfy { 1...count ~= $0 })
    }
  }

  /// The one model that is meant.
  ///
  /// - Throws: That there is none, or that there are several; with the names of those that there are.
  package func model(_ reference: HubGGUF) throws(InputError) -> Model {
    let tag = reference.quantization
    if tag == nil, let only = models.first, models.count == 1 { return try whole(only, reference) }
    let meant = models.filter { $0.isMeant(by: tag ?? Self.usual) }
    if let only = meant.first, meant.count == 1 { return try whole(only, reference) }
    let names = (meant.isEmpty ? models : meant)
      .map {
        meant.isEmpty
          ? $0.quantization : ($0.stem.split(separator: "/").last.map(String.init) ?? $0.stem)
      }
    guard !models.isEmpty else {
      throw InputError(
        .missing, file: reference.model.description, subject: "GGUF files",
        expected: "at least one", found: "none in the repository",
        remedy: "name a model in safetensors files by --model")
    }
    throw InputError(
      meant.isEmpty ? .missing : .invalid, file: reference.model.description,
      subject: "the quantization",
      expected: tag.map { "one model \($0)" } ?? "a name after a colon",
      found: names.joined(separator: ", "), remedy: "name one of them")
  }

  private func whole(_ model: Model, _ reference: HubGGUF) throws(InputError) -> Model {
    guard model.isWhole else {
      throw InputError(
        .missing, file: reference.model.description, subject: "the parts of \(model.stem)",
        expected: "all of them", found: "\(model.files.count)",
        remedy: "choose another quantization")
    }
    return model
  }
}
