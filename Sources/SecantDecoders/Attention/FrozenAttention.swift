public import SecantOperators

/// The layer of a block that mixes positions, frozen: attention, or the delta network in its place.
///
/// An affine map of the stream, `x ↦ W_O (b ⊙ P (a ⊙ C (W_V x + b_V))) + b_O`. The pattern P and the
/// factors a of values and b of heads' outputs are frozen; only some layers have factors, such as the
/// scale of a norm of values. C is the
/// identity, or a short convolution in a delta network.
public struct FrozenAttention<S: Scalar>: Sendable {
  /// W_V and its bias.
  public let value: Projection<S>
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
  public func map(positions: Range<Int>) -> Composition<Tangents<S>> {
    Composition([value.weight, mixing(positions: positions), output.weight])
  }

  /// The outputs of all heads `[n, h·w]` at the pattern's positions, for values `[T, g·w]`.
  func mixed(_ values: Matrix<S>) -> Matrix<S> {
    mixing(positions: pattern.positions).apply(Tangents(stream: values)).rows
  }

  /// The contribution of the biases, that is, the image of zero `[T, d]`; nil if there are none.
  public var offset: Matrix<S>? {
    if value.bias == nil && output.bias == nil { return nil }
    let zero = Matrix<S>.zero(rows: pattern.positions.upperBound, columns: value.weight.outputWidth)
    precondition(convolution == nil || value.bias == nil, "a bias before a convolution")
    return output.forward(mixed(value.addingBias(to: zero)))
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

  /// From the stream to the heads' outputs `[h·w]`, computed only at the given positions.
  func headMap(positions: Range<Int>) -> any LinearOperator<Tangents<S>>
}

extension AttentionResponse {
  /// The derivative, with outputs computed only at the given positions.
  public func map(positions: Range<Int>) -> Composition<Tangents<S>> {
    Composition([headMap(positions: positions), frozen.output.weight])
  }
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
