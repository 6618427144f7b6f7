public import SecantOperators

/// How the outputs of attention's heads depend on its scores: the part of the derivative that
/// freezing drops.
///
/// `do[t] = Σ_s dP[t, s] v[s]` with `dP = P ⊙ (dz − Σ_s P dz)`, `dz = cap′(s) ds` and
/// `ds[t, s] = scale · (dq[t]·k[s] + q[t]·dk[s])`, for every head. It is the sum of two maps, one
/// from queries and one from keys.
public struct ScoreResponse<S: Scalar>: Sendable {
  /// The pattern P, held as the rotated queries and keys that determine it.
  public let pattern: AttentionPattern<S>
  /// v: the values that the pattern mixes, `[T, g·w]`.
  public let values: Matrix<S>

  /// The number of elements of changes of scores in memory at a time.
  fileprivate static var heldElements: Int { 1 << 22 }

  /// One head, at the positions whose outputs are needed.
  fileprivate struct Head {
    let index: Int
    /// The place of its keys and values among those of all heads.
    let keys: MatrixView
    let positions: Range<Int>
    let probabilities: Matrix<S>
    let slopes: Matrix<S>?

    /// Turns changes of scores into changes of probabilities; row r belongs to the query at
    /// `positions[table[r]]`.
    func respond(_ changes: inout Matrix<S>, _ table: [Int]) {
      if let slopes { changes = changes.multiplyingRows(by: slopes, at: table) }
      soften(&changes, table)
    }

    /// The adjoint: the same symmetric factors in the other order.
    func respondAdjoint(_ changes: inout Matrix<S>, _ table: [Int]) {
      soften(&changes, table)
      if let slopes { changes = changes.multiplyingRows(by: slopes, at: table) }
    }

    private func soften(_ changes: inout Matrix<S>, _ table: [Int]) {
      Kernels.softmaxResponse(
        &changes.elements, columns: changes.columns, probabilities: probabilities.elements,
        rows: table)
    }
  }

  fileprivate func forEachHead(positions: Range<Int>, _ body: (Head) -> Void) {
    for head in 0..<pattern.queryHeads {
      body(
        Head(
          index: head, keys: pattern.keyView(head: pattern.valueHead(of: head)),
          positions: positions,
          probabilities: pattern.probabilities(head: head, positions: positions),
          slopes: pattern.softcapSlopes(head: head, positions: positions)))
    }
  }

  /// The cotangents `[n, m]` of one head's scores with every key, from cotangents `[n, h·w]` of the
  /// outputs.
  fileprivate func changes(
    asked rows: Matrix<S>, _ range: Range<Int>, _ head: Head, _ table: [Int]
  ) -> Matrix<S> {
    var changes = Matrix<S>.unwritten(rows: range.count, columns: pattern.keys.rows)
    let target = changes.view
    S.multiply(
      1, rows.elements.span, view(range, head), values.elements.span, head.keys.transposed, 0,
      into: &changes.elements, target)
    head.respondAdjoint(&changes, table)
    return changes
  }

  /// Some rows of one query head in a matrix `[…, h·w]`.
  fileprivate func view(_ rows: Range<Int>, _ head: Head) -> MatrixView {
    MatrixView(
      offset: rows.lowerBound * pattern.queries.columns + head.index * pattern.headWidth,
      rows: rows.count, columns: pattern.headWidth, stride: pattern.queries.columns)
  }

  /// Ranges of rows whose scores fit into memory.
  fileprivate func parts(of count: Int) -> [Range<Int>] {
    let height = max(1, Self.heldElements / max(1, pattern.keys.rows))
    return stride(from: 0, to: count, by: height).map { $0..<min($0 + height, count) }
  }
}

/// From changes of queries `[h·w]` to changes of the heads' outputs `[h·w]`: a position looks for
/// something else.
struct QueryMixing<S: Scalar>: LinearOperator {
  /// How outputs follow scores.
  let response: ScoreResponse<S>
  /// The positions whose outputs are needed.
  let positions: Range<Int>

  var inputWidth: Int { response.pattern.queries.columns }
  var outputWidth: Int { response.pattern.queries.columns }

  /// Outputs change only where queries change.
  func apply(_ x: Tangents<S>) -> Tangents<S> {
    mapping(x) { head, rows, range, table, result in
      let pattern = response.pattern
      var changes = Matrix<S>.unwritten(rows: range.count, columns: pattern.keys.rows)
      let (target, view) = (changes.view, response.view(range, head))
      S.multiply(
        pattern.rule.scale, rows.elements.span, view, pattern.keys.elements.span,
        head.keys.transposed, 0, into: &changes.elements, target)
      head.respond(&changes, table)
      S.multiply(
        1, changes.elements.span, target, response.values.elements.span, head.keys, 0,
        into: &result.elements, view)
    }
  }

  /// The queries' cotangents.
  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    mapping(y) { head, rows, range, table, result in
      let pattern = response.pattern
      let changes = response.changes(asked: rows, range, head, table)
      S.multiply(
        pattern.rule.scale, changes.elements.span, changes.view, pattern.keys.elements.span,
        head.keys, 0, into: &result.elements, response.view(range, head))
    }
  }

  private func mapping(
    _ x: Tangents<S>,
    _ body: (ScoreResponse<S>.Head, Matrix<S>, Range<Int>, [Int], inout Matrix<S>) -> Void
  ) -> Tangents<S> {
    let x = x.restricted(to: positions)
    let table = x.positions.map { $0 - positions.lowerBound }
    var result = Matrix<S>.zero(rows: x.rows.rows, columns: outputWidth)
    response.forEachHead(positions: positions) { head in
      for part in response.parts(of: x.rows.rows) {
        body(head, x.rows, part, Array(table[part]), &result)
      }
    }
    return x.replacingRows(result)
  }
}

/// From changes of keys `[g·w]` to changes of the heads' outputs `[h·w]`: a position offers
/// something else to later ones.
struct KeyMixing<S: Scalar>: LinearOperator {
  /// How outputs follow scores.
  let response: ScoreResponse<S>
  /// The positions whose outputs are needed.
  let positions: Range<Int>

  var inputWidth: Int { response.pattern.keys.columns }
  var outputWidth: Int { response.pattern.queries.columns }

  /// Outputs change at all later positions of a strand's reach.
  func apply(_ x: Tangents<S>) -> Tangents<S> {
    let pattern = response.pattern
    let strands = x.strands.map { strand -> Strand in
      let reached = strand.support.lowerBound..<strand.reach.upperBound
      return strand.supported(
        on: strand.support.isEmpty ? strand.support : positions.clamped(to: reached))
    }
    var result = Tangents<S>.zero(strands: strands, columns: outputWidth)
    let (sources, targets) = (x.firstRows, result.firstRows)
    response.forEachHead(positions: positions) { head in
      for (index, strand) in strands.enumerated() where !strand.support.isEmpty {
        let (from, to) = (x.strands[index].support, strand.support)
        var changes = Matrix<S>.zero(rows: to.count, columns: pattern.keys.rows)
        let columns = columns(from, of: changes)
        let tangent = keyView(sources[index], from.count, head)
        S.multiply(
          pattern.rule.scale, pattern.queries.elements.span,
          pattern.queryView(head: head.index, positions: to), x.rows.elements.span,
          tangent.transposed, 0, into: &changes.elements, columns)
        head.respond(&changes, table(to))
        S.multiply(
          1, changes.elements.span, changes.view, response.values.elements.span, head.keys, 0,
          into: &result.rows.elements,
          response.view(targets[index]..<targets[index] + to.count, head))
      }
    }
    return result
  }

  /// The keys' cotangents, from the outputs at later positions.
  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let pattern = response.pattern
    let y = y.restricted(to: positions)
    let strands = y.strands.map { strand in
      strand.supported(
        on: strand.support.isEmpty
          ? strand.support : strand.reach.lowerBound..<strand.support.upperBound)
    }
    var result = Tangents<S>.zero(strands: strands, columns: inputWidth)
    let (sources, targets) = (y.firstRows, result.firstRows)
    response.forEachHead(positions: positions) { head in
      for (index, strand) in strands.enumerated() where !strand.support.isEmpty {
        let (from, to) = (y.strands[index].support, strand.support)
        let rows = sources[index]..<sources[index] + from.count
        let changes = response.changes(asked: y.rows, rows, head, table(from))
        // Query heads that share a key head add up.
        S.multiply(
          pattern.rule.scale, changes.elements.span, columns(to, of: changes).transposed,
          pattern.queries.elements.span, pattern.queryView(head: head.index, positions: from), 1,
          into: &result.rows.elements, keyView(targets[index], to.count, head))
      }
    }
    return result
  }

  /// The rows of a strand's positions among the given positions.
  private func table(_ support: Range<Int>) -> [Int] {
    support.map { $0 - positions.lowerBound }
  }

  /// The changes of the scores with the keys at some positions.
  private func columns(_ keys: Range<Int>, of changes: Matrix<S>) -> MatrixView {
    MatrixView(
      offset: keys.lowerBound, rows: changes.rows, columns: keys.count, stride: changes.columns)
  }

  /// Successive rows of a head's keys among the tangents.
  private func keyView(
    _ firstRow: Int, _ count: Int, _ head: ScoreResponse<S>.Head
  ) -> MatrixView {
    MatrixView(
      offset: firstRow * inputWidth + head.keys.offset, rows: count,
      columns: response.pattern.headWidth, stride: inputWidth)
  }
}
