/// The description that bitsandbytes stores beside a 4-bit weight, as JSON in a tensor's bytes.
///
///     {"quant_type": "nf4", "blocksize": 64, "dtype": "bfloat16", "shape": [4096, 4096],
///      "nested_blocksize": 256, "nested_dtype": "float32", "nested_offset": 0.0226}
struct NormalFloatState {
  /// The rows and columns of the weight.
  let shape: [Int]
  /// Elements that share a scale.
  let blockSize: Int
  /// Scales that share a scale of their own, and the offset of all; nil if scales are plain numbers.
  let nested: (size: Int, offset: Float)?

  /// More bytes than any such state has.
  private static let maximumLength = 1 << 14

  init(_ tensor: StoredTensor) throws(InputError) {
    guard tensor.elementType == .u8, tensor.byteCount <= Self.maximumLength else {
      throw tensor.mismatch("at most \(Self.maximumLength) bytes of JSON")
    }
    let bytes = tensor.withBytes { bytes in bytes.indices.map { bytes[$0] } }
    let root = try JSONField(
      parsing: bytes, file: "\(tensor.path ?? "weights"): tensor \(tensor.name)")
    let type = root["quant_type"]
    guard try type.string() == "nf4" else {
      throw type.mismatch("\"nf4\"", kind: .unsupported, remedy: QuantizationScheme.remedy)
    }
    shape = try Self.shape(root["shape"])
    blockSize = try root["blocksize"].int()
    guard (32...4096).contains(blockSize), blockSize & (blockSize - 1) == 0 else {
      throw root["blocksize"].mismatch("a power of two in 32...4096", kind: .unsupported)
    }
    guard let size = root["nested_blocksize"].present else {
      nested = nil
      return
    }
    let offset = Float(try root["nested_offset"].double())
    guard offset.isFinite else { throw root["nested_offset"].mismatch("a number of 32 bits") }
    guard case 1...1 << 16 = try size.int() else { throw size.mismatch("an integer in 1...65536") }
    nested = (try size.int(), offset)
  }

  private static func shape(_ field: JSONField) throws(InputError) -> [Int] {
    var shape: [Int] = []
    for extent in try field.array().prefix(3) { shape.append(try extent.int()) }
    guard shape.count == 2, shape.allSatisfy((1...1 << 30).contains) else {
      throw field.mismatch("[rows, columns]")
    }
    return shape
  }

  /// The number of elements.
  var count: Int { shape[0] * shape[1] }
}

extension NormalFloatBlocks {
  /// Joins the bytes of each weight that has a state with its levels and scales.
  static func join(_ parts: inout WeightParts) throws(InputError) {
    let prefix = ".quant_state.bitsandbytes__"
    for name in parts.names {
      guard let place = name.firstRange(of: prefix) else { continue }
      let weightName = String(name[..<place.lowerBound])
      guard let weight = parts[weightName], let description = parts[name] else { continue }
      guard name[place.upperBound...] == "nf4" else {
        throw InputError(
          .unsupported, file: description.path, subject: "tensor \(name)", expected: "type nf4",
          found: "type \(name[place.upperBound...])", remedy: QuantizationScheme.remedy)
      }
      let state = try NormalFloatState(description)
      _ = try parts.take(name, of: .u8, shape: description.shape, for: weight)
      let bytes = (state.count + 1) / 2
      guard weight.elementType == .u8, weight.shape == [bytes, 1] || weight.shape == [1, bytes]
      else {
        throw weight.mismatch("U8 [\(bytes), 1], for a matrix \(state.shape)")
      }
      let blocks = (state.count + state.blockSize - 1) / state.blockSize
      let absmax = weightName + ".absmax"
      let scales: BlockScales
      if let (size, offset) = state.nested {
        scales = .nested(
          codes: try parts.take(absmax, of: .u8, shape: [blocks], for: weight).part,
          levels: try parts.take(
            weightName + ".nested_quant_map", of: .f32, shape: [256], for: weight),
          scales: try parts.take(
            weightName + ".nested_absmax", of: .f32, shape: [(blocks + size - 1) / size],
            for: weight),
          size: size, offset: offset)
      } else {
        scales = .plain(try parts.take(absmax, of: .f32, shape: [blocks], for: weight))
      }
      let storage = NormalFloatBlocks(
        size: state.blockSize, rowLength: state.shape[1], packed: weight.parts[0],
        levels: try parts.take(weightName + ".quant_map", of: .f32, shape: [16], for: weight),
        scales: scales)
      parts.replace(weightName, shape: state.shape, storage)
    }
  }
}
