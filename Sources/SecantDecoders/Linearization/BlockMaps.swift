public import SecantOperators

/// One block at one prompt as linear maps: those of its layers and of the norms around them.
public protocol BlockMaps<S>: Sendable {
  /// The precision of the computation.
  associatedtype S: Scalar

  /// How the block's layers follow one another.
  var walk: BlockWalk { get }
  /// What the block's sites held in the forward pass.
  var values: BlockValues<S> { get }
  /// Attention with its pattern frozen, whatever else varies in the block's maps.
  var frozenAttention: FrozenAttention<S> { get }

  /// The linear part of a step; nil if the block does not have that norm or number.
  ///
  /// Attention is computed only at the given positions.
  func map(of step: BlockStep, positions: Range<Int>) -> (any LinearOperator<Tangents<S>>)?

  /// Whether later blocks' per-layer inputs vary with the stream that enters this one.
  var entersPerLayerInputs: Bool { get }

  /// The same block by itself: what an earlier block gives to it is constant.
  var alone: Self { get }
}

/// The images of tangents before a block, at its places.
struct BlockImages<S: Scalar> {
  let attention: Tangents<S>
  let feedForward: Tangents<S>
  let residual: Tangents<S>

  func at(_ place: Site.BlockSite) -> Tangents<S> {
    switch place {
    case .attention: attention
    case .feedForward: feedForward
    case .residual: residual
    }
  }
}

/// The streams `[T, d]` at a block's sites.
public struct BlockValues<S: Scalar>: Sendable {
  /// Output of attention, before it is normalized and added to the stream.
  public let attention: Matrix<S>
  /// Output of the feed-forward layer, before it is normalized and added to the stream.
  public let feedForward: Matrix<S>
  /// Output of the branch of per-layer inputs, before it is normalized and added to the stream; nil if there is
  /// none.
  public let perLayer: Matrix<S>?
  /// The stream after the block.
  public let residual: Matrix<S>

  /// The stream at one of the block's places.
  func at(_ place: Site.BlockSite) -> Matrix<S> {
    switch place {
    case .attention: attention
    case .feedForward: feedForward
    case .residual: residual
    }
  }
}

extension BlockMaps {
  /// The images at all places, at the given positions.
  func images(of x: Tangents<S>, positions: Range<Int>) -> BlockImages<S> {
    var (attended, fed) = (x, x)
    let after = carry(x, positions: positions) { step, image in
      if step == .attention { attended = image }
      if step == .feedForward { fed = image }
    }
    return BlockImages(attention: attended, feedForward: fed, residual: after)
  }

  /// The image of tangents under a step.
  package func apply(
    _ step: BlockStep, to x: Tangents<S>, positions: Range<Int>
  ) -> Tangents<S> {
    // In a parallel block nothing has dropped the positions that are not needed.
    let x = step == .feedForwardNorm ? x.restricted(to: positions) : x
    guard let image = map(of: step, positions: positions)?.apply(x) else { return x }
    return step.keepsLanes ? image.withLanes(of: x) : image
  }

  /// The adjoint image of cotangents under a step.
  func applyAdjoint(
    _ step: BlockStep, to y: Tangents<S>, positions: Range<Int>
  ) -> Tangents<S> {
    guard let image = map(of: step, positions: positions)?.applyAdjoint(y) else { return y }
    return step.keepsLanes ? image.withLanes(of: y) : image
  }

  /// Tangents of the stream before the block, carried to one of its places at the given positions.
  ///
  /// - Parameters:
  ///   - x: The tangents.
  ///   - place: The place to which they are carried.
  ///   - positions: The positions whose results are needed.
  ///   - visit: Called with the output of each step, in order.
  /// - Returns: The tangents at the place.
  func carry(
    _ x: Tangents<S>, to place: Site.BlockSite = .residual, positions: Range<Int>,
    visit: (BlockStep, Tangents<S>) -> Void = { _, _ in }
  ) -> Tangents<S> {
    let x = entersPerLayerInputs ? x.carrying(x, in: .input) : x
    return walk.forward(x, to: place) { step, x in
      let image = apply(step, to: x, positions: positions)
      visit(step, image)
      return image
    } add: { stream, branch in
      stream.restricted(to: positions) + branch
    }
  }

  /// Cotangents of one of the block's places, carried back to the stream before the block.
  ///
  /// - Parameters:
  ///   - y: The cotangents.
  ///   - place: The place from which they are carried.
  ///   - positions: The positions whose results are needed.
  ///   - visit: Called with the cotangents of the output of each step, in the order of the walk back.
  /// - Returns: The cotangents before the block.
  func carryBack(
    _ y: Tangents<S>, from place: Site.BlockSite = .residual, positions: Range<Int>,
    visit: (BlockStep, Tangents<S>) -> Void = { _, _ in }
  ) -> Tangents<S> {
    let x = walk.backward(y, from: place) { step, y in
      visit(step, y)
      return applyAdjoint(step, to: y, positions: positions)
    } add: {
      $0 + $1
    }
    guard entersPerLayerInputs, let input = x.lane(.input) else { return x }
    return x + input
  }

  /// The linear map from the stream before the block to one of its places.
  package func map(
    to place: Site.BlockSite = .residual, positions: Range<Int>
  ) -> BlockMap<S> {
    BlockMap(to: place, positions: positions, width: values.residual.columns) { self }
  }
}

/// Multiplication of every component by one number.
struct StreamFactor<S: Scalar>: LinearOperator {
  /// The number.
  let factor: S
  /// Width d of the stream.
  let inputWidth: Int

  /// The map `x ↦ s x` of rows `[n, d]`.
  init(_ factor: S, width: Int) { (self.factor, inputWidth) = (factor, width) }

  var outputWidth: Int { inputWidth }

  func apply(_ x: Tangents<S>) -> Tangents<S> { factor * x }
  func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> { factor * y }
}

/// The map from the stream before a block to one of its places, computed at some positions only.
public struct BlockMap<S: Scalar>: LinearOperator {
  /// Where in the block the map ends.
  public let place: Site.BlockSite
  /// The positions whose results are needed.
  public let positions: Range<Int>
  /// Width d of the stream.
  public let inputWidth: Int
  /// The number of rows whose products take as long as reading the block's weights once.
  public let batchCost: Double
  /// The block; it may be frozen anew for every product.
  private let block: @Sendable () -> any BlockMaps<S>

  /// The map of a block that each product fetches.
  init(
    to place: Site.BlockSite, positions: Range<Int>, width: Int,
    batchCost: Double = FamilyCosts.usualBatch, of block: @escaping @Sendable () -> any BlockMaps<S>
  ) {
    (self.place, self.positions, inputWidth) = (place, positions, width)
    (self.batchCost, self.block) = (batchCost, block)
  }

  /// Width d of the stream.
  public var outputWidth: Int { inputWidth }

  /// The tangents at the place.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    block().carry(x, to: place, positions: positions)
  }

  /// The cotangents before the block.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    block().carryBack(y.restricted(to: positions), from: place, positions: positions)
  }
}
