public import SecantOperators

/// Causal self-attention with rotary positions and grouped key and value heads.
///
/// `o = W_O concat_j(P_j V_c(j)) + b_O`, where `P_j = softmax(cap(scale · Q_j K_c(j)ᵀ))` over the
/// positions that a query sees, and over the learned logit of the head's sink if there is one.
public struct Attention<S: Scalar>: Sendable {
  /// W_Q `[h·w, d]`, with its bias.
  public let query: Projection<S>
  /// W_K `[g·w, d]`, with its bias.
  public let key: Projection<S>
  /// W_V `[g·w, d]`, with its bias.
  public let value: Projection<S>
  /// W_O `[d, h·w]`, with its bias.
  public let output: Projection<S>
  /// Normalization of queries before they are rotated, for each head or for all together.
  public let queryNorm: Normalization<S>?
  /// Normalization of keys before they are rotated, for each head or for all together.
  public let keyNorm: Normalization<S>?
  /// The rotation of queries and keys.
  public let rotary: RotaryEmbedding
  /// How scores become probabilities.
  public internal(set) var rule: AttentionRule<S>

  /// Whether any bias lies on the linear path.
  var hasOffset: Bool { value.bias != nil || output.bias != nil }

  /// The probabilities at the positions after those in the cache, for rows `[n, d]`.
  ///
  /// Adds the new positions' keys and values to the cache.
  func pattern(
    _ x: Matrix<S>, extending cache: inout KeyValueCache<S>.Layer
  ) -> AttentionPattern<S> {
    let start = cache.count
    let (queries, keys) = (query.forward(x), key.forward(x))
    let positions = (start..<start + x.rows).map { rule.masked?.position(of: $0) ?? $0 }
    cache.append(
      keys: rotary.ofKeys.rotate(keyNorm?.forwardGroups(keys) ?? keys, at: positions),
      values: value.forward(x))
    return AttentionPattern(
      queries: rotary.rotate(queryNorm?.forwardGroups(queries) ?? queries, at: positions),
      keys: cache.keys, firstQuery: start, rule: rule)
  }

  /// The outputs `[n, d]` at the positions after those in the cache.
  public func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    let pattern = pattern(x, extending: &cache)
    let frozen = FrozenAttention(value: value, pattern: pattern, output: output)
    return output.forward(frozen.mixed(cache.values))
  }

  /// The affine map `x ↦ W_O P* (W_V x + b_V) + b_O` with the pattern held at its value for x* `[T, d]`,
  /// and its output there.
  ///
  /// Query and key weights act only inside the frozen pattern, as do their norms, the rotation, the
  /// softcap and the sliding window. Source: the paper's equation (12).
  public func frozen(at x: Matrix<S>) -> (map: FrozenAttention<S>, output: Matrix<S>) {
    let (map, _, output) = pass(x)
    return (map, output)
  }

  /// The derivative at x* `[T, d]`, and the output there.
  public func differential(
    at x: Matrix<S>
  ) -> (map: AttentionDifferential<S>, output: Matrix<S>) {
    let (frozen, values, output) = pass(x)
    let map = AttentionDifferential(
      frozen: frozen, response: ScoreResponse(pattern: frozen.pattern, values: values),
      query: turning(query, queryNorm, rotary, at: x),
      key: turning(key, keyNorm, rotary.ofKeys, at: x))
    return (map, output)
  }

  /// The layer at a stream that starts at position 0: frozen, with its values `[T, g·w]` and its
  /// output.
  private func pass(
    _ x: Matrix<S>
  ) -> (frozen: FrozenAttention<S>, values: Matrix<S>, output: Matrix<S>) {
    var cache = KeyValueCache<S>.Layer(width: value.weight.outputWidth)
    let pattern = pattern(x, extending: &cache)
    let frozen = FrozenAttention(value: value, pattern: pattern, output: output)
    return (frozen, cache.values, output.forward(frozen.mixed(cache.values)))
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

/// The derivative of attention: values vary as in the frozen form, and queries and keys vary too.
///
/// `do = W_O (P dV + dP V)`, where dP follows from dQ and dK through norms, rotation, softcap and
/// softmax.
public struct AttentionDifferential<S: Scalar>: Sendable {
  /// The path of the values, as in the frozen form.
  let frozen: FrozenAttention<S>
  /// The frozen pattern and the values that it mixes.
  let response: ScoreResponse<S>
  /// Stream to rotated queries `[T, h·w]`.
  let query: Composition<Tangents<S>>
  /// Stream to rotated keys `[T, g·w]`.
  let key: Composition<Tangents<S>>

  /// The derivative, with outputs computed only at the given positions.
  public func map(positions: Range<Int>) -> Composition<Tangents<S>> {
    let values = frozen.value.weight.then(PositionMixing(frozen.pattern, positions: positions))
    let queries = query.then(QueryMixing(response: response, positions: positions))
    let keys = key.then(KeyMixing(response: response, positions: positions))
    return Composition([Sum([values, queries, keys]), frozen.output.weight])
  }
}
