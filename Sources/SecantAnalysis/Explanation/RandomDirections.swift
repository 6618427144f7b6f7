import SecantDecoders
import SecantOperators
import SecantReports

extension Model {
  /// The tokens that random directions decode to, as the vectors of a singular triplet are decoded.
  ///
  /// Directions are drawn from the normal distribution, so that no direction is likelier than another. Costs
  /// 2·count·V·d operations.
  ///
  /// - Parameters:
  ///   - count: Directions that are drawn.
  ///   - isWritten: Whether they are decoded as left vectors (raw product with the unembedding) or as right ones
  ///     (cosine to the embedding).
  ///   - decodedCount: Tokens of each direction.
  ///   - seed: What they are drawn from.
  ///   - memory: Bytes that the work may take.
  ///   - progress: Told how many are done.
  /// - Returns: The ids of each direction's tokens, best first.
  package func decodedRandomDirections(
    _ count: Int, isWritten: Bool, decodedCount: Int, seed: UInt64, memory: Int = 4 << 30,
    progress: (_ done: Int) -> Void = { _ in }
  ) -> [[Int]] {
    var generator = SplitMix64(seed: seed)
    var found: [[Int]] = []
    while found.count < count {
      let directions = Matrix<S>.normal(
        rows: min(256, count - found.count), columns: decoder.configuration.width,
        using: &generator)
      let decoded =
        isWritten
        ? written(by: directions, count: decodedCount, memory: memory)
        : read(by: directions, count: decodedCount, memory: memory)
      found += decoded.map { $0.map(\.id) }
      progress(found.count)
    }
    return found
  }
}
