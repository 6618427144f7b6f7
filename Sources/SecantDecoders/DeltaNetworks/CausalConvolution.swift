public import SecantOperators

/// A short convolution over positions, each component by itself:
/// `y[t] = Σ_j w[j] ⊙ x[t − (K − 1) + j]`, with zeros before position 0.
///
/// It is linear, so its frozen form is itself.
public struct CausalConvolution<S: Scalar>: LinearOperator {
  /// w `[K, width]`: one row for each of the K positions that an output sees, the latest last.
  public let kernel: Matrix<S>
  /// Rows that the text does not have; nil in an unchanged run.
  ///
  /// Rows after them see past them.
  var masked: MaskedRows?

  /// Number of components.
  public var inputWidth: Int { kernel.columns }
  /// Number of components.
  public var outputWidth: Int { kernel.columns }
  /// K − 1: the number of earlier positions that an output sees.
  var memory: Int { kernel.rows - 1 }

  /// The outputs at the rows of `[n, width]`, which follow those of `[m, width]`.
  ///
  /// If rows are masked, no rows come before.
  func forward(_ x: Matrix<S>, after earlier: Matrix<S>) -> Matrix<S> {
    guard let masked, masked.rows.upperBound < x.rows else { return plain(x, after: earlier) }
    precondition(earlier.rows == 0, "masked rows in a continued text")
    let (before, after) = (
      x.rows(0..<masked.rows.lowerBound), x.rows(masked.rows.upperBound..<x.rows)
    )
    return .stacking(
      [
        plain(x.rows(0..<masked.rows.upperBound), after: earlier), plain(after, after: before),
      ], columns: inputWidth)
  }

  private func plain(_ x: Matrix<S>, after earlier: Matrix<S>) -> Matrix<S> {
    let all = Matrix.stacking([earlier, x], columns: inputWidth)
    var result = Matrix<S>.zero(rows: x.rows, columns: inputWidth)
    for lag in 0...memory {
      let first = max(0, lag - earlier.rows)
      guard first < x.rows else { continue }
      Kernels.addRows(
        all.elements, from: earlier.rows + first - lag, count: x.rows - first, width: inputWidth,
        times: kernel.elements, tap: memory - lag, to: &result.elements, at: first)
    }
    return result
  }

  /// The same for some of the components.
  func columns(_ range: Range<Int>) -> CausalConvolution {
    CausalConvolution(kernel: kernel.columns(range), masked: masked)
  }

  /// The outputs at each tangent's positions and the K − 1 after them.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    moved(x, isAdjoint: false) { support, reach in
      support.lowerBound..<min(support.upperBound + span, reach.upperBound)
    }
  }

  /// The cotangents at each one's positions and the K − 1 before them.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    moved(y, isAdjoint: true) { support, reach in
      max(support.lowerBound - span, reach.lowerBound)..<support.upperBound
    }
  }

  /// The number of rows over which an output's earliest input may lie before it.
  private var span: Int { memory + (masked?.rows.count ?? 0) }

  /// Ranges of rows whose inputs lie as far before them as their positions do.
  private func parts(of rows: Range<Int>, lag: Int) -> [(rows: Range<Int>, shift: Int)] {
    guard let masked = masked?.rows else { return [(rows, lag)] }
    // Rows after the masked ones that see past them, and those that see no further than their end.
    let middle = min(masked.upperBound + lag, rows.upperBound)
    return [
      (rows.clamped(to: 0..<masked.upperBound), lag),
      (rows.clamped(to: masked.upperBound..<max(masked.upperBound, middle)), lag + masked.count),
      (rows.clamped(to: max(masked.upperBound, middle)..<Int.max), lag),
    ]
  }

  /// Each row added to the positions that lie 0 to K − 1 after it, or before it.
  private func moved(
    _ x: Tangents<S>, isAdjoint: Bool, to range: (_ support: Range<Int>, Range<Int>) -> Range<Int>
  ) -> Tangents<S> {
    let strands = x.strands.map { strand in
      strand.supported(
        on: strand.support.isEmpty ? strand.support : range(strand.support, strand.reach))
    }
    var result = Tangents<S>.zero(strands: strands, columns: outputWidth)
    let (sources, targets) = (x.firstRows, result.firstRows)
    for (index, strand) in strands.enumerated() where !strand.support.isEmpty {
      let from = x.strands[index].support
      let (inputs, outputs) = isAdjoint ? (strand.support, from) : (from, strand.support)
      for lag in 0...memory {
        for (rows, shift) in parts(of: outputs, lag: lag) where !rows.isEmpty {
          let read = (rows.lowerBound - shift..<rows.upperBound - shift).clamped(to: inputs)
          if read.isEmpty { continue }
          let written = read.lowerBound + shift
          let (source, target) = isAdjoint ? (written, read.lowerBound) : (read.lowerBound, written)
          Kernels.addRows(
            x.rows.elements, from: sources[index] + source - from.lowerBound, count: read.count,
            width: inputWidth, times: kernel.elements, tap: memory - lag,
            to: &result.rows.elements, at: targets[index] + target - strand.support.lowerBound)
        }
      }
    }
    return result
  }
}
