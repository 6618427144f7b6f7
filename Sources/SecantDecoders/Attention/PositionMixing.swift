public import SecantOperators

/// The mixing of positions by frozen heads: `[g·w]` values to `[h·w]` head outputs.
///
/// For head j with value head c: `out[t, j] = b_j[t] ⊙ Σ_s P_j[t, s] · (a_c[s] ⊙ (C value)[s, c])`. The
/// frozen factors a of values and b of outputs are 1 unless the layer has gates, and C is the identity
/// unless it has a convolution.
public struct PositionMixing<S: Scalar>: LinearOperator {
  /// The frozen pattern.
  public let pattern: MixingPattern<S>
  /// C: the convolution of the values; nil if there is none.
  public let convolution: CausalConvolution<S>?
  /// a: the frozen factors `[T, g·w]` of the values; nil for 1.
  public let valueGate: FrozenScale<S>?
  /// b: the frozen factors `[T, h·w]` of the heads' outputs; nil for 1.
  public let outputGate: FrozenScale<S>?
  /// The positions whose outputs are needed; others are neither computed nor read.
  public let positions: Range<Int>

  /// The mixing by a pattern, computed only at the given positions.
  public init(
    _ pattern: MixingPattern<S>, convolution: CausalConvolution<S>? = nil,
    valueGate: FrozenScale<S>? = nil, outputGate: FrozenScale<S>? = nil, positions: Range<Int>
  ) {
    (self.pattern, self.convolution) = (pattern, convolution)
    (self.valueGate, self.outputGate) = (valueGate, outputGate)
    self.positions = positions
  }

  /// Width g·w of the values.
  public var inputWidth: Int { pattern.keyValueHeads * pattern.headWidth }
  /// Width h·w of the heads' outputs.
  public var outputWidth: Int { pattern.queryHeads * pattern.headWidth }

  /// The head outputs at later positions from values at some positions.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    let x = read(x)
    // Causality: a tangent that starts at position a has effects only from position a on.
    let strands = x.strands.map { strand -> Strand in
      let reached = strand.support.lowerBound..<strand.reach.upperBound
      return strand.supported(
        on: strand.support.isEmpty ? strand.support : positions.clamped(to: reached))
    }
    let heads = concurrentMap(Array(0..<pattern.queryHeads)) { head in
      mix(x, head: head, from: pattern.valueHead(of: head), into: strands, transposed: false)
    }
    let mixed = Tangents(strands: strands, rows: .joining(heads, rows: heads[0].rows))
    return outputGate?.apply(mixed) ?? mixed
  }

  /// The values after the convolution, times their factors.
  func read(_ values: Tangents<S>) -> Tangents<S> {
    let convolved = convolution?.apply(values) ?? values
    return valueGate?.apply(convolved) ?? convolved
  }

  /// The values' cotangents, from the outputs at later positions.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let (strands, heads) = headCotangents(y)
    // Heads that share a value head add up.
    let shared = pattern.queryHeads / pattern.keyValueHeads
    let sums = stride(from: 0, to: heads.count, by: shared).map { first in
      heads[first + 1..<first + shared].reduce(heads[first], +)
    }
    return Tangents(strands: strands, rows: .joining(sums, rows: sums[0].rows))
  }

  /// The cotangents that each head sends to its values, one matrix `[…, w]` per head.
  func headCotangents(_ y: Tangents<S>) -> (strands: [Strand], heads: [Matrix<S>]) {
    let asked = y.restricted(to: positions)
    let y = outputGate?.applyAdjoint(asked) ?? asked
    let strands = y.strands.map { strand in
      strand.supported(
        on: strand.support.isEmpty
          ? strand.support : strand.reach.lowerBound..<strand.support.upperBound)
    }
    let heads = concurrentMap(Array(0..<pattern.queryHeads)) { head in
      let asked = mix(y, head: head, from: head, into: strands, transposed: true)
      return unread(asked, strands, valueHead: pattern.valueHead(of: head))
    }
    return (strands, heads)
  }

  /// The cotangents of one head's values `[…, w]`, before the values' factors and convolution.
  private func unread(_ rows: Matrix<S>, _ strands: [Strand], valueHead: Int) -> Matrix<S> {
    if valueGate == nil && convolution == nil { return rows }
    let columns = valueHead * pattern.headWidth..<(valueHead + 1) * pattern.headWidth
    var asked = Tangents(strands: strands, rows: rows)
    if let valueGate {
      asked = FrozenScale(valueGate.coefficients.columns(columns)).applyAdjoint(asked)
    }
    // The strands already go as far back as they may, so the convolution leaves them as they are.
    return convolution?.columns(columns).applyAdjoint(asked).rows ?? asked.rows
  }

  /// `P x` for one head, or `Pᵀ x`: rows for some strands, `[…, w]`, of the head's columns in x.
  ///
  /// It takes some of the queries at a time, with the keys that they see, so a long prompt's whole
  /// pattern is never in memory.
  private func mix(
    _ x: Tangents<S>, head: Int, from sourceHead: Int, into strands: [Strand], transposed: Bool
  ) -> Matrix<S> {
    let (width, columns) = (pattern.headWidth, x.rows.columns)
    let runs = x.runs.filter { !$0.strand.support.isEmpty }
    var sums = Matrix<S>.zero(
      rows: strands.reduce(0) { $0 + $1.support.count }, columns: width)
    let firstRows = strands.firstRows
    func supports(_ run: Tangents<S>.Run) -> (queries: Range<Int>, keys: Range<Int>) {
      let (from, to) = (run.strand.support, strands[run.firstStrand].support)
      return transposed ? (from, to) : (to, from)
    }
    let wanted = runs.map { supports($0).queries }.filter { !$0.isEmpty }
    guard let first = wanted.map(\.lowerBound).min(), let last = wanted.map(\.upperBound).max()
    else { return sums }
    if case .delta(let delta) = pattern,
      !delta.prefersForming(
        outputs: last - first, columns: runs.reduce(0) { $0 + $1.count } * width)
    {
      for run in runs {
        let to = strands[run.firstStrand].support
        if to.isEmpty { continue }
        let image = delta.carried(
          x.rows, run, head: head, column: sourceHead * width, to: to, transposed: transposed)
        Kernels.copy(
          image.elements, from: 0, count: image.elements.count, to: &sums.elements,
          at: firstRows[run.firstStrand] * width)
      }
      return sums
    }
    for part in pattern.parts(of: first..<last) {
      let seen = pattern.seen(from: part)
      let coefficients = pattern.coefficients(head: head, positions: part, keys: seen)
      for run in runs {
        let (from, to) = (run.strand.support, strands[run.firstStrand].support)
        let supports = supports(run)
        let (queries, keys) = (supports.queries.clamped(to: part), supports.keys.clamped(to: seen))
        if queries.isEmpty || keys.isEmpty { continue }
        let block = MatrixView(
          offset: (queries.lowerBound - part.lowerBound) * seen.count + keys.lowerBound
            - seen.lowerBound,
          rows: queries.count, columns: keys.count, stride: seen.count, transposed: transposed)
        let (read, written) = transposed ? (queries, keys) : (keys, queries)
        for j in 0..<run.count {
          let source = run.firstRow + j * from.count + read.lowerBound - from.lowerBound
          let target =
            firstRows[run.firstStrand + j] + written.lowerBound - to.lowerBound
          S.multiply(
            1, coefficients.elements.span, block, x.rows.elements.span,
            MatrixView(
              offset: source * columns + sourceHead * width, rows: read.count, columns: width,
              stride: columns), 1,
            into: &sums.elements,
            MatrixView(offset: target * width, rows: written.count, columns: width), alone: true)
        }
      }
    }
    return sums
  }
}
