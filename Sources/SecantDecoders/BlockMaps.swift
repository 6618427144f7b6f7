public import SecantOperators

/// One block at one prompt as linear maps: those of its layers and of the norms around them.
///
/// What the block does with them is the same for frozen maps and for derivatives: two residual
/// connections, one after the other.
public protocol BlockMaps<S>: Sendable {
  /// The precision of the computation.
  associatedtype S: Scalar

  /// What the block's sites held in the forward pass.
  var values: BlockValues<S> { get }
  /// The norm before attention; nil where there is none.
  var attentionNormMap: (any LinearOperator<Tangents<S>>)? { get }
  /// The norm after attention, before it is added to the stream; nil where there is none.
  var attentionPostNormMap: (any LinearOperator<Tangents<S>>)? { get }
  /// The norm before the feed-forward layer; nil where there is none.
  var feedForwardNormMap: (any LinearOperator<Tangents<S>>)? { get }
  /// The feed-forward layer.
  var feedForwardMap: any LinearOperator<Tangents<S>> { get }
  /// The norm after the feed-forward layer, before it is added to the stream; nil where there is none.
  var feedForwardPostNormMap: (any LinearOperator<Tangents<S>>)? { get }

  /// Attention, computed at the wanted positions only.
  func attentionMap(reading: Range<Int>) -> any LinearOperator<Tangents<S>>
}

/// The streams `[T, d]` at a block's sites.
public struct BlockValues<S: Scalar>: Sendable {
  /// Output of attention, before it is normalized and added to the stream.
  public let attention: Matrix<S>
  /// Output of the feed-forward layer, before it is normalized and added to the stream.
  public let feedForward: Matrix<S>
  /// The stream after the block.
  public let residual: Matrix<S>
}

extension BlockMaps {
  /// The linear part of the block, computed at the wanted positions only.
  package func map(reading: Range<Int>) -> Composition<Tangents<S>> {
    Composition([attentionStep(reading: reading), feedForwardStep(reading: reading)])
  }

  /// Stream to attention output, at the wanted positions.
  package func attentionOutput(reading: Range<Int>) -> Composition<Tangents<S>> {
    composition([attentionNormMap, attentionMap(reading: reading)])
  }

  /// Stream to what attention adds to it, at the wanted positions.
  package func attentionBranch(reading: Range<Int>) -> Composition<Tangents<S>> {
    composition([attentionOutput(reading: reading), attentionPostNormMap])
  }

  /// Stream after attention to feed-forward output.
  package var feedForwardOutput: Composition<Tangents<S>> {
    composition([feedForwardNormMap, feedForwardMap])
  }

  /// Stream after attention to what the feed-forward layer adds to it.
  package var feedForwardBranch: Composition<Tangents<S>> {
    composition([feedForwardOutput, feedForwardPostNormMap])
  }

  /// Stream before the block to stream after attention, at the wanted positions.
  func attentionStep(reading: Range<Int>) -> ResidualStep<S> {
    ResidualStep(branch: attentionBranch(reading: reading), reading: reading)
  }

  /// Stream after attention to stream after the block.
  func feedForwardStep(reading: Range<Int>) -> ResidualStep<S> {
    ResidualStep(branch: feedForwardBranch, reading: reading)
  }

  /// Those of the stages that the block has, one after the other.
  private func composition(
    _ stages: [(any LinearOperator<Tangents<S>>)?]
  ) -> Composition<Tangents<S>> {
    Composition(stages.compactMap { $0 })
  }
}

/// `x ↦ x + branch(x)`, read at some positions only: a residual connection.
public struct ResidualStep<S: Scalar>: LinearOperator {
  /// What is added to the stream.
  public let branch: any LinearOperator<Tangents<S>>
  /// The positions that are read from here on.
  public let reading: Range<Int>

  /// Width d of the stream.
  public var inputWidth: Int { branch.inputWidth }
  /// Width d of the stream.
  public var outputWidth: Int { branch.outputWidth }

  /// `x + branch(x)` at the positions that are read.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    x.restricted(to: reading) + branch.apply(x)
  }

  /// `y + branchᵀ(y)`.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let y = y.restricted(to: reading)
    return y + branch.applyAdjoint(y)
  }
}
