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
    tensors = try GGUFTensorNames(family: family, heads: heads, blocks: translated.blockCount)
      .translated(file.tensors)
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
  /// The width of heads; in a family with ``own`` heads that of blocks with a sliding window.
  let width: Int
  /// The number of query heads.
  let queryCount: Int
  /// The number of key heads; in a family with ``own`` heads that of blocks with a sliding window.
  let valueCount: Int
  /// The heads of the blocks without a sliding window, by the blocks' numbers; nil in a family where all
  /// blocks have the same.
  let own: [Int: (width: Int, valueCount: Int)]?
  /// The heads of delta networks; nil in a family without.
  let delta: Delta?

  /// The heads of a delta network.
  struct Delta {
    /// The number of query and of key heads.
    let keyCount: Int
    /// The width of queries and keys.
    let keyWidth: Int
    /// The number of value heads.
    let valueCount: Int
    /// The width of values.
    let valueWidth: Int
  }

  /// The rows of queries, of keys and of values in the tensor `attn_qkv` of a block.
  var projectionWidths: [Int] {
    if let delta {
      let keys = delta.keyCount * delta.keyWidth
      return [keys, keys, delta.valueCount * delta.valueWidth]
    }
    return [queryCount * width, valueCount * width, valueCount * width]
  }

  init(_ file: GGUFFile, _ family: GGUFFamily) throws(InputError) {
    func field(_ key: String) -> GGUFField { file["\(family.architecture).\(key)"] }
    func checked(_ value: Int, of field: GGUFField) throws(InputError) -> Int {
      guard (1...1 << 24).contains(value) else { throw field.mismatch("an integer in 1...2^24") }
      return value
    }
    func extent(_ key: String) throws(InputError) -> Int? {
      try field(key).present.map { field throws(InputError) in
        try checked(try field.uniform().int(), of: field)
      }
    }
    func requireValues(_ key: String, as wide: Int) throws(InputError) {
      if let value = field(key).present, try value.uniform().int() != wide {
        throw value.mismatch(
          "\(wide), the width of keys", kind: .unsupported,
          remedy: "models whose values have another width than their keys are not supported")
      }
    }
    queryCount = try extent("attention.head_count") ?? 1
    let share = (try extent("embedding_length") ?? 1) / queryCount
    let keyLength = try extent("attention.key_length") ?? share
    try requireValues("attention.value_length", as: keyLength)
    delta = try family.hasDeltaNetworks ? Self.delta(field, extent) : nil
    guard family.hasOwnHeadsWithoutWindow else {
      valueCount = try extent("attention.head_count_kv") ?? queryCount
      (width, own) = (keyLength, nil)
      return
    }
    width = try extent("attention.key_length_swa") ?? keyLength
    try requireValues("attention.value_length_swa", as: width)
    let windows = try Self.windows(of: field("attention.sliding_window_pattern"))
    let counts = try Self.valueCounts(
      of: field("attention.head_count_kv"), blocks: windows.count, standard: queryCount)
    for count in counts { _ = try checked(count, of: field("attention.head_count_kv")) }
    valueCount = windows.firstIndex(of: true).map { counts[$0] } ?? counts.first ?? queryCount
    var own: [Int: (width: Int, valueCount: Int)] = [:]
    for (block, hasWindow) in windows.enumerated() where !hasWindow {
      own[block] = (keyLength, counts[block])
    }
    self.own = own
  }

  /// The heads of delta networks, whose values lie in `ssm.inner_size` numbers.
  private static func delta(
    _ field: (String) -> GGUFField, _ extent: (String) throws(InputError) -> Int?
  ) throws(InputError) -> Delta {
    let (values, count) = (
      try extent("ssm.inner_size") ?? 1, try extent("ssm.time_step_rank") ?? 1
    )
    guard values.isMultiple(of: count) else {
      throw field("ssm.inner_size").mismatch("a multiple of \(count) heads")
    }
    return Delta(
      keyCount: try extent("ssm.group_count") ?? 1, keyWidth: try extent("ssm.state_size") ?? 1,
      valueCount: count, valueWidth: values / count)
  }

  /// Whether each block has a sliding window.
  private static func windows(of field: GGUFField) throws(InputError) -> [Bool] {
    guard case .array(let array) = field.value, array.count <= 1 << 14 else {
      throw field.mismatch("true or false for each of at most 2^14 blocks")
    }
    return try field.bools()
  }

  /// The number of key heads of each block, which may be one number for all.
  private static func valueCounts(
    of field: GGUFField, blocks: Int, standard: Int
  ) throws(InputError) -> [Int] {
    guard field.present != nil else { return Array(repeating: standard, count: blocks) }
    guard case .array = field.value else {
      return Array(repeating: try field.int(), count: blocks)
    }
    let counts = try field.ints()
    guard counts.count == blocks else {
      throw field.mismatch("a number for each of \(blocks) blocks", kind: .mismatched)
    }
    return counts
  }
}
