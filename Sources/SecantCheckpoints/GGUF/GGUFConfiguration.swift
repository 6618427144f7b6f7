import Foundation

/// The metadata of a GGUF file as the text of a config.json.
struct GGUFConfiguration {
  /// The text, a JSON object.
  private(set) var text = ""

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
    members += try plainFields()
    members += try headFields()
    members += try embeddingFields()
    members += try rotaryFields()
    if family.architecture == "qwen3moe" {
      // llama.cpp normalizes the shares of this architecture unless the file says otherwise.
      members.append(("norm_topk_prob", try self["expert_weights_norm"]?.literal() ?? "true"))
    }
    let lines = members.map { JSON.quoted($0.0) + ": " + $0.1 }
    text = "{" + lines.joined(separator: ", ") + "}"
  }

  /// The key of the architecture, where the file has it.
  private subscript(key: String) -> GGUFField? { file["\(family.architecture).\(key)"].present }

  private func tensor(_ name: String) -> StoredTensor? { file.tensors.first { $0.name == name } }

  /// The keys that have a field of their own, and those that nobody knows.
  private func plainFields() throws(InputError) -> [(String, String)] {
    let prefix = family.architecture + "."
    var members: [(String, String)] = []
    for fullKey in file.keys where fullKey.hasPrefix(prefix) {
      let key = String(fullKey.dropFirst(prefix.count))
      if GGUFFamily.readKeys.contains(key) || GGUFFamily.inertKeys.contains(key) { continue }
      if let neutral = GGUFFamily.neutralValues[key],
        case .some(neutral) = try? file[fullKey].double()
      {
        continue
      }
      members.append((GGUFFamily.fields[key] ?? fullKey, try file[fullKey].literal()))
    }
    return members
  }

  private func headFields() throws(InputError) -> [(String, String)] {
    var members = [
      ("num_key_value_heads", "\(heads.valueCount)"), ("head_dim", "\(heads.width)"),
    ]
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

  /// What the tensors say: the vocabulary, whether the unembedding is tied to the embedding, and biases.
  private func embeddingFields() throws(InputError) -> [(String, String)] {
    guard let embedding = tensor("token_embd.weight"), embedding.shape.count == 2 else {
      throw InputError(
        .missing, file: file.path, subject: "tensor token_embd.weight",
        expected: "a matrix with a row for each token", found: "none",
        remedy: "give a file that holds a model's weights, and not a vocabulary alone")
    }
    var members = [
      ("vocab_size", "\(embedding.shape[0])"),
      ("tie_word_embeddings", tensor("output.weight") == nil ? "true" : "false"),
    ]
    if family.modelType != "qwen2", tensor("blk.0.attn_q.bias") != nil {
      members.append(("attention_bias", "true"))
    }
    if tensor("blk.0.ffn_up.bias") != nil { members.append(("mlp_bias", "true")) }
    return members
  }

  // MARK: - Rotation

  private func rotaryFields() throws(InputError) -> [(String, String)] {
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

  /// The object that says how frequencies are scaled; nil where they are not.
  private func rotaryScaling(originalContext: String) throws(InputError) -> String? {
    if let factors = try rotaryFactors() {
      let amplitude = try self["rope.scaling.attn_factor"]?.literal() ?? "1"
      return """
        {"rope_type": "longrope", "short_factor": \(factors.short), "long_factor": \(factors.long), \
        "attention_factor": \(amplitude), "original_max_position_embeddings": \(originalContext)}
        """
    }
    let type = self["rope.scaling.type"]
    let factor = self["rope.scaling.factor"] ?? self["rope.scale_linear"]
    let kind = try type?.string() ?? (factor == nil ? "none" : "linear")
    if let amplitude = self["rope.scaling.attn_factor"], try amplitude.double() != 1 {
      throw amplitude.mismatch(
        "1, where no tensor gives the factors of the frequencies", kind: .unsupported,
        remedy: "this scaling of rotary embedding is not supported")
    }
    switch kind {
    case "none":
      return nil
    case "linear":
      return try factor.map { factor throws(InputError) in
        #"{"rope_type": "linear", "factor": \#(try factor.literal())}"#
      }
    case "yarn":
      guard let factor else { throw file[key("rope.scaling.factor")].mismatch("a number") }
      return """
        {"rope_type": "yarn", "factor": \(try factor.literal()), \
        "beta_fast": \(try self["rope.scaling.yarn_beta_fast"]?.literal() ?? "32"), \
        "beta_slow": \(try self["rope.scaling.yarn_beta_slow"]?.literal() ?? "1"), \
        "original_max_position_embeddings": \(originalContext)}
        """
    default:
      throw file[key("rope.scaling.type")].mismatch(
        "none, linear or yarn, or tensors with factors", kind: .unsupported,
        remedy: "this scaling of rotary embedding is not supported")
    }
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
    guard let tensor = tensor(name) else { return nil }
    guard tensor.elementType == .f32, tensor.shape.count == 1, tensor.elementCount <= 1 << 16,
      tensor.firstNonFiniteIndex() == nil
    else {
      throw InputError(
        .malformed, file: file.path, subject: "tensor \(name)",
        expected: "a vector of finite numbers of type F32",
        found: "\(tensor.format) \(tensor.shape)", remedy: "download or convert the file again")
    }
    return "\(tensor.values(as: Float.self))"
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
      // An array for each block is what no family that is read has: it is refused by its key.
      return JSON.quoted("an array of \(array.count) values")
    case nil: break
    }
    throw mismatch("a finite number")
  }
}
