public import SecantOperators

/// How the outputs of attention's heads follow its scores, which freezing drops.
///
/// `do[t] = Σ_s dP[t, s] v[s]` with `dP = P ⊙ (dz − Σ_s P dz)`, `dz = cap′(s) ds` and
/// `ds[t, s] = scale · (dq[t]·k[s] + q[t]·dk[s])`, for every head. Two maps add up to it, one from
/// queries and one from keys.
public struct ScoreResponse<S: Scalar>: Sendable {
  /// The pattern P, held as the rotated queries and keys that determine it.
  public let pattern: AttentionPattern<S>
  /// v: the values that it mixes, `[T, g·w]`.
  public let values: Matrix<S>

  /// Changes of scores that are held at once, in elements.
  fileprivate static var heldElements: Int { 1 << 22 }

  /// One head, at the positions whose outputs are wanted.
  fileprivate struct Head {
    let index: Int
    /// Where its keys and values lie among those of all heads.
    let keys: MatrixWindow
    let positions: Range<Int>
    let probabilities: Matrix<S>
    let slopes: Matrix<S>?

    /// Changes of scores to those of probabilities; row r is that of the query at `positions[table[r]]`.
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

  fileprivate func forEachHead(reading: Range<Int>, _ body: (Head) -> Void) {
    for head in 0..<pattern.queryHeads {
      body(
        Head(
          index: head, keys: pattern.keyWindow(head: pattern.valueHead(of: head)),
          positions: reading,
          probabilities: pattern.probabilities(head: head, positions: reading),
          slopes: pattern.softcapSlopes(head: head, positions: reading)))
    }
  }

  /// What outputs `[n, h·w]` ask of one head's scores with every key, `[n, m]`.
  fileprivate func changes(
    asked rows: Matrix<S>, _ range: Range<Int>, _ head: Head, _ table: [Int]
  ) -> Matrix<S> {
    var changes = Matrix<S>.unwritten(rows: range.count, columns: pattern.keys.rows)
    let target = changes.window
    S.multiply(
      1, rows.elements.span, window(range, head), values.elements.span, head.keys.transposed, 0,
      into: &changes.elements, target)
    head.respondAdjoint(&changes, table)
    return changes
  }

  /// Some rows of one query head in a matrix `[…, h·w]`.
  fileprivate func window(_ rows: Range<Int>, _ head: Head) -> MatrixWindow {
    MatrixWindow(
      offset: rows.lowerBound * pattern.queries.columns + head.index * pattern.headWidth,
      rows: rows.count, columns: pattern.headWidth, stride: pattern.queries.columns)
  }

  /// Rows that are taken together, so that their scores fit.
  fileprivate func parts(of count: Int) -> [Range<Int>] {
    let height = max(1, Self.heldElements / max(1, pattern.keys.rows))
    return stride(from: 0, to: count, by: height).map { $0..<min($0 + height, count) }
  }
}

/// Changes of queries `[h·w]` to those of the heads' outputs `[h·w]`: what a position looks for changes
/// what it finds.
struct QueryMixing<S: Scalar>: LinearOperator {
  /// How outputs follow scores.
  let response: ScoreResponse<S>
  /// The positions whose outputs are wanted.
  let reading: Range<Int>

  var inputWidth: Int { response.pattern.queries.columns }
  var outputWidth: Int { response.pattern.queries.columns }

  /// Outputs change where queries do, and nowhere else.
  func apply(_ x: Tangents<S>) -> Tangents<S> {
    mapping(x) { head, rows, range, table, result in
      let pattern = response.pattern
      var changes = Matrix<S>.unwritten(rows: range.count, columns: pattern.keys.rows)
      let (target, window) = (changes.window, response.window(range, head))
      S.multiply(
        pattern.rule.scale, rows.elements.span, window, pattern.keys.elements.span,
        head.keys.transposed, 0, into: &changes.elements, target)
      head.respond(&changes, table)
      S.multiply(
        1, changes.elements.span, target, response.values.elements.span, head.keys, 0,
        into: &result.elements, window)
    }
  }

  /// The queries' cotangents.
  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    mapping(y) { head, rows, range, table, result in
      let pattern = response.pattern
      let changes = response.changes(asked: rows, range, head, table)
      S.multiply(
        pattern.rule.scale, changes.elements.span, changes.window, pattern.keys.elements.span,
        head.keys, 0, into: &result.elements, response.window(range, head))
    }
  }

  private func mapping(
    _ x: Tangents<S>,
    _ body: (ScoreResponse<S>.Head, Matrix<S>, Range<Int>, [Int], inout Matrix<S>) -> Void
  ) -> Tangents<S> {
    let x = x.restricted(to: reading)
    let table = x.positions.map { $0 - reading.lowerBound }
    var result = Matrix<S>.zero(rows: x.rows.rows, columns: outputWidth)
    response.forEachHead(reading: reading) { head in
      for part in response.parts(of: x.rows.rows) {
        body(head, x.rows, part, Array(table[part]), &result)
      }
    }
    return x.replacingRows(result)
  }
}

/// Changes of keys `[g·w]` to those of the heads' outputs `[h·w]`: what a position offers changes what
/// later ones find.
struct KeyMixing<S: Scalar>: LinearOperator {
  /// How outputs follow scores.
  let response: ScoreResponse<S>
  /// The positions whose outputs are wanted.
  let reading: Range<Int>

  var inputWidth: Int { response.pattern.keys.columns }
  var outputWidth: Int { response.pattern.queries.columns }

  /// Outputs change at all later positions of a strand's window.
  func apply(_ x: Tangents<S>) -> Tangents<S> {
    let pattern = response.pattern
    let strands = x.strands.map { strand -> Strand in
      let reached = strand.support.lowerBound..<strand.window.upperBound
      return strand.supported(
        on: strand.support.isEmpty ? strand.support : reading.clamped(to: reached))
    }
    var result = Tangents<S>.zero(strands: strands, columns: outputWidth)
    let (sources, targets) = (x.firstRows, result.firstRows)
    response.forEachHead(reading: reading) { head in
      for (index, strand) in strands.enumerated() where !strand.support.isEmpty {
        let (from, to) = (x.strands[index].support, strand.support)
        var changes = Matrix<S>.zero(rows: to.count, columns: pattern.keys.rows)
        let columns = columns(from, of: changes)
        let tangent = keyWindow(sources[index], from.count, head)
        S.multiply(
          pattern.rule.scale, pattern.queries.elements.span,
          pattern.queryWindow(head: head.index, positions: to), x.rows.elements.span,
          tangent.transposed, 0, into: &changes.elements, columns)
        head.respond(&changes, table(to))
        S.multiply(
          1, changes.elements.span, changes.window, response.values.elements.span, head.keys, 0,
          into: &result.rows.elements,
          response.window(targets[index]..<targets[index] + to.count, head))
      }
    }
    return result
  }

  /// The keys' cotangents: what later positions ask of earlier ones.
  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let pattern = response.pattern
    let y = y.restricted(to: reading)
    let strands = y.strands.map { strand in
      strand.supported(
        on: strand.support.isEmpty
          ? strand.support : strand.window.lowerBound..<strand.support.upperBound)
    }
    var result = Tangents<S>.zero(strands: strands, columns: inputWidth)
    let (sources, targets) = (y.firstRows, result.firstRows)
    response.forEachHead(reading: reading) { head in
      for (index, strand) in strands.enumerated() where !strand.support.isEmpty {
        let (from, to) = (y.strands[index].support, strand.support)
        let rows = sources[index]..<sources[index] + from.count
        let changes = response.changes(asked: y.rows, rows, head, table(from))
        // Query heads that share a key head add up.
        S.multiply(
          pattern.rule.scale, changes.elements.span, columns(to, of: changes).transposed,
          pattern.queries.elements.span, pattern.queryWindow(head: head.index, positions: from), 1,
          into: &result.rows.elements, keyWindow(targets[index], to.count, head))
      }
    }
    return result
  }

  /// The rows of a strand's positions among those that are read.
  private func table(_ positions: Range<Int>) -> [Int] {
    positions.map { $0 - reading.lowerBound }
  }

  /// The changes of the scores with the keys at some positions.
  private func columns(_ keys: Range<Int>, of changes: Matrix<S>) -> MatrixWindow {
    MatrixWindow(
      offset: keys.lowerBound, rows: changes.rows, columns: keys.count, stride: changes.columns)
  }

  /// Successive rows of a head's keys among the tangents.
  private func keyWindow(
    _ firstRow: Int, _ count: Int, _ head: ScoreResponse<S>.Head
  ) -> MatrixWindow {
    MatrixWindow(
      offset: firstRow * inputWidth + head.keys.offset, rows: count,
      columns: response.pattern.headWidth, stride: inputWidth)
  }
}
