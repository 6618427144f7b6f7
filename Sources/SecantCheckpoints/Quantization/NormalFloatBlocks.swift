/// Numbers of 4 bits that name one of 16 levels, in blocks with a scale: level · scale, rounded once.
///
/// Blocks are successive elements of the whole matrix, whatever its rows. The upper four bits of a byte are
/// the element before that of the lower. bitsandbytes rounds the product to the type in which the model
/// was trained; nothing is rounded here that the file did not round.
/// Source: `dequantize_4bit` (https://github.com/bitsandbytes-foundation/bitsandbytes).
struct NormalFloatBlocks: TensorStorage {
  /// Elements of a block; an even number.
  let size: Int
  /// Elements of one row.
  let rowLength: Int
  /// The names of levels.
  let packed: FilePart
  /// The 16 levels.
  let levels: PlainElements
  /// The scales of the blocks.
  let scales: BlockScales

  var format: String { "NF4/\(size)" }
  var parts: [FilePart] { [packed, levels.part] + scales.parts }
  var isComputable: Bool { true }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    target.writeRows(rows, of: rowLength) { unpack(rows: $0, into: &$1) }
  }

  private func unpack(rows: Range<Int>, into target: inout MutableSpan<Float>) {
    let elements = rows.lowerBound * rowLength..<rows.upperBound * rowLength
    guard !elements.isEmpty else { return }
    let block = elements.lowerBound / size
    let skipped = elements.lowerBound - block * size
    guard skipped > 0 else { return unpack(elements, into: &target) }
    // The rows begin within a block: as much of it as they need is unpacked apart.
    let end = min((block + 1) * size, elements.upperBound)
    var first = [Float](repeating: 0, count: end - block * size)
    var span = first.mutableSpan
    unpack(block * size..<end, into: &span)
    let head = end - elements.lowerBound
    for index in 0..<head { target[index] = first[skipped + index] }
    if end < elements.upperBound {
      target.withPart(head..<elements.count) { unpack(end..<elements.upperBound, into: &$0) }
    }
  }

  /// Unpacks elements of which the first begins a block.
  private func unpack(_ elements: Range<Int>, into target: inout MutableSpan<Float>) {
    let blocks = elements.lowerBound / size..<(elements.upperBound + size - 1) / size
    let (levels, scales) = (levels.floats(0..<16), scales.values(of: blocks))
    let start = packed.byteRange.lowerBound
    packed.file.withBytes(
      in: start + elements.lowerBound / 2..<start + (elements.upperBound + 1) / 2
    ) {
      unpackLevels(
        $0, size: size, levels: levels.span, scales: scales.span, into: &target)
    }
  }

  /// The first element of the first block that reaches into some rows in which a level could make an infinity.
  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    var largest: Float = 0
    for level in levels.floats(0..<16) {
      guard level.isFinite else { return 0 }
      largest = max(largest, level.magnitude)
    }
    let first = rows.lowerBound * rowLength / size
    let end = (rows.upperBound * rowLength + size - 1) / size
    let tile = scales.tile
    for tileStart in stride(from: first / tile * tile, to: end, by: tile) {
      let start = max(first, tileStart)
      let range = start..<min(tileStart + tile, end)
      if let bound = scales.bound(of: range), (bound * largest).isFinite { continue }
      let values = scales.values(of: range)
      if let block = values.firstIndex(where: { !($0 * largest).isFinite }) {
        return (start + block) * size
      }
    }
    return nil
  }
}

/// The scales of successive blocks.
enum BlockScales: Sendable {
  /// As they are.
  case plain(PlainElements)
  /// Quantized too: the level that a byte names, times the scale of `size` such bytes, and an offset added.
  case nested(
    codes: FilePart, levels: PlainElements, scales: PlainElements, size: Int, offset: Float)

  var parts: [FilePart] {
    switch self {
    case .plain(let elements): [elements.part]
    case .nested(let codes, let levels, let scales, _, _): [codes, levels.part, scales.part]
    }
  }

  /// The scales of some blocks, every operation rounded to single precision.
  func values(of blocks: Range<Int>) -> [Float] {
    switch self {
    case .plain(let elements):
      return elements.floats(blocks)
    case .nested(let codes, let levels, let scales, let size, let offset):
      let levels = levels.floats(0..<256)
      let first = blocks.lowerBound / size
      let scales = scales.floats(first..<(blocks.upperBound + size - 1) / size)
      let start = codes.byteRange.lowerBound
      return codes.file.withBytes(in: start + blocks.lowerBound..<start + blocks.upperBound) {
        codes in
        codes.indices.map { index in
          let scale = scales[(blocks.lowerBound + index) / size - first]
          return levels[Int(codes[index])] * scale + offset
        }
      }
    }
  }

  /// Blocks whose scales are looked at together: those that share a scale of their own.
  var tile: Int {
    switch self {
    case .plain: 1 << 12
    case .nested(_, _, _, let size, _): size
    }
  }

  /// A bound on the magnitudes of the scales of a tile, found without them; nil if there is none.
  ///
  /// NaN if a level or the scale of the tile is NaN.
  func bound(of tile: Range<Int>) -> Float? {
    guard case .nested(_, let levels, let scales, let size, let offset) = self else { return nil }
    let first = tile.lowerBound / size
    let largest = levels.floats(0..<256).reduce(Float(0)) { $1.isNaN ? $1 : max($0, $1.magnitude) }
    return largest * scales.floats(first..<first + 1)[0].magnitude + offset.magnitude
  }
}

extension PlainElements {
  /// Some elements of a tensor of one dimension.
  fileprivate func floats(_ elements: Range<Int>) -> [Float] {
    var values = [Float](repeating: 0, count: elements.count)
    var target = values.mutableSpan
    convert(rows: elements, into: &target)
    return values
  }
}
