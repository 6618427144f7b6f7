import SecantCheckpoints

// A new family is a file in Families, and its name here.

extension Architecture {
  /// Every family that Secant knows.
  static let all: [Architecture] = [
    .llama, .qwen2, .qwen3, .qwen3MoE, .qwen3Next, .qwen35, .qwen35Multimodal, .qwen35MoE,
    .qwen35MoEMultimodal, .gemma2, .gemma3, .gemma3Multimodal, .gemma4,
    .gemma4Multimodal, .gemma4Unified, .gemma4UnifiedMultimodal, .phi3, .mistral, .ministral,
    .ministral3, .mistral3, .olmo2, .olmo3, .smolLM3, .granite, .graniteHybrid, .gpt2, .gptNeoX,
    .gptOSS,
  ]

  /// The family of a checkpoint.
  ///
  /// - Throws: That config.json names none that is known.
  static func named(in configuration: JSONField) throws(InputError) -> Architecture {
    let field = configuration["model_type"]
    let name = try field.string()
    guard let known = all.first(where: { $0.modelType == name }) else {
      let reason = unread[name].map { "\($0); " } ?? ""
      throw InputError(
        .unsupported, file: field.file, subject: "field model_type",
        expected: "one of \(all.map(\.modelType).joined(separator: ", "))", found: "\"\(name)\"",
        remedy:
          "\(reason)use a model of a supported architecture; Documentation/Families.md tells how to "
          + "add one")
    }
    return known
  }

  /// What families that are not read have that no operation here computes, by their `model_type`.
  private static let unread: [String: String] = {
    let gemma3n =
      "Gemma 3n keeps several streams side by side and sets small activations to zero by their spread, "
      + "neither of which Secant computes"
    return ["gemma3n": gemma3n, "gemma3n_text": gemma3n]
  }()
}
