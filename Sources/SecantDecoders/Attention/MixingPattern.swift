public import SecantOperators

/// What the heads of a block mix positions by, frozen: one number for each head and pair of positions.
public enum MixingPattern<S: Scalar>: Sendable {
  /// The probabilities of attention.
  case attention(AttentionPattern<S>)
  /// The coefficients of a gated delta network.
  case delta(DeltaPattern<S>)

  /// Number of heads, each of which has an output.
  public var queryHeads: Int {
    switch self {
    case .attention(let pattern): pattern.queryHeads
    case .delta(let pattern): pattern.heads
    }
  }

  /// Number of heads that have values; each serves as many heads.
  public var keyValueHeads: Int {
    switch self {
    case .attention(let pattern): pattern.keyValueHeads
    case .delta(let pattern): pattern.heads
    }
  }

  /// The width of a head's values and outputs.
  public var headWidth: Int {
    switch self {
    case .attention(let pattern): pattern.headWidth
    case .delta(let pattern): pattern.valueWidth
    }
  }

  /// The positions that have outputs.
  var positions: Range<Int> {
    switch self {
    case .attention(let pattern): pattern.firstQuery..<pattern.keys.rows
    case .delta(let pattern): 0..<pattern.count
    }
  }

  /// The numbers that determine it.
  var elementCount: Int {
    switch self {
    case .attention(let pattern): pattern.queries.elements.count + pattern.keys.elements.count
    case .delta(let pattern):
      2 * pattern.keys.elements.count + 2 * pattern.rates.elements.count
    }
  }

  /// The probabilities of attention; nil for a delta network, which has none.
  public var attention: AttentionPattern<S>? {
    if case .attention(let pattern) = self { pattern } else { nil }
  }

  /// The value head that serves a head.
  func valueHead(of head: Int) -> Int { head / (queryHeads / keyValueHeads) }

  /// The numbers of one head, `[positions.count, keys.count]`, for outputs at some positions.
  ///
  /// Those of attention are probabilities: see
  /// ``AttentionPattern/probabilities(head:positions:keys:)``. Those of a delta network have either
  /// sign, and a row has any sum. Positions that an output does not see have exact zeros. A range of
  /// keys, by default all, must include all positions that the rows see.
  public func coefficients(
    head: Int, positions: Range<Int>, keys range: Range<Int>? = nil
  ) -> Matrix<S> {
    switch self {
    case .attention(let pattern):
      pattern.probabilities(head: head, positions: positions, keys: range)
    case .delta(let pattern):
      pattern.coefficients(head: head, positions: positions, keys: range ?? 0..<pattern.count)
    }
  }

  /// The positions that outputs at some positions see.
  func seen(from positions: Range<Int>) -> Range<Int> {
    switch self {
    case .attention(let pattern): pattern.seen(from: positions)
    case .delta: 0..<positions.upperBound
    }
  }

  /// The outputs in ranges whose numbers are in memory at the same time: up to half a million.
  func parts(of positions: Range<Int>) -> [Range<Int>] {
    let height = min(512, max(16, (1 << 19) / max(1, seen(from: positions).count)))
    return stride(from: positions.lowerBound, to: positions.upperBound, by: height).map {
      $0..<min($0 + height, positions.upperBound)
    }
  }
}
