public import SecantOperators

/// Causal self-attention with rotary positions and grouped key and value heads.
///
/// `o = W_O concat_j(P_j V_c(j)) + b_O`, where `P_j = softmax(cap(scale · Q_j K_c(j)ᵀ))` over the
/// positions that a query sees, and over the learned logit of the head's sink if there is one. Some
/// families multiply what the heads give by gates, `σ(W_G x + b_G)`, before W_O. Some divide each head's
/// values by their root mean square: V is then `norm(W_V x + b_V)`.
public struct Attention<S: Scalar>: Sendable {
  /// W_Q `[h·w, d]`, with its bias.
  public let query: Projection<S>
  /// W_K `[g·w, d]`, with its bias.
  public let key: Projection<S>
  /// W_V `[g·w, d]`, with its bias.
  public let value: Projection<S>
  /// Normalization of each head's values, before they are mixed; nil if there is none.
  public let valueNorm: Normalization<S>?
  /// W_O `[d, h·w]`, with its bias.
  public let output: Projection<S>
  /// Normalization of queries before they are rotated, for each head or for all together.
  public let queryNorm: Normalization<S>?
  /// Normalization of keys before they are rotated, for each head or for all together.
  public let keyNorm: Normalization<S>?
  /// W_G `[h·w, d]` of the gates of the heads' outputs, with its bias; nil if they have none.
  public let gate: Projection<S>?
  /// The rotation of queries and keys.
  public let rotary: RotaryEmbedding
  /// How scores become probabilities.
  public internal(set) var rule: AttentionRule<S>

  /// Whether any bias lies on the linear path.
  var hasOffset: Bool { value.bias != nil || output.bias != nil }

  /// The probabilities at the positions after those in the cache, for rows `[n, d]`.
  ///
  /// Adds the new positions' keys and values, which W_V gave, to the cache.
  func pattern(
    _ x: Matrix<S>, values: Matrix<S>, extending cache: inout KeyValueCache<S>.Layer
  ) -> AttentionPattern<S> {
    let start = cache.count
    let (queries, keys) = (query.forward(x), key.forward(x))
    let positions = (start..<start + x.rows).map { rule.masked?.position(of: $0) ?? $0 }
    cache.append(
      keys: rotary.ofKeys.rotate(keyNorm?.forwardGroups(keys) ?? keys, at: positions),
      values: normalized(values: values))
    return AttentionPattern(
      queries: rotary.rotate(queryNorm?.forwardGroups(queries) ?? queries, at: positions),
      keys: cache.keys, firstQuery: start, rule: rule)
  }

  /// What heads mix `[n, g·w]`, for what W_V gave there.
  func normalized(values: Matrix<S>) -> Matrix<S> { valueNorm?.forwardGroups(values) ?? values }

  /// The outputs `[n, d]` at the positions after those in the cache.
  public func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    let pattern = pattern(x, values: value.forward(x), extending: &cache)
    let heads = FrozenAttention(value: value, pattern: .attention(pattern), output: output)
      .mixed(cache.values)
    return output.forward(gated(heads, at: x))
  }

  /// σ(W_G x + b_G) `[n, h·w]` for rows `[n, d]`; nil if there is no gate.
  func gates(at x: Matrix<S>) -> Matrix<S>? {
    gate.map { Activation.sigmoid($0.forward(x)) }
  }

  /// What the heads give `[n, h·w]` times the gates at rows `[n, d]`.
  func gated(_ heads: Matrix<S>, at x: Matrix<S>) -> Matrix<S> {
    guard let gates = gates(at: x) else { return heads }
    var result = heads
    Kernels.multiply(&result.elements, by: gates.elements)
    return result
  }

  /// The affine map `x ↦ W_O (γ* ⊙ P* (a* ⊙ (W_V x + b_V))) + b_O` with the pattern P, the gates γ and the
  /// scale a of the values' norm held at their values for x* `[T, d]`, and its output there.
  ///
  /// Query, key and gate weights act only inside what is frozen, as do norms, the rotation, the
  /// softcap and the sliding window. Source: the paper's equation (12).
  public func frozen(at x: Matrix<S>) -> (map: FrozenAttention<S>, output: Matrix<S>) {
    let pass = pass(x)
    return (pass.frozen, pass.output)
  }

  /// The derivative at x* `[T, d]`, and the output there.
  public func differential(
    at x: Matrix<S>
  ) -> (map: any AttentionResponse<S>, output: Matrix<S>) {
    let (frozen, response, given, output) = pass(x)
    let values: [(any LinearOperator<Tangents<S>>)?] = [
      value.weight, valueNorm?.differential(at: given),
    ]
    let map = AttentionDifferential(
      frozen: frozen, response: response, value: Composition(values.compactMap { $0 }),
      query: turning(query, queryNorm, rotary, at: x),
      key: turning(key, keyNorm, rotary.ofKeys, at: x),
      gate: gate.map { gate in
        let heads = PositionMixing(.attention(response.pattern), positions: 0..<x.rows)
          .apply(Tangents(stream: response.values)).rows
        return gateResponse(gate, at: x, of: heads)
      })
    return (map, output)
  }

  /// The gates' derivative at rows `[n, d]`, where they multiply heads' outputs `[n, h·w]`.
  func gateResponse(
    _ gate: Projection<S>, at x: Matrix<S>, of heads: Matrix<S>
  ) -> GateResponse<S> {
    var slopes = Activation.sigmoidSlope(gate.forward(x))
    Kernels.multiply(&slopes.elements, by: heads.elements)
    return GateResponse(weight: gate.weight, slopes: FrozenScale(slopes))
  }

  /// The layer at a stream that starts at position 0: frozen, with what its heads respond to, what W_V
  /// gave, and its output.
  private func pass(
    _ x: Matrix<S>
  ) -> (
    frozen: FrozenAttention<S>, response: ScoreResponse<S>, given: Matrix<S>, output: Matrix<S>
  ) {
    var cache = KeyValueCache<S>.Layer(width: value.weight.outputWidth)
    let given = value.forward(x)
    let pattern = pattern(x, values: given, extending: &cache)
    let frozen = FrozenAttention(
      value: value, pattern: .attention(pattern),
      valueGate: valueNorm?.frozenGroups(at: given),
      outputGate: gates(at: x).map { FrozenScale($0) }, output: output)
    return (
      frozen, ScoreResponse(pattern: pattern, values: cache.values), given,
      output.forward(frozen.mixed(given))
    )
  }

  /// The derivative of queries or keys, normalized and rotated.
  private func turning(
    _ projection: Projection<S>, _ norm: Normalization<S>?, _ rotary: RotaryEmbedding,
    at x: Matrix<S>
  ) -> Composition<Tangents<S>> {
    let rotation = Rotation<S>(
      rotary, width: projection.weight.outputWidth, positions: 0..<x.rows, streamLength: x.rows)
    // The norms act on the projection's output, which takes one more product than the pattern.
    let normalization = norm?.differential(at: projection.forward(x))
    let stages: [(any LinearOperator<Tangents<S>>)?] = [projection.weight, normalization, rotation]
    return Composition(stages.compactMap { $0 })
  }
}

/// The derivative of attention: values vary as in the frozen form, and queries, keys and gates vary
/// too.
///
/// `do = W_O (γ ⊙ (P dV + dP V) + dγ ⊙ P V)`, where dV follows through the values' norm, and dP from dQ and
/// dK through norms, rotation, softcap and softmax.
public struct AttentionDifferential<S: Scalar>: AttentionResponse {
  /// The path of the values, as in the frozen form.
  public let frozen: FrozenAttention<S>
  /// The frozen pattern and the values that it mixes.
  let response: ScoreResponse<S>
  /// Stream to values `[T, g·w]`, through their norm if there is one.
  let value: Composition<Tangents<S>>
  /// Stream to rotated queries `[T, h·w]`.
  let query: Composition<Tangents<S>>
  /// Stream to rotated keys `[T, g·w]`.
  let key: Composition<Tangents<S>>
  /// The gates; nil if there are none.
  let gate: GateResponse<S>?

  /// Queries and keys with their rotations, values with the scale and directions of their norm, and gates
  /// with their slopes.
  public var elementCount: Int {
    4 * frozen.pattern.elementCount + 2 * (gate?.slopes.coefficients.elements.count ?? 0)
      + 2 * (frozen.valueGate?.coefficients.elements.count ?? 0)
  }

  /// From the stream to the heads' outputs, computed only at the given positions.
  public func headMap(positions: Range<Int>) -> any LinearOperator<Tangents<S>> {
    let values = value.then(PositionMixing(frozen.pattern, positions: positions))
    let queries = query.then(QueryMixing(response: response, positions: positions))
    let keys = key.then(KeyMixing(response: response, positions: positions))
    let heads = Sum<Tangents<S>>([values, queries, keys])
    guard let gate, let gates = frozen.outputGate else { return heads }
    return heads.then(gates).plus(gate.map(positions: positions))
  }
}
