public import SecantOperators

/// A change of the stream after one block: a hook, as a value.
///
/// The stream after block n enters block n + 1, or the final norm after the last block. An
/// intervention depends only on the tokens read so far, so a cache of keys and values stays valid
/// from one call to the next. It has no state, and nothing needs to be removed afterwards.
public struct Intervention<S: Scalar>: Sendable {
  /// The block n after which the stream is changed.
  public let block: Int
  /// The stream that replaces the given one.
  ///
  /// The arguments are the stream `[n, d]` after the block at the n positions being computed, and
  /// the vectors `[k, d]` that entered block 0 at all positions so far, these n last. The result is
  /// `[n, d]`. Its row for a position must not depend on later positions.
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
