import SecantDecoders
import SecantOperators

/// How a steering operator changes the stream.
///
/// Let T be the number of tokens of the steering phrase, J_0 … J_{T−1} its detached Jacobians to
/// the stream after block n, x_i the vector that enters block 0 at position i of the steered text,
/// and f_k the stream after block n at its position k. If the text is longer than the phrase, the
/// Jacobians repeat: position i meets J_(i mod T).
public enum SteeringMode: String, CaseIterable, Hashable, Sendable {
  /// `f_k ← (1 − s) f_k + s a_k` with `a_k = Σ_t J_t · mean{x_i : i ≤ k, i mod T = t}`.
  ///
  /// The paper's equation (16) with λ = 1 − s. If the text is as long as the phrase, a_k at its
  /// last position is J x, the sum that the paper mixes in. If it is longer, the means keep the
  /// length of a_k about the same. A t that no position up to k has adds nothing. s is from 0 to 1.
  case mix
  /// `f_k ← f_k + s ‖f_k‖ a_k / (2 ‖a_k‖)` with `a_k = Σ_{i ≤ k} J_(i mod T) x_i`.
  ///
  /// The form in the paper's code: at strength 1 the change is half as long as the stream. s is at
  /// least 0.
  case add

  /// The streams `[n, T·d]` to which the operator is applied, one for each of the last n positions.
  ///
  /// The stream of position k depends only on the vectors up to k and is accumulated in their
  /// order, so it has the same bits whether positions come one by one or all at once.
  ///
  /// - Parameters:
  ///   - inputs: x `[k, d]`, the vectors at all positions so far.
  ///   - positions: The number of last positions for which streams are returned.
  ///   - period: T.
  /// - Returns: For each position, the vectors of the T residues, one after another.
  func streams<S: Scalar>(of inputs: Matrix<S>, positions: Int, period: Int) -> Matrix<S> {
    let d = inputs.columns
    var sums = [S](repeating: 0, count: period * d)
    var counts = [Int](repeating: 0, count: period)
    var elements: [S] = []
    for i in 0..<inputs.rows {
      Kernels.scatterRows(inputs.row(i), width: d, rows: [i % period], to: &sums)
      counts[i % period] += 1
      guard i >= inputs.rows - positions else { continue }
      var stream = sums
      if self == .mix {
        Kernels.scaleRows(&stream, width: d, by: counts.map { 1 / S(max(1, $0)) })
      }
      elements += stream
    }
    return Matrix(rows: positions, columns: period * d, elements: elements)
  }

  /// The changed stream `[n, d]`, for the stream f and the operator's output a.
  ///
  /// At strength 0 it is f itself, bit for bit; in `add`, also wherever a is 0.
  func changed<S: Scalar>(_ f: Matrix<S>, by a: Matrix<S>, strength s: Double) -> Matrix<S> {
    if s == 0 { return f }
    switch self {
    case .mix:
      return S(1 - s) * f + S(s) * a
    case .add:
      let factors = zip(f.rowNorms, a.rowNorms).map { $1 == 0 ? 0 : s * $0 / (2 * $1) }
      return f + a.scalingRows(by: factors)
    }
  }
}

extension Matrix {
  /// ‖row‖ for every row, accumulated in double precision.
  var rowNorms: [Double] {
    (0..<rows).map { r in
      Kernels.squaredNorm(elements.span.extracting(r * columns..<(r + 1) * columns)).squareRoot()
    }
  }

  /// Row r times `factors[r]`.
  func scalingRows(by factors: [Double]) -> Matrix {
    var result = elements
    Kernels.scaleRows(&result, width: columns, by: factors.map { S($0) })
    return Matrix(rows: rows, columns: columns, elements: result)
  }
}
