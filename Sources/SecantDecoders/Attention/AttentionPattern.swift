public import SecantOperators

/// How the scores of queries and keys become probabilities.
public struct AttentionRule<S: Scalar>: Hashable, Sendable {
  /// The width w of a head.
  public let headWidth: Int
  /// The factor of the scores before the softmax, usually 1/√w.
  public let scale: S
  /// c of the softcap `c·tanh(s/c)` of the scaled scores; nil if there is none.
  public let softcap: S?
  /// The number of latest positions that a query sees, including its own; nil if it sees all.
  public let slidingWindow: Int?
  /// The learned logit of each head's sink, `[h]`; nil if heads have none.
  ///
  /// A sink takes part in every softmax of its head like a score, and gives nothing to the value path.
  public var sinkLogits: [S]? = nil
  /// Positions that no later query sees, ascending; empty in an unchanged model.
  public internal(set) var hidden: [Int] = []
  /// Rows that the text does not have, which are hidden too; nil in an unchanged run.
  public internal(set) var masked: MaskedRows?
}

/// Rows of a run that its text does not have: they stand beside those of a longer text.
///
/// No row outside sees them. Later rows have the positions that they have without them, so that their numbers are
/// those of the text alone. The masked rows have the positions of the longer text.
public struct MaskedRows: Hashable, Sendable {
  /// The rows, at least one.
  public let rows: Range<Int>

  /// Masks some rows.
  public init(_ rows: Range<Int>) {
    precondition(!rows.isEmpty && rows.lowerBound >= 0, "no rows to mask")
    self.rows = rows
  }

  /// The position of a row in its text.
  public func position(of row: Int) -> Int { row < rows.upperBound ? row : row - rows.count }

  /// The row of a position of the text.
  public func row(of position: Int) -> Int {
    position < rows.lowerBound ? position : position + rows.count
  }
}

extension AttentionRule {
  /// The first row that a query sees.
  fileprivate func windowStart(of query: Int) -> Int {
    guard let slidingWindow else { return 0 }
    let first = query + 1 - slidingWindow
    // The window counts positions of the text. Where it reaches past the masked rows, these count nothing.
    guard let masked, query >= masked.rows.upperBound, first < masked.rows.upperBound else {
      return max(0, first)
    }
    return max(0, first - masked.rows.count)
  }

  /// The number of latest rows of which every query sees some.
  fileprivate var widestWindow: Int? {
    slidingWindow.map { $0 + (masked?.rows.count ?? 0) }
  }
}

/// The attention probabilities of one layer at one prompt, for every query head.
///
/// It stores the rotated queries and keys that determine them: T·(h + g)·w numbers instead of h·T².
/// Each use recomputes the probabilities, at a cost that is small compared with products of the
/// weights.
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
  /// Row r sums to 1 over the positions `0...positions.lowerBound + r`, or the last of them inside
  /// the sliding window, and is zero elsewhere; if the head has a sink, to 1 less what the sink takes.
  /// A range of keys, by default all, must include all positions that the rows see.
  public func probabilities(
    head: Int, positions: Range<Int>, keys range: Range<Int>? = nil
  ) -> Matrix<S> {
    let range = range ?? 0..<keys.rows
    var scores = scores(head: head, positions: positions, keys: range)
    if let limit = rule.softcap { Kernels.softcap(&scores.elements, limit: limit) }
    hide(&scores, positions, range)
    Kernels.causalSoftmax(
      &scores.elements, columns: range.count, first: positions.lowerBound - range.lowerBound,
      slidingWindow: rule.widestWindow, sink: rule.sinkLogits?[head])
    return scores
  }

  /// Hides the scores of hidden positions from later queries; a hidden position still sees itself.
  private func hide(_ scores: inout Matrix<S>, _ positions: Range<Int>, _ keys: Range<Int>) {
    for hidden in rule.hidden where keys.contains(hidden) {
      for query in positions where query > hidden {
        scores[query - positions.lowerBound, hidden - keys.lowerBound] = -.infinity
      }
    }
    guard let masked = rule.masked, let window = rule.slidingWindow else { return }
    for query in positions {
      let (widest, start) = (
        max(keys.lowerBound, query + 1 - window - masked.rows.count),
        min(keys.upperBound, rule.windowStart(of: query))
      )
      for key in widest..<max(widest, start) {
        scores[query - positions.lowerBound, key - keys.lowerBound] = -.infinity
      }
    }
  }

  /// The positions that queries at some positions see.
  func seen(from positions: Range<Int>) -> Range<Int> {
    // The first query after masked rows may see further back than those before it.
    let queries = [positions.lowerBound] + (rule.masked.map { [$0.rows.upperBound] } ?? [])
    let starts = queries.filter(positions.contains).map(rule.windowStart)
    return (starts.min() ?? 0)..<min(keys.rows, positions.upperBound)
  }

  /// The derivative of the softcap at every score of one head, `[positions.count, m]`; nil if there
  /// is no softcap.
  func softcapSlopes(head: Int, positions: Range<Int>) -> Matrix<S>? {
    guard let limit = rule.softcap else { return nil }
    var scores = scores(head: head, positions: positions, keys: 0..<keys.rows)
    Kernels.softcapSlope(&scores.elements, limit: limit)
    return scores
  }

  /// The scaled scores of one head with some keys, `[positions.count, keys.count]`, before any
  /// softcap.
  private func scores(head: Int, positions: Range<Int>, keys range: Range<Int>) -> Matrix<S> {
    var scores = Matrix<S>.unwritten(rows: positions.count, columns: range.count)
    let target = scores.view
    S.multiply(
      rule.scale, queries.elements.span, queryView(head: head, positions: positions),
      keys.elements.span, keyView(head: valueHead(of: head), positions: range).transposed, 0,
      into: &scores.elements, target, alone: true)
    return scores
  }

  /// One head's queries at some positions, in `queries`.
  func queryView(head: Int, positions: Range<Int>) -> MatrixView {
    precondition(
      positions.lowerBound >= firstQuery && positions.upperBound <= firstQuery + queries.rows,
      "no queries at \(positions)")
    return MatrixView(
      offset: (positions.lowerBound - firstQuery) * queries.columns + head * headWidth,
      rows: positions.count, columns: headWidth, stride: queries.columns)
  }

  /// One key head's keys at some positions, by default all, in `keys`, or its values in a matrix of
  /// the same shape.
  func keyView(head: Int, positions: Range<Int>? = nil) -> MatrixView {
    let positions = positions ?? 0..<keys.rows
    return MatrixView(
      offset: positions.lowerBound * keys.columns + head * headWidth, rows: positions.count,
      columns: headWidth, stride: keys.columns)
  }
}
