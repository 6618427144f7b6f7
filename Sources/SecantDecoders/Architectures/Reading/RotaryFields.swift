import SecantCheckpoints

/// The fields of an object such as `rope_scaling`, which describes rotary embedding.
struct RotaryFields {
  /// A family's own names for kinds of scaling, with their usual names.
  let kinds: [String: String]
  let headWidth: Int
  /// Whether the family supports heads of which a part is not rotated.
  let rotatesPartially: Bool
  /// The key that says how queries grow with their position; nil if they do not.
  let growthKey: String?
  /// The fields next to the object, for values that it lacks.
  var defaultBase: JSONField
  let defaultPart: JSONField
  let contextLength: JSONField
  let originalContextLength: JSONField

  /// The fields of all kinds of scaling.
  ///
  /// A kind of scaling ignores fields of other kinds, as Hugging Face's library does. Sections of
  /// positions are for images; for text they are all alike.
  static let knownKeys: Set<String> = [
    "attention_factor", "attn_factor", "beta_fast", "beta_slow", "extrapolation_factor", "factor",
    "finetuned", "high_freq_factor", "long_factor", "long_mscale", "low_freq_factor",
    "mrope_interleaved", "mrope_section", "mscale", "mscale_all_dim",
    "original_max_position_embeddings", "partial_rotary_factor", "rope_theta", "rope_type",
    "short_factor", "short_mscale", "truncate", "type",
  ]

  /// The fields of ``knownKeys`` that a rotation without scaling may have too.
  private static let plainKeys: Set<String> = [
    "mrope_interleaved", "mrope_section", "original_max_position_embeddings",
    "partial_rotary_factor", "rope_theta",
  ]

  /// Factors and divisors.
  private static let factors = 1e-9...1e9

  /// The rotation that an object describes; the plain rotation if there is no object.
  ///
  /// - Throws: The field that is missing, out of range or not understood.
  func read(_ object: JSONField?) throws(InputError) -> RotaryEmbedding {
    let base =
      try (object?["rope_theta"].present ?? defaultBase.present)?.number(in: 1...1e12) ?? 10_000
    let part = object?["partial_rotary_factor"].present ?? defaultPart.present
    if let object, try kind(of: object) == "proportional" {
      return try proportional(object, base: base, part: part)
    }
    let rotated = try rotatedWidth(part)
    guard let object else {
      return RotaryEmbedding(headWidth: headWidth, rotatedWidth: rotated, base: base)
    }
    let (scaling, amplitude) = try scaling(object, base: base, pairs: (rotated + 1) / 2)
    let rotary = RotaryEmbedding(
      headWidth: headWidth, rotatedWidth: rotated, base: base, scaling: scaling,
      amplitude: amplitude)
    guard let key = growthKey, let rate = object[key].present else { return rotary }
    return rotary.growing(
      .init(rate: try rate.number(in: 0...1e9), contextLength: try originalLength(object)))
  }

  /// The width over which the frequencies are spread.
  private func rotatedWidth(_ part: JSONField?) throws(InputError) -> Int {
    let share = try part?.number(in: 0...1) ?? 1
    if let part, share != 1, !rotatesPartially {
      throw part.mismatch(
        "1, as in every other model of this architecture", kind: .unsupported,
        remedy: "this rotation is not supported")
    }
    let rotated = Int(Double(headWidth) * share)
    guard rotated >= 1, (rotated + 1) / 2 * 2 <= headWidth else {
      throw InputError(
        .malformed, file: defaultBase.file, subject: "field \(part?.path ?? "head_dim")",
        expected: "pairs of components that fit into a head of \(headWidth)", found: "\(rotated)",
        remedy: "check that config.json is the model's own")
    }
    return rotated
  }

  private func scaling(
    _ object: JSONField, base: Double, pairs: Int
  ) throws(InputError) -> (RotaryEmbedding.Scaling, amplitude: Double) {
    try refuseUnknownKeys(in: object)
    switch try kind(of: object) {
    // For text, the three positions of mrope are equal.
    case "default", "mrope":
      return (.none, 1)
    case "linear":
      return (.linear(factor: try object["factor"].number(in: Self.factors)), 1)
    case "dynamic":
      return (
        .dynamic(
          factor: try object["factor"].number(in: 1...1e9),
          trainedContextLength: try contextLength.extent()), 1
      )
    case "llama3":
      return (try llama3(object), 1)
    case "yarn":
      return try yarn(object, base: base)
    case "longrope":
      return try longRoPE(object, pairs: pairs)
    default:
      throw type(of: object).mismatch(
        "default, linear, dynamic, llama3, yarn, longrope or proportional", kind: .unsupported,
        remedy: "this scaling of rotary embedding is not supported")
    }
  }

  /// The field that names the kind of scaling.
  private func type(of object: JSONField) -> JSONField {
    object["rope_type"].present ?? object["type"]
  }

  /// The kind of scaling, by its usual name.
  private func kind(of object: JSONField) throws(InputError) -> String {
    let name = try type(of: object).present?.string() ?? "default"
    return kinds[name] ?? name
  }

  /// The rotation of the first pairs of a whole head: the part of a head's width, in whole pairs.
  private func proportional(
    _ object: JSONField, base: Double, part: JSONField?
  ) throws(InputError) -> RotaryEmbedding {
    try refuseUnknownKeys(in: object)
    let share = try part?.number(in: 0...1) ?? 1
    guard headWidth.isMultiple(of: 2) else {
      throw type(of: object).mismatch(
        "a kind for heads of an odd width, \(headWidth)",
        remedy: "check that config.json is the model's own")
    }
    return RotaryEmbedding(
      headWidth: headWidth, base: base,
      scaling: .proportional(
        rotatedPairs: Int(share * Double(headWidth) / 2),
        factor: try object["factor"].present?.number(in: Self.factors) ?? 1))
  }

  private func llama3(_ object: JSONField) throws(InputError) -> RotaryEmbedding.Scaling {
    let low = try object["low_freq_factor"].number(in: 0...1e6)
    let high = try object["high_freq_factor"].number(in: 0...1e6)
    if low >= high {
      throw object["high_freq_factor"].mismatch(
        "a number above low_freq_factor, \(low)",
        remedy: "check that config.json is the model's own")
    }
    return .llama3(
      factor: try object["factor"].number(in: Self.factors), lowFrequencyFactor: low,
      highFrequencyFactor: high, originalContextLength: try originalLength(object))
  }

  private func yarn(
    _ object: JSONField, base: Double
  ) throws(InputError) -> (RotaryEmbedding.Scaling, amplitude: Double) {
    // DeepSeek's attn_factor is not read by Hugging Face's library, with which the model was published.
    guard base > 1 else {
      throw defaultBase.mismatch(
        "a base above 1", remedy: "check that config.json is the model's own")
    }
    let original = try originalLength(object)
    let factor = try factor(object, originalContextLength: original)
    let scaling = RotaryEmbedding.Scaling.yarn(
      factor: factor,
      fastTurns: try turns(object["beta_fast"]) ?? 32,
      slowTurns: try turns(object["beta_slow"]) ?? 1,
      originalContextLength: original,
      roundsRange: try object["truncate"].present?.bool() ?? true)
    if let given = object["attention_factor"].present {
      return (scaling, try given.number(in: 0...1e9))
    }
    let scale = try object["mscale"].present?.number(in: 0...1e9) ?? 0
    let scaleOfAll = try object["mscale_all_dim"].present?.number(in: 0...1e9) ?? 0
    // If one is missing or zero, both count as absent, as in Hugging Face's library.
    let amplitude =
      scale == 0 || scaleOfAll == 0
      ? RotaryEmbedding.yarnAmplitude(factor: factor)
      : RotaryEmbedding.yarnAmplitude(factor: factor, multiplier: scale)
        / RotaryEmbedding.yarnAmplitude(factor: factor, multiplier: scaleOfAll)
    return (scaling, amplitude)
  }

  private func longRoPE(
    _ object: JSONField, pairs: Int
  ) throws(InputError) -> (RotaryEmbedding.Scaling, amplitude: Double) {
    let original = try originalLength(object)
    let scaling = RotaryEmbedding.Scaling.longRoPE(
      shortFactors: try factors(object["short_factor"], count: pairs),
      longFactors: try factors(object["long_factor"], count: pairs),
      originalContextLength: original)
    if let given = object["attention_factor"].present {
      return (scaling, try given.number(in: 0...1e9))
    }
    guard original > 1 else {
      throw originalContextLength.mismatch(
        "a length above 1", remedy: "check that config.json is the model's own")
    }
    let factor = try factor(object, originalContextLength: original)
    return (
      scaling,
      RotaryEmbedding.longRoPEAmplitude(factor: factor, originalContextLength: original)
    )
  }

  /// The factor in the object, or otherwise the ratio of the two context lengths.
  private func factor(
    _ object: JSONField, originalContextLength original: Int
  ) throws(InputError) -> Double {
    if let given = object["factor"].present { return try given.number(in: Self.factors) }
    return Double(try contextLength.extent()) / Double(original)
  }

  private func factors(_ field: JSONField, count: Int) throws(InputError) -> [Double] {
    let elements = try field.array()
    guard elements.count == count else {
      throw field.mismatch(
        "a factor for each of \(count) pairs", remedy: "check that config.json is the model's own")
    }
    var result: [Double] = []
    for element in elements { result.append(try element.number(in: Self.factors)) }
    return result
  }

  /// The original context length: from the field next to the object, otherwise from the object,
  /// otherwise the whole context.
  private func originalLength(_ object: JSONField) throws(InputError) -> Int {
    let inner = object["original_max_position_embeddings"].present
    return try (originalContextLength.present ?? inner ?? contextLength).extent()
  }

  /// A number of full rotations; zero counts as absent, as in Hugging Face's library.
  private func turns(_ field: JSONField) throws(InputError) -> Double? {
    guard let field = field.present, try field.double() != 0 else { return nil }
    return try field.number(in: Self.factors)
  }

  private func refuseUnknownKeys(in object: JSONField) throws(InputError) {
    let own = growthKey.map { [$0, "max_position_embeddings"] } ?? []
    let keys = try object.object().members.map(\.key)
      .filter { object[$0].present != nil && !own.contains($0) }
    if let key = keys.first(where: { !Self.knownKeys.contains($0) }) {
      throw InputError(
        .unsupported, file: object.file, subject: "field \(object[key].path)",
        expected: "only fields that some kind of rotary scaling has",
        found: object[key].value?.summary ?? "nothing",
        remedy: "the scaling itself may be supported: pass the field over by ignoringFields: "
          + "\(object[key].path) if you know that it does not change what the model computes")
    }
    let isNamed = keys.contains("rope_type") || keys.contains("type")
    if !isNamed, let key = keys.first(where: { !Self.plainKeys.contains($0) }) {
      throw object["rope_type"].mismatch(
        "the kind of scaling, as \(object[key].path) belongs to one",
        remedy: "check that config.json is the model's own")
    }
  }
}
