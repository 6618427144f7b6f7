public import SecantOperators

/// The layer of a block that mixes positions.
///
/// Both kinds write `W_O` times their heads' outputs, and with their patterns frozen both are linear
/// in their values. All that asks which kind a block has asks it here, or where a run's own patterns
/// are computed.
public enum TokenMixer<S: Scalar>: Sendable {
  /// Attention.
  case attention(Attention<S>)
  /// A gated delta network.
  case delta(DeltaNetwork<S>)

  /// W_V, with its bias.
  public var value: Projection<S> {
    switch self {
    case .attention(let layer): layer.value
    case .delta(let layer): layer.value
    }
  }

  /// W_O `[d, h·w]`, with its bias.
  public var output: Projection<S> {
    switch self {
    case .attention(let layer): layer.output
    case .delta(let layer): layer.output
    }
  }

  /// The width w of a head's output.
  public var headWidth: Int {
    switch self {
    case .attention(let layer): layer.rule.headWidth
    case .delta(let layer): layer.valueWidth
    }
  }

  /// h: number of heads.
  public var headCount: Int { output.weight.inputWidth / headWidth }

  /// The attention layer; nil for a delta network.
  public var attention: Attention<S>? {
    if case .attention(let layer) = self { layer } else { nil }
  }

  /// Whether any bias lies on the linear path.
  var hasOffset: Bool { attention?.hasOffset ?? false }

  /// The outputs `[n, d]` at the positions after those in the cache.
  func forward(_ x: Matrix<S>, cache: inout KeyValueCache<S>.Layer) -> Matrix<S> {
    switch self {
    case .attention(let layer): layer.forward(x, cache: &cache)
    case .delta(let layer): layer.forward(x, cache: &cache)
    }
  }

  /// The block whose keys and values the layer takes; nil if it has its own.
  var source: Int? { attention?.role.source }

  /// The affine map with the pattern held at its value for x* `[T, d]`, and the output there.
  ///
  /// - Parameters:
  ///   - x: What enters the layer.
  ///   - given: The keys and values that it takes; nil if it has its own.
  /// - Returns: Both.
  func frozen(
    at x: Matrix<S>, taking given: GivenKeyValues<S>?
  ) -> (map: FrozenAttention<S>, output: Matrix<S>) {
    switch self {
    case .attention(let layer): layer.frozen(at: x, taking: given)
    case .delta(let layer): layer.frozen(at: x)
    }
  }

  /// The derivative at x* `[T, d]`, and the output there.
  ///
  /// - Parameters:
  ///   - x: What enters the layer.
  ///   - given: The keys and values that it takes; nil if it has its own.
  /// - Returns: Both.
  func differential(
    at x: Matrix<S>, taking given: GivenKeyValues<S>?
  ) -> (map: any AttentionResponse<S>, output: Matrix<S>) {
    switch self {
    case .attention(let layer): return layer.differential(at: x, taking: given)
    case .delta(let layer):
      let (map, output) = layer.differential(at: x)
      return (map, output)
    }
  }

  /// Rows that no later row sees.
  var hidden: [Int] {
    switch self {
    case .attention(let layer): layer.rule.hidden
    case .delta(let layer): layer.masked.map { Array($0.rows) } ?? []
    }
  }

  /// Rows that the text does not have; nil in an unchanged run.
  var masked: MaskedRows? {
    switch self {
    case .attention(let layer): layer.rule.masked
    case .delta(let layer): layer.masked
    }
  }

  /// The same layer, in which no later position attends to some.
  ///
  /// A delta network cannot: what hides positions is refused before it gets here.
  func hiding(_ positions: [Int]) -> TokenMixer {
    guard case .attention(var layer) = self else {
      preconditionFailure("a delta network hides no positions")
    }
    layer.rule.hidden = positions
    return .attention(layer)
  }

  /// The same layer for a run with rows that the text does not have.
  func masking(_ rows: MaskedRows) -> TokenMixer {
    switch self {
    case .attention(var layer):
      layer.rule.hidden = (layer.rule.hidden + rows.rows).sorted()
      layer.rule.masked = rows
      return .attention(layer)
    case .delta(let layer): return .delta(layer.masking(rows))
    }
  }
}
