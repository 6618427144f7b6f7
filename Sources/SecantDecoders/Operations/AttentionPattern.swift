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
  /// Positions that no later query sees, ascending; none in a model as it is.
  public internal(set) var hidden: [Int] = []
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
  public var keyValueHeads: Int { keys.columns / headWidth }

  /// The value head that serves a query head.
  func valueHead(of head: Int) -> Int { head / (queryHeads / keyValueHeads) }

  /// The probabilities of one head, `[positions.count, keys.count]`, for queries at some positions.
  ///
  /// Row r sums to 1 over the positions `0...positions.lowerBound + r`, or the last of them that the
  /// window holds, and is zero elsewhere. A range of keys, by default all, must hold what the rows see.
  public func probabilities(
    head: Int, positions: Range<Int>, keys range: Range<Int>? = nil
  ) -> Matrix<S> {
    let range = range ?? 0..<keys.rows
    var scores = scores(head: head, positions: positions, keys: range)
    if let limit = rule.softcap { Kernels.softcap(&scores.elements, limit: limit) }
    hide(&scores, positions, range)
    Kernels.causalSoftmax(
      &scores.elements, columns: range.count, first: positions.lowerBound - range.lowerBound,
      window: rule.window)
    return scores
  }

  /// Takes the scores of hidden positions away from later queries; a hidden position still sees itself.
  private func hide(_ scores: inout Matrix<S>, _ positions: Range<Int>, _ keys: Range<Int>) {
    for hidden in rule.hidden where keys.contains(hidden) {
      for query in positions where query > hidden {
        scores[query - positions.lowerBound, hidden - keys.lowerBound] = -.infinity
      }
    }
  }

  /// The positions whose keys queries at some positions see.
  func seen(from positions: Range<Int>) -> Range<Int> {
    let first = rule.window.map { max(0, positions.lowerBound + 1 - $0) } ?? 0
    return first..<min(keys.rows, positions.upperBound)
  }

  /// Queries, in ranges whose probabilities are held at once: up to half a million numbers.
  func parts(of positions: Range<Int>) -> [Range<Int>] {
    let height = min(512, max(16, (1 << 19) / max(1, seen(from: positions).count)))
    return stride(from: positions.lowerBound, to: positions.upperBound, by: height).map {
      $0..<min($0 + height, positions.upperBound)
    }
  }

  /// The derivative of the bound on scores at every score of one head, `[positions.count, m]`; nil where
  /// nothing bounds them.
  func softcapSlopes(head: Int, positions: Range<Int>) -> Matrix<S>? {
    guard let limit = rule.softcap else { return nil }
    var scores = scores(head: head, positions: positions, keys: 0..<keys.rows)
    Kernels.softcapSlope(&scores.elements, limit: limit)
    return scores
  }

  /// The scaled scores of one head with some keys, `[positions.count, keys.count]`, before any bound.
  private func scores(head: Int, positions: Range<Int>, keys range: Range<Int>) -> Matrix<S> {
    var scores = Matrix<S>.unwritten(rows: positions.count, columns: range.count)
    let target = scores.window
    S.multiply(
      rule.scale, queries.elements.span, queryWindow(head: head, positions: positions),
      keys.elements.span, keyWindow(head: valueHead(of: head), positions: range).transposed, 0,
      into: &scores.elements, target, alone: true)
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

  /// One value head's keys at some positions, by default all, in `keys`, or its values in a matrix of that
  /// shape.
  func keyWindow(head: Int, positions: Range<Int>? = nil) -> MatrixWindow {
    let positions = positions ?? 0..<keys.rows
    return MatrixWindow(
      offset: positions.lowerBound * keys.columns + head * headWidth, rows: positions.count,
      columns: headWidth, stride: keys.columns)
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
    let heads = concurrentMap(Array(0..<pattern.queryHeads)) { head in
      mix(x, head: head, from: pattern.valueHead(of: head), into: strands, transposed: false)
    }
    return Tangents(strands: strands, rows: .joining(heads, rows: heads[0].rows))
  }

  /// The values' cotangents: what later positions read of earlier ones.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let (strands, heads) = headCotangents(y)
    // Query heads that share a value head add up.
    let shared = pattern.queryHeads / pattern.keyValueHeads
    let sums = stride(from: 0, to: heads.count, by: shared).map { first in
      heads[first + 1..<first + shared].reduce(heads[first], +)
    }
    return Tangents(strands: strands, rows: .joining(sums, rows: sums[0].rows))
  }

  /// The cotangents that each query head by itself sends to its values, one matrix `[…, w]` for each head.
  func headCotangents(_ y: Tangents<S>) -> (strands: [Strand], heads: [Matrix<S>]) {
    let y = y.restricted(to: reading)
    let strands = y.strands.map { strand in
      strand.supported(
        on: strand.support.isEmpty
          ? strand.support : strand.window.lowerBound..<strand.support.upperBound)
    }
    let heads = concurrentMap(Array(0..<pattern.queryHeads)) { head in
      mix(y, head: head, from: head, into: strands, transposed: true)
    }
    return (strands, heads)
  }

  /// `P x` for one head, or `Pᵀ x`: rows for some strands, `[…, w]`, of the head's columns in x.
  ///
  /// A part of the queries is taken at a time, with the keys that they see, so that of a long prompt no
  /// whole pattern is held.
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
    for part in pattern.parts(of: first..<last) {
      let seen = pattern.seen(from: part)
      let probabilities = pattern.probabilities(head: head, positions: part, keys: seen)
      for run in runs {
        let (from, to) = (run.strand.support, strands[run.firstStrand].support)
        let supports = supports(run)
        let (queries, keys) = (supports.queries.clamped(to: part), supports.keys.clamped(to: seen))
        if queries.isEmpty || keys.isEmpty { continue }
        let block = MatrixWindow(
          offset: (queries.lowerBound - part.lowerBound) * seen.count + keys.lowerBound
            - seen.lowerBound,
          rows: queries.count, columns: keys.count, stride: seen.count, transposed: transposed)
        let (read, written) = transposed ? (queries, keys) : (keys, queries)
        for j in 0..<run.count {
          let source = run.firstRow + j * from.count + read.lowerBound - from.lowerBound
          let target =
            firstRows[run.firstStrand + j] + written.lowerBound - to.lowerBound
          S.multiply(
            1, probabilities.elements.span, block, x.rows.elements.span,
            MatrixWindow(
              offset: source * columns + sourceHead * width, rows: read.count, columns: width,
              stride: columns), 1,
            into: &sums.elements,
            MatrixWindow(offset: target * width, rows: written.count, columns: width), alone: true)
        }
      }
    }
    return sums
  }
}
