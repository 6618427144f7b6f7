public import SecantOperators

/// The layer of a block that mixes positions, frozen: attention, or the delta network in its place.
///
/// An affine map of the stream, `x ↦ W_O (b ⊙ P (a ⊙ C (W_V x + b_V))) + b_O`. The pattern P and the
/// factors a of values and b of heads' outputs are frozen; only some layers have factors, such as the
/// scale of a norm of values. C is the
/// identity, or a short convolution in a delta network. A layer that takes the values of an earlier block has
/// those in place of `W_V x + b_V`.
public struct FrozenAttention<S: Scalar>: Sendable {
  /// W_V and its bias; of the block that gives the values, where they are taken.
  public let value: Projection<S>
  /// Whether keys and values are the layer's own.
  public internal(set) var role = KeyValueRole.own
  /// What W_V gave in the forward pass `[T, g·w]`, in layers that give values or take them; otherwise nil.
  package var given: Matrix<S>?
  /// The convolution of the values; nil if there is none.
  public var convolution: CausalConvolution<S>?
  /// The frozen pattern.
  public let pattern: MixingPattern<S>
  /// a `[T, g·w]`: the frozen factor of the values' activation, or the scale of their norm; nil if they
  /// have none.
  public var valueGate: FrozenScale<S>?
  /// b `[T, h·w]`: the frozen gates of the heads' outputs, and the scale of their norm; nil if they
  /// have none.
  public var outputGate: FrozenScale<S>?
  /// W_O and its bias.
  public let output: Projection<S>

  /// P with its factors and the convolution, with outputs computed only at the given positions.
  public func mixing(positions: Range<Int>) -> PositionMixing<S> {
    PositionMixing(
      pattern, convolution: convolution, valueGate: valueGate, outputGate: outputGate,
      positions: positions)
  }

  /// The linear part, with outputs computed only at the given positions.
  public func map(positions: Range<Int>) -> FrozenAttentionMap<S> {
    FrozenAttentionMap(attention: self, positions: positions)
  }

  /// Whether the values are W_V times what enters the layer.
  var projectsValues: Bool {
    switch role {
    case .own, .given: true
    case .taken, .constant: false
    }
  }

  /// The tangents of the values, before their factors and convolution, of tangents that enter the layer.
  func values(of x: Tangents<S>) -> Tangents<S> {
    switch role {
    case .own, .given: value.weight.apply(x)
    case .taken(let block): x.taking(.values(block: block), width: value.weight.outputWidth)
    case .constant: .zero(strands: x.strands, columns: value.weight.outputWidth)
    }
  }

  /// What W_V gave at rows `[n, d]` that entered the layer, with its bias; where it is taken, what was given.
  func values(at x: Matrix<S>) -> Matrix<S> {
    if projectsValues { return value.forward(x) }
    guard let given else { preconditionFailure("values that nothing gave") }
    return given.rows(0..<x.rows)
  }

  /// The same without the bias.
  func unbiasedValues(at x: Matrix<S>) -> Matrix<S> {
    // What is taken has no bias.
    projectsValues ? value.weight.multiply(x) : values(at: x)
  }

  /// The layer's output, which carries its values beside the stream if later blocks take them.
  func giving(_ values: Tangents<S>, beside image: Tangents<S>) -> Tangents<S> {
    guard case .given(let block) = role else { return image }
    return image.carrying(values, in: .values(block: block))
  }

  /// All cotangents of the values: those that the layer's own heads ask for, and those that later blocks do.
  ///
  /// - Parameters:
  ///   - asked: What the layer's own heads ask for.
  ///   - y: The cotangents of its output, with what later blocks ask for beside them.
  /// - Returns: Their sum.
  func asked(_ asked: Tangents<S>, beside y: Tangents<S>) -> Tangents<S> {
    guard case .given(let block) = role, let later = y.lane(.values(block: block)) else {
      return asked
    }
    return asked + later
  }

  /// The cotangents of what enters the layer, from all those of its values.
  func entering(_ asked: Tangents<S>) -> Tangents<S> {
    switch role {
    case .own, .given: return value.weight.applyAdjoint(asked)
    case .taken(let block):
      return Tangents.zero(strands: asked.strands, columns: output.weight.outputWidth)
        .carrying(asked, in: .values(block: block))
    case .constant: return .zero(strands: asked.strands, columns: output.weight.outputWidth)
    }
  }

  /// The same layer where what it takes is constant.
  var alone: FrozenAttention {
    if role.source == nil { return self }
    var result = self
    result.role = .constant
    return result
  }

  /// The outputs of all heads `[n, h·w]` at the pattern's positions, for values `[T, g·w]`.
  func mixed(_ values: Matrix<S>) -> Matrix<S> {
    mixing(positions: pattern.positions).apply(Tangents(stream: values)).rows
  }

  /// The contribution of the biases, that is, the image of zero `[T, d]`; nil if there are none.
  public var offset: Matrix<S>? {
    if role == .constant, let given { return output.forward(mixed(given)) }
    if value.bias == nil && output.bias == nil { return nil }
    let zero = Matrix<S>.zero(rows: pattern.positions.upperBound, columns: value.weight.outputWidth)
    precondition(convolution == nil || value.bias == nil, "a bias before a convolution")
    return output.forward(mixed(value.addingBias(to: zero)))
  }
}

/// Whose keys and values a layer of attention reads.
public enum KeyValueRole: Hashable, Sendable {
  /// Its own.
  case own
  /// Its own, and later blocks take them; `block` is its own number.
  case given(block: Int)
  /// Those of an earlier block.
  case taken(from: Int)
  /// Those of an earlier block that is no part of the map.
  case constant

  /// The block whose keys and values are taken; nil if they are the layer's own, or constant.
  public var source: Int? { if case .taken(let block) = self { block } else { nil } }
}

/// The linear part of frozen attention, computed at some positions only.
public struct FrozenAttentionMap<S: Scalar>: LinearOperator {
  /// The frozen layer.
  let attention: FrozenAttention<S>
  /// The positions whose outputs are needed.
  let positions: Range<Int>

  /// Width d of the stream.
  public var inputWidth: Int { attention.output.weight.outputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { attention.output.weight.outputWidth }

  /// `W_O (b ⊙ P (a ⊙ C v))`, where v is `W_V x` or is taken.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    let values = attention.values(of: x)
    let mixed = attention.mixing(positions: positions).apply(values)
    return attention.giving(values, beside: attention.output.weight.apply(mixed))
  }

  /// The cotangents of what enters.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let asked = attention.mixing(positions: positions)
      .applyAdjoint(attention.output.weight.applyAdjoint(y))
    return attention.entering(attention.asked(asked, beside: y))
  }
}

extension Tangents {
  /// What a lane carries; zero if it carries nothing.
  func taking(_ lane: Lane, width: Int) -> Tangents {
    self.lane(lane) ?? .zero(strands: strands, columns: width)
  }
}

/// The derivative of the layer of a block that mixes positions.
public protocol AttentionResponse<S>: Sendable {
  /// The precision of the computation.
  associatedtype S: Scalar

  /// The layer with its pattern and factors frozen.
  var frozen: FrozenAttention<S> { get }

  /// The number of elements held for all positions.
  var elementCount: Int { get }

  /// The derivative, with outputs computed only at the given positions.
  func map(positions: Range<Int>) -> any LinearOperator<Tangents<S>>
}

/// The gate of heads' outputs in a derivative: `dg ↦ o* ⊙ act′(g*) ⊙ W_g dx`, where o* is what it
/// multiplies.
struct GateResponse<S: Scalar>: Sendable {
  /// W_g.
  let weight: Weight<S>
  /// o* ⊙ act′(g*) `[T, h·w]`.
  let slopes: FrozenScale<S>

  /// The response at the given positions.
  func map(positions: Range<Int>) -> Composition<Tangents<S>> {
    Composition([Restriction(width: weight.inputWidth, positions: positions), weight, slopes])
  }
}

/// The identity at some positions, and zero elsewhere.
struct Restriction<S: Scalar>: LinearOperator {
  /// Width of the rows.
  let width: Int
  /// The positions that are kept.
  let positions: Range<Int>

  var inputWidth: Int { width }
  var outputWidth: Int { width }

  func apply(_ x: Tangents<S>) -> Tangents<S> { x.restricted(to: positions) }
  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> { y.restricted(to: positions) }
}
