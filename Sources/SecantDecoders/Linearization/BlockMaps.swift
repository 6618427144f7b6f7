public import SecantOperators

/// One block at one prompt as linear maps: those of its layers and of the norms around them.
public protocol BlockMaps<S>: Sendable {
  /// The precision of the computation.
  associatedtype S: Scalar

  /// What the block's sites held in the forward pass.
  var values: BlockValues<S> { get }
  /// Attention with its pattern frozen, whatever else varies in the block's maps.
  var frozenAttention: FrozenAttention<S> { get }

  /// The linear part of a step; nil where the block has no such norm.
  ///
  /// Attention is computed at the wanted positions only.
  func map(of step: BlockStep, reading: Range<Int>) -> (any LinearOperator<Tangents<S>>)?

  /// Rows from which on the feed-forward layer had better form its matrix; nil where it forms none.
  var formingThreshold: Int? { get }
}

/// What tangents of the stream before a block bring to its places.
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
  /// None.
  public var formingThreshold: Int? { nil }

  /// The images at all places at once, at the wanted positions.
  func images(of x: Tangents<S>, reading: Range<Int>) -> BlockImages<S> {
    var (attended, fed) = (x, x)
    let after = carry(x, reading: reading) { step, image in
      if step == .attention { attended = image }
      if step == .feedForward { fed = image }
    }
    return BlockImages(attention: attended, feedForward: fed, residual: after)
  }

  /// The image of tangents under a step.
  package func apply(
    _ step: BlockStep, to x: Tangents<S>, reading: Range<Int>
  ) -> Tangents<S> {
    map(of: step, reading: reading)?.apply(x) ?? x
  }

  /// The adjoint image of cotangents under a step.
  func applyAdjoint(
    _ step: BlockStep, to y: Tangents<S>, reading: Range<Int>
  ) -> Tangents<S> {
    map(of: step, reading: reading)?.applyAdjoint(y) ?? y
  }

  /// Tangents of the stream before the block, carried to one of its places at the wanted positions.
  ///
  /// - Parameters:
  ///   - x: The tangents.
  ///   - place: Where they are carried.
  ///   - reading: The positions that are read from there on.
  ///   - visit: Called with what leaves each step, in order.
  /// - Returns: The tangents at the place.
  func carry(
    _ x: Tangents<S>, to place: Site.BlockSite = .residual, reading: Range<Int>,
    visit: (BlockStep, Tangents<S>) -> Void = { _, _ in }
  ) -> Tangents<S> {
    BlockWalk.forward(x, to: place) { step, x in
      let image = apply(step, to: x, reading: reading)
      visit(step, image)
      return image
    } add: { stream, branch in
      stream.restricted(to: reading) + branch
    }
  }

  /// The linear map from the stream before the block to one of its places.
  package func map(
    to place: Site.BlockSite = .residual, reading: Range<Int>
  ) -> BlockMap<S> {
    BlockMap(to: place, reading: reading, width: values.residual.columns) { self }
  }
}

/// The map from the stream before a block to one of its places, computed at some positions only.
public struct BlockMap<S: Scalar>: LinearOperator {
  /// Where in the block the map ends.
  public let place: Site.BlockSite
  /// The positions that are read from there on.
  public let reading: Range<Int>
  /// Width d of the stream.
  public let inputWidth: Int
  /// Rows whose products take the time of reading the block's weights once.
  public let batchCost: Double
  /// The block, which may be frozen anew for every product.
  private let block: @Sendable () -> any BlockMaps<S>

  /// The map of a block that is fetched when a product needs it.
  init(
    to place: Site.BlockSite, reading: Range<Int>, width: Int,
    batchCost: Double = FamilyCosts.usualBatch, of block: @escaping @Sendable () -> any BlockMaps<S>
  ) {
    (self.place, self.reading, inputWidth) = (place, reading, width)
    (self.batchCost, self.block) = (batchCost, block)
  }

  /// Width d of the stream.
  public var outputWidth: Int { inputWidth }

  /// The tangents at the place.
  public func apply(_ x: Tangents<S>) -> Tangents<S> {
    block().carry(x, to: place, reading: reading)
  }

  /// The cotangents before the block.
  public func applyAdjoint(_ y: Tangents<S>) -> Tangents<S> {
    let block = block()
    return BlockWalk.backward(y.restricted(to: reading), from: place) {
      block.applyAdjoint($0, to: $1, reading: reading)
    } add: {
      $0 + $1
    }
  }
}
