public import SecantOperators

/// How the scores of queries and keys become probabilities.
public struct AttentionRule<S: Scalar>: Hashable, Sendable {
  /// The width w of a head.
  public let headWidth: Int
  /// What scores are multiplied by before the softmax, usually 1/√w.
  public let scale: S
  /// c of `c·tanh(s/c)`, which bounds the scaled scores; nil where nothing does.
  public let softcap: S?
  /// The last positions that a query sees, itself among them; nil where it sees all.
  public let window: Int?
}

/// The attention probabilities of one layer at one prompt, for every query head.
///
/// Held as the rotated queries and keys that determine them: T·(h + g)·w numbers instead of h·T²,
/// at a cost per use that is small beside the weights' products.
public struct AttentionPattern<S: Scalar>: Sendable {
  /// Rotated queries `[n, h·w]` at the positions `firstQuery..<firstQuery + n`.
  public let queries: Matrix<S>
  /// Rotated keys `[m, g·w]` at the positions `0..<m`.
  public let keys: Matrix<S>
  /// The position of the first query.
  public let firstQuery: Int
  /// How their scores become probabilities.
  public let rule: AttentionRule<S>

  /// The width w of a head.
  public var headWidth: Int { rule.headWidth }
  /// Number of query heads h.
  public var queryHeads: Int { queries.columns / headWidth }
  /// Number of key (and value) heads g; each serves h/g query heads.
  public var valueHeads: Int { keys.columns / headWidth }

  /// The value head that serves a query head.
  func valueHead(of head: Int) -> Int { head / (queryHeads / valueHeads) }

  /// The probabilities of one head, `[positions.count, m]`, for queries at some positions.
  ///
  /// Row r sums to 1 over the positions `0...positions.lowerBound + r`, or the last of them that the
  /// window holds, and is zero elsewhere.
  public func probabilities(head: Int, positions: Range<Int>) -> Matrix<S> {
    var scores = scores(head: head, positions: positions)
    if let limit = rule.softcap { Kernels.softcap(&scores.elements, limit: limit) }
    Kernels.causalSoftmax(
      &scores.elements, columns: keys.rows, first: positions.lowerBound, window: rule.window)
    return scores
  }

  /// The derivative of the bound on scores at every score of one head, `[positions.count, m]`; nil where
  /// nothing bounds them.
  func softcapSlopes(head: Int, positions: Range<Int>) -> Matrix<S>? {
    guard let limit = rule.softcap else { return nil }
    var scores = scores(head: head, positions: positions)
    Kernels.softcapSlope(&scores.elements, limit: limit)
    return scores
  }

  /// The scaled scores of one head with every key, `[positions.count, m]`, before any bound.
  private func scores(head: Int, positions: Range<Int>) -> Matrix<S> {
    var scores = Matrix<S>.unwritten(rows: positions.count, columns: keys.rows)
    let target = scores.window
    S.multiply(
      rule.scale, queries.elements.span, queryWindow(head: head, positions: positions),
      keys.elements.span, keyWindow(head: valueHead(of: head)).transposed, 0,
      into: &scores.elements, target)
    return scores
  }

  /// One head's queries at some positions, in `queries`.
  func queryWindow(head: Int, positions: Range<Int>) -> MatrixWindow {
    precondition(
      positions.lowerBound >= firstQuery && positions.upperBound <= firstQuery + queries.rows,
      "no queries at \(positions)")
    return MatrixWindow(
      offset: (positions.lowerBound - firstQuery) * queries.columns + head * headWidth,
      rows: positions.count, columns: headWidth, stride: queries.columns)
  }

  /// One value head's keys at all positions, in `keys`, or its values in a matrix of that shape.
  func keyWindow(head: Int) -> MatrixWindow {
    MatrixWindow(
      offset: head * headWidth, rows: keys.rows, columns: headWidth, stride: keys.columns)
  }
}

/// The mixing of positions by frozen attention: `[g·w]` values to `[h·w]` head outputs.
///
/// For query head j with value head c: `out[t, j] = Σ_s P_j[t, s] · value[s, c]`.
public struct PositionMixing<S: Scalar>: LinearOperator {
  /// The frozen probabilities.
  public let pattern: AttentionPattern<S>
  /// The positions whose outputs are wanted; others are neither computed nor read back.
  public let reading: Range<Int>

  /// The mixing by a pattern, computed at the wanted positions only.
  public init(_ pattern: AttentionPattern<S>, reading: Range<Int>) {
    self.pattern = pattern
    self.reading = reading
  }

  /// Width g·w of the values.
  public var inputWidth: Int { pattern.keys.columns }
  /// Width h·w of the heads' outputs.
  public var outputWidth: Int { pattern.queries.columns }

  /// The head outputs that values at some positions bring about at later ones.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    // Causality: what is known from position a on shows from position a on.
    let strands = x.strands.map { strand -> Strand in
      let reached = strand.support.lowerBound..<strand.window.upperBound
      return strand.supported(
        on: strand.support.isEmpty ? strand.support : reading.clamped(to: reached))
    }
    var result = Tangents<S>.zero(strands: strands, columns: outputWidth)
    mix(from: x, into: &result, transposed: false)
    return result
  }

  /// The values' cotangents: what later positions read of earlier ones.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let y = y.restricted(to: reading)
    let strands = y.strands.map { strand in
      strand.supported(
        on: strand.support.isEmpty
          ? strand.support : strand.window.lowerBound..<strand.support.upperBound)
    }
    var result = Tangents<S>.zero(strands: strands, columns: inputWidth)
    mix(from: y, into: &result, transposed: true)
    return result
  }

  /// `target += P source` for every head, or with `Pᵀ`; query heads that share a value head add up.
  private func mix(from source: Tangents<S>, into target: inout Tangents<S>, transposed: Bool) {
    let width = pattern.headWidth
    let runs = source.runs
    let targetStrands = target.strands
    let firstRows = target.firstRows
    let (sourceColumns, targetColumns) = (source.rows.columns, target.rows.columns)
    for head in 0..<pattern.queryHeads {
      let probabilities = pattern.probabilities(head: head, positions: reading)
      let valueHead = pattern.valueHead(of: head)
      let (sourceHead, targetHead) = transposed ? (head, valueHead) : (valueHead, head)
      for run in runs where !run.strand.support.isEmpty {
        let from = run.strand.support
        let to = targetStrands[run.firstStrand].support
        let (queries, keys) = transposed ? (from, to) : (to, from)
        let block = MatrixWindow(
          offset: (queries.lowerBound - reading.lowerBound) * probabilities.columns
            + keys.lowerBound,
          rows: queries.count, columns: keys.count, stride: probabilities.columns,
          transposed: transposed)
        let windows = (0..<run.count).map { j in
          let values = MatrixWindow(
            offset: (run.firstRow + j * from.count) * sourceColumns + sourceHead * width,
            rows: from.count, columns: width, stride: sourceColumns)
          let sums = MatrixWindow(
            offset: firstRows[run.firstStrand + j] * targetColumns + targetHead * width,
            rows: to.count, columns: width, stride: targetColumns)
          return (b: values, c: sums)
        }
        S.multiplyEach(
          1, probabilities.elements.span, block, source.rows.elements.span, windows, 1,
          into: &target.rows.elements)
      }
    }
  }
}
