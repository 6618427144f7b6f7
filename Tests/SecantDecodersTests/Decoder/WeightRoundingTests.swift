import SecantCheckpoints
import SecantDecoders
import SecantOperators
import SecantTestSupport
import Testing

/// Rounding to 16 bits picks the nearest number of the format, of two as near the even one.
@Suite struct WeightRoundingTests {
  /// Every number from 0 on that a format can hold, in ascending order: the n-th has the bits n.
  private func numbers(_ format: WeightRounding) -> [Double] {
    let (digits, least, last) = format == .f16 ? (10, -14, 0x7bff) : (7, -126, 0x7f7f)
    return (0...last).map { bits in
      let (exponent, fraction) = (bits >> digits, bits & ((1 << digits) - 1))
      let unit = Double(sign: .plus, exponent: least - digits, significand: 1)
      if exponent == 0 { return Double(fraction) * unit }
      return Double(fraction + (1 << digits))
        * Double(sign: .plus, exponent: exponent - 1, significand: unit)
    }
  }

  @Test(arguments: WeightRounding.allCases)
  func picksTheNearest(_ format: WeightRounding) {
    let numbers = numbers(format)
    #expect(numbers.last == format.greatest)
    var generator = SeededGenerator(seed: 81)
    for bits in 0..<numbers.count - 1 {
      let (low, high) = (numbers[bits], numbers[bits + 1])
      let middle = low + (high - low) / 2
      #expect(format(low) == low)
      #expect(format(middle) == (bits % 2 == 0 ? low : high))
      let share = Double.random(in: 0.001..<0.499, using: &generator)
      let (below, above) = (low + share * (high - low), high - share * (high - low))
      #expect(format(below) == low && format(-below) == -low)
      #expect(format(above) == high && format(-above) == -high)
    }
  }

  @Test func whatIsTooLargeIsInfinite() {
    #expect(WeightRounding.f16(65519.99) == 65504 && WeightRounding.f16(65520) == .infinity)
    #expect(WeightRounding.f16(-1e300) == -.infinity && WeightRounding.bf16(.infinity) == .infinity)
    #expect(WeightRounding.bf16(.nan).isNaN)
    #expect(WeightRounding.f16(-1e-30).sign == .minus)
  }

  /// Weights that have a format already are used as they are; others are those of a converted checkpoint.
  @Test func roundsEveryWeight() throws {
    let stored = try #require(Fixture.all.first { $0.name == "llama-gqa-6-2" })
    let tokens = try stored.reference().tokens()
    func output(_ fixture: Fixture, _ rounding: WeightRounding?) throws -> [Double] {
      let checkpoint = try Checkpoint(at: fixture.folder)
      return try Decoder<Double>(checkpoint, roundingWeightsTo: rounding)
        .linearize(at: tokens).output()
    }
    #expect(try output(stored, .bf16) == output(stored, nil))
    let plain = try #require(Fixture.all.first)
    let checkpoint = try Checkpoint(at: plain.folder)
    let rounded = try Decoder<Float>(checkpoint, roundingWeightsTo: .bf16)
    let exact = try Decoder<Double>(checkpoint)
    let (a, b) = (rounded.unembedding.weight.rows([3]), exact.unembedding.weight.rows([3]))
    #expect(a.elements.map(Double.init) == b.elements.map { WeightRounding.bf16($0) })
    #expect(
      rounded.finalNorm.weight.map(Double.init)
        == exact.finalNorm.weight.map { WeightRounding.bf16($0) })
  }
}
