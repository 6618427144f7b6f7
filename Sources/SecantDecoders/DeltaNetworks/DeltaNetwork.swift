import RealModule
public import SecantOperators

/// A gated delta network: a layer in attention's place whose heads keep one matrix each instead of
/// all earlier keys and values.
///
/// Query, key and value of a position pass a short convolution and an activation:
/// `(q, k, v) = act(conv(W x))`. q and k are normalized to length 1 per head, and q is divided by √d_k. Every
/// head has a decay `α = exp(−exp(A)·softplus(W_a x + b))` and a rate `β = σ(W_b x)`, and a state
/// `S_t = α_t (I − β_t k_t k_tᵀ) S_{t−1} + β_t k_t v_tᵀ`; it reads `o_t = S_tᵀ q_t`. The output is
/// `W_O (norm(o) ⊙ silu(W_z x))`. Source: Yang et al., "Gated Delta Networks" (2024), as Qwen 3-Next
/// computes it.
public struct DeltaNetwork<S: Scalar>: Sendable {
  /// W of queries `[g·d_k, d]`, without a bias, as the others.
  public let query: Projection<S>
  /// W of keys `[g·d_k, d]`.
  public let key: Projection<S>
  /// W of values `[h·d_v, d]`.
  public let value: Projection<S>
  /// W_z of the gates of the heads' outputs `[h·d_v, d]`.
  public let gate: Projection<S>
  /// W_a of decays `[h, d]`.
  public let decay: Projection<S>
  /// W_b of rates `[h, d]`.
  public let rate: Projection<S>
  /// W_O `[d, h·d_v]`.
  public let output: Projection<S>
  /// The convolutions of queries, keys and values.
  var convolutions: Convolutions
  /// What is applied after the convolutions.
  public let activation: Activation
  /// −exp(A) `[h]`.
  public let decaySlope: [S]
  /// b `[h]` in α.
  public let decayOffset: [S]
  /// The norm of each head's output.
  public let norm: Normalization<S>
  /// d_k: width of a head's query and key.
  public let keyWidth: Int

  /// The convolutions of queries, keys and values.
  struct Convolutions: Sendable {
    var (query, key, value): (CausalConvolution<S>, CausalConvolution<S>, CausalConvolution<S>)
  }

  /// d_v: width of a head's value and output.
  public var valueWidth: Int { norm.weight.count }
  /// h: number of heads.
  public var heads: Int { decaySlope.count }
  /// Rows that the text does not have; nil in an unchanged run.
  var masked: MaskedRows? { convolutions.value.masked }

  /// The same layer for a run with rows that the text does not have.
  ///
  /// They have no part in the states and windows of later rows.
  func masking(_ rows: MaskedRows) -> DeltaNetwork {
    var result = self
    result.convolutions.query.masked = rows
    result.convolutions.key.masked = rows
    result.convolutions.value.masked = rows
    return result
  }

  /// `x / √(Σ x² + ε)` of each head of queries and keys, queries also divided by √d_k.
  ///
  /// It is a root-mean-square normalization with another weight and ε.
  func lengthNorm(ofQueries: Bool) -> Normalization<S> {
    let width = S(keyWidth)
    let weight = 1 / S.sqrt(width)
    return Normalization(
      weight: [S](repeating: ofQueries ? weight / S.sqrt(width) : weight, count: keyWidth),
      epsilon: S(1e-6) / width)
  }

  /// The projections of rows `[n, d]`, before the convolutions.
  struct Projected {
    var (query, key, value): (Matrix<S>, Matrix<S>, Matrix<S>)
    var (gate, decay, rate): (Matrix<S>, Matrix<S>, Matrix<S>)

    /// The images of all under one function of rows.
    func mapped(_ body: (Matrix<S>) -> Matrix<S>) -> Projected {
      Projected(
        query: body(query), key: body(key), value: body(value), gate: body(gate),
        decay: body(decay), rate: body(rate))
    }
  }

  func projected(_ x: Matrix<S>) -> Projected {
    Projected(
      query: query.forward(x), key: key.forward(x), value: value.forward(x), gate: gate.forward(x),
      decay: decay.forward(x), rate: rate.forward(x))
  }

  /// What enters the recurrence at some rows.
  struct Entering {
    /// What the convolutions give, before the activation.
    let (query, key, value): (Matrix<S>, Matrix<S>, Matrix<S>)
    /// φ of `act(u) = u·φ(u)` at the values.
    let valueFactor: Matrix<S>
    /// q, k, α and β.
    let pattern: DeltaPattern<S>

    /// v `[n, h·d_v]`.
    var values: Matrix<S> {
      var values = value
      Kernels.multiply(&values.elements, by: valueFactor.elements)
      return values
    }
  }

  /// What enters the recurrence at projected rows that follow earlier ones.
  func entering(_ rows: Projected, after window: DeltaState<S>.Window) -> Entering {
    let convolved = (
      convolutions.query.forward(rows.query, after: window.query),
      convolutions.key.forward(rows.key, after: window.key),
      convolutions.value.forward(rows.value, after: window.value)
    )
    let pattern = DeltaPattern(
      queries: lengthNorm(ofQueries: true).forwardGroups(activation(convolved.0)),
      keys: lengthNorm(ofQueries: false).forwardGroups(activation(convolved.1)),
      decays: decays(rows.decay), rates: Activation.sigmoid(rows.rate),
      keyWidth: keyWidth, valueWidth: valueWidth, masked: masked)
    return Entering(
      query: convolved.0, key: convolved.1, value: convolved.2,
      valueFactor: activation.factor(convolved.2), pattern: pattern)
  }

  /// α `[n, h]` of W_a x.
  private func decays(_ x: Matrix<S>) -> Matrix<S> {
    Matrix(rows: x.rows, columns: x.columns) { row, head in
      let z = x[row, head] + decayOffset[head]
      // log(1 + exp z), without overflow.
      let softplus = max(z, 0) + .log(onePlus: .exp(-abs(z)))
      return .exp(decaySlope[head] * softplus)
    }
  }

  /// What the recurrence gives, `[n, h·d_v]`, from a state on, which becomes that after the rows.
  func recurrence(_ entering: Entering, from states: inout [[S]]) -> Matrix<S> {
    let values = entering.values
    let given = states
    let parts = concurrentMap(Array(0..<heads)) { head in
      var state = given[head]
      let rows = entering.pattern.outputs(head: head, values: values, from: &state)
      return (state, rows)
    }
    states = parts.map(\.0)
    return .joining(parts.map(\.1), rows: values.rows)
  }

  /// `w / rms(o) ⊙ silu(z)`: what multiplies the recurrence's rows `[n, h·d_v]` before W_O.
  func outputFactors(_ rows: Matrix<S>, gates: Matrix<S>) -> Matrix<S> {
    let groups = Matrix(
      rows: rows.rows * heads, columns: valueWidth, elements: rows.elements)
    var factors = norm.frozen(at: groups).coefficients.elements
    Kernels.multiply(&factors, by: Activation.silu(gates).elements)
    return Matrix(rows: rows.rows, columns: rows.columns, elements: factors)
  }

  /// The heads' outputs `[n, h·d_v]` at projected rows that follow a state, which becomes that after
  /// them.
  func headOutputs(_ rows: Projected, from state: inout DeltaState<S>) -> Matrix<S> {
    let entering = entering(rows, after: state.window)
    var heads = recurrence(entering, from: &state.states)
    Kernels.multiply(
      &heads.elements, by: outputFactors(heads, gates: rows.gate).elements)
    state.window.append(rows.query, rows.key, rows.value)
    return heads
  }

  /// The state before the first position.
  var start: DeltaState<S> {
    func none(_ convolution: CausalConvolution<S>) -> Matrix<S> {
      .zero(rows: 0, columns: convolution.inputWidth)
    }
    return DeltaState(
      window: .init(
        query: none(convolutions.query), key: none(convolutions.key),
        value: none(convolutions.value), length: convolutions.value.memory),
      states: (0..<heads).map { _ in [S](repeating: 0, count: keyWidth * valueWidth) })
  }

  /// The outputs `[n, d]` at the positions after those in the cache.
  func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    var state = cache.state ?? start
    cache.state = nil
    let heads = headOutputs(projected(x), from: &state)
    cache.state = state
    return output.forward(heads)
  }

  /// The linear map with the coefficients, the factors of the values' activation, the denominator of
  /// the heads' norm and their gates held at their values for x* `[T, d]`; and the output there.
  ///
  /// The gates are frozen under every gate rule: like the coefficients, they say how much is let
  /// through of what a head reads.
  func frozen(at x: Matrix<S>) -> (map: FrozenAttention<S>, output: Matrix<S>) {
    let pass = pass(x)
    return (pass.map, output.forward(pass.heads))
  }

  /// What a stream passes on its way through the layer.
  struct Pass {
    /// The projections.
    let rows: Projected
    /// What enters the recurrence.
    let entering: Entering
    /// What the recurrence gives, `[T, h·d_v]`.
    let read: Matrix<S>
    /// The same, normalized and times the gates.
    let heads: Matrix<S>
    /// The frozen layer.
    let map: FrozenAttention<S>
  }

  /// The layer at a stream x* `[T, d]` that starts at position 0.
  func pass(_ x: Matrix<S>) -> Pass {
    let rows = projected(x)
    var state = start
    let entering = entering(rows, after: state.window)
    let read = recurrence(entering, from: &state.states)
    let factors = outputFactors(read, gates: rows.gate)
    var heads = read
    Kernels.multiply(&heads.elements, by: factors.elements)
    let map = FrozenAttention(
      value: value, convolution: convolutions.value, pattern: .delta(entering.pattern),
      valueGate: FrozenScale(entering.valueFactor), outputGate: FrozenScale(factors),
      output: output)
    return Pass(rows: rows, entering: entering, read: read, heads: heads, map: map)
  }
}

/// What a delta network keeps of the positions that it has seen: a fixed size, whatever their number.
struct DeltaState<S: Scalar>: Sendable {
  /// The latest rows before the convolutions.
  var window: Window
  /// S of each head, `[d_k, d_v]`, row after row.
  var states: [[S]]

  /// The latest K − 1 rows of queries, keys and values before the convolutions.
  struct Window: Sendable {
    private(set) var query: Matrix<S>
    private(set) var key: Matrix<S>
    private(set) var value: Matrix<S>
    /// K − 1.
    let length: Int

    /// Rows before a position.
    init(query: Matrix<S>, key: Matrix<S>, value: Matrix<S>, length: Int) {
      (self.query, self.key, self.value, self.length) = (query, key, value, length)
    }

    /// Adds rows, and drops those that no later convolution sees.
    mutating func append(_ queries: Matrix<S>, _ keys: Matrix<S>, _ values: Matrix<S>) {
      func latest(_ a: Matrix<S>, _ b: Matrix<S>) -> Matrix<S> {
        let all = Matrix.stacking(
          [a, b.rows(max(0, b.rows - length)..<b.rows)], columns: a.columns)
        return all.rows(max(0, all.rows - length)..<all.rows)
      }
      (query, key, value) = (latest(query, queries), latest(key, keys), latest(value, values))
    }
  }
}
