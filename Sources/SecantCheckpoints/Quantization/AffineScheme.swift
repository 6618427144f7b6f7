/// The content of MLX's `quantization`: the kind of numbers, their bits and the size of a group, for all layers
/// and for single ones.
package struct AffineScheme: Sendable {
  /// How the weight of a layer is quantized.
  struct Grouping: Hashable, Sendable {
    /// Bits of an integer: 2, 3, 4, 5, 6 or 8.
    let bits: Int
    /// Elements of a row that share scale and offset: 32, 64 or 128.
    let size: Int
    /// Whether the numbers are not integers but those of MXFP4, without offsets.
    let isMicroscaled: Bool

    /// - Throws: The field that is missing, or has a value that is not read.
    init(_ field: JSONField) throws(InputError) {
      let (bits, size, mode) = (field["bits"], field["group_size"], field["mode"])
      isMicroscaled = try mode.present?.string() == "mxfp4"
      if let mode = mode.present, try mode.string() != "affine", !isMicroscaled {
        throw mode.mismatch(
          "\"affine\" or \"mxfp4\"", kind: .unsupported, remedy: QuantizationScheme.remedy)
      }
      self.bits = try bits.int()
      guard [2, 3, 4, 5, 6, 8].contains(self.bits) else {
        throw bits.mismatch(
          "2, 3, 4, 5, 6 or 8", kind: .unsupported, remedy: QuantizationScheme.remedy)
      }
      self.size = try size.int()
      guard [32, 64, 128].contains(self.size) else {
        throw size.mismatch(
          "32, 64 or 128", kind: .unsupported, remedy: QuantizationScheme.remedy)
      }
      if isMicroscaled, self.bits != 4 || self.size != 32 {
        throw (self.bits == 4 ? size : bits).mismatch(
          "that of \"mxfp4\", which has 4 bits in groups of 32")
      }
    }
  }

  private let common: Grouping
  /// Those of layers that have their own, by the layers' names.
  private let exceptions: [String: Grouping]

  init(_ field: JSONField) throws(InputError) {
    common = try Grouping(field)
    var exceptions: [String: Grouping] = [:]
    for member in try field.object().members {
      switch (member.key, member.value) {
      case ("bits", _), ("group_size", _), ("mode", _):
        break
      // Whether a layer is quantized at all, its tensors say too.
      case (_, .bool), (_, .null):
        break
      case (let layer, .object):
        exceptions[layer] = try Grouping(field[layer])
      default:
        throw field[member.key].mismatch(
          "a layer's own bits and group_size", kind: .unsupported,
          remedy: QuantizationScheme.remedy)
      }
    }
    self.exceptions = exceptions
  }

  /// How the weight of a layer is quantized.
  private func grouping(of layer: String) -> Grouping {
    if exceptions.isEmpty { return common }
    // Experts were one layer where the exception was written.
    let stacked = StoredTensor.stackedExperts.map {
      layer.replacing(/\.experts\.[0-9]+\./, with: $0)
    }
    return exceptions[layer] ?? stacked.lazy.compactMap { exceptions[$0] }.first ?? common
  }

  /// Joins `weight`, `scales` and, unless it is MXFP4, `biases` of every layer that has scales.
  func join(_ parts: inout WeightParts) throws(InputError) {
    let suffix = ".scales"
    for name in parts.names where name.hasSuffix(suffix) {
      let layer = String(name.dropLast(suffix.count))
      guard let weight = parts[layer + ".weight"], let scales = parts[name] else { continue }
      let grouping = grouping(of: layer)
      let (rows, words) = try weight.extents()
      // The packed words take more bytes than there are words, so no product overflows.
      let columns = words * 32 / grouping.bits
      guard weight.elementType == .u32, words * 32 == columns * grouping.bits,
        columns.isMultiple(of: grouping.size)
      else {
        throw weight.mismatch("U32 rows of whole groups of \(grouping.size) elements")
      }
      guard let type = scales.elementType,
        grouping.isMicroscaled || [.f16, .bf16, .f32].contains(type)
      else { throw scales.mismatch("F16, BF16 or F32") }
      let shape = [rows, columns / grouping.size]
      if grouping.isMicroscaled {
        let exponents = try parts.take(name, of: .u8, shape: shape, for: weight)
        parts.replace(
          weight.name, shape: [rows, columns],
          MicroscaledBlocks(
            rowLength: columns, packed: weight.parts[0], exponents: exponents.part))
        continue
      }
      let storage = AffineGroups(
        grouping: grouping, rowLength: columns, packed: weight.parts[0],
        scales: try parts.take(name, of: type, shape: shape, for: weight),
        offsets: try parts.take(layer + ".biases", of: type, shape: shape, for: weight))
      parts.replace(weight.name, shape: [rows, columns], storage)
    }
  }
}
