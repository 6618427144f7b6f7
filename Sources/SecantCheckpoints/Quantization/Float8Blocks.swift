/// Floating-point numbers of 8 bits (E4M3, without infinities) in blocks of rows and columns with a scale
/// each: number · scale, rounded once to single precision.
///
/// Source: the releases of DeepSeek V3 and of Qwen 3 in FP8, whose tensors `weight_scale_inv` hold what a
/// number is to be multiplied by.
struct Float8Blocks: TensorStorage {
  /// Rows and columns of a block; the last of either may be smaller.
  let blockRows: Int
  let blockColumns: Int
  /// Elements of one row.
  let rowLength: Int
  /// The numbers.
  let packed: FilePart
  /// The scales, a row being those of a row of blocks.
  let scales: PlainElements

  var format: String { "F8_E4M3/\(blockRows)x\(blockColumns)" }
  var parts: [FilePart] { [packed, scales.part] }
  var isComputable: Bool { true }

  /// The largest of the numbers.
  private static let largest: Float = 448

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    target.writeRows(rows, of: rowLength) { unpack(rows: $0, into: &$1) }
  }

  private func unpack(rows: Range<Int>, into target: inout MutableSpan<Float>) {
    var (scales, scalesRow) = ([Float](), -1)
    for (offset, row) in rows.enumerated() {
      if scalesRow != row / blockRows {
        scalesRow = row / blockRows
        scales = scaleRow(scalesRow)
      }
      let start = packed.byteRange.lowerBound + row * rowLength
      target.withPart(offset * rowLength..<(offset + 1) * rowLength) { target in
        packed.file.withBytes(in: start..<start + rowLength) {
          unpackFloat8($0, size: blockColumns, scales: scales.span, into: &target)
        }
      }
    }
  }

  /// The scales of a row of blocks.
  private func scaleRow(_ row: Int) -> [Float] {
    var values = [Float](repeating: 0, count: scales.rowLength)
    var target = values.mutableSpan
    scales.convert(rows: row..<row + 1, into: &target)
    return values
  }

  /// The first element in some rows that is NaN, or the first of a block that could become infinite.
  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    guard !rows.isEmpty else { return nil }
    for block in rows.lowerBound / blockRows...(rows.upperBound - 1) / blockRows {
      let column = scaleRow(block).firstIndex { !($0 * Self.largest).isFinite }
      let inBlock = rows.clamped(to: block * blockRows..<(block + 1) * blockRows)
      let found = [
        column.map { block * blockRows * rowLength + $0 * blockColumns }, firstNaN(inRows: inBlock),
      ].compactMap(\.self)
      if let first = found.min() { return first }
    }
    return nil
  }

  /// The first element in some rows that is not a number.
  private func firstNaN(inRows rows: Range<Int>) -> Int? {
    let tile = 1 << 14
    let end = rows.upperBound * rowLength
    for start in stride(from: rows.lowerBound * rowLength, to: end, by: tile) {
      let bytes = packed.byteRange.lowerBound + start
      let range = bytes..<bytes + min(tile, end - start)
      let index = packed.file.withBytes(in: range) { bytes in
        // All ones below the sign mean NaN: adding 1 sets the sign bit.
        var union: UInt8 = 0
        for index in bytes.indices { union |= (bytes[index] & 127) &+ 1 }
        return union < 128 ? nil : bytes.indices.first { bytes[$0] & 127 == 127 }
      }
      if let index { return start + index }
    }
    return nil
  }

  /// Joins each weight of such numbers with its scales.
  static func join(
    _ parts: inout WeightParts, blockRows: Int, blockColumns: Int
  ) throws(InputError) {
    let suffix = "_scale_inv"
    for name in parts.names where name.hasSuffix(".weight" + suffix) {
      let weightName = String(name.dropLast(suffix.count))
      guard let weight = parts[weightName] else { continue }
      let (rows, columns) = try weight.extents()
      guard weight.elementType == .f8e4m3 else { throw weight.mismatch("F8_E4M3") }
      let scales = try parts.take(
        name, of: .f32, .bf16, .f16,
        shape: [(rows + blockRows - 1) / blockRows, (columns + blockColumns - 1) / blockColumns],
        for: weight)
      let storage = Float8Blocks(
        blockRows: blockRows, blockColumns: blockColumns, rowLength: columns,
        packed: weight.parts[0], scales: scales)
      parts.replace(weightName, shape: [rows, columns], storage)
    }
  }
}
