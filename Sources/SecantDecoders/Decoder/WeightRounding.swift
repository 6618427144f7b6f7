import SecantCheckpoints
import SecantOperators

/// A format of 16 bits to whose nearest number weights are rounded before they are used.
///
/// What it changes is the model, not the arithmetic: a prompt is answered by the weights that the format
/// can hold, in whichever precision is computed with. Every weight is rounded, those of norms and biases
/// and embeddings too, as by a conversion of the checkpoint.
public enum WeightRounding: String, Hashable, Sendable, CaseIterable {
  /// IEEE 754 binary16: 11 binary digits, up to 65504.
  case f16
  /// The upper half of an IEEE 754 binary32 number: 8 binary digits.
  case bf16

  /// The distance of successive numbers from 1 on: 2 to the power of 1 less the number of digits.
  private var spacing: Double {
    switch self {
    case .f16: 0x1p-10
    case .bf16: 0x1p-7
    }
  }

  /// The least number of full precision.
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

  /// The nearest number of the format, of two as near the even one; infinite from half a unit beyond
  /// ``greatest`` on.
  public func callAsFunction(_ x: Double) -> Double { rounded(x, spacing, leastNormal, greatest) }

  /// The rounded elements of whole rows of a tensor, row by row.
  ///
  /// Each is rounded once, from its stored value, and then exact in either scalar.
  @_specialize(where S == Float)
  @_specialize(where S == Double)
  func values<S: Scalar>(of tensor: StoredTensor, rows: Range<Int>) -> [S] {
    var stored = [Double](repeating: 0, count: rows.count * tensor.rowLength)
    var target = stored.mutableSpan
    tensor.convert(rows: rows, into: &target)
    let (spacing, leastNormal, greatest) = (spacing, leastNormal, greatest)
    return stored.map { S(rounded($0, spacing, leastNormal, greatest)) }
  }

  /// The row-major index of the first element that the format cannot hold; nil where there is none.
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
/// Adding 1.5 · 2⁵² units in the last place and subtracting them again leaves whole units, rounded to
/// nearest even by the addition: a `Double` has no room for more.
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
