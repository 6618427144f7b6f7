import Foundation

/// A GGUF file translated to Hugging Face's names: a config.json, and tensors named as in its library.
///
/// Families are thus described in one notation. llama.cpp's own ways of storing numbers are behind the
/// tensors' storage; a key whose meaning is not known is handed on under its own name, and so refused, or
/// named by an inspection, as an unknown field of a config.json is.
struct GGUFTranslation {
  /// The text of the config.json.
  let configuration: String
  /// The tensors, except those that describe the rotation of heads.
  let tensors: [StoredTensor]
  /// Keys that a reader might expect to count and that do not, each in a sentence.
  let notes: [String]

  /// Translates a file.
  ///
  /// - Throws: `InputError` that names what is missing or not understood.
  init(of file: GGUFFile) throws(InputError) {
    let name = try file["general.architecture"].string()
    guard let family = GGUFFamily.all.first(where: { $0.architecture == name }) else {
      throw file["general.architecture"].mismatch(
        "one of \(GGUFFamily.all.map(\.architecture).joined(separator: ", "))", kind: .unsupported,
        remedy: "use a model of a supported architecture")
    }
    let heads = try GGUFHeads(file, family)
    let translated = try GGUFConfiguration(file, family, heads)
    (configuration, notes) = (translated.text, translated.notes)
    tensors = try GGUFTensorNames(family: family, heads: heads).translated(file.tensors)
    // Two names of llama.cpp may mean one thing, of which a decoder would read either.
    var names: Set<String> = []
    for tensor in tensors where !names.insert(tensor.name).inserted {
      throw InputError(
        .unsupported, file: file.path, subject: "tensor \(tensor.name)",
        expected: "one tensor of that meaning", found: "two",
        remedy: "use a model of a supported architecture")
    }
  }
}

/// The heads of a model, which its configuration and the order of its tensors' rows depend on.
struct GGUFHeads {
  let width: Int
  let queryCount: Int
  let valueCount: Int
  /// The rows of queries, of keys and of values in the tensor `attn_qkv` of a block.
  let projectionWidths: [Int]
  /// The width of a value in a delta network; nil in a family without.
  let deltaValueWidth: Int?

  init(_ file: GGUFFile, _ family: GGUFFamily) throws(InputError) {
    func extent(_ key: String) throws(InputError) -> Int? {
      guard let field = file["\(family.architecture).\(key)"].present else { return nil }
      let value = try field.uniform().int()
      guard (1...1 << 24).contains(value) else { throw field.mismatch("an integer in 1...2^24") }
      return value
    }
    queryCount = try extent("attention.head_count") ?? 1
    valueCount = try extent("attention.head_count_kv") ?? queryCount
    let share = (try extent("embedding_length") ?? 1) / queryCount
    width = try extent("attention.key_length") ?? share
    if family.hasDeltaNetworks {
      let keys = try (extent("ssm.group_count") ?? 1) * (extent("ssm.state_size") ?? 1)
      let (values, count) = (
        try extent("ssm.inner_size") ?? 1, try extent("ssm.time_step_rank") ?? 1
      )
      guard values.isMultiple(of: count) else {
        throw file["\(family.architecture).ssm.inner_size"].mismatch("a multiple of \(count) heads")
      }
      (projectionWidths, deltaValueWidth) = ([keys, keys, values], values / count)
    } else {
      let values = valueCount * width
      (projectionWidths, deltaValueWidth) = ([queryCount * width, values, values], nil)
    }
    let value = file["\(family.architecture).attention.value_length"]
    if let value = value.present, try value.uniform().int() != width {
      throw value.mismatch(
        "\(width), the width of keys", kind: .unsupported,
        remedy: "models whose values have another width than their keys are not supported")
    }
  }
}
