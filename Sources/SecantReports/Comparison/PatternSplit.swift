extension DifferenceLedger {
  /// The change of one head's pattern, divided into what its queries and what its keys gave.
  ///
  /// A pattern depends on queries, which look, and on keys, which are looked for. Either may be exchanged first; both
  /// orders, and so their mean, add up to the pattern's own contribution.
  public struct PatternSplit: Codable, Hashable, Sendable {
    /// The block's number.
    public let block: Int
    /// The head's number in its block.
    public let head: Int
    /// At all positions together.
    public let whole: Sides
    /// At each position that has a part of it, ascending.
    public let positions: [Position]

    /// Gathers the parts of a head.
    public init(block: Int, head: Int, whole: Sides, positions: [Position]) {
      self.block = block
      self.head = head
      self.whole = whole
      self.positions = positions
    }
  }

  /// What a head's queries and its keys gave apart, in logits.
  public struct Sides: Codable, Hashable, Sendable {
    /// The contribution of the pattern as a whole.
    public let value: Double
    /// The contribution of the keys where they are exchanged first; that of the queries is the rest.
    public let keysFirst: Double
    /// The contribution of the queries where they are exchanged first; that of the keys is the rest.
    public let queriesFirst: Double
    /// The mean of what the queries gave in either order: the head looked for something else.
    public let queries: Double
    /// The mean of what the keys gave in either order: something else was there to be found.
    public let keys: Double

    /// Gathers what was found.
    public init(
      value: Double, keysFirst: Double, queriesFirst: Double, queries: Double, keys: Double
    ) {
      self.value = value
      self.keysFirst = keysFirst
      self.queriesFirst = queriesFirst
      self.queries = queries
      self.keys = keys
    }

    /// How far either order is from the mean of both: what belongs to queries and keys together.
    public var spread: Double { abs(keysFirst - keys) }
  }

  /// What a head's sides gave at one position.
  public struct Position: Codable, Hashable, Sendable {
    /// The position that looks.
    public let position: Int
    /// What was found there.
    public let sides: Sides

    /// Places what was found.
    public init(position: Int, sides: Sides) { (self.position, self.sides) = (position, sides) }
  }
}
