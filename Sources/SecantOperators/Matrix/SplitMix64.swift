/// SplitMix64: the generator behind every seeded choice of the library.
///
/// Sixty-four bits of state, a period of 2⁶⁴, and the same sequence on every platform. Steele, Lea
/// and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014.
public struct SplitMix64: RandomNumberGenerator, Hashable, Sendable {
  private var state: UInt64

  /// A generator whose sequence depends on the seed alone.
  public init(seed: UInt64) { state = seed }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z &>> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z &>> 31)
  }
}

extension Matrix {
  /// Elements drawn uniformly from [-1, 1).
  ///
  /// Built from whole bits without a library function, so that a seed gives the same numbers
  /// everywhere.
  package static func uniform(rows: Int, columns: Int, using generator: inout SplitMix64) -> Matrix
  {
    Matrix(rows: rows, columns: columns) { _, _ in
      S(Double(generator.next() &>> 11) * 0x1p-52 - 1)
    }
  }

  /// Elements drawn from {-1, +1}: probes of Hutchinson's estimator.
  package static func signs(rows: Int, columns: Int, using generator: inout SplitMix64) -> Matrix {
    Matrix(rows: rows, columns: columns) { _, _ in generator.next() &>> 63 == 0 ? 1 : -1 }
  }
}
