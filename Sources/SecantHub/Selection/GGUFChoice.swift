package import SecantCheckpoints

extension GGUFSelection.Model {
  func isMeant(by tag: String) -> Bool {
    let (stem, tag) = (stem.lowercased(), tag.lowercased())
    let parts = stem.split(separator: "/")
    guard let name = parts.last else { return false }
    return name == tag || name + ".gguf" == tag || parts.dropLast().contains { $0 == tag }
      || ["-", ".", "_"].contains { name.hasSuffix($0 + tag) }
  }
}

extension GGUFSelection {
  /// The default among several quantizations, as in llama.cpp.
  static let usual = "Q4_K_M"

  /// The one model that is meant.
  ///
  /// - Throws: `InputError` if none or several match; it lists the names.
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
        remedy: "use a model in safetensors files")
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
