/// Integers q of 2 to 8 bits in groups along a row, each with a scale s and an offset m: s·q + m.
///
/// The integers of a row follow one another without gaps, the first one in the lowest bits. Scale and offset are taken in single
/// precision, and product and sum rounded to it; where they have 16 bits the product is exact. In MLX's own
/// arithmetic the result is also rounded to the type of the scales: nothing is rounded here that the
/// file did not round. Source: `mlx.core.quantize`, mode "affine" (https://github.com/ml-explore/mlx).
struct AffineGroups: TensorStorage {
  let grouping: AffineScheme.Grouping
  /// Elements of one row: a whole number of groups.
  let rowLength: Int
  /// The integers.
  let packed: FilePart
  /// s of every group, a row being those of a row of elements.
  let scales: PlainElements
  /// m of every group.
  let offsets: PlainElements

  var format: String { "AFFINE\(grouping.bits)/\(grouping.size)" }
  var parts: [FilePart] { [packed, scales.part, offsets.part] }
  var isComputable: Bool { true }

  private var rowBytes: Int { rowLength / 8 * grouping.bits }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    target.writeRows(rows, of: rowLength) { unpack(rows: $0, into: &$1) }
  }

  private func unpack(rows: Range<Int>, into target: inout MutableSpan<Float>) {
    let (scales, offsets) = (values(of: scales, rows), values(of: offsets, rows))
    let start = packed.byteRange.lowerBound
    packed.file.withBytes(
      in: start + rows.lowerBound * rowBytes..<start + rows.upperBound * rowBytes
    ) {
      if [4, 8].contains(grouping.bits) {
        unpackAffineGroups(
          $0, bits: grouping.bits, size: grouping.size, scales: scales.span,
          offsets: offsets.span, into: &target)
      } else {
        unpackOtherBits($0, scales.span, offsets.span, into: &target)
      }
    }
  }

  /// The same for integers that may lie across two bytes.
  private func unpackOtherBits(
    _ bytes: Span<UInt8>, _ scales: Span<Float>, _ offsets: Span<Float>,
    into target: inout MutableSpan<Float>
  ) {
    let (bits, mask) = (grouping.bits, UInt16(1 << grouping.bits - 1))
    for index in target.indices {
      let (byte, bit) = (index * bits / 8, index * bits % 8)
      let next = bit + bits > 8 ? UInt16(bytes[byte + 1]) << 8 : 0
      let group = index / grouping.size
      let integer = (UInt16(bytes[byte]) | next) >> UInt16(bit) & mask
      let product = scales[group] * Float(integer)
      target[index] = product + offsets[group]
    }
  }

  /// The scales or offsets of some rows.
  private func values(of elements: PlainElements, _ rows: Range<Int>) -> [Float] {
    var values = [Float](repeating: 0, count: rows.count * (rowLength / grouping.size))
    var target = values.mutableSpan
    elements.convert(rows: rows, into: &target)
    return values
  }

  /// The first element of the first group in some rows in which an integer could make an infinity.
  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    let groups = rowLength / grouping.size
    let largest = Float(1 << grouping.bits - 1)
    let height = max(1, (1 << 12) / groups)
    for start in stride(from: rows.lowerBound, to: rows.upperBound, by: height) {
      let tile = start..<min(start + height, rows.upperBound)
      let (scales, offsets) = (values(of: scales, tile), values(of: offsets, tile))
      let group = scales.indices.first {
        !(scales[$0].magnitude * largest + offsets[$0].magnitude).isFinite
      }
      if let group { return (start * groups + group) * grouping.size }
    }
    return nil
  }
}
