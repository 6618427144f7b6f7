public import SecantOperators

/// Causal self-attention with rotary positions and grouped key and value heads.
///
/// `o = W_O concat_j(P_j V_c(j)) + b_O`, where `P_j = softmax(cap(scale · Q_j K_c(j)ᵀ))` over the
/// positions that a query sees, and over the learned logit of the head's sink if there is one. Some
/// families multiply what the heads give by gates, `σ(W_G x + b_G)`, before W_O. Some divide each head's
/// values by their root mean square: V is then `norm(W_V x + b_V)`. Some layers take K and V of an earlier block,
/// and apply neither projection.
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
  /// Whether keys and values are the layer's own; its projections of them are those of the block that gives
  /// them, if they are not.
  public let role: KeyValueRole

  /// Whether any bias lies on the linear path.
  var hasOffset: Bool { value.bias != nil || output.bias != nil }

  /// Whether the keys and values are those of an earlier block.
  private var takes: Bool { role.source != nil }

  /// The probabilities at the positions after those in the cache, for rows `[n, d]`.
  ///
  /// Adds the new positions' keys and values, which W_V gave, to the cache. A layer that takes both finds them
  /// there.
  func pattern(
    _ x: Matrix<S>, values: Matrix<S>?, extending cache: inout KeyValueCache<S>.Layer
  ) -> AttentionPattern<S> {
    let start = takes ? cache.count - x.rows : cache.count
    let positions = (start..<start + x.rows).map { rule.masked?.position(of: $0) ?? $0 }
    let queries = query.forward(x)
    if let values {
      let keys = key.forward(x)
      cache.append(
        keys: rotary.ofKeys.rotate(keyNorm?.forwardGroups(keys) ?? keys, at: positions),
        values: normalized(values: values))
    }
    return AttentionPattern(
      queries: rotary.rotate(queryNorm?.forwardGroups(queries) ?? queries, at: positions),
      keys: cache.keys, firstQuery: start, rule: rule)
  }

  /// What heads mix `[n, g·w]`, for what W_V gave there.
  func normalized(values: Matrix<S>) -> Matrix<S> { valueNorm?.forwardGroups(values) ?? values }

  /// The outputs `[n, d]` at the positions after those in the cache.
  ///
  /// The cache of a layer that takes keys and values is that of the block that gives them, which has passed these
  /// positions before.
  public func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    let pattern = pattern(x, values: takes ? nil : value.forward(x), extending: &cache)
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
  ///
  /// - Parameters:
  ///   - x: What enters the layer, `[T, d]`.
  ///   - taken: The keys and values of an earlier block, in a layer that takes them.
  /// - Returns: The map, and its output.
  public func frozen(
    at x: Matrix<S>, taking taken: GivenKeyValues<S>? = nil
  ) -> (map: FrozenAttention<S>, output: Matrix<S>) {
    let pass = pass(x, taking: taken)
    return (pass.frozen, pass.output)
  }

  /// The derivative at x* `[T, d]`, and the output there.
  ///
  /// - Parameters:
  ///   - x: What enters the layer.
  ///   - taken: The keys and values of an earlier block, in a layer that takes them.
  /// - Returns: The derivative, also along what is taken, and the output.
  public func differential(
    at x: Matrix<S>, taking taken: GivenKeyValues<S>? = nil
  ) -> (map: any AttentionResponse<S>, output: Matrix<S>) {
    let (frozen, response, given, output) = pass(x, taking: taken)
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
    _ x: Matrix<S>, taking taken: GivenKeyValues<S>?
  ) -> (
    frozen: FrozenAttention<S>, response: ScoreResponse<S>, given: Matrix<S>, output: Matrix<S>
  ) {
    precondition((taken != nil) == takes, "keys and values that nothing gave, or took")
    var cache = KeyValueCache<S>.Layer(width: value.weight.outputWidth)
    if let taken { cache.append(keys: taken.keys, values: normalized(values: taken.values)) }
    let given = taken?.values ?? value.forward(x)
    let pattern = pattern(x, values: takes ? nil : given, extending: &cache)
    let frozen = FrozenAttention(
      value: value, role: role, given: role == .own ? nil : given, pattern: .attention(pattern),
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

/// What an attention layer gives to later blocks: its keys and values in a forward pass.
public struct GivenKeyValues<S: Scalar>: Sendable {
  /// Rotated keys `[T, g·w]`.
  public let keys: Matrix<S>
  /// What W_V gave `[T, g·w]`, before it is normalized.
  public let values: Matrix<S>
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

  /// The derivative, computed only at the given positions.
  public func map(positions: Range<Int>) -> any LinearOperator<Tangents<S>> {
    AttentionDifferentialMap(layer: self, positions: positions)
  }
}

/// The derivative of attention, computed at some positions only.
private struct AttentionDifferentialMap<S: Scalar>: LinearOperator {
  let layer: AttentionDifferential<S>
  let positions: Range<Int>

  var inputWidth: Int { layer.frozen.output.weight.outputWidth }
  var outputWidth: Int { layer.frozen.output.weight.outputWidth }

  private var mixing: PositionMixing<S> { .init(layer.frozen.pattern, positions: positions) }
  private var ofQueries: QueryMixing<S> { .init(response: layer.response, positions: positions) }
  private var ofKeys: KeyMixing<S> { .init(response: layer.response, positions: positions) }

  func apply(_ x: Tangents<S>) -> Tangents<S> {
    let (values, keys): (Tangents<S>, Tangents<S>) =
      switch layer.frozen.role {
      case .own, .given: (layer.value.apply(x), layer.key.apply(x))
      case .taken(let block):
        (
          x.taking(.values(block: block), width: mixing.inputWidth),
          x.taking(.keys(block: block), width: ofKeys.inputWidth)
        )
      case .constant: preconditionFailure("a derivative holds nothing constant")
      }
    var heads = mixing.apply(values) + ofQueries.apply(layer.query.apply(x)) + ofKeys.apply(keys)
    if let gate = layer.gate, let gates = layer.frozen.outputGate {
      heads = gates.apply(heads) + gate.map(positions: positions).apply(x)
    }
    let image = layer.frozen.output.weight.apply(heads)
    guard case .given(let block) = layer.frozen.role else { return image }
    return image.carrying(values, in: .values(block: block))
      .carrying(keys, in: .keys(block: block))
  }

  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let wanted = layer.frozen.output.weight.applyAdjoint(y)
    var heads = wanted
    if layer.gate != nil, let gates = layer.frozen.outputGate { heads = gates.applyAdjoint(wanted) }
    var (values, keys) = (mixing.applyAdjoint(heads), ofKeys.applyAdjoint(heads))
    let queries = layer.query.applyAdjoint(ofQueries.applyAdjoint(heads))
    func withGates(_ image: Tangents<S>) -> Tangents<S> {
      layer.gate.map { image + $0.map(positions: positions).applyAdjoint(wanted) } ?? image
    }
    switch layer.frozen.role {
    case .own: break
    case .given(let block):
      if let later = y.lane(.values(block: block)) { values = values + later }
      if let later = y.lane(.keys(block: block)) { keys = keys + later }
    case .taken(let block):
      // The sum extends the strands to all positions that are asked.
      let nothing = Tangents<S>.zero(strands: values.strands, columns: inputWidth)
      return withGates(queries + nothing)
        .carrying(values, in: .values(block: block)).carrying(keys, in: .keys(block: block))
    case .constant: preconditionFailure("a derivative holds nothing constant")
    }
    return withGates(layer.value.applyAdjoint(values) + queries + layer.key.applyAdjoint(keys))
  }
}
