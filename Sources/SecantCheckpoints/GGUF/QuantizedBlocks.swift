/// The numbers of a tensor of a GGUF file that share scales by blocks.
///
/// A weight is what the reference implementation computes for it in single precision, so a model is the
/// same model in `Float` and in `Double`.
struct QuantizedBlocks: TensorStorage {
  /// The type of the blocks, of which a row is a whole number.
  let type: GGMLType
  /// Elements of one row.
  let rowLength: Int
  /// The blocks.
  let part: FilePart

  var format: String { type.name }
  var parts: [FilePart] { [part] }
  var isComputable: Bool {
    // A row of a vector is one number, and so no whole number of blocks.
    Self.computableTypes.contains(type) && rowLength.isMultiple(of: type.block.elements)
  }

  /// The types that can be unpacked: all that a file of weights may have.
  static let computableTypes: Set<GGMLType> = [
    .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q2_K, .q3_K, .q4_K, .q5_K, .q6_K, .iq1_s, .iq1_m, .iq2_xxs,
    .iq2_xs, .iq2_s, .iq3_xxs, .iq3_s, .iq4_nl, .iq4_xs, .tq1_0, .tq2_0, .mxfp4,
  ]

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    part.file.withBytes(in: byteRange(of: rows)) { Self.unpack($0, of: type, into: &target) }
  }

  /// The first element of the first block of some rows with a scale that is infinite or not a number.
  ///
  /// The other bits of a block are integers of at most 8 bits, or name such, whose products with a finite
  /// scale of 16 bits are finite; so scales are all that is looked at. Of `mxfp4`, exponents are.
  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    guard isComputable else { return nil }
    return part.file.withBytes(in: byteRange(of: rows)) { Self.firstNonFinite(in: $0, of: type) }
      .map { rows.lowerBound * rowLength + $0 * type.block.elements }
  }

  /// The offsets in the file of some rows.
  private func byteRange(of rows: Range<Int>) -> Range<Int> {
    let rowBytes = rowLength / type.block.elements * type.block.bytes
    let start = part.byteRange.lowerBound
    return start + rows.lowerBound * rowBytes..<start + rows.upperBound * rowBytes
  }
}
