public import SecantOperators

/// A change of the stream after one block: what elsewhere is called a hook, as a value.
///
/// The stream after block n is what enters block n + 1, or the final norm where n is the last. An
/// intervention is a function of what the decoder has read, so that a cache of keys and values stays
/// valid from one call to the next; it holds no state and there is nothing to remove.
public struct Intervention<S: Scalar>: Sendable {
  /// The block n after which the stream is changed.
  public let block: Int
  /// The stream that takes the place of the one given.
  ///
  /// Takes the stream `[n, d]` after the block at the n positions that are computed, and the vectors
  /// `[k, d]` that entered block 0 at all positions so far, those n last; returns `[n, d]`. What it
  /// returns for a position must not depend on later ones.
  public let transform: @Sendable (_ stream: Matrix<S>, _ inputs: Matrix<S>) -> Matrix<S>

  /// A change of the stream after a block.
  public init(
    after block: Int,
    _ transform: @escaping @Sendable (_ stream: Matrix<S>, _ inputs: Matrix<S>) -> Matrix<S>
  ) {
    self.block = block
    self.transform = transform
  }
}
