public import SecantOperators

/// How much each position of a gated delta network takes from the values of those before it, for
/// every head, at one prompt.
///
/// With queries q, keys k, decays α and rates β held, the recurrence
/// `S_t = α_t (I − β_t k_t k_tᵀ) S_{t−1} + β_t k_t v_tᵀ`, `o_t = S_tᵀ q_t` is linear in the values:
/// `o_t = Σ_s c_ts v_s` with
/// `c_ts = β_s k_sᵀ (Π_{r = s+1..t} α_r (I − β_r k_r k_rᵀ)) q_t`, the factor of the latest position
/// next to q_t. The coefficients have either sign, and a row has any sum. Like an
/// ``AttentionPattern``, it stores what determines them.
public struct DeltaPattern<S: Scalar>: Sendable {
  /// q `[T, g·d_k]`, normalized and divided by √d_k.
  public let queries: Matrix<S>
  /// k `[T, g·d_k]`, normalized.
  public let keys: Matrix<S>
  /// α `[T, h]`.
  public let decays: Matrix<S>
  /// β `[T, h]`.
  public let rates: Matrix<S>
  /// d_k: width of a key.
  public let keyWidth: Int
  /// d_v: width of a value, and of a head's output.
  public let valueWidth: Int
  /// Rows that the text does not have, whose states no later row has; nil in an unchanged run.
  var masked: MaskedRows?

  /// T: number of positions.
  public var count: Int { queries.rows }
  /// h: number of heads, each with a value of its own.
  public var heads: Int { rates.columns }

  /// The place of a head's query and key at a position, in `queries` and `keys`.
  func offset(of head: Int, at position: Int) -> Int {
    position * keys.columns + head / (heads / (keys.columns / keyWidth)) * keyWidth
  }

  /// The coefficients c of one head, `[positions.count, keys.count]`, for outputs at some positions.
  ///
  /// They are the adjoint recurrence of the outputs themselves, one column for each. Costs
  /// 6·d_k operations for each pair of an output and a position that it sees. A range of keys must
  /// end where the outputs do.
  func coefficients(head: Int, positions: Range<Int>, keys range: Range<Int>) -> Matrix<S> {
    precondition(range.upperBound >= positions.upperBound, "outputs beyond the keys")
    let rows = positions.count
    var result = Matrix<S>.zero(rows: rows, columns: range.count)
    var state = [S](repeating: 0, count: keyWidth * rows)
    var column = [S](repeating: 0, count: rows)
    var asked = column
    var aside = state
    for position in (range.lowerBound..<positions.upperBound).reversed() {
      if positions.contains(position) { asked[position - positions.lowerBound] = 1 }
      leave(&state, &aside, at: position)
      Kernels.deltaAdjointStep(
        &state, keys: keys.elements, queries: queries.elements,
        at: offset(of: head, at: position), decay: decays[position, head],
        rate: rates[position, head], cotangents: asked, into: &column)
      rejoin(&state, aside, at: position)
      for row in 0..<rows {
        result[row, position - range.lowerBound] = column[row]
        asked[row] = 0
      }
    }
    return result
  }

  // MARK: - Masked rows

  /// Before a step forwards: masked rows go on from the state before them, and so do those after them.
  private func fork(_ state: inout [S], _ aside: inout [S], at position: Int) {
    guard let rows = masked?.rows else { return }
    if position == rows.lowerBound { aside = state }
    if position == rows.upperBound { state = aside }
  }

  /// Before a step backwards: masked rows ask nothing through the rows after them.
  private func leave(_ state: inout [S], _ aside: inout [S], at position: Int) {
    guard let rows = masked?.rows, position == rows.upperBound - 1 else { return }
    aside = state
    state = [S](repeating: 0, count: state.count)
  }

  /// After a step backwards: both ask something of the state before the masked rows.
  private func rejoin(_ state: inout [S], _ aside: [S], at position: Int) {
    guard let rows = masked?.rows, position == rows.lowerBound else { return }
    Kernels.add(1, aside, to: &state)
  }

  // MARK: - Products

  /// Whether products of so many columns are cheaper with the coefficients of some outputs formed than by
  /// the recurrence.
  func prefersForming(outputs: Int, columns: Int) -> Bool {
    let limit = DecoderConfiguration.Delta.carriedColumns(keyWidth: keyWidth, outputs: outputs)
    return limit.map { columns > $0 } ?? false
  }

  /// The outputs of one head at every position, for values `[T, d_v]` of its own, from a state on.
  ///
  /// - Parameters:
  ///   - head: The head.
  ///   - values: The values of all heads, `[T, h·d_v]`.
  ///   - state: S `[d_k, d_v]` before the first position; afterwards that after the last.
  /// - Returns: Rows `[T, d_v]`.
  func outputs(head: Int, values: Matrix<S>, from state: inout [S]) -> Matrix<S> {
    var result = Matrix<S>.zero(rows: count, columns: valueWidth)
    var (given, output) = (
      [S](repeating: 0, count: valueWidth), [S](repeating: 0, count: valueWidth)
    )
    var aside = state
    for position in 0..<count {
      fork(&state, &aside, at: position)
      Kernels.copy(
        values.elements, from: position * values.columns + head * valueWidth, count: valueWidth,
        to: &given, at: 0)
      Kernels.deltaStep(
        &state, keys: keys.elements, queries: queries.elements,
        at: offset(of: head, at: position), decay: decays[position, head],
        rate: rates[position, head], values: given, into: &output)
      Kernels.copy(
        output, from: 0, count: valueWidth, to: &result.elements, at: position * valueWidth)
    }
    return result
  }

  /// The mixing of one head, or its adjoint, of tangents that share their positions, by the
  /// recurrence.
  ///
  /// - Parameters:
  ///   - x: The tangents, all of one support.
  ///   - run: Which of them.
  ///   - head: The head.
  ///   - column: The first of the head's columns in the rows.
  ///   - target: The positions whose results are wanted.
  ///   - transposed: Whether the adjoint is applied.
  /// - Returns: The results, tangent after tangent, `[run.count · target.count, d_v]`.
  func carried(
    _ x: Matrix<S>, _ run: Tangents<S>.Run, head: Int, column: Int, to target: Range<Int>,
    transposed: Bool
  ) -> Matrix<S> {
    let (from, m) = (run.strand.support, run.count * valueWidth)
    var result = Matrix<S>.zero(rows: run.count * target.count, columns: valueWidth)
    var state = [S](repeating: 0, count: keyWidth * m)
    let zero = [S](repeating: 0, count: m)
    var (given, image) = (zero, zero)
    var aside = state
    let walk =
      transposed
      ? Array((target.lowerBound..<from.upperBound).reversed())
      : Array(from.lowerBound..<target.upperBound)
    for position in walk {
      if from.contains(position) {
        for j in 0..<run.count {
          let row = run.firstRow + j * from.count + position - from.lowerBound
          Kernels.copy(
            x.elements, from: row * x.columns + column, count: valueWidth, to: &given,
            at: j * valueWidth)
        }
      } else {
        given = zero
      }
      let (place, decay, rate) = (
        offset(of: head, at: position), decays[position, head], rates[position, head]
      )
      if transposed {
        leave(&state, &aside, at: position)
        Kernels.deltaAdjointStep(
          &state, keys: keys.elements, queries: queries.elements, at: place, decay: decay,
          rate: rate, cotangents: given, into: &image)
        rejoin(&state, aside, at: position)
      } else {
        fork(&state, &aside, at: position)
        Kernels.deltaStep(
          &state, keys: keys.elements, queries: queries.elements, at: place, decay: decay,
          rate: rate, values: given, into: &image)
      }
      guard target.contains(position) else { continue }
      for j in 0..<run.count {
        Kernels.copy(
          image, from: j * valueWidth, count: valueWidth, to: &result.elements,
          at: (j * target.count + position - target.lowerBound) * valueWidth)
      }
    }
    return result
  }
}
