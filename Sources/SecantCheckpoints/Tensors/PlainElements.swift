// The loops of this file run over every weight of a model. They are safe code that the compiler turns
// into vector instructions, compiled once for Float and once for Double: a generic caller chooses
// between the two once a call. Numbers of binary16 alone are C's: they need an instruction that a build for
// every x86-64 may not use, and without it `Float(Float16(…))` calls a function for each number.

/// Plain numbers, stored one after the other in a file.
package struct PlainElements: TensorStorage {
  /// The type of each element.
  let elementType: ElementType
  /// Elements of one row.
  let rowLength: Int
  /// The elements' bytes.
  let part: FilePart

  package var format: String { elementType.rawValue }
  package var parts: [FilePart] { [part] }
  package var isComputable: Bool { elementType.isComputable }
  package var plain: PlainElements? { self }

  /// The number of elements.
  private var count: Int { part.byteRange.count / elementType.width }

  /// The offsets in the file of the elements at `range`.
  func byteRange(ofElements range: Range<Int>) -> Range<Int> {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "no such elements")
    let start = part.byteRange.lowerBound + range.lowerBound * elementType.width
    return start..<start + range.count * elementType.width
  }

  @_specialize(where Scalar == Float)
  @_specialize(where Scalar == Double)
  package func convert<Scalar: BinaryFloatingPoint & BitwiseCopyable>(
    rows: Range<Int>, into target: inout MutableSpan<Scalar>
  ) {
    let bytes = byteRange(
      ofElements: rows.lowerBound * rowLength..<rows.upperBound * rowLength)
    let file = part.file
    switch elementType {
    case .f64:
      file.withElements(of: Double.self, in: bytes) { map($0, into: &target) { Scalar($0) } }
    case .f32:
      file.withElements(of: Float.self, in: bytes) { map($0, into: &target) { Scalar($0) } }
    case .bf16:
      file.withElements(of: UInt16.self, in: bytes) {
        map($0, into: &target) { Scalar(Float(brain16: $0)) }
      }
    case .f16:
      target.writeRows(rows, of: rowLength) { rows, target in
        let elements = rows.lowerBound * rowLength..<rows.upperBound * rowLength
        file.withBytes(in: byteRange(ofElements: elements)) { widenHalves($0, into: &target) }
      }
    default:
      preconditionFailure("Secant does not compute with elements of type \(elementType.rawValue)")
    }
  }

  package func firstNonFiniteIndex(inRows rows: Range<Int>) -> Int? {
    let elements = rows.lowerBound * rowLength..<rows.upperBound * rowLength
    return switch elementType {
    case .f64: firstIndex(in: elements, ofMagnitudeAtLeast: Double.infinity.bitPattern)
    case .f32: firstIndex(in: elements, ofMagnitudeAtLeast: Float.infinity.bitPattern)
    case .bf16: firstIndex(in: elements, ofMagnitudeAtLeast: 0x7f80 as UInt16)
    case .f16: firstIndex(in: elements, ofMagnitudeAtLeast: 0x7c00 as UInt16)
    default: nil
    }
  }

  /// The index of the first of some elements whose bits, without the sign, are at least those of infinity.
  @inline(__always)
  private func firstIndex<Bits: FixedWidthInteger & UnsignedInteger & BitwiseCopyable>(
    in elements: Range<Int>, ofMagnitudeAtLeast infinity: Bits
  ) -> Int? {
    let sign: Bits = 1 << (Bits.bitWidth - 1)
    // Adding this carries into the sign bit exactly where the magnitude reaches infinity.
    let carry = sign - infinity
    let tile = 1 << 14
    for start in stride(from: elements.lowerBound, to: elements.upperBound, by: tile) {
      let range = start..<min(start + tile, elements.upperBound)
      let offset = part.file.withElements(of: Bits.self, in: byteRange(ofElements: range)) { bits in
        var union: Bits = 0
        for index in bits.indices { union |= (bits[index] & ~sign) &+ carry }
        guard union & sign != 0 else { return nil as Int? }
        return bits.indices.first { (bits[$0] & ~sign) >= infinity }
      }
      if let offset { return start + offset }
    }
    return nil
  }
}

/// Writes the image of every element into the place of the same index.
@inline(__always)
private func map<Element, Image>(
  _ source: Span<Element>, into target: inout MutableSpan<Image>, _ transform: (Element) -> Image
) {
  let count = source.count
  precondition(count == target.count)
  for index in 0..<count { target[index] = transform(source[index]) }
}

extension Float {
  /// The value of a bfloat16: the upper half of a `Float`.
  @inline(__always)
  init(brain16 bits: UInt16) {
    self.init(bitPattern: UInt32(bits) &<< 16)
  }
}
