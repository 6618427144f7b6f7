import Foundation

/// The metadata of a GGUF file as the text of a config.json.
struct GGUFConfiguration {
  /// The text, a JSON object.
  private(set) var text = ""
  /// Keys that a reader might expect to count and that do not, each in a sentence.
  private(set) var notes: [String] = []
  /// The number of the decoder's blocks; nil if the file does not say.
  private(set) var blockCount: Int?

  private let file: GGUFFile
  private let family: GGUFFamily
  private let heads: GGUFHeads

  /// Translates the keys of an architecture.
  ///
  /// - Throws: The key that is missing, of another type or not understood.
  init(_ file: GGUFFile, _ family: GGUFFamily, _ heads: GGUFHeads) throws(InputError) {
    self.file = file
    self.family = family
    self.heads = heads
    var members = [("model_type", JSON.quoted(family.modelType))]
    members += try blockFields()
    members += try plainFields()
    members += try headFields()
    members += try embeddingFields()
    members += try rotaryFields()
    if let delta = heads.delta {
      members.append(("linear_value_head_dim", "\(delta.valueWidth)"))
    }
    for (name, value) in family.absentFields.sorted(by: { $0.key < $1.key })
    where !members.contains(where: { $0.0 == name }) {
      members.append((name, value))
    }
    if ["qwen3moe", "qwen3next", "qwen35moe"].contains(family.architecture) {
      // llama.cpp normalizes the router weights of these architectures unless the file says otherwise.
      members.append(("norm_topk_prob", try self["expert_weights_norm"]?.literal() ?? "true"))
    }
    members += try activationField()
    let lines = members.map {
      JSON.quoted(family.fieldNames[$0.0] ?? $0.0) + ": " + $0.1
    }
    text = "{" + lines.joined(separator: ", ") + "}"
    if let factor = self["rope.scaling.yarn_attn_factor"], try factor.double() != 1 {
      notes.append(
        "\(factor.key) = \(try factor.literal()) is not read, as llama.cpp reads it for no family that is known "
          + "here: rotation by yarn lengthens queries and keys by 0.1·ln(factor) + 1.")
    }
  }

  /// The architecture's key, if the file has it; an array with one value for each block counts as one value
  /// if all are equal.
  private subscript(key: String) -> GGUFField? {
    guard let field = file[self.key(key)].present else { return nil }
    return (try? field.uniform()) ?? field
  }

  private func tensor(_ name: String) -> StoredTensor? { file.tensors.first { $0.name == name } }

  /// The number of blocks, without those at the end that predict further tokens.
  private mutating func blockFields() throws(InputError) -> [(String, String)] {
    guard let field = self["block_count"] else { return [] }
    let further = self["nextn_predict_layers"]
    let count = try field.int()
    guard let further, try further.int() != 0 else {
      blockCount = count
      return [("num_hidden_layers", "\(count)")]
    }
    let last = try further.int()
    guard last > 0, last < count else {
      throw further.mismatch("fewer than the \(count) blocks", kind: .mismatched)
    }
    notes.append(
      "\(further.key) = \(last): the blocks from \(count - last) on predict further tokens and are not "
        + "read.")
    blockCount = count - last
    return [("num_hidden_layers", "\(count - last)")]
  }

  /// The keys that have their own field, and those that are unknown.
  private func plainFields() throws(InputError) -> [(String, String)] {
    let prefix = family.architecture + "."
    var members: [(String, String)] = []
    for fullKey in file.keys where fullKey.hasPrefix(prefix) {
      let key = String(fullKey.dropFirst(prefix.count))
      guard let field = self[key] else { continue }
      if let name = family.ownFields[key] {
        members.append((name, try field.literal()))
        continue
      }
      if family.sharesBetweenBlocks, key == "feed_forward_length", case .array = field.value {
        members += try widenedFields(field)
        continue
      }
      if family.hasDeltaNetworks, key == "ssm.inner_size" { continue }
      if family.hasOwnHeadsWithoutWindow, Self.keysOfOwnHeads.contains(key) { continue }
      if GGUFFamily.readKeys.contains(key) || GGUFFamily.inertKeys.contains(key) { continue }
      let name = GGUFFamily.fields[key] ?? fullKey
      if isNeutral(field, key) {
        if GGUFFamily.nullableFields.contains(name) { members.append((name, "null")) }
      } else if key == "attention.sliding_window_pattern",
        case .array(let array) = file[fullKey].value
      {
        members.append(("layer_types", try layerTypes(array)))
      } else {
        members.append((name, try field.literal()))
      }
    }
    return members
  }

  /// The number of blocks with keys and values of their own, before those that take theirs of these; nil if
  /// the file's numbers contradict one another.
  private func owningBlocks() throws(InputError) -> Int? {
    let taking = try self["attention.shared_kv_layers"]?.int() ?? 0
    guard let blockCount, (1...1 << 14).contains(blockCount), (0..<blockCount).contains(taking)
    else { return nil }
    return blockCount - taking
  }

  /// The widths of feed-forward layers, where those of blocks that take keys and values are twice as wide.
  private func widenedFields(_ field: GGUFField) throws(InputError) -> [(String, String)] {
    let owning = try owningBlocks()
    guard let owning, let blockCount, try field.array().count == blockCount,
      case let widths = try field.ints(), let width = widths.first, (1...1 << 24).contains(width),
      widths[..<owning].allSatisfy({ $0 == width }),
      widths[owning...].allSatisfy({ $0 == 2 * width })
    else {
      throw field.mismatch(
        "one width for all blocks, or one and its double for the last, which take keys and values of others",
        kind: .unsupported, remedy: "feed-forward layers of other widths are not supported")
    }
    return [("intermediate_size", "\(width)"), ("use_double_wide_mlp", "true")]
  }

  /// Whether a key's value has no effect, or repeats another key.
  private func isNeutral(_ field: GGUFField, _ key: String) -> Bool {
    guard let value = try? field.number() else { return false }
    switch key {
    case "attention.key_length_swa", "attention.value_length_swa", "rope.dimension_count_swa":
      return value == Double(heads.width)
    case "expert_feed_forward_length" where family.architecture == "gpt-oss":
      return value == (try? self["feed_forward_length"]?.number())
    case "embedding_length_out":
      return value == (try? self["embedding_length"]?.number())
    case "rope.freq_base_swa" where !family.hasWindowBase:
      return value == (try? self["rope.freq_base"]?.number())
    default:
      return !family.essentialKeys.contains(key)
        && GGUFFamily.neutralValues[key]?.contains(value) == true
    }
  }

  /// The blocks with a sliding window, in the notation of config.json.
  private func layerTypes(_ array: GGUFArray) throws(InputError) -> String {
    guard array.kind == .bool, array.count <= 1 << 14 else {
      return JSON.quoted("an array of \(array.count) values")
    }
    let types = try array.values().map { value in
      if case .bool(true) = value { return JSON.quoted("sliding_attention") }
      return JSON.quoted("full_attention")
    }
    return "[\(types.joined(separator: ", "))]"
  }

  /// Keys of heads and rotations where blocks without a window have their own.
  private static let keysOfOwnHeads: Set<String> = [
    "attention.key_length_swa", "attention.value_length_swa", "rope.freq_base_swa",
  ]

  private func headFields() throws(InputError) -> [(String, String)] {
    var members = [
      ("num_key_value_heads", "\(heads.valueCount)"), ("head_dim", "\(heads.width)"),
    ]
    if let own = heads.own {
      let blocks = own.sorted { $0.key < $1.key }
      let entries = blocks.map {
        #""\#($0.key)": {"head_dim": \#($0.value.width), "num_key_value_heads": \#($0.value.valueCount)}"#
      }
      members.append(("per_layer_config", "{\(entries.joined(separator: ", "))}"))
      // Blocks that take keys and values may have tensors of them that nothing reads.
      let owning = try owningBlocks() ?? .max
      let sharesKeys = !blocks.contains {
        $0.key < owning && tensor("blk.\($0.key).attn_v.weight") != nil
      }
      members.append(("attention_k_eq_v", "\(sharesKeys)"))
      let experts = try self["expert_count"]?.int() ?? 0
      members.append(("enable_moe_block", "\(experts > 0)"))
    }
    if let blocks = family.blocksOfWidthScaledSize {
      let isOfThatSize = try self["block_count"]?.int() == blocks
      let width = try self["embedding_length"]?.int() ?? 0
      let divisor =
        try self["attention.scale"].map { scale throws(InputError) in 1 / pow2(try scale.double()) }
        ?? Double(isOfThatSize ? width / heads.queryCount : heads.width)
      members.append(("query_pre_attn_scalar", "\(divisor)"))
    } else if let scale = self["attention.scale"] {
      members.append((scale.key, try scale.literal()))
    }
    return members
  }

  private func pow2(_ number: Double) -> Double { number * number }

  /// Fields that follow from the tensors: the vocabulary, tied embeddings, and biases.
  private func embeddingFields() throws(InputError) -> [(String, String)] {
    guard let embedding = tensor("token_embd.weight"), embedding.shape.count == 2 else {
      throw InputError(
        .missing, file: file.path, subject: "tensor token_embd.weight",
        expected: "a matrix with a row for each token", found: "none",
        remedy: "give a file with a model's weights, not only a vocabulary")
    }
    var members = [
      ("vocab_size", "\(embedding.shape[0])"),
      ("tie_word_embeddings", tensor("output.weight") == nil ? "true" : "false"),
    ]
    if family.sharesBetweenBlocks {
      let vectors = tensor("per_layer_token_embd.weight") ?? embedding
      members.append(("vocab_size_per_layer_input", "\(vectors.shape.first ?? 0)"))
    }
    if family.alwaysHasBiases { return members }
    if family.modelType != "qwen2" {
      let hasBias = tensor("blk.0.attn_q.bias") != nil
      if hasBias || family.statesAttentionBias {
        members.append(("attention_bias", "\(hasBias)"))
      }
    }
    if tensor("blk.0.ffn_up.bias") != nil { members.append(("mlp_bias", "true")) }
    return members
  }

  /// The activation, in families whose files do not name it: a note says which one is taken.
  private mutating func activationField() throws(InputError) -> [(String, String)] {
    guard let activation = family.activation else { return [] }
    let name = activation(
      try self["block_count"]?.int() ?? 0, try self["embedding_length"]?.int() ?? 0)
    notes.append(
      "\(family.architecture): the file does not name the activation of feed-forward layers; \(name) is "
        + "taken, that of the published models"
        + (name == "gelu"
          ? ". llama.cpp computes its approximation by tanh, which differs by up to 5e-4." : "."))
    return [("hidden_act", JSON.quoted(name))]
  }

  // MARK: - Rotation

  private func rotaryFields() throws(InputError) -> [(String, String)] {
    if let own = heads.own { return try rotaryFields(of: own.values.first?.width) }
    var members = [("rope_theta", try self["rope.freq_base"]?.literal() ?? "10000")]
    let original = self["rope.scaling.original_context_length"] ?? self["context_length"]
    if let rotated = self["rope.dimension_count"], try rotated.int() != heads.width {
      guard family.rotatesPartially else {
        throw rotated.mismatch(
          "\(heads.width), the width of heads", kind: .unsupported,
          remedy: "this rotation is not supported")
      }
      members.append(
        ("partial_rotary_factor", "\(Double(try rotated.int()) / Double(heads.width))"))
    }
    let context = try original?.literal() ?? "2048"
    if let scaling = try rotaryScaling(originalContext: context) {
      members.append(("rope_scaling", scaling))
      if family.modelType == "phi3" {
        members.append(("original_max_position_embeddings", context))
      }
    }
    return members
  }

  /// Where blocks without a window rotate the first pairs of heads of another width.
  ///
  /// The file divides the frequencies of the pairs that stay by 10³⁰.
  private func rotaryFields(of width: Int?) throws(InputError) -> [(String, String)] {
    if let rotated = self["rope.dimension_count"], let width, try rotated.int() != width {
      throw rotated.mismatch(
        "\(width), the width of heads", kind: .unsupported,
        remedy: "this rotation is not supported")
    }
    for key in ["rope.scaling.type", "rope.scaling.factor", "rope.scale_linear"] {
      guard let field = self[key] else { continue }
      throw field.mismatch(
        "no such key in this family", kind: .unsupported,
        remedy: "this scaling of rotary embedding is not supported")
    }
    var full = #""rope_theta": \#(try self["rope.freq_base"]?.literal() ?? "10000")"#
    if let factors = try factorValues("rope_freqs.weight"), let width {
      let pairs = factors.firstIndex { $0 != 1 } ?? factors.count
      guard factors.count == width / 2, factors[pairs...].allSatisfy({ $0 >= 1e29 }) else {
        throw InputError(
          .unsupported, file: file.path, subject: "tensor rope_freqs.weight",
          expected: "\(width / 2) factors, of which the first are 1 and the others 1e30",
          found: "\(factors.count) factors, of which the first \(pairs) are 1",
          remedy: "this rotation is not supported")
      }
      // Half a pair more lets no rounding take one away.
      let share = min(1, (Double(pairs) + 0.5) / Double(width / 2))
      full += #", "rope_type": "proportional", "partial_rotary_factor": \#(share)"#
    } else {
      full += #", "rope_type": "default""#
    }
    let sliding = try self["rope.freq_base_swa"]?.literal() ?? "10000"
    return [
      (
        "rope_parameters",
        #"{"full_attention": {\#(full)}, "#
          + #""sliding_attention": {"rope_type": "default", "rope_theta": \#(sliding)}}"#
      )
    ]
  }

  /// The object that describes the scaling of frequencies; nil if there is none.
  ///
  /// `rope.scaling.attn_factor` also multiplies the amplitude of queries and keys.
  private func rotaryScaling(originalContext: String) throws(InputError) -> String? {
    let type = self["rope.scaling.type"]
    let factor = self["rope.scaling.factor"] ?? self["rope.scale_linear"]
    let amplitude = self["rope.scaling.attn_factor"]
    if let factors = try rotaryFactors() {
      if let factor, try type?.string() != "none", try factor.double() != 1 {
        throw factor.mismatch(
          "1, where tensors give the factors of the frequencies", kind: .unsupported,
          remedy: "convert the model again")
      }
      return """
        {"rope_type": "longrope", "short_factor": \(factors.short), "long_factor": \(factors.long), \
        "attention_factor": \(try amplitude?.literal() ?? "1"), \
        "original_max_position_embeddings": \(originalContext)}
        """
    }
    let kind = try type?.string() ?? (factor == nil ? "none" : "linear")
    if kind == "yarn" {
      return try yarn(factor: factor, amplitude: amplitude, originalContext: originalContext)
    }
    if let amplitude, try amplitude.double() != 1 {
      throw amplitude.mismatch(
        "1, where neither yarn nor tensors scale the frequencies", kind: .unsupported,
        remedy: "this key is not supported with rope.scaling.type \(kind)")
    }
    switch kind {
    case "none":
      return nil
    case "linear":
      return try factor.map { factor throws(InputError) in
        #"{"rope_type": "linear", "factor": \#(try factor.literal())}"#
      }
    default:
      throw file[key("rope.scaling.type")].mismatch(
        "none, linear or yarn, or tensors with factors", kind: .unsupported,
        remedy: "this scaling of rotary embedding is not supported")
    }
  }

  private func yarn(
    factor: GGUFField?, amplitude: GGUFField?, originalContext: String
  ) throws(InputError) -> String {
    var members = """
      {"rope_type": "yarn", "factor": \(try factor?.literal() ?? "1"), \
      "beta_fast": \(try self["rope.scaling.yarn_beta_fast"]?.literal() ?? "32"), \
      "beta_slow": \(try self["rope.scaling.yarn_beta_slow"]?.literal() ?? "1"), \
      "original_max_position_embeddings": \(originalContext)
      """
    if !family.roundsYarnRange { members += #", "truncate": false"# }
    if let amplitude = try amplitude?.double(), amplitude != 1 {
      let scale = max(1, try factor?.double() ?? 1)
      members += #", "attention_factor": \#(amplitude * (0.1 * log(scale) + 1))"#
    }
    return members + "}"
  }

  private func key(_ name: String) -> String { "\(family.architecture).\(name)" }

  /// The divisors of the frequencies, as JSON arrays, for streams within the original context and beyond it.
  private func rotaryFactors() throws(InputError) -> (short: String, long: String)? {
    if let all = try factors("rope_freqs.weight") { return (all, all) }
    let short = try factors("rope_factors_short.weight")
    let long = try factors("rope_factors_long.weight")
    guard short != nil || long != nil else { return nil }
    guard let short, let long else {
      throw InputError(
        .missing, file: file.path, subject: "tensors rope_factors_short and rope_factors_long",
        expected: "both", found: "one", remedy: "download or convert the file again")
    }
    return (short, long)
  }

  private func factors(_ name: String) throws(InputError) -> String? {
    try factorValues(name).map { "\($0)" }
  }

  private func factorValues(_ name: String) throws(InputError) -> [Float]? {
    guard let tensor = tensor(name) else { return nil }
    guard tensor.elementType == .f32, tensor.shape.count == 1, tensor.elementCount <= 1 << 16,
      tensor.firstNonFiniteIndex() == nil
    else {
      throw InputError(
        .malformed, file: file.path, subject: "tensor \(name)",
        expected: "a vector of finite numbers of type F32",
        found: "\(tensor.format) \(tensor.shape)", remedy: "download or convert the file again")
    }
    return tensor.values(as: Float.self)
  }
}

extension GGUFFile {
  /// The file's path, for messages.
  var path: String { url.path(percentEncoded: false) }
}

extension GGUFField {
  /// The value as it would stand in a JSON file: a number of 32 bits as its shortest decimal.
  fileprivate func literal() throws(InputError) -> String {
    switch value {
    case .unsigned(let value): return "\(value)"
    case .signed(let value): return "\(value)"
    case .bool(let value): return "\(value)"
    case .float(let value):
      if value.isFinite { return "\(value)" }
    case .double(let value):
      if value.isFinite { return "\(value)" }
    case .string: return JSON.quoted(try string())
    case .array(let array):
      // No supported family has values that differ from block to block: they are refused by key.
      return JSON.quoted("an array of \(array.count) values")
    case nil: break
    }
    throw mismatch("a finite number")
  }
}
