import SecantCheckpoints

/// The fields of a text decoder in config.json, with its family's defaults for absent ones.
struct ConfigurationFields {
  /// The family whose names these are.
  let architecture: Architecture
  private let fields: JSONField
  let defaults: JSONField

  /// The fields of a configuration, or of its text part.
  init(_ root: JSONField, _ architecture: Architecture) throws(InputError) {
    self.architecture = architecture
    fields = architecture.textField.map { root[$0] } ?? root
    defaults = try JSONField(parsing: Array(architecture.defaults.utf8), file: root.file)
  }

  /// The field of that usual name, or its default if the file has none; an explicit null stays null.
  subscript(usual: String) -> JSONField {
    let key = architecture.fieldNames[usual] ?? usual
    let field = fields[key]
    if field.value != nil { return field }
    return JSONField(file: field.file, path: field.path, value: defaults[key].value)
  }

  /// The field of that name, if the family reads it and it is not null.
  func read(_ key: String) -> JSONField? {
    architecture.fields.contains(key) ? self[key].present : nil
  }

  /// A factor of that name, if the family reads it and it is not null.
  ///
  /// - Throws: That it is no positive number.
  func factor(_ key: String) throws(InputError) -> Double? {
    try read(key)?.number(in: 1e-9...1e9)
  }

  /// f: in families that allow null, that stands for four times the model's width.
  ///
  /// - Throws: That it is missing or out of range.
  func feedForwardWidth(width: Int) throws(InputError) -> Int {
    let field = self["intermediate_size"]
    if field.present == nil, architecture.widensByFour { return 4 * width }
    return try field.extent()
  }

  /// What differs from block to block.
  ///
  /// - Parameters:
  ///   - headWidth: The width of heads in all blocks that have no other.
  ///   - feedForwardWidth: The width of feed-forward layers likewise.
  /// - Returns: One for each block.
  /// - Throws: The field of the windows, the rotation, the experts or what blocks share that is not understood.
  func blocks(
    headWidth: Int, feedForwardWidth: Int
  ) throws(InputError) -> [DecoderConfiguration.BlockVariation] {
    let count = try self["num_hidden_layers"].extent(atMost: DecoderConfiguration.blockLimit)
    var windows = try windows(count: count)
    if architecture.lastBlockSeesAll { windows[count - 1] = nil }
    let heads = try ownHeads(windows: windows)
    let sharesKeys = try read("attention_k_eq_v")?.bool() ?? false
    let roles = try keyValueRoles(windows: windows, heads: heads, headWidth: headWidth)
    let widensSharing = try read("use_double_wide_mlp")?.bool() ?? false
    let experts = try experts(count: count)
    let deltas = try deltaNetworks(count: count)
    let (isRotated, unrotated) = (try isRotated, try unrotatedBlocks(count: count))
    // The rotations read so far, by what they depend on.
    var rotations: [RotaryKind: RotaryEmbedding] = [:]
    var blocks: [DecoderConfiguration.BlockVariation] = []
    for n in 0..<count {
      let kind = RotaryKind(isWindowed: windows[n] != nil, headWidth: heads[n]?.width ?? headWidth)
      let rotary: RotaryEmbedding
      if !isRotated || unrotated.contains(n) {
        rotary = .none(headWidth: kind.headWidth)
      } else if let known = rotations[kind] {
        rotary = known
      } else {
        rotary = try self.rotary(kind)
        rotations[kind] = rotary
      }
      var block = DecoderConfiguration.BlockVariation(
        slidingWindow: windows[n], rotary: rotary, experts: experts[n], delta: deltas[n],
        ownHeads: heads[n], keysServeAsValues: sharesKeys && windows[n] == nil,
        keyValueRole: roles[n])
      if widensSharing, block.keyValueSource != nil {
        block.widenFeedForward(to: 2 * feedForwardWidth)
      }
      blocks.append(block)
    }
    return blocks
  }

  /// What the rotation of a block depends on.
  private struct RotaryKind: Hashable {
    let isWindowed: Bool
    let headWidth: Int
  }

  /// Whether queries and keys are rotated in any block.
  private var isRotated: Bool {
    get throws(InputError) {
      guard architecture.fields.contains("position_embedding_type") else {
        return !architecture.learnsPositions
      }
      guard let kind = read("position_embedding_type") else { return false }
      switch try kind.string() {
      case "rope": return true
      case "nope": return false
      default:
        throw kind.mismatch(
          "rope, nope or null", kind: .unsupported,
          remedy: "these positions are not supported")
      }
    }
  }

  /// The blocks whose queries and keys are not rotated, although those of others are.
  private func unrotatedBlocks(count: Int) throws(InputError) -> Set<Int> {
    guard architecture.fields.contains("no_rope_layers") else { return [] }
    guard let list = read("no_rope_layers") else {
      let period = try self["no_rope_layer_interval"].extent()
      return Set((0..<count).filter { ($0 + 1) % period == 0 })
    }
    let flags = try list.array()
    guard flags.count == count else {
      throw list.mismatch(
        "1 or 0 for each of \(count) blocks", remedy: "check that config.json is the model's own")
    }
    var result: Set<Int> = []
    for (n, flag) in flags.enumerated() {
      switch try flag.int() {
      case 0: result.insert(n)
      case 1: break
      default:
        throw flag.mismatch(
          "1, or 0 for a block without rotation",
          remedy: "check that config.json is the model's own")
      }
    }
    return result
  }

  // MARK: - Windows

  /// The sliding window of each block; nil if the block sees all positions.
  private func windows(count: Int) throws(InputError) -> [Int?] {
    let isUsed = try read("use_sliding_window")?.bool() ?? true
    let window = isUsed ? try read("sliding_window")?.extent() : nil
    if let types = read("layer_types") {
      return try self.windows(types, count: count, window: window)
    }
    guard let window else { return [Int?](repeating: nil, count: count) }
    switch architecture.windows {
    case .never:
      return [Int?](repeating: nil, count: count)
    case .always:
      return [Int?](repeating: window, count: count)
    case .from(let field):
      let first = try self[field].int()
      return (0..<count).map { $0 >= first ? window : nil }
    case .allButEvery(let field, let period):
      let period = try field.flatMap { read($0) }?.extent() ?? period
      return (0..<count).map { ($0 + 1) % period != 0 ? window : nil }
    }
  }

  private func windows(
    _ types: JSONField, count: Int, window: Int?
  ) throws(InputError) -> [Int?] {
    let types = try types.array()
    guard types.count == count else {
      throw self["layer_types"].mismatch(
        "one for each of \(count) blocks", remedy: "check that config.json is the model's own")
    }
    var result: [Int?] = []
    for type in types {
      switch try type.string() {
      case "full_attention", architecture.attentionKind:
        result.append(nil)
      case Self.deltaKind where architecture.hasDeltaNetworks:
        result.append(nil)
      case "sliding_attention":
        guard let window else {
          throw self["sliding_window"].mismatch(
            "a window in use, as \(type.path) wants one",
            remedy: "check that config.json is the model's own")
        }
        result.append(window)
      default:
        throw type.mismatch(
          architecture.hasDeltaNetworks
            ? "full_attention or \(Self.deltaKind)" : "full_attention or sliding_attention",
          kind: .unsupported,
          remedy: "this kind of attention is not supported")
      }
    }
    return result
  }

  // MARK: - Delta networks

  /// The name in `layer_types` of a block with a delta network.
  private static let deltaKind = "linear_attention"

  /// The delta network of each block; nil if it has attention.
  private func deltaNetworks(
    count: Int
  ) throws(InputError) -> [DecoderConfiguration.Delta?] {
    guard architecture.hasDeltaNetworks else {
      return [DecoderConfiguration.Delta?](repeating: nil, count: count)
    }
    let delta = try delta()
    guard let types = read("layer_types") else {
      let period = try self["full_attention_interval"].extent()
      return (0..<count).map { ($0 + 1) % period == 0 ? nil : delta }
    }
    var result: [DecoderConfiguration.Delta?] = []
    for type in try types.array() {
      result.append(try type.string() == Self.deltaKind ? delta : nil)
    }
    return result
  }

  /// The extents of delta networks.
  private func delta() throws(InputError) -> DecoderConfiguration.Delta {
    let delta = DecoderConfiguration.Delta(
      keyHeads: try self["linear_num_key_heads"].extent(),
      heads: try self["linear_num_value_heads"].extent(),
      keyWidth: try self["linear_key_head_dim"].extent(),
      valueWidth: try self["linear_value_head_dim"].extent(),
      convolutionLength: try self["linear_conv_kernel_dim"].extent())
    guard delta.heads.isMultiple(of: delta.keyHeads) else {
      throw self["linear_num_key_heads"].mismatch(
        "a divisor of linear_num_value_heads, \(delta.heads)",
        remedy: "check that config.json is the model's own")
    }
    return delta
  }

  /// How the rows of a tensor that holds projections head by head are ordered: the number of heads, and
  /// the rows that each has of each projection, as many of all if nil.
  func rows(
    of heads: TensorNames.Headwise.Heads
  ) throws(InputError) -> (heads: Int, widths: [Int]?) {
    switch heads {
    case .attention: return (try self["num_attention_heads"].extent(), nil)
    case .deltaVectors:
      let delta = try delta()
      let values = delta.valuesWidth / delta.keyHeads
      return (delta.keyHeads, [delta.keyWidth, delta.keyWidth, values, values])
    case .deltaNumbers: return (try delta().keyHeads, nil)
    }
  }

  // MARK: - Experts

  /// The experts of each block; nil if its feed-forward layer is not a mixture.
  private func experts(
    count: Int
  ) throws(InputError) -> [DecoderConfiguration.Experts?] {
    let none = [DecoderConfiguration.Experts?](repeating: nil, count: count)
    guard architecture.hasExperts else {
      if let number = read("num_local_experts"), try number.int() != 0 {
        throw number.mismatch(
          "0: mixtures of this architecture are not supported", kind: .unsupported,
          remedy: "use one of its models without experts")
      }
      return none
    }
    if let isMixture = read("enable_moe_block"), try !isMixture.bool() { return none }
    let number = fields["num_local_experts"].present ?? self["num_experts"]
    if try number.int() == 0 { return none }
    let experts = DecoderConfiguration.Experts(
      count: try number.extent(atMost: DecoderConfiguration.blockLimit),
      expertsPerToken: try self["num_experts_per_tok"].extent(),
      width: try self["moe_intermediate_size"].extent(),
      normalizesTopK: try self["norm_topk_prob"].bool(),
      hasBiases: architecture.expertsHaveBiases,
      sharedWidth: try sharedWidth(), isBesideDense: architecture.mixesBesideDense)
    guard experts.expertsPerToken <= experts.count else {
      throw self["num_experts_per_tok"].mismatch(
        "at most as many as there are experts, \(experts.count)",
        remedy: "check that config.json is the model's own")
    }
    let period = try self["decoder_sparse_step"].extent()
    var single: Set<Int> = []
    for block in try self["mlp_only_layers"].present?.array() ?? [] {
      single.insert(try block.int())
    }
    return (0..<count).map { single.contains($0) || ($0 + 1) % period != 0 ? nil : experts }
  }

  /// The width of the expert, or of the dense layer beside a mixture, that serves every position.
  private func sharedWidth() throws(InputError) -> Int? {
    if architecture.mixesBesideDense { return try self["intermediate_size"].extent() }
    return architecture.sharesExpert
      ? try self["shared_expert_intermediate_size"].extent() : nil
  }

  // MARK: - Rotation

  /// The rotation of blocks with or without a window.
  private func rotary(_ kind: RotaryKind) throws(InputError) -> RotaryEmbedding {
    var reader = RotaryFields(
      kinds: architecture.rotaryKinds, headWidth: kind.headWidth,
      rotatesPartially:
        architecture.rotatesPartially,
      growthKey: architecture.queryGrowthKey,
      defaultBase: self["rope_theta"], defaultPart: self["partial_rotary_factor"],
      contextLength: self["max_position_embeddings"],
      originalContextLength: self["original_max_position_embeddings"])
    if kind.isWindowed, let field = architecture.windowBaseField {
      reader.defaultBase = self[field]
    }
    return try reader.read(try rotaryObject(windowed: kind.isWindowed))
  }

  /// The object that describes the rotation; nil if there is none.
  private func rotaryObject(windowed: Bool) throws(InputError) -> JSONField? {
    let kinds = ["full_attention", "sliding_attention"]
    // Newer families have a description of each kind of blocks, and no older spelling.
    let known = defaults["rope_parameters"]
    let usual = known[kinds[0]].present == nil ? nil : known.present
    let scaling = self["rope_scaling"].present
    if usual != nil, let scaling {
      throw scaling.mismatch(
        "none, as this architecture has rope_parameters", kind: .unsupported,
        remedy: "check that config.json is the model's own")
    }
    // An empty object counts as absent, as in Hugging Face's library.
    if let scaling, try !scaling.object().members.isEmpty {
      // In the older spelling, the object describes only blocks without a window if the others have
      // a base of their own.
      return windowed && architecture.windowBaseField != nil ? nil : scaling
    }
    // An absent object has the family's default already; so has one that is null, in these families.
    guard let parameters = self["rope_parameters"].present ?? usual else { return nil }
    let members = try parameters.object().members.map(\.key)
    guard members.contains(where: kinds.contains) else {
      if architecture.windowBaseField != nil || usual != nil, !members.isEmpty {
        throw parameters.mismatch(
          "a description for each of \(kinds.joined(separator: ", "))", kind: .unsupported,
          remedy: "check that config.json is the model's own")
      }
      return parameters
    }
    for key in members where !kinds.contains(key) && parameters[key].present != nil {
      throw parameters[key].mismatch(
        "nothing beside \(kinds.joined(separator: ", "))", kind: .unsupported,
        remedy: "this kind of attention is not supported")
    }
    return parameters[kinds[windowed ? 1 : 0]].present
  }
}
