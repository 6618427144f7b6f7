public import SecantCheckpoints

extension DecoderConfiguration {
  /// The configuration in a checkpoint's config.json, in either spelling that exists.
  ///
  /// - Throws: The field that is missing, of another type, out of range or not understood.
  public init(_ checkpoint: Checkpoint) throws(InputError) {
    let fields = checkpoint.configuration
    let architecture = try Architecture.named(in: fields)
    try architecture.refuseUnknownFields(in: fields)
    try self.init(huggingFace: fields, architecture: architecture.modelType)
  }

  /// The fields as Hugging Face names them, with the defaults that its library gives them.
  private init(huggingFace fields: JSONField, architecture: String) throws(InputError) {
    let width = try fields["hidden_size"].extent()
    let heads = try fields["num_attention_heads"].extent()
    let rotary = try RotaryFields(fields)
    self.init(
      architecture: architecture,
      vocabularySize: try fields["vocab_size"].extent(),
      width: width,
      feedForwardWidth: try fields["intermediate_size"].extent(),
      blockCount: try fields["num_hidden_layers"].extent(),
      queryHeads: heads,
      valueHeads: try fields["num_key_value_heads"].present?.extent() ?? heads,
      headWidth: try fields["head_dim"].present?.extent() ?? width / heads,
      contextLength: try fields["max_position_embeddings"].present?.extent() ?? 2048,
      normEpsilon: try fields["rms_norm_eps"].present?.number(in: 0...1) ?? 1e-6,
      activation: try Activation(huggingFace: fields["hidden_act"]),
      rotaryBase: rotary.base, rotaryScaling: rotary.scaling,
      attentionHasBias: try fields["attention_bias"].present?.bool() ?? false,
      feedForwardHasBias: try fields["mlp_bias"].present?.bool() ?? false,
      tiesEmbeddings: try fields["tie_word_embeddings"].present?.bool() ?? false)
    try checkHeads(fields)
  }

  private func checkHeads(_ fields: JSONField) throws(InputError) {
    if queryHeads % valueHeads != 0 {
      throw fields["num_key_value_heads"].mismatch(
        "a divisor of num_attention_heads, \(queryHeads)",
        remedy: "check that config.json is the model's own")
    }
    if headWidth < 2 || headWidth % 2 != 0 {
      throw InputError(
        .malformed, file: fields.file, subject: "field head_dim", expected: "an even width",
        found: "\(headWidth)", remedy: "check that config.json is the model's own")
    }
  }
}

extension Activation {
  /// The activation that config.json names; its absence means silu, as in Hugging Face's library.
  ///
  /// - Throws: That the name is none that is known.
  init(huggingFace field: JSONField) throws(InputError) {
    guard let field = field.present else {
      self = .silu
      return
    }
    switch try field.string() {
    case "silu", "swish": self = .silu
    case "gelu": self = .gelu
    case "gelu_pytorch_tanh", "gelu_new": self = .geluTanh
    case "relu": self = .relu
    default:
      throw field.mismatch(
        "silu, gelu, gelu_pytorch_tanh or relu", kind: .unsupported,
        remedy: "this activation is not supported")
    }
  }
}

/// What config.json says of rotary embedding: `rope_theta` and `rope_scaling`, or `rope_parameters`.
private struct RotaryFields {
  let base: Double
  let scaling: RotaryEmbedding.Scaling

  init(_ fields: JSONField) throws(InputError) {
    let combined = fields["rope_parameters"].present
    let scale = combined ?? fields["rope_scaling"].present
    let theta = combined?["rope_theta"].present ?? fields["rope_theta"].present
    base = try theta?.number(in: 1...1e12) ?? 10_000
    guard let scale else {
      scaling = .none
      return
    }
    let type = scale["rope_type"].present ?? scale["type"]
    switch try type.string() {
    case "default":
      try Self.refuseOthers(in: scale, than: [])
      scaling = .none
    case "linear":
      try Self.refuseOthers(in: scale, than: ["factor"])
      scaling = .linear(factor: try scale["factor"].number(in: 1...1e6))
    case "llama3":
      try Self.refuseOthers(
        in: scale,
        than: [
          "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings",
        ])
      let low = try scale["low_freq_factor"].number(in: 0...1e6)
      let high = try scale["high_freq_factor"].number(in: 0...1e6)
      if low >= high {
        throw scale["high_freq_factor"].mismatch(
          "a number above low_freq_factor, \(low)",
          remedy: "check that config.json is the model's own")
      }
      scaling = .llama3(
        factor: try scale["factor"].number(in: 1...1e6), lowFrequencyFactor: low,
        highFrequencyFactor: high,
        originalContextLength: try scale["original_max_position_embeddings"].extent())
    default:
      throw type.mismatch(
        "default, linear or llama3", kind: .unsupported,
        remedy: "this scaling of rotary embedding is not supported")
    }
  }

  private static func refuseOthers(in field: JSONField, than known: Set<String>) throws(InputError)
  {
    let understood = known.union(["rope_type", "type", "rope_theta"])
    let members = try field.object().members.map(\.key)
    for key in members where !understood.contains(key) && field[key].present != nil {
      throw InputError(
        .unsupported, file: field.file, subject: "field \(field[key].path)",
        expected: "only fields of this kind of scaling",
        found: field[key].value?.summary ?? "nothing",
        remedy: "this scaling of rotary embedding is not supported")
    }
  }
}

extension JSONField {
  /// A count or width: a positive integer small enough that no product of three of them overflows.
  ///
  /// - Throws: That something else stands here.
  func extent() throws(InputError) -> Int {
    let value = try int()
    guard (1...1 << 24).contains(value) else {
      throw mismatch(
        "an integer in 1...\(1 << 24)",
        remedy: "check that config.json is the model's own")
    }
    return value
  }

  /// A number in a range.
  ///
  /// - Throws: That something else stands here.
  func number(in range: ClosedRange<Double>) throws(InputError) -> Double {
    let value = try double()
    guard range.contains(value) else {
      throw mismatch(
        "a number in \(range.lowerBound)...\(range.upperBound)",
        remedy: "check that config.json is the model's own")
    }
    return value
  }
}
