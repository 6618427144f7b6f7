/// The quantization of a folder's weights, from config.json.
///
/// It is needed to join the tensors that make up one weight: the packed numbers and
/// their scales. That every tensor has the type and shape that the scheme demands is checked then.
package enum QuantizationScheme: Sendable {
  /// The weights are plain numbers.
  case none
  /// MLX: integers of 2 to 8 bits, with a scale and an offset for each group of a row, or MXFP4.
  case affine(AffineScheme)
  /// GPTQ, AWQ and compressed tensors: integers of 2, 4 or 8 bits, with a scale and a zero for each group.
  case integers(IntegerScheme)
  /// bitsandbytes: 4 bits that name a level, with a scale for each block of elements.
  case normalFloat
  /// Floating-point numbers of 8 bits, with a scale for each block of so many rows and columns.
  case float8(rows: Int, columns: Int)
  /// MXFP4: floating-point numbers of 4 bits, with a power of two as the scale of each 32.
  case microscaled

  /// Reads the fields `quantization`, which MLX writes, and `quantization_config`.
  ///
  /// Fields of `quantization_config` that say how a quantized model is to be computed, or which layers were
  /// left out, are not read: activations are never quantized here, and tensors say what they are.
  ///
  /// - Throws: The field that names a kind of quantization that is not read.
  package init(_ root: JSONField) throws(InputError) {
    if let field = root["quantization"].present {
      self = .affine(try AffineScheme(field))
    } else if let field = root["quantization_config"].present {
      let method = field["quant_method"]
      let name = try method.string()
      if let scheme = try IntegerScheme(field, method: name) {
        self = .integers(scheme)
        return
      }
      switch name {
      case "bitsandbytes":
        try Self.requireNormalFloat(field)
        self = .normalFloat
      case "fp8":
        self = try Self.float8(field)
      case "mxfp4":
        self = .microscaled
      default:
        throw method.mismatch(
          "awq, bitsandbytes, compressed-tensors, fp8, gptq or mxfp4", kind: .unsupported,
          remedy: Self.remedy)
      }
    } else {
      self = .none
    }
  }

  /// The advice for an unsupported kind of quantization.
  static let remedy =
    "use the model without quantization, or as a GGUF file, an MLX folder, GPTQ, AWQ or compressed tensors of "
    + "4 or 8 bits, bitsandbytes NF4, MXFP4, or FP8 with block scales"

  /// Gives each weight the name that it has without quantization; other tensors stay as they are.
  ///
  /// Reads a few hundred bytes for each weight if these give its shape, and otherwise nothing.
  ///
  /// - Throws: `InputError` if tensors that belong together are missing or contradict each other.
  func joining(_ tensors: [StoredTensor]) throws(InputError) -> [StoredTensor] {
    switch self {
    case .none:
      return tensors.flatMap { $0.experts ?? [$0] }
    case .affine(let scheme):
      var parts = try WeightParts(tensors.flatMap { $0.experts ?? [$0] })
      try scheme.join(&parts)
      return parts.tensors
    case .integers(let scheme):
      var parts = try WeightParts(tensors)
      try scheme.join(&parts)
      return parts.tensors
    case .normalFloat:
      var parts = try WeightParts(tensors)
      try NormalFloatBlocks.join(&parts)
      return parts.tensors
    case .float8(let rows, let columns):
      var parts = try WeightParts(tensors)
      try Float8Blocks.join(&parts, blockRows: rows, blockColumns: columns)
      return parts.tensors
    case .microscaled:
      var parts = try WeightParts(tensors)
      try MicroscaledBlocks.join(&parts)
      return parts.tensors
    }
  }

  private static func requireNormalFloat(_ field: JSONField) throws(InputError) {
    if let eight = field["load_in_8bit"].present, try eight.bool() {
      throw eight.mismatch(
        "false: LLM.int8 is not read", kind: .unsupported, remedy: remedy)
    }
    let type = field["bnb_4bit_quant_type"]
    // Its absence means fp4.
    guard try type.string() == "nf4" else {
      throw type.mismatch("\"nf4\"", kind: .unsupported, remedy: remedy)
    }
    if let storage = field["bnb_4bit_quant_storage"].present, try storage.string() != "uint8" {
      throw storage.mismatch("\"uint8\"", kind: .unsupported, remedy: remedy)
    }
  }

  private static func float8(_ field: JSONField) throws(InputError) -> QuantizationScheme {
    if let format = field["fmt"].present, try format.string() != "e4m3" {
      throw format.mismatch("\"e4m3\"", kind: .unsupported, remedy: remedy)
    }
    let extents = field["weight_block_size"]
    guard let present = extents.present else {
      throw extents.mismatch("[rows, columns]", kind: .unsupported, remedy: remedy)
    }
    var numbers: [Int] = []
    for extent in try present.array().prefix(3) { numbers.append(try extent.int()) }
    guard numbers.count == 2, numbers.allSatisfy((1...1 << 16).contains) else {
      throw extents.mismatch("[rows, columns]")
    }
    return .float8(rows: numbers[0], columns: numbers[1])
  }
}
