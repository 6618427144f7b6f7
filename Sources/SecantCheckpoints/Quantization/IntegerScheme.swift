/// How a folder's weights of integers are packed, from `quantization_config`.
package struct IntegerScheme: Sendable {
  /// The program that wrote the folder.
  enum Format: Sendable {
    /// GPTQ: words of neighboring inputs; z is stored less 1, or as it is.
    case gptq(isShifted: Bool)
    /// AWQ: words of eight outputs, in another order than theirs.
    case awq
    /// Compressed tensors: words of neighboring inputs, outputs along rows.
    case compressed
  }

  let format: Format
  /// Bits of an integer; nil where each weight's shapes say it.
  let bits: Int?
  /// Inputs of a group; nil for all inputs, or where each weight's shapes say it.
  let size: Int?

  /// Reads the fields of `quantization_config` for a method; nil for another method.
  ///
  /// - Throws: The field that names what is not read.
  init?(_ field: JSONField, method: String) throws(InputError) {
    switch method {
    case "gptq":
      let kind = field["checkpoint_format"]
      let name = try kind.present?.string() ?? "gptq"
      guard ["gptq", "gptq_v2"].contains(name) else {
        throw kind.unread("\"gptq\" or \"gptq_v2\"")
      }
      format = .gptq(isShifted: name == "gptq")
      bits = try Self.bits(field, [2, 4, 8])
      size = try Self.size(field)
    case "awq":
      let version = field["version"]
      guard try version.present?.string().lowercased() ?? "gemm" == "gemm" else {
        throw version.unread("\"gemm\"")
      }
      format = .awq
      bits = try Self.bits(field, [4])
      size = try Self.size(field)
    case "compressed-tensors":
      try Self.requirePacked(field)
      format = .compressed
      (bits, size) = (nil, nil)
    default: return nil
    }
  }

  private static func bits(_ field: JSONField, _ known: [Int]) throws(InputError) -> Int {
    let found = try field["bits"].int()
    guard known.contains(found) else {
      throw field["bits"].unread(known.map(String.init).joined(separator: ", "))
    }
    return found
  }

  private static func size(_ field: JSONField) throws(InputError) -> Int? {
    let found = try field["group_size"].int()
    guard found == -1 || (1...1 << 20).contains(found) else {
      throw field["group_size"].unread("the inputs of a group, or -1 for all")
    }
    return found == -1 ? nil : found
  }

  private static func requirePacked(_ field: JSONField) throws(InputError) {
    let groups = field["config_groups"]
    var formats = [field["format"]]
    for member in try groups.object().members {
      let group = groups[member.key]
      if group["format"].present != nil { formats.append(group["format"]) }
      let kind = group["weights"]["type"]
      guard try kind.present?.string() ?? "int" == "int" else { throw kind.unread("\"int\"") }
    }
    for format in formats where try format.string() != "pack-quantized" {
      throw format.unread("\"pack-quantized\"")
    }
    let sparsity = field["sparsity_config"]["format"]
    if let found = sparsity.present, try found.string() != "dense" {
      throw sparsity.unread("\"dense\"")
    }
  }

  /// Joins the tensors of every weight of integers.
  func join(_ parts: inout WeightParts) throws(InputError) {
    let suffix: String
    switch format {
    case .gptq, .awq: suffix = ".qweight"
    case .compressed: suffix = ".weight_packed"
    }
    for name in parts.names where name.hasSuffix(suffix) {
      guard let words = parts[name] else { continue }
      let layer = String(name.dropLast(suffix.count))
      guard words.elementType == .i32 else { throw words.mismatch("I32 words") }
      let storage: IntegerGroups
      switch format {
      case .gptq(let isShifted): storage = try gptq(layer, words, &parts, isShifted: isShifted)
      case .awq: storage = try awq(layer, words, &parts)
      case .compressed: storage = try compressed(layer, words, &parts)
      }
      try parts.replace(
        name, by: layer + ".weight", shape: [storage.outputs, storage.rowLength], storage)
    }
  }

  // Source: GPTQModel 7.7, `BaseQuantLinear.dequantize_weight` and `convert_gptq_v1_to_v2_format_module`.
  private func gptq(
    _ layer: String, _ words: StoredTensor, _ parts: inout WeightParts, isShifted: Bool
  ) throws(InputError) -> IntegerGroups {
    let (rows, outputs) = try words.extents()
    let bits = bits ?? 4
    let inputs = rows * (32 / bits)
    let groups = Self.groups(of: inputs, size)
    var packedZero = PackedIntegers(
      part: try parts.take(
        layer + ".qzeros", of: .i32,
        shape: PackedIntegers.words([groups, outputs], .alongRows, bits: bits), for: words
      ).part, order: .alongRows, bits: bits, rowWords: (outputs * bits + 31) / 32)
    // A field of 1 in each place of a word.
    if isShifted { packedZero.shift = .max / UInt32(1 << bits - 1) }
    let table = try groupTable(layer + ".g_idx", inputs: inputs, groups, &parts, words)
    return IntegerGroups(
      name: "GPTQ",
      packed: PackedIntegers(
        part: words.parts[0], order: .alongColumns, bits: bits, rowWords: outputs),
      zero: .packed(packedZero),
      scales: try scales(layer + ".scales", [groups, outputs], &parts, words), isByOutput: false,
      outputs: outputs, rowLength: inputs, groups: groups, size: size ?? inputs,
      groupOfInput: table?.groups ?? [], descriptions: table.map { [$0.part] } ?? [])
  }

  // Source: AutoAWQ 0.2.9, `awq/utils/packing_utils.py`.
  private func awq(
    _ layer: String, _ words: StoredTensor, _ parts: inout WeightParts
  ) throws(InputError) -> IntegerGroups {
    let (inputs, rowWords) = try words.extents()
    let outputs = 8 * rowWords
    let groups = Self.groups(of: inputs, size)
    func packed(_ part: FilePart) -> PackedIntegers {
      PackedIntegers(part: part, order: .interleaved, bits: 4, rowWords: rowWords)
    }
    let zeros = try parts.take(layer + ".qzeros", of: .i32, shape: [groups, rowWords], for: words)
    return IntegerGroups(
      name: "AWQ", packed: packed(words.parts[0]), zero: .packed(packed(zeros.part)),
      scales: try scales(layer + ".scales", [groups, outputs], &parts, words), isByOutput: false,
      outputs: outputs, rowLength: inputs, groups: groups, size: size ?? inputs,
      groupOfInput: [], descriptions: [])
  }

  // Source: compressed-tensors 0.20, `compressors/pack_quantized`.
  private func compressed(
    _ layer: String, _ words: StoredTensor, _ parts: inout WeightParts
  ) throws(InputError) -> IntegerGroups {
    let (outputs, rowWords) = try words.extents()
    let shape = try parts.take(layer + ".weight_shape", of: .i64, .i32, shape: [2], for: words)
    let numbers = Self.integers(shape)
    let inputs = numbers[1]
    let bits = [4, 8].first {
      PackedIntegers.words([outputs, inputs], .alongRows, bits: $0) == [outputs, rowWords]
    }
    guard numbers[0] == outputs, inputs > 0, let bits else {
      throw words.mismatch("words of 4 or 8 bits for a weight \(numbers)")
    }
    let given = parts[layer + ".weight_scale"]
    let groups = given.map { $0.shape.count == 2 ? $0.shape[1] : 1 } ?? 1
    guard groups > 0, groups <= inputs else {
      throw (given ?? words).mismatch("a scale for each output and group")
    }
    let scaleShape = given?.shape.count == 1 ? [outputs] : [outputs, groups]
    let scales = try scales(layer + ".weight_scale", scaleShape, &parts, words)
    // Signed integers are stored plus this.
    var zero = IntegerGroups.Zero.constant(1 << (bits - 1))
    let zeroName = layer + ".weight_zero_point"
    if parts[zeroName] != nil {
      let part = try parts.take(
        zeroName, of: .i32,
        shape: PackedIntegers.words([outputs, groups], .alongColumns, bits: bits), for: words)
      zero = .packed(
        PackedIntegers(part: part.part, order: .alongColumns, bits: bits, rowWords: groups))
    }
    let table = try groupTable(layer + ".weight_g_idx", inputs: inputs, groups, &parts, words)
    guard table != nil || inputs.isMultiple(of: groups) else {
      throw words.mismatch("whole groups, of which there are \(groups)")
    }
    return IntegerGroups(
      name: "COMPRESSED",
      packed: PackedIntegers(
        part: words.parts[0], order: .alongRows, bits: bits, rowWords: rowWords),
      zero: zero, scales: scales, isByOutput: true, outputs: outputs, rowLength: inputs,
      groups: groups, size: inputs / groups, groupOfInput: table?.groups ?? [],
      descriptions: [shape.part] + (table.map { [$0.part] } ?? []))
  }

  private static func groups(of inputs: Int, _ size: Int?) -> Int {
    size.map { (inputs + $0 - 1) / $0 } ?? 1
  }

  private func scales(
    _ name: String, _ shape: [Int], _ parts: inout WeightParts, _ weight: StoredTensor
  ) throws(InputError) -> PlainElements {
    let scales = try parts.take(name, of: .f16, .bf16, .f32, shape: shape, for: weight)
    return PlainElements(elementType: scales.elementType, rowLength: 1, part: scales.part)
  }

  /// The group of each input, where a tensor says it; nil where there is no such tensor.
  private func groupTable(
    _ name: String, inputs: Int, _ groups: Int, _ parts: inout WeightParts, _ weight: StoredTensor
  ) throws(InputError) -> (groups: [Int32], part: FilePart)? {
    guard let tensor = parts[name] else { return nil }
    let table = try parts.take(name, of: .i32, shape: [inputs], for: weight)
    let found = Self.integers(table)
    guard found.allSatisfy((0..<groups).contains) else {
      throw tensor.mismatch("numbers of \(groups) groups")
    }
    return (found.map(Int32.init), table.part)
  }

  /// Whole numbers of 32 or 64 bits.
  private static func integers(_ elements: PlainElements) -> [Int] {
    let width = elements.elementType.width
    return elements.part.withBytes { bytes in
      stride(from: 0, to: bytes.count, by: width).map { start in
        let bits = (0..<width).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64(bytes[start + $1]) }
        return width == 4 ? Int(Int32(truncatingIfNeeded: bits)) : Int(Int64(bitPattern: bits))
      }
    }
  }
}

extension JSONField {
  /// The error for a value of a quantization that is not read.
  fileprivate func unread(_ expected: String) -> InputError {
    mismatch(expected, kind: .unsupported, remedy: QuantizationScheme.remedy)
  }
}
