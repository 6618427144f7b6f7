/// Floating-point numbers of 4 bits (E2M1) in blocks of 32 with a power of two as their scale (MXFP4):
/// number · 2^(e − 127), exact in single precision.
///
/// The numbers of two successive elements share a byte, the first in the lower bits. Sources: the Open
/// Compute Project's "OCP Microscaling Formats (MX) Specification" (2023), and OpenAI's gpt-oss, whose
/// tensors `*_blocks` and `*_scales` these are.
struct MicroscaledBlocks: TensorStorage {
  /// Elements of one row, a multiple of 32.
  let rowLength: Int
  /// The numbers.
  let packed: FilePart
  /// e of each block, a byte.
  let exponents: FilePart

  var format: String { "MXFP4" }
  var parts: [FilePart] { [packed, exponents] }
  var isComputable: Bool { true }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    target.writeRows(rows, of: rowLength) { rows, target in
      let blocks = self.rows(rows)
      blocks.packed.withBytes { packed in
        blocks.exponents.withBytes { Self.unpack(packed, exponents: $0, into: &target) }
      }
    }
  }

  func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    self.rows(rows).exponents.withBytes { Self.firstNonFinite(among: $0) }
      .map { rows.lowerBound * rowLength + 32 * $0 }
  }

  /// Some successive rows by themselves, which may be divided into shorter ones.
  func rows(_ rows: Range<Int>, of length: Int? = nil) -> MicroscaledBlocks {
    func part(_ whole: FilePart, _ bytes: Int) -> FilePart {
      let start = whole.byteRange.lowerBound
      return FilePart(
        whole.file, start + rows.lowerBound * bytes..<start + rows.upperBound * bytes)
    }
    return MicroscaledBlocks(
      rowLength: length ?? rowLength, packed: part(packed, rowLength / 2),
      exponents: part(exponents, rowLength / 32))
  }

  /// Joins each weight `[…, n]` of such numbers, `*_blocks` `[…, n/32, 16]`, with `*_scales` `[…, n/32]`.
  static func join(_ parts: inout WeightParts) throws(InputError) {
    let suffix = "_blocks"
    for name in parts.names where name.hasSuffix(suffix) {
      guard let blocks = parts[name] else { continue }
      let weight = String(name.dropLast(suffix.count))
      let shape = blocks.shape.dropLast()
      guard blocks.elementType == .u8, shape.count > 1, blocks.shape.last == 16,
        blocks.elementCount > 0
      else { throw blocks.mismatch("U8 […, n, 16]") }
      let exponents = try parts.take(weight + "_scales", of: .u8, shape: Array(shape), for: blocks)
      let whole = shape.dropLast() + [32 * shape[shape.count - 1]]
      try parts.replace(
        name, by: weight, shape: Array(whole),
        MicroscaledBlocks(
          rowLength: whole.dropFirst().reduce(1, *), packed: blocks.parts[0],
          exponents: exponents.part))
    }
  }
}
