import Foundation
import SecantCheckpoints
import SecantTestSupport
import Testing

struct TensorConversionTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A tensor of that type whose elements have those bits; its file is aligned or one byte off.
  private func tensor<Bits: FixedWidthInteger & UnsignedInteger>(
    _ type: ElementType, _ bits: [Bits], shape: [Int]? = nil, aligned: Bool = true
  ) throws -> StoredTensor {
    let shape = shape ?? [bits.count]
    let size = bits.count * type.width
    var header =
      "{\"x\":{\"dtype\":\"\(type.rawValue)\",\"shape\":\(shape),\"data_offsets\":[0,\(size)]}}"
    while (header.utf8.count % 8 == 0) != aligned { header += " " }
    let data = bits.flatMap { bits in
      (0..<type.width).map { UInt8(truncatingIfNeeded: bits >> (8 * $0)) }
    }
    let url = try folder.write(safetensors(header) + data, to: UUID().uuidString)
    return try #require(try SafetensorsFile(at: url).tensor(named: "x"))
  }

  /// Equal, bit for bit, but that any NaN equals any other.
  private func areSame<Scalar: BinaryFloatingPoint>(_ a: [Scalar], _ b: [Scalar]) -> Bool {
    a.count == b.count
      && zip(a, b).allSatisfy { ($0 == $1 && $0.sign == $1.sign) || ($0.isNaN && $1.isNaN) }
  }

  @Test(arguments: [true, false])
  func everyBrain16IsTheUpperHalfOfAFloat(aligned: Bool) throws {
    let bits = (0...UInt16.max).map { $0 }
    let tensor = try tensor(.bf16, bits, aligned: aligned)
    let expected = bits.map { Float(bitPattern: UInt32($0) << 16) }
    #expect(areSame(tensor.values(as: Float.self), expected))
    #expect(areSame(tensor.values(as: Double.self), expected.map(Double.init)))
  }

  /// The value of a binary16 by its definition; one that is no number keeps its sign and payload.
  private func widened(_ bits: UInt16) -> Float {
    let sign: FloatingPointSign = bits & 0x8000 == 0 ? .plus : .minus
    let (exponent, fraction) = (Int(bits >> 10 & 31), Float(bits & 0x3ff) / 1024)
    return switch exponent {
    case 0: Float(sign: sign, exponent: -14, significand: fraction)
    case 31:
      Float(
        bitPattern: (sign == .minus ? 0xff80_0000 : 0x7f80_0000) | UInt32(bits & 0x3ff) << 13)
    default: Float(sign: sign, exponent: exponent - 15, significand: 1 + fraction)
    }
  }

  /// In order, and so mixed that infinities stand at every place among others.
  @Test(arguments: [true, false], [nil, 5] as [UInt64?])
  func everyBinary16IsExact(aligned: Bool, seed: UInt64?) throws {
    var bits = (0...UInt16.max).map { $0 }
    if let seed {
      var generator = SeededGenerator(seed: seed)
      bits.shuffle(using: &generator)
    }
    // A number more than whole vectors have.
    bits.append(0x7d01)
    let tensor = try tensor(.f16, bits, aligned: aligned)
    let expected = bits.map(widened)
    #expect(tensor.values(as: Float.self).map(\.bitPattern) == expected.map(\.bitPattern))
    #expect(areSame(tensor.values(as: Double.self), expected.map(Double.init)))
    let rows = try self.tensor(.f16, Array(bits.dropLast()), shape: [64, 1024], aligned: aligned)
    #expect(areSame(rows.values(as: Double.self), expected.dropLast().map(Double.init)))
  }

  @Test(arguments: [true, false], [UInt64(1), 2, 3])
  func wideTypesConvertAsSwiftDoes(aligned: Bool, seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let words = (0..<1000).map { _ in UInt32.random(in: .min ... .max, using: &generator) }
    let floats = words.map { Float(bitPattern: $0) }
    let single = try tensor(.f32, words, aligned: aligned)
    #expect(areSame(single.values(as: Float.self), floats))
    #expect(areSame(single.values(as: Double.self), floats.map(Double.init)))
    let doubles = (0..<1000).map { _ in Double.random(in: -1e39...1e39, using: &generator) }
    let double = try tensor(.f64, doubles.map(\.bitPattern), aligned: aligned)
    #expect(areSame(double.values(as: Float.self), doubles.map { Float($0) }))
    #expect(areSame(double.values(as: Double.self), doubles))
  }

  @Test(arguments: [ElementType.bf16, .f16], [true, false])
  func partsAreSlicesOfTheWhole(type: ElementType, aligned: Bool) throws {
    let seed: UInt64 = 7
    var generator = SeededGenerator(seed: seed)
    let bits = (0..<13 * 15).map { _ in UInt16.random(in: 0..<0x7c00, using: &generator) }
    let tensor = try tensor(type, bits, shape: [13, 3, 5], aligned: aligned)
    #expect(tensor.rowCount == 13 && tensor.rowLength == 15 && tensor.elementCount == 195)
    let whole = tensor.values(as: Float.self)
    for _ in 0..<50 {
      let start = Int.random(in: 0...13, using: &generator)
      let rows = start..<Int.random(in: start...13, using: &generator)
      var part = [Float](repeating: .nan, count: rows.count * 15)
      var target = part.mutableSpan
      tensor.convert(rows: rows, into: &target)
      #expect(part == Array(whole[rows.lowerBound * 15..<rows.upperBound * 15]), "seed \(seed)")
    }
  }

  @Test func onlyItsOwnAlignedTypeIsReadInPlace() throws {
    let values: [Float] = [1, -2, 3]
    let bits = values.map(\.bitPattern)
    let aligned = try tensor(.f32, bits)
    #expect(aligned.isDirectlyReadable(as: Float.self))
    #expect(!aligned.isDirectlyReadable(as: Double.self))
    let copy = aligned.withElements(as: Float.self) { span in span.indices.map { span[$0] } }
    #expect(copy == values)
    #expect(aligned.withElements(as: Double.self) { _ in true } == nil)
    let misaligned = try tensor(.f32, bits, aligned: false)
    #expect(!misaligned.isDirectlyReadable(as: Float.self))
    #expect(misaligned.withElements(as: Float.self) { _ in true } == nil)
    #expect(misaligned.values(as: Float.self) == values)
    #expect(try !tensor(.u32, bits).isDirectlyReadable(as: Float.self))
  }

  /// Where several threads search, the first such element is named, whichever thread finds one first.
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func manyRowsAreSearchedAsFewAre(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    let (rows, columns) = (3000, 700)
    let header =
      "{\"x\":{\"dtype\":\"BF16\",\"shape\":[\(rows),\(columns)],"
      + "\"data_offsets\":[0,\(2 * rows * columns)]}}"
    let start = 8 + header.utf8.count
    var bytes = safetensors(header) + [UInt8](repeating: 0x3f, count: 2 * rows * columns)
    let name = UUID().uuidString
    var first = Int.max
    for _ in 0..<5 {
      let place = Int.random(in: 0..<rows * columns, using: &generator)
      first = min(first, place)
      bytes[start + 2 * place] = 0x80
      bytes[start + 2 * place + 1] = 0x7f
      let file = try SafetensorsFile(at: folder.write(bytes, to: name))
      let tensor = try #require(file.tensor(named: "x"))
      #expect(tensor.firstNonFiniteIndex() == first, "seed \(seed)")
    }
  }

  /// Lengths on either side of what one pass of the search takes.
  @Test(arguments: [1, 100, 16383, 16384, 16385, 40000], [true, false])
  func findsTheFirstElementThatIsNotFinite(count: Int, aligned: Bool) throws {
    let seed = UInt64(count)
    var generator = SeededGenerator(seed: seed)
    func check<Bits: FixedWidthInteger & UnsignedInteger>(
      _ type: ElementType, largest: Bits, infinity: Bits
    ) throws {
      let sign: Bits = 1 << (Bits.bitWidth - 1)
      let finite = (0..<count).map { $0.isMultiple(of: 2) ? largest : largest | sign }
      let calm = try tensor(type, finite, aligned: aligned)
      #expect(calm.firstNonFiniteIndex() == nil)
      let index = Int.random(in: 0..<count, using: &generator)
      for bad in [infinity, infinity | sign, infinity + 1, ~0] {
        var bits = finite
        bits[index] = bad
        bits[count - 1] = bad
        let found = try tensor(type, bits, aligned: aligned).firstNonFiniteIndex()
        #expect(found == index, "seed \(seed), \(type), \(bad)")
      }
    }
    try check(.bf16, largest: 0x7f7f as UInt16, infinity: 0x7f80)
    try check(.f16, largest: 0x7bff as UInt16, infinity: 0x7c00)
    try check(
      .f32, largest: Float.greatestFiniteMagnitude.bitPattern,
      infinity: Float.infinity.bitPattern)
    try check(
      .f64, largest: Double.greatestFiniteMagnitude.bitPattern,
      infinity: Double.infinity.bitPattern)
    #expect(try tensor(.u16, [0xffff as UInt16]).firstNonFiniteIndex() == nil)
    let empty = try tensor(.bf16, [UInt16](), shape: [1 << 60, 0])
    #expect(empty.firstNonFiniteIndex() == nil)
  }
}
