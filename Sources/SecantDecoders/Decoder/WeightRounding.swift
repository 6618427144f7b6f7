import SecantCheckpoints
import SecantOperators

/// A 16-bit format to which weights are rounded before they are used.
///
/// It changes the model, not the arithmetic: the computation uses the rounded weights in its own
/// precision. Every weight is rounded, including norms, biases and embeddings, as if the checkpoint
/// had been converted.
public enum WeightRounding: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 binary16: 11 binary digits, up to 65504.
  case f16
  /// The upper half of an IEEE 754 binary32 number: 8 binary digits.
  case bf16

  /// The distance between 1 and the next number: 2^(1 − digits).
  private var spacing: Double {
    switch self {
    case .f16: 0x1p-10
    case .bf16: 0x1p-7
    }
  }

  /// The smallest number with full precision.
  private var leastNormal: Double {
    switch self {
    case .f16: 0x1p-14
    case .bf16: 0x1p-126
    }
  }

  /// The largest finite number.
  public var greatest: Double {
    switch self {
    case .f16: 65504
    case .bf16: 0x1.fep127
    }
  }

  /// The nearest number of the format, with ties to even; infinite from half a unit beyond
  /// ``greatest`` on.
  public func callAsFunction(_ x: Double) -> Double { rounded(x, spacing, leastNormal, greatest) }

  /// The rounded elements of whole rows of a tensor, row by row.
  ///
  /// Each is rounded once, from its stored value; either scalar holds the result exactly.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  func values<S: Scalar>(of tensor: StoredTensor, rows: Range<Int>) -> [S] {
    var stored = [Double](repeating: 0, count: rows.count * tensor.rowLength)
    var target = stored.mutableSpan
    tensor.convert(rows: rows, into: &target)
    let (spacing, leastNormal, greatest) = (spacing, leastNormal, greatest)
    return stored.map { S(rounded($0, spacing, leastNormal, greatest)) }
  }

  /// The row-major index of the first element that the format cannot hold; nil if there is none.
  func firstOverflow(in tensor: StoredTensor) -> Int? {
    let height = max(1, (1 << 18) / max(1, tensor.rowLength))
    for start in stride(from: 0, to: tensor.rowCount, by: height) {
      let rows = start..<min(start + height, tensor.rowCount)
      let values: [Double] = values(of: tensor, rows: rows)
      if let place = values.firstIndex(where: { !$0.isFinite }) {
        return start * tensor.rowLength + place
      }
    }
    return nil
  }
}

/// Rounds to a number of binary digits, fewer below the least normal number.
///
/// Adding 1.5 · 2⁵² units in the last place and subtracting them again leaves whole units. The
/// addition rounds to nearest even, because a `Double` has no room for more digits.
@inline(__always)
private func rounded(
  _ x: Double, _ spacing: Double, _ leastNormal: Double, _ greatest: Double
) -> Double {
  let power = Double(bitPattern: x.bitPattern & 0x7ff0_0000_0000_0000)
  let unit = max(power, leastNormal) * spacing
  let shift = 0x1.8p52 * unit
  let value = (x + shift) - shift
  guard abs(value) <= greatest else { return x.isNaN ? x : x < 0 ? -.infinity : .infinity }
  // A negative number that rounds to zero keeps its sign.
  return value == 0 ? (x.sign == .minus ? -0.0 : 0) : value
}
