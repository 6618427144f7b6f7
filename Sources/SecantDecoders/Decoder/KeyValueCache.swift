public import SecantOperators

/// The keys and values of the positions that a decoder has seen, or the states of its delta networks,
/// so that the next position costs only one row.
public struct KeyValueCache<S: Scalar>: Sendable {
  /// The cache of each block.
  public internal(set) var layers: [Layer]
  /// The token ids at the cached positions.
  public internal(set) var tokens: [Int] = []

  /// An empty cache for a decoder of that configuration.
  public init(_ configuration: DecoderConfiguration) {
    layers = configuration.blocks.map {
      // A block that takes another's keys and values has none of its own.
      let hasOwn = $0.delta == nil && $0.keyValueSource == nil
      return Layer(width: hasOwn ? configuration.valueWidth(of: $0) : 0)
    }
  }

  /// Number of cached positions.
  public var count: Int { tokens.count }

  /// The keys and values of one block, or the state of its delta network.
  public struct Layer: Sendable {
    /// Rotated keys `[count, g·w]`.
    public private(set) var keys: Matrix<S>
    /// Values `[count, g·w]`, normalized if the layer does that.
    public private(set) var values: Matrix<S>
    /// The state of a delta network, which has no keys and values; nil before the first position.
    var state: DeltaState<S>?

    /// An empty cache of rows of that width.
    init(width: Int) {
      keys = .zero(rows: 0, columns: width)
      values = .zero(rows: 0, columns: width)
    }

    /// Number of cached keys.
    public var count: Int { keys.rows }

    /// Appends the rows of the positions that follow.
    mutating func append(keys newKeys: Matrix<S>, values newValues: Matrix<S>) {
      keys.append(newKeys)
      values.append(newValues)
    }
  }
}
