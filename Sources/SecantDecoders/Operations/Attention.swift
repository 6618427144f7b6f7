public import SecantOperators

/// Causal self-attention with rotary positions and grouped value heads.
///
/// `o = W_O concat_j(P_j V_c(j)) + b_O`, where `P_j = softmax(cap(scale · Q_j K_c(j)ᵀ))` over the
/// positions that a query sees.
public struct Attention<S: Scalar>: Sendable {
  /// W_Q `[h·w, d]`, with its bias.
  public let query: Projection<S>
  /// W_K `[g·w, d]`, with its bias.
  public let key: Projection<S>
  /// W_V `[g·w, d]`, with its bias.
  public let value: Projection<S>
  /// W_O `[d, h·w]`, with its bias.
  public let output: Projection<S>
  /// Normalization of queries before they are turned, of each head or of all together.
  public let queryNorm: RMSNorm<S>?
  /// Normalization of keys before they are turned, of each head or of all together.
  public let keyNorm: RMSNorm<S>?
  /// The rotation of queries and keys.
  public let rotary: RotaryEmbedding
  /// How scores become probabilities.
  public internal(set) var rule: AttentionRule<S>

  /// Whether any bias lies on the linear path.
  var hasOffset: Bool { value.bias != nil || output.bias != nil }

  /// The probabilities at the positions that follow those in the cache, for rows `[n, d]`.
  ///
  /// The cache grows by the new positions' keys and values.
  func pattern(
    _ x: Matrix<S>, extending cache: inout KeyValueCache<S>.Layer
  ) -> AttentionPattern<S> {
    let start = cache.count
    let (queries, keys) = (query.forward(x), key.forward(x))
    cache.append(
      keys: rotary.rotate(keyNorm?.forwardGroups(keys) ?? keys, from: start),
      values: value.forward(x))
    return AttentionPattern(
      queries: rotary.rotate(queryNorm?.forwardGroups(queries) ?? queries, from: start),
      keys: cache.keys, firstQuery: start, rule: rule)
  }

  /// The outputs `[n, d]` at the positions that follow those in the cache.
  public func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    let pattern = pattern(x, extending: &cache)
    let frozen = FrozenAttention(value: value, pattern: pattern, output: output)
    return output.forward(frozen.mixed(cache.values))
  }

  /// The affine map `x ↦ W_O P* (W_V x + b_V) + b_O` with the pattern held at its value for x* `[T, d]`,
  /// and its output there.
  ///
  /// Query and key weights act only inside the frozen pattern, and so do their norms, the rotation, the
  /// bound on scores and the window. Source: the paper's equation (12).
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
      query: turning(query, queryNorm, at: x), key: turning(key, keyNorm, at: x))
    return (map, output)
  }

  /// The layer at a stream from the first position on: frozen, its values `[T, g·w]` and its output.
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
    _ projection: Projection<S>, _ norm: RMSNorm<S>?, at x: Matrix<S>
  ) -> Composition<Tangents<S>> {
    let rotation = Rotation<S>(
      rotary, width: projection.weight.outputWidth, positions: 0..<x.rows, streamLength: x.rows)
    // The norms act on what the projection gives: one product more than the pattern takes.
    let normalization = norm?.differential(at: projection.forward(x))
    let stages: [(any LinearOperator<Tangents<S>>)?] = [projection.weight, normalization, rotation]
    return Composition(stages.compactMap { $0 })
  }
}

/// Attention differentiated: values vary as in the frozen form, and so do the pattern's queries and keys.
///
/// `do = W_O (P dV + dP V)`, where dP follows dQ and dK through rotation, norms, bound and softmax.
public struct AttentionDifferential<S: Scalar>: Sendable {
  /// Where the values enter: as in the frozen form.
  let frozen: FrozenAttention<S>
  /// The frozen pattern and what it mixes.
  let response: ScoreResponse<S>
  /// Stream to rotated queries `[T, h·w]`.
  let query: Composition<Tangents<S>>
  /// Stream to rotated keys `[T, g·w]`.
  let key: Composition<Tangents<S>>

  /// The derivative, with outputs computed at the wanted positions only.
  public func map(reading: Range<Int>) -> Composition<Tangents<S>> {
    let values = frozen.value.weight.then(PositionMixing(frozen.pattern, reading: reading))
    let queries = query.then(QueryMixing(response: response, reading: reading))
    let keys = key.then(KeyMixing(response: response, reading: reading))
    return Composition([Sum([values, queries, keys]), frozen.output.weight])
  }
}

/// Attention with its pattern frozen: an affine map of the stream.
public struct FrozenAttention<S: Scalar>: Sendable {
  /// W_V and its bias.
  public let value: Projection<S>
  /// The frozen probabilities.
  public let pattern: AttentionPattern<S>
  /// W_O and its bias.
  public let output: Projection<S>

  /// The linear part, with outputs computed at the wanted positions only.
  public func map(reading: Range<Int>) -> Composition<Tangents<S>> {
    Composition([value.weight, PositionMixing(pattern, reading: reading), output.weight])
  }

  /// The outputs of all heads `[n, h·w]` at the pattern's queries, for values `[T, g·w]`.
  func mixed(_ values: Matrix<S>) -> Matrix<S> {
    let reading = pattern.firstQuery..<pattern.keys.rows
    return PositionMixing(pattern, reading: reading).apply(Tangents(stream: values)).rows
  }

  /// What the biases contribute: the image of zero, `[T, d]`, or nil where there are none.
  public var offset: Matrix<S>? {
    if value.bias == nil && output.bias == nil { return nil }
    let zero = Matrix<S>.zero(rows: pattern.keys.rows, columns: value.weight.outputWidth)
    return output.forward(mixed(value.addingBias(to: zero)))
  }
}
