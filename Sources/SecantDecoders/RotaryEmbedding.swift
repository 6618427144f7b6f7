import RealModule
import SecantOperators

/// Rotary position embedding: pairs of components are turned by an angle proportional to position.
///
/// Component i of the first half of a head is paired with component i of the second half, as in
/// Hugging Face checkpoints. Angles are computed in double precision whatever the scalar.
public struct RotaryEmbedding: Hashable, Sendable {
  /// How the frequencies of a longer context are derived from the trained ones.
  public enum Scaling: Hashable, Sendable {
    /// The trained frequencies.
    case none
    /// Every frequency divided by a factor.
    case linear(factor: Double)
    /// Low frequencies divided by a factor, high ones kept, a smooth step between (Llama 3.1).
    case llama3(
      factor: Double, lowFrequencyFactor: Double, highFrequencyFactor: Double,
      originalContextLength: Int)
  }

  /// Angle per position of each pair of components `[w/2]`, in radians.
  public let frequencies: [Double]

  /// The embedding of heads of width w, with frequencies `base^(-2i/w)` before scaling.
  public init(headWidth: Int, base: Double, scaling: Scaling = .none) {
    precondition(headWidth % 2 == 0, "a head of odd width has no pairs")
    let trained = (0..<headWidth / 2).map {
      1 / Double.pow(base, Double(2 * $0) / Double(headWidth))
    }
    switch scaling {
    case .none:
      frequencies = trained
    case .linear(let factor):
      frequencies = trained.map { $0 / factor }
    case .llama3(let factor, let low, let high, let length):
      frequencies = trained.map { frequency in
        // Turns over the original context, placed between the two thresholds and clamped.
        let turns = Double(length) * frequency / (2 * .pi)
        let blend = min(1, max(0, (turns - low) / (high - low)))
        return (1 - blend) * frequency / factor + blend * frequency
      }
    }
  }

  /// The rows of `[n, heads·w]` turned for the positions `start..<start + n`.
  func rotate<S: Scalar>(_ x: Matrix<S>, from start: Int) -> Matrix<S> {
    let pairs = frequencies.count
    precondition(x.columns % (2 * pairs) == 0, "\(x.columns) columns hold no heads of \(2 * pairs)")
    var cosines = [S](), sines = [S]()
    for position in start..<start + x.rows {
      for frequency in frequencies {
        cosines.append(S(Double.cos(Double(position) * frequency)))
        sines.append(S(Double.sin(Double(position) * frequency)))
      }
    }
    var result = x
    Kernels.rotatePairs(&result.elements, width: x.columns, cosines: cosines, sines: sines)
    return result
  }
}
